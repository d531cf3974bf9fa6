"""The compact credential's payload, written by hand, against another library's canonical form."""

from __future__ import annotations

from datetime import date
from typing import Any

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecert.errors import ParseError
from ecert.limits import MAX_PURPOSE_CHARS
from ecert.reasons import Reason
from ecert.show import compact
from ecert.show.compact import CompactClaims, CompactKind
from ecert.sign import cose
from ecert.sign.keys import PrivateKey
from ecert.sign.suites import SUITES

ISSUER = PrivateKey.from_scalar("ES256", bytes(range(1, 33)))
# Points with an odd and an even y, on both curves.
HOLDERS = [
    PrivateKey.from_scalar(alg, bytes(31) + bytes([number])).public
    for alg in (suite.alg for suite in SUITES)
    for number in range(1, 9)
]

_TEXTS = st.text(max_size=30)
_NUMBERS = st.integers(0, 2**40)
_CLAIMS = st.builds(
    CompactClaims,
    kind=st.sampled_from(CompactKind),
    type_code=_TEXTS,
    issuer_code=_TEXTS,
    serial=_TEXTS | st.text(min_size=250, max_size=260),
    version=st.integers(1, 999),
    region=st.from_regex(r"\A[0-9]{6}\Z"),
    status_list=_NUMBERS,
    status_index=_NUMBERS,
    signed_on=st.dates(),
    valid_from=st.dates(),
    valid_until=st.none() | st.dates(),
    profile=st.integers(1, 15),
    holders=st.lists(
        st.tuples(st.none() | _TEXTS, st.none() | _TEXTS), min_size=1, max_size=32
    ).map(tuple),
    fields=st.dictionaries(st.integers(1, 99), _TEXTS | st.integers(-(2**60), 2**60), max_size=64),
    holder_key=st.none() | st.sampled_from(HOLDERS),
    number=st.none() | _TEXTS,
)


def _plain(claims: CompactClaims) -> dict[int, Any]:
    """The table at the head of `ecert.show.compact`, as values."""
    epoch, until = date(1970, 1, 1), claims.valid_until
    payload: dict[int, Any] = {
        0: int(claims.kind),
        1: [claims.type_code, claims.issuer_code, claims.serial, claims.version],
        2: int(claims.region),
        3: [claims.status_list, claims.status_index],
        4: [
            (claims.signed_on - epoch).days,
            (claims.valid_from - epoch).days,
            None if until is None else (until - epoch).days,
        ],
        5: claims.profile,
        6: [list(row) for row in claims.holders],
        7: dict(sorted(claims.fields.items())),
    }
    if claims.holder_key is not None:
        payload[8] = {1: claims.holder_key.cose_key()}
    if claims.number is not None:
        payload[9] = claims.number
    if claims.purpose is not None:
        payload[10] = claims.purpose
    return payload


@given(_CLAIMS)
@settings(max_examples=300, deadline=None)
def test_the_payload_is_the_canonical_form_of_its_table(claims: CompactClaims) -> None:
    payload = cose.parse_sign1(compact.sign(claims, ISSUER)).payload
    assert payload == cbor2.dumps(_plain(claims))


@pytest.mark.parametrize("number", [None, "510681199003071237"])
def test_paper_may_say_what_it_is_limited_to(number: str | None) -> None:
    claims = _claims_of_paper()._replace(number=number)
    signed = compact.sign(claims, ISSUER)
    assert cose.parse_sign1(signed).payload == cbor2.dumps(_plain(claims))
    assert compact.parse(signed).claims == claims
    longest = claims._replace(purpose="贷" * MAX_PURPOSE_CHARS)
    assert compact.parse(compact.sign(longest, ISSUER)).claims.purpose == longest.purpose


@pytest.mark.parametrize(
    "purpose", ["", " ", "贷款 ", "贷" * (MAX_PURPOSE_CHARS + 1), "贷\u202e款", "贷\n款", 1, None]
)
def test_a_purpose_that_no_clerk_can_read_is_refused(purpose: object) -> None:
    with pytest.raises(ParseError) as caught:
        compact.parse(_signed(_plain(_claims_of_paper()) | {10: purpose}))
    assert (caught.value.reason, caught.value.where) == (Reason.MALFORMED, "compact.10")


def test_a_purpose_without_a_last_day_is_refused() -> None:
    claims = _claims_of_paper()._replace(valid_until=None)
    with pytest.raises(ParseError) as caught:
        compact.parse(compact.sign(claims, ISSUER))
    assert caught.value.where == "compact.10"


def test_a_wallets_credential_has_no_purpose() -> None:
    with pytest.raises(ParseError, match="other keys"):
        compact.parse(_signed(_plain(_claims_of_a_wallet()) | {10: "办理贷款"}))


@given(st.sampled_from(HOLDERS))
def test_a_holder_key_is_written_as_its_cose_key(key: Any) -> None:
    assert key.cose_key_bytes == cbor2.dumps(key.cose_key())


@given(_CLAIMS)
@settings(max_examples=200, deadline=None)
def test_what_was_signed_is_what_is_read(claims: CompactClaims) -> None:
    bound = claims.holder_key is not None
    claims = claims._replace(kind=CompactKind.WALLET if bound else CompactKind.PAPER)
    claims = claims._replace(status_list=claims.status_list + 1)
    read = compact.parse(compact.sign(claims, ISSUER))
    assert read.claims == claims
    read.sign1.verify(ISSUER.public)


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({8: None}, "compact.8"),
        ({8: {}}, "compact.8"),
        ({0: 2}, "compact.0"),
        ({0: 1.0}, ""),
        ({9: None}, "compact.9"),
        ({6: [["张伟"]]}, "compact.6"),
        ({6: [["张伟", 1]]}, "compact.6"),
        ({6: [["张伟", False]]}, "compact.6"),
        ({7: {1: True}}, "compact.7"),
        ({7: {1: None}}, "compact.7"),
        ({3: [True, 1]}, "compact.3"),
        ({4: [True, 1, None]}, "compact.4"),
        ({4: [1, 1, True]}, "compact.4"),
        ({2: True}, ""),
    ],
)
def test_one_wrong_part_is_refused_in_its_place(changes: dict[int, Any], where: str) -> None:
    good = _plain(_claims_of_a_wallet()) | {9: "1"}
    compact.parse(_signed(good))
    with pytest.raises(ParseError) as caught:
        compact.parse(_signed(good | changes))
    assert caught.value.reason is Reason.MALFORMED
    assert caught.value.where == (where or caught.value.where)


def _signed(payload: dict[int, Any]) -> bytes:
    return cose.sign1(cbor2.dumps(payload), ISSUER, kid=ISSUER.public.short_kid)


def _claims_of_paper() -> CompactClaims:
    return _claims_of_a_wallet()._replace(
        kind=CompactKind.PAPER, holder_key=None, valid_until=date(2026, 12, 31),
        purpose="办理住房贷款",
    )  # fmt: skip


def _claims_of_a_wallet() -> CompactClaims:
    return CompactClaims(
        CompactKind.WALLET, "T", "I", "S", 1, "511600", 1, 0, date(2026, 1, 1), date(2026, 1, 1),
        None, 1, (("张伟", None),), {1: "C1"}, HOLDERS[0],
    )  # fmt: skip
