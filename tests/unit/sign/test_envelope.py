"""Envelopes: many people sign the same bytes, and each key counts once."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecert import limits
from ecert.errors import ParseError, SignatureError
from ecert.reasons import Reason
from ecert.sign import envelope, jws
from ecert.sign.keys import PrivateKey, PublicKey
from ecert.sign.strict import b64url

TYP = "test-list+jws"
PAYLOAD = b'{"owner":"511600"}'
KEYS = [PrivateKey.from_scalar("ES256", bytes(range(n, n + 32))) for n in range(1, 6)]
PUBLIC = [key.public for key in KEYS]
DATA = envelope.make(TYP, PAYLOAD, KEYS[:3])


def _signers(data: bytes, keys: list[PublicKey] | None = None) -> frozenset[PublicKey]:
    return envelope.parse(data).valid_signers(PUBLIC if keys is None else keys)


def _plain(data: bytes = DATA) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(data)
    return plain


def _with(**changes: Any) -> bytes:
    return json.dumps(_plain() | changes).encode()


# -- making -----------------------------------------------------------------------------------


@settings(max_examples=50, deadline=None)
@given(st.binary(min_size=1, max_size=300), st.sets(st.integers(0, 4), min_size=1))
def test_everybody_who_signed_is_counted_and_nobody_else(payload: bytes, who: set[int]) -> None:
    opened = envelope.parse(envelope.make(TYP, payload, [KEYS[n] for n in sorted(who)]))
    assert opened.typ == TYP
    assert opened.unverified_payload == payload
    assert opened.digest == hashlib.sha256(payload).hexdigest()
    assert opened.valid_signers(PUBLIC) == {PUBLIC[n] for n in who}
    assert opened.valid_signers(PUBLIC[:1]) == ({PUBLIC[0]} if 0 in who else set())


def test_nobody_is_no_signer() -> None:
    with pytest.raises(ValueError, match="at least one"):
        envelope.make(TYP, PAYLOAD, [])


def test_it_is_the_general_serialisation_of_rfc_7515() -> None:
    plain = _plain()
    assert plain.keys() == {"payload", "signatures"}
    for entry, key in zip(plain["signatures"], KEYS, strict=False):
        # Each signature by itself is a compact JWS.
        token = f"{entry['protected']}.{plain['payload']}.{entry['signature']}"
        parsed = jws.parse(token)
        assert parsed.verify([key.public]) == key.public
        assert parsed.header == {"alg": "ES256", "kid": key.public.kid, "typ": TYP}


def test_one_after_the_other_is_as_good_as_all_at_once() -> None:
    data = envelope.make(TYP, PAYLOAD, KEYS[:1])
    for key in KEYS[1:]:
        data = envelope.add_signature(data, key)
    assert _signers(data) == set(PUBLIC)
    assert envelope.parse(data).digest == envelope.parse(DATA).digest


def test_a_second_signature_by_the_same_key_takes_the_place_of_the_first() -> None:
    again = envelope.add_signature(DATA, KEYS[0])
    assert len(envelope.parse(again).signatures) == 3
    assert _signers(again) == set(PUBLIC[:3])


def test_nothing_is_added_to_what_is_no_envelope() -> None:
    with pytest.raises(ParseError):
        envelope.add_signature(b"{}", KEYS[0])


# -- counting ---------------------------------------------------------------------------------


def test_a_key_counts_once_however_often_it_signs() -> None:
    (entry,) = _plain(envelope.make(TYP, PAYLOAD, KEYS[:1]))["signatures"]
    fresh = _plain(envelope.make(TYP, PAYLOAD, KEYS[:1]))["signatures"][0]
    assert entry["signature"] != fresh["signature"]
    assert _signers(_with(signatures=[entry, fresh, entry])) == {PUBLIC[0]}


def test_a_key_counts_once_under_two_names() -> None:
    # The same key, registered a second time under a name of its own.
    named = PublicKey.from_jwk(PUBLIC[0].jwk() | {"kid": "second"})
    protected = b64url(json.dumps({"alg": "ES256", "kid": "second", "typ": TYP}).encode())
    signing_input = f"{protected}.{b64url(PAYLOAD)}".encode()
    entry = {"protected": protected, "signature": b64url(KEYS[0].sign(signing_input))}
    both = _with(signatures=[_plain()["signatures"][0], entry])
    assert len(_signers(both, [PUBLIC[0], named])) == 1


def test_strangers_signatures_say_nothing() -> None:
    assert _signers(DATA, PUBLIC[3:]) == frozenset()
    stranger = _plain()["signatures"][0] | {"signature": b64url(bytes(64))}
    assert _signers(_with(signatures=[stranger]), PUBLIC[1:]) == frozenset()


def test_a_false_signature_in_the_name_of_a_known_key_spoils_the_whole() -> None:
    entries = _plain()["signatures"]
    mixed = [entries[0], entries[1] | {"signature": entries[2]["signature"]}]
    with pytest.raises(SignatureError) as caught:
        _signers(_with(signatures=mixed))
    assert caught.value.reason is Reason.SIGNATURE


def test_a_signature_over_another_payload_does_not_fit() -> None:
    with pytest.raises(SignatureError) as caught:
        _signers(_with(payload=b64url(PAYLOAD + b" ")))
    assert caught.value.reason is Reason.SIGNATURE


def test_the_algorithm_must_be_the_keys() -> None:
    header = {"alg": "ES384", "kid": PUBLIC[0].kid, "typ": TYP}
    entry = {"protected": b64url(json.dumps(header).encode()), "signature": b64url(bytes(64))}
    with pytest.raises(SignatureError) as caught:
        _signers(_with(signatures=[entry]))
    assert caught.value.reason is Reason.ALGORITHM


# -- form -------------------------------------------------------------------------------------


def _entry(**changes: Any) -> dict[str, Any]:
    """A signature with another protected header."""
    header = {"alg": "ES256", "kid": PUBLIC[0].kid, "typ": TYP} | changes
    header = {name: value for name, value in header.items() if value is not None}
    protected = b64url(json.dumps(header).encode())
    signature = KEYS[0].sign(f"{protected}.{b64url(PAYLOAD)}".encode())
    return {"protected": protected, "signature": b64url(signature)}


GOOD = _entry()


@pytest.mark.parametrize(
    "data",
    [
        b"", b"[]", b"{}", DATA[:-4], DATA + b"x", b"\xef\xbb\xbf" + DATA,
        _with(surprise=1), _with(header={}), _with(payload=7), _with(payload=None),
        _with(payload="AB"), _with(payload=b64url(PAYLOAD) + "="), _with(signatures=None),
        _with(signatures=[]), _with(signatures={}), _with(signatures=["x"]),
        _with(signatures=[GOOD | {"header": {}}]),
        _with(signatures=[{"protected": GOOD["protected"]}]),
        _with(signatures=[GOOD | {"signature": 7}]), _with(signatures=[GOOD | {"protected": None}]),
        _with(signatures=[GOOD | {"signature": GOOD["signature"] + "="}]),
        _with(signatures=[_entry(kid=None)]), _with(signatures=[_entry(kid=42)]),
        _with(signatures=[_entry(typ=None)]), _with(signatures=[_entry(crit=["exp"])]),
        _with(signatures=[_entry(jwk=PUBLIC[0].jwk())]),
        _with(signatures=[GOOD, _entry(typ="other+jws")]),
        DATA.replace(b'"payload"', b'"payload": "AA", "payload"', 1),
    ],
    ids=lambda _: "",  # the signatures differ from run to run
)  # fmt: skip
def test_another_shape_is_refused(data: bytes) -> None:
    with pytest.raises(ParseError) as caught:
        envelope.parse(data)
    assert caught.value.reason in {Reason.MALFORMED, Reason.ALGORITHM}


def test_as_many_signatures_as_the_limit_are_read_and_no_more() -> None:
    allowed = [GOOD] * limits.MAX_ENVELOPE_SIGNATURES
    assert _signers(_with(signatures=allowed)) == {PUBLIC[0]}
    with pytest.raises(ParseError) as caught:
        envelope.parse(_with(signatures=[*allowed, GOOD]))
    assert caught.value.where == "signatures"


def test_an_envelope_at_the_limit_is_read_and_one_beyond_it_is_not() -> None:
    room = limits.MAX_ENVELOPE_BYTES - len(DATA)
    assert _signers(DATA + b" " * room) == set(PUBLIC[:3])
    with pytest.raises(ParseError) as caught:
        envelope.parse(DATA + b" " * (room + 1))
    assert caught.value.reason is Reason.TOO_LARGE


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(DATA) - 1), st.integers(0, 255), st.booleans())
def test_a_changed_byte_never_leaves_a_signer_under_another_payload(
    position: int, byte: int, insert: bool
) -> None:
    changed = DATA[:position] + bytes([byte]) + DATA[position + (not insert) :]
    try:
        opened = envelope.parse(changed)
        signers = opened.valid_signers(PUBLIC[:3])
    except (ParseError, SignatureError):
        return
    # White space may change, and a kid that then names nobody.
    assert opened.unverified_payload == PAYLOAD or not signers
