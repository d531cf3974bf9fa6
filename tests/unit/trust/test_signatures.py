"""Arbitrary installation: whatever enough of the right keys have not signed stays outside."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecert import limits
from ecert.errors import DocumentRefusedError
from ecert.faults import DocumentFault
from ecert.sign import envelope
from ecert.sign.keys import PrivateKey
from ecert.sign.strict import b64url
from ecert.trust.roots import Role, RootSet
from ecert.trust.signatures import is_signed, open_envelope, require_signed, unverified_owner
from ecert.trust.trust_list import TrustList
from tests.unit.trust.office import Office, altered

if TYPE_CHECKING:
    from collections.abc import Callable

OFFICE = Office()
ROOTS = OFFICE.root_set()
PAYLOAD = OFFICE.document().to_payload()


def judge(data: bytes, roots: RootSet = ROOTS) -> DocumentFault | None:
    try:
        opened = open_envelope(data, TrustList.TYP)
        require_signed(opened, roots, Role.TRUST_LIST)
    except DocumentRefusedError as error:
        return error.fault
    assert is_signed(opened, roots, Role.TRUST_LIST)
    return None


def by(*keys: PrivateKey, typ: str = TrustList.TYP, payload: bytes = PAYLOAD) -> bytes:
    return envelope.make(typ, payload, keys)


def edited(data: bytes, edit: Callable[[dict[str, Any]], object]) -> bytes:
    body = json.loads(data)
    edit(body)
    return json.dumps(body).encode()


def test_two_of_three_keys_are_enough_in_any_pair_and_three_are_no_harm() -> None:
    a, b, c = OFFICE.list_keys
    for keys in ([a, b], [b, c], [c, a], [a, b, c]):
        assert judge(by(*keys)) is None


def test_one_stolen_key_below_the_threshold_is_not_enough() -> None:
    assert judge(by(OFFICE.list_keys[0])) is DocumentFault.TOO_FEW_SIGNATURES


def test_a_duplicate_key_is_counted_once() -> None:
    key = OFFICE.list_keys[0]
    assert judge(by(key, key)) is DocumentFault.TOO_FEW_SIGNATURES
    assert judge(by(key, key, key)) is DocumentFault.TOO_FEW_SIGNATURES


def test_the_same_key_under_two_names_is_counted_once() -> None:
    """A second key id buys nothing: a key's id is its thumbprint."""
    key = OFFICE.list_keys[0]

    class Renamed:
        public = type(key.public).from_jwk(key.public.jwk() | {"kid": "second name"})
        sign = staticmethod(key.sign)

    assert judge(envelope.make(TrustList.TYP, PAYLOAD, [key, Renamed()])) is (
        DocumentFault.TOO_FEW_SIGNATURES
    )


def test_unknown_keys_say_nothing_however_many() -> None:
    strangers = [PrivateKey.generate() for _ in range(3)]
    assert judge(by(*strangers)) is DocumentFault.TOO_FEW_SIGNATURES
    assert judge(by(OFFICE.list_keys[0], *strangers)) is DocumentFault.TOO_FEW_SIGNATURES
    assert judge(by(*OFFICE.list_keys[:2], *strangers)) is None


def test_keys_of_another_role_do_not_count() -> None:
    assert judge(by(*OFFICE.root_keys)) is DocumentFault.TOO_FEW_SIGNATURES


def test_a_role_that_is_absent_signs_nothing() -> None:
    opened = open_envelope(by(*OFFICE.list_keys, *OFFICE.root_keys), TrustList.TYP)
    with pytest.raises(DocumentRefusedError) as caught:
        require_signed(opened, ROOTS, Role.RECOGNITION_LIST)
    assert caught.value.fault is DocumentFault.TOO_FEW_SIGNATURES
    assert not is_signed(opened, ROOTS, Role.RECOGNITION_LIST)


def test_a_wrong_signature_in_the_name_of_a_known_key_is_refused() -> None:
    good = by(*OFFICE.list_keys)
    other = json.loads(by(*OFFICE.list_keys, payload=PAYLOAD + b" "))["signatures"]
    swapped = edited(good, lambda body: body["signatures"].__setitem__(2, other[2]))
    assert judge(swapped) is DocumentFault.SIGNATURE


def test_a_changed_payload_is_refused() -> None:
    other = altered(OFFICE.document(), {"version": 2})
    forged = edited(by(*OFFICE.list_keys), lambda body: body.update(payload=b64url(other)))
    assert judge(forged) is DocumentFault.SIGNATURE


def test_an_hmac_keyed_with_the_public_key_is_refused() -> None:
    key = OFFICE.list_keys[0].public
    protected = b64url(json.dumps({"alg": "HS256", "kid": key.kid, "typ": TrustList.TYP}).encode())
    message = f"{protected}.{b64url(PAYLOAD)}".encode()
    mac = hmac.digest(key.to_pem(), message, hashlib.sha256)
    forged = edited(
        by(*OFFICE.list_keys),
        lambda body: body.update(signatures=[{"protected": protected, "signature": b64url(mac)}]),
    )
    assert judge(forged) is DocumentFault.SIGNATURE


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (lambda body: body.update(signatures=[]), DocumentFault.MALFORMED),
        (lambda body: body.pop("signatures"), DocumentFault.MALFORMED),
        (lambda body: body.update(payload=body["payload"] + "="), DocumentFault.MALFORMED),
        (lambda body: body["signatures"][0].pop("signature"), DocumentFault.MALFORMED),
        (lambda body: body["signatures"][0].update(header={"jwk": {}}), DocumentFault.MALFORMED),
        (lambda body: body["signatures"][0].update(signature=""), DocumentFault.SIGNATURE),
    ],
)
def test_a_broken_envelope_is_refused(
    edit: Callable[[dict[str, Any]], object], expected: DocumentFault
) -> None:
    assert judge(edited(by(*OFFICE.list_keys), edit)) is expected


@pytest.mark.parametrize("data", [b"", b"null", b"[]", b"{", b"PK\x03\x04", b"\xef\xbb\xbf{}"])
def test_bytes_that_are_no_envelope_are_refused(data: bytes) -> None:
    assert judge(data) is DocumentFault.MALFORMED


def test_endless_data_is_cut_off_at_the_limit() -> None:
    data = by(*OFFICE.list_keys)
    padded = data + b" " * (limits.MAX_ENVELOPE_BYTES - len(data))
    assert judge(padded) is None
    assert judge(padded + b" ") is DocumentFault.TOO_LARGE


@pytest.mark.parametrize(
    "typ", [RootSet.TYP, "ecert-recognition-list+jws", "JWT", "ECERT-TRUST-LIST+JWS", ""]
)
def test_another_kind_of_document_is_refused_whoever_signed_it(typ: str) -> None:
    assert judge(by(*OFFICE.list_keys, typ=typ)) is DocumentFault.WRONG_KIND


def test_several_kinds_may_be_let_in_at_one_door() -> None:
    opened = open_envelope(by(*OFFICE.list_keys), RootSet.TYP, TrustList.TYP)
    assert opened.typ == TrustList.TYP


def test_the_owner_is_read_to_find_the_keys() -> None:
    assert unverified_owner(open_envelope(by(PrivateKey.generate()), TrustList.TYP)) == "511600"


@pytest.mark.parametrize(
    "payload",
    [b"", b"[]", b"{}", b'{"owner":511600}', b'{"owner":"51160"}', b'{"owner":"\\u0000"}'],
)
def test_a_payload_without_owner_is_refused(payload: bytes) -> None:
    opened = open_envelope(by(PrivateKey.generate(), payload=payload), TrustList.TYP)
    with pytest.raises(DocumentRefusedError) as caught:
        unverified_owner(opened)
    assert caught.value.fault is DocumentFault.MALFORMED


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_no_single_changed_byte_makes_another_document_pass(data: st.DataObject) -> None:
    good = by(*OFFICE.list_keys[:2])
    place = data.draw(st.integers(0, len(good) - 1))
    changed = bytearray(good)
    changed[place] ^= data.draw(st.integers(1, 255))
    if judge(bytes(changed)) is None:
        # White space between the parts is nobody's content.
        assert open_envelope(bytes(changed), TrustList.TYP).unverified_payload == PAYLOAD
