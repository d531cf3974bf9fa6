"""The head of every document: one spelling, every fault named, nothing unknown let in."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecert.errors import DocumentRefusedError, ParseError
from ecert.faults import DocumentFault
from ecert.sign.keys import PrivateKey
from ecert.trust.document import Document, load_jwk
from ecert.trust.trust_list import TrustList
from tests.unit.trust.office import EXPIRES, ISSUED, Office, altered, issuer, record


def refusal(payload: bytes) -> DocumentRefusedError:
    with pytest.raises(DocumentRefusedError) as caught:
        TrustList.from_payload(payload)
    return caught.value


def test_a_document_reads_back_as_it_was_written() -> None:
    key = PrivateKey.generate()
    document = Office().document(7, [issuer(keys=(record(key),))], previous="0" * 64)
    assert TrustList.from_payload(document.to_payload()) == document


def test_what_is_absent_is_not_written() -> None:
    assert b"previous" not in Office().document().to_payload()


@pytest.mark.parametrize(
    "spelling",
    [
        "2026-1-2T3:4:5Z",
        "2026-01-02t03:04:05z",
        "２０２６-01-02T03:04:05Z",
        "2026-01-02 03:04:05Z",
        "2026-01-02T03:04:05+00:00",
        "2026-01-02T03:04:05.000Z",
        "2026-01-02T03:04:60Z",
        " 2026-01-02T03:04:05Z",
        "2026-02-30T00:00:00Z",
        "2026-01-02",
        1767322800,
        True,
        None,
    ],
)
def test_a_moment_has_one_spelling(spelling: object) -> None:
    error = refusal(altered(Office().document(), {"issued": spelling}))
    assert error.fault is DocumentFault.MALFORMED
    assert "issued" in error.en


def test_a_moment_without_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Office().document(issued=datetime(2026, 1, 1))  # noqa: DTZ001  (that is the fault)


def test_a_moment_is_kept_in_whole_seconds_of_utc() -> None:
    beijing = timezone(timedelta(hours=8))
    document = Office().document(issued=datetime(2026, 1, 1, 8, 0, 0, 999_999, beijing))
    assert document.issued == datetime(2026, 1, 1, 0, 0, 0, tzinfo=UTC)
    assert b'"issued":"2026-01-01T00:00:00Z"' in document.to_payload()


@given(
    st.datetimes(
        min_value=datetime(1970, 1, 1),  # noqa: DTZ001
        max_value=datetime(9999, 12, 30),  # noqa: DTZ001
        timezones=st.timezones(),
    )
)
@settings(max_examples=100, deadline=None)
def test_every_moment_survives_writing_and_reading(moment: datetime) -> None:
    document = KeylessOffice().document(issued=moment)
    assert TrustList.from_payload(document.to_payload()).issued == document.issued
    assert abs(document.issued - moment) < timedelta(seconds=1)


class KeylessOffice(Office):
    def __init__(self) -> None:
        self.region = "511600"
        self.root_keys = self.list_keys = []


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"version": 0}, "version"),
        ({"version": True}, "version"),
        ({"version": 1.0}, "version"),
        ({"version": "1"}, "version"),
        ({"owner": "51160"}, "owner"),
        ({"owner": "５１１６００"}, "owner"),
        ({"owner": "511600\n"}, "owner"),
        ({"audience": []}, "audience"),
        ({"audience": "000000"}, "audience"),
        ({"expires": None}, "expires"),
        ({"previous": "F" * 64}, "previous"),
        # A list that names others to be fetched (extraneous dependencies).
        ({"include_url": "http://127.0.0.1/more"}, "include_url"),
    ],
)
def test_a_wrong_value_is_refused_and_its_place_named(changes: dict[str, Any], place: str) -> None:
    error = refusal(altered(Office().document(), changes))
    assert error.fault is DocumentFault.MALFORMED
    assert error.where == TrustList.TYP
    assert place in error.zh
    assert place in error.en


@pytest.mark.parametrize("name", ["owner", "audience", "version", "issued", "expires", "issuers"])
def test_nothing_of_the_head_may_be_missing(name: str) -> None:
    payload = json.loads(Office().document().to_payload())
    del payload[name]
    error = refusal(json.dumps(payload).encode())
    assert f"{name}：缺少此项" in error.zh


@pytest.mark.parametrize(
    "payload",
    [b"", b"[]", b"{", b'{"owner":"511600","owner":"500000"}', b'{"version":NaN}', b"\xff{}"],
)
def test_only_a_strict_json_object_is_a_payload(payload: bytes) -> None:
    assert refusal(payload).fault is DocumentFault.MALFORMED


def test_a_key_that_stands_twice_is_refused_in_a_payload_that_is_right_otherwise() -> None:
    payload = Office().document().to_payload()
    assert refusal(payload[:-1] + b',"owner":"500000"}').fault is DocumentFault.MALFORMED
    assert refusal(payload[:-1] + b',"version":1}').fault is DocumentFault.MALFORMED


def test_a_version_beyond_exact_integers_is_refused() -> None:
    """Fast-forward: no version above 2^53 - 1 exists."""
    assert refusal(altered(Office().document(), {"version": 2**53})).fault is (
        DocumentFault.MALFORMED
    )
    highest = TrustList.from_payload(altered(Office().document(), {"version": 2**53 - 1}))
    assert highest.version == 2**53 - 1


def test_many_faults_are_counted_and_ten_described() -> None:
    broken = [{"code": "x"}] * 4
    error = refusal(altered(Office().document(), {"issuers": broken}))
    assert error.en.count(": ") >= 10
    assert "(+6)" in error.zh
    assert "(+6)" in error.en


def test_a_check_of_our_own_is_reported_in_both_languages() -> None:
    wrong = {"code": "911100000000000000", "name": "甲", "region": "511600", "keys": []}
    error = refusal(altered(Office().document(), {"issuers": [wrong]}))
    assert "issuers.0.code：校验位不符" in error.zh
    assert "issuers.0.code: the check character does not fit" in error.en


def test_what_everybody_would_refuse_is_not_signed() -> None:
    twice = Office().document(1, [issuer(1), issuer(1)])
    with pytest.raises(DocumentRefusedError) as caught:
        twice.signed_by([PrivateKey.generate()])
    assert caught.value.fault is DocumentFault.CONTENT


def test_a_document_has_no_rules_of_content_unless_it_says_so() -> None:
    class Note(Document):
        TYP = "note+jws"

    note = Note(owner="511600", audience=("000000",), version=1, issued=ISSUED, expires=EXPIRES)
    note.check_content()
    assert note.slot == "note+jws:511600"


# -- keys inside documents -----------------------------------------------------------------------


def test_a_key_in_its_plain_form_loads() -> None:
    key = PrivateKey.generate().public
    assert load_jwk(key.jwk()) == key


@pytest.mark.parametrize(
    "changes",
    [
        {"kid": "chosen by somebody"},
        {"use": "sig"},
        {"alg": "ES384"},
        {"alg": "none"},
        {"crv": "P-384"},
        {"kty": "oct"},
        {"x": "A" * 43},
        {"y": ""},
    ],
)
def test_a_key_in_any_other_form_is_refused(changes: dict[str, str]) -> None:
    with pytest.raises(ParseError):
        load_jwk(PrivateKey.generate().public.jwk() | changes)


def test_a_private_key_in_a_document_is_refused() -> None:
    with pytest.raises(ParseError, match="private"):
        load_jwk(PrivateKey.generate().jwk())


@pytest.mark.parametrize("name", ["kty", "crv", "alg", "x", "y"])
def test_a_key_with_a_part_missing_is_refused(name: str) -> None:
    jwk = PrivateKey.generate().public.jwk()
    del jwk[name]
    with pytest.raises(ParseError):
        load_jwk(jwk)
