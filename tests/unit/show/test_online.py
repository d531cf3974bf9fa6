"""The digits of an online code: their form, their faults, and how much chance is in them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecert.errors import ParseError, RegionError
from ecert.reasons import Reason
from ecert.show import digits, offline
from ecert.show.digits import CodeKind
from ecert.show.online import DIGITS, OnlineCode, audience_of, is_online, transaction_nonce

CODE = OnlineCode("511600", "1234567890123456789")
secrets_ = st.integers(0, 10**19 - 1).map(lambda number: f"{number:019d}")
codes = st.builds(OnlineCode, st.integers(100_000, 899_999).map(str), secrets_)


def _fault(text: str) -> Reason:
    with pytest.raises(ParseError) as caught:
        OnlineCode.parse(text)
    return caught.value.reason


@given(codes)
def test_what_is_written_is_read_again(code: OnlineCode) -> None:
    assert len(code.text) == DIGITS == 32
    assert code.text.startswith(f"20032{code.region}")
    assert int(code.text) % 97 == 1
    assert OnlineCode.parse(code.text) == OnlineCode.parse(code.grouped) == code


@given(codes)
def test_full_width_digits_and_dashes_do_no_harm(code: OnlineCode) -> None:
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in code.text)
    assert OnlineCode.parse(f" {wide}\n") == code
    assert OnlineCode.parse(code.grouped.replace(" ", "-")) == code


@given(codes, st.integers(0, DIGITS - 1), st.integers(1, 9))
def test_every_wrong_digit_is_an_incomplete_scan(code: OnlineCode, at: int, by: int) -> None:
    text = code.text
    wrong = text[:at] + str((int(text[at]) + by) % 10) + text[at + 1 :]
    assert _fault(wrong) is Reason.INCOMPLETE_SCAN


@given(codes, st.integers(0, DIGITS - 2))
def test_two_digits_that_changed_places_are_an_incomplete_scan(code: OnlineCode, at: int) -> None:
    text = code.text
    wrong = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    if wrong != text:
        assert _fault(wrong) is Reason.INCOMPLETE_SCAN


@pytest.mark.parametrize(
    "text",
    ["", CODE.text[1:], CODE.text[:-1], CODE.text + "0", CODE.text * 2],
    ids=["empty", "first lost", "last lost", "one more", "twice"],
)
def test_a_bad_scan_is_asked_for_again(text: str) -> None:
    assert _fault(text) is Reason.INCOMPLETE_SCAN


@pytest.mark.parametrize(
    "text",
    [
        digits.encode(CodeKind.SELF_CONTAINED, b"\xd2\x84"),
        digits.write(CodeKind.ONLINE, "511600" + "1" * 18),
        digits.write(CodeKind.ONLINE, "511600" + "1" * 20),
        digits.write(CodeKind.ONLINE, "011600" + "1" * 19),
    ],
    ids=["another kind", "too short", "too long", "no region"],
)
def test_what_is_no_online_code_is_malformed(text: str) -> None:
    assert _fault(text) is Reason.MALFORMED
    assert not is_online(text)


def test_off_line_nothing_can_be_told_of_it() -> None:
    with pytest.raises(ParseError) as caught:
        offline.read(CODE.text)
    assert caught.value.reason is Reason.SERVICE_UNREACHABLE
    assert is_online(CODE.text)


def test_the_worked_example_of_the_format() -> None:
    assert CODE.grouped == "2003 2511 6001 2345 6789 0123 4567 8933"
    assert CODE.nonce == "AeKU7wQbWy3usSF5A7-0NDWpL7KdYIrzXv2V_tetsZ8"
    assert CODE.transaction == "LmugX37DXvHzNZmIMKqzZQ"


def test_new_codes_differ_everywhere_and_use_all_digits() -> None:
    drawn = [OnlineCode.new("511600").secret for _ in range(2_000)]
    assert len(set(drawn)) == len(drawn)
    for place in range(19):
        assert {secret[place] for secret in drawn} == set("0123456789")


@pytest.mark.parametrize("region", ["", "51160", "5116000", "51160x", "000000"])
def test_a_code_names_a_region(region: str) -> None:
    with pytest.raises(RegionError):
        OnlineCode.new(region)


def test_what_is_derived_from_a_code_differs_and_does_not_tell_it() -> None:
    code = OnlineCode.new("511600")
    derived = {code.nonce, code.transaction, transaction_nonce(code.transaction)}
    assert len(derived) == 3
    assert code.secret not in repr(code)
    assert audience_of("511600") == "urn:ecert:show-service:511600"
