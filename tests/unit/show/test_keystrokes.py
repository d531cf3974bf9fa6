"""Whatever a scanner makes of a code: taken if it is certainly that code, else scanned again."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ecert import limits
from ecert.errors import ParseError
from ecert.reasons import Outcome, Reason
from ecert.show import digits, keystrokes
from ecert.show.challenge import WindowChallenge
from ecert.show.digits import CodeKind
from ecert.show.keystrokes import Disturbance, read_digits
from tests.unit.show.keystrokes import Stream, streams


def _code(size: int, kind: CodeKind = CodeKind.SELF_CONTAINED) -> tuple[str, bytes]:
    data = b"\xd2" + hashlib.shake_256(str(size).encode()).digest(size - 1)
    return digits.encode(kind, data), data


# Of one licence, of one with full details, and nearly the longest.
CODES = [_code(size) for size in (340, 550, 900)]
STREAMS = list(streams())


def _why_not(text: str) -> Reason:
    with pytest.raises(ParseError) as caught:
        digits.decode(text)
    return caught.value.reason


def test_there_are_two_hundred_of_them_and_no_two_are_the_same() -> None:
    assert len(STREAMS) >= 200
    assert len({stream.name for stream in STREAMS}) == len(STREAMS)
    typed = {stream.type(CODES[0][0]) for stream in STREAMS}
    assert len(typed) >= 200


@pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream.name)
def test_a_right_code_is_taken_and_any_other_scanned_again(stream: Stream) -> None:
    for code, data in CODES:
        typed = stream.type(code)
        if stream.right:
            assert digits.decode(typed) == (CodeKind.SELF_CONTAINED, data)
        elif typed != code:
            assert _why_not(typed) is Reason.INCOMPLETE_SCAN
    assert Reason.INCOMPLETE_SCAN.outcome is Outcome.UNDETERMINED


@pytest.mark.parametrize("between", ["", "\r\n", "\t", "]Q3"])
def test_of_two_codes_in_a_row_none_is_chosen(between: str) -> None:
    (one, _), (other, _), _ = CODES
    expected = Reason.INCOMPLETE_SCAN if between == "]Q3" else Reason.SEVERAL_CODES
    assert _why_not(one + between + other) is expected
    assert _why_not(one + between + other + between + one) is expected
    assert Reason.SEVERAL_CODES.outcome is Outcome.UNDETERMINED


def test_a_code_and_the_windows_own_number_in_a_row_are_two_codes() -> None:
    number = WindowChallenge(12, "482913").digits
    assert _why_not(CODES[0][0] + number) is Reason.SEVERAL_CODES


def test_a_scan_up_to_twice_the_longest_code_may_be_a_bad_one_and_beyond_it_only_if_it_begins_well(
) -> None:  # fmt: skip
    most = 2 * limits.MAX_CODE_DIGITS
    assert _why_not("1" * most) is Reason.INCOMPLETE_SCAN
    assert _why_not("1" * (most + 1)) is Reason.TOO_LARGE
    code = CODES[2][0]
    assert _why_not(code * 3 + "1") is Reason.INCOMPLETE_SCAN
    assert len(code) * 3 > most


@pytest.mark.parametrize("head", ["15000", "18000", "19999", "12189", "10000"])
def test_endless_digits_that_announce_a_great_length_are_no_crash(head: str) -> None:
    """Python refuses to convert more than 4300 digits."""
    assert _why_not(head + "7" * (8_000 - len(head))) is Reason.TOO_LARGE
    assert _why_not(head + "7" * (4_000 - len(head))) is Reason.INCOMPLETE_SCAN


@pytest.mark.parametrize("text", ["a" * 8_000 + "1a1", "1" * 4_000 + "a" * 4_000 + "1"])
def test_no_text_takes_long(text: str) -> None:
    """Quadratic matching would try tens of millions of ways; the bound is on the pattern's work."""
    assert _why_not(text) in {Reason.MALFORMED, Reason.INCOMPLETE_SCAN}
    assert keystrokes._OUTSIDE.pattern.count("*+") == 3


def test_a_scan_has_as_many_characters_as_the_bound_and_no_more() -> None:
    code, data = CODES[0]
    padding = " " * (limits.MAX_SCAN_CHARS - len(code))
    assert digits.decode(code + padding) == (CodeKind.SELF_CONTAINED, data)
    assert _why_not(f"{code}{padding} ") is Reason.TOO_LARGE


def test_a_prefix_and_a_suffix_are_as_long_as_the_bound_and_no_longer() -> None:
    code, data = CODES[0]
    affix = "G" * limits.MAX_SCANNER_AFFIX
    assert digits.decode(f"{affix}{code}{affix}") == (CodeKind.SELF_CONTAINED, data)
    assert _why_not(f"G{affix}{code}") is Reason.INCOMPLETE_SCAN
    assert _why_not(f"{code}{affix}G") is Reason.INCOMPLETE_SCAN


@pytest.mark.parametrize(
    "text",
    ["https://example.invalid/?a=1", "abc123", "WIFI:T:WPA;S:hall;P:12345678;;", "电子证照",
     "身份证号 ***", "MECARD:N:张伟;;"],
)  # fmt: skip
def test_what_is_clearly_something_else_is_no_show_code(text: str) -> None:
    assert _why_not(text) is Reason.MALFORMED


@pytest.mark.parametrize("kind", [CodeKind.CHALLENGE, CodeKind.PAPER])
def test_every_kind_is_read_alike(kind: CodeKind) -> None:
    code, data = _code(40, kind)
    assert digits.decode(f"]Q1{code}\r\n") == (kind, data)


_PLACES = st.integers(min_value=0, max_value=len(CODES[1][0]) - 1)
_SIZES = st.integers(min_value=24, max_value=900)


@settings(max_examples=300)
@given(_SIZES, st.data())
def test_any_one_digit_lost_or_doubled_is_scanned_again(size: int, data: st.DataObject) -> None:
    code, _ = _code(size)
    place = data.draw(st.integers(min_value=0, max_value=len(code) - 1))
    assert _why_not(code[:place] + code[place + 1 :]) is Reason.INCOMPLETE_SCAN
    assert _why_not(code[: place + 1] + code[place:]) is Reason.INCOMPLETE_SCAN


@settings(max_examples=300)
@given(_SIZES, st.data())
def test_any_two_neighbours_swapped_are_scanned_again(size: int, data: st.DataObject) -> None:
    code, _ = _code(size)
    place = data.draw(st.integers(min_value=0, max_value=len(code) - 2))
    assume(code[place] != code[place + 1])
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert _why_not(swapped) is Reason.INCOMPLETE_SCAN


def test_every_digit_of_one_code_lost_doubled_or_swapped_is_scanned_again() -> None:
    code, _ = CODES[0]
    for place, digit in enumerate(code):
        assert _why_not(code[:place] + code[place + 1 :]) is Reason.INCOMPLETE_SCAN
        assert _why_not(code[:place] + digit + code[place:]) is Reason.INCOMPLETE_SCAN
        if place and digit != code[place - 1]:
            swapped = code[: place - 1] + digit + code[place - 1] + code[place + 1 :]
            assert _why_not(swapped) is Reason.INCOMPLETE_SCAN


def test_no_code_has_the_one_length_that_doubling_a_digit_makes_right_again() -> None:
    """1110 with its first digit doubled announces 1111, and one check in 97 would fit by chance."""
    lengths = {
        len(digits.encode(CodeKind.SELF_CONTAINED, first + filler * (size - 1)))
        for size in range(100, 905)
        for first in (b"\xd2", b"\x78")
        for filler in (b"\x00", b"\xff")
    }
    assert 1110 not in lengths
    assert {1109, 1111} & lengths, "its neighbours are there, so the sizes are the right ones"


@pytest.mark.parametrize("number", ["0" + "1" * 40, "2" * 40])
def test_a_number_that_no_encoder_writes_is_a_bad_scan(number: str) -> None:
    body = f"1{len(number) + 7:04d}{number}"
    assert _why_not(body + digits.check_digits(body)) is Reason.INCOMPLETE_SCAN


@pytest.mark.parametrize(
    ("typed", "disturbed"),
    [
        ("{}", set()),
        ("{}\r\n", set()),
        ("]Q3{}\t", {Disturbance.AIM_PREFIX}),
        ("QR{}", {Disturbance.PREFIX}),
        ("{}#", {Disturbance.SUFFIX}),
        ("\u0002{}\u0003", set()),
        ("12 {}", {Disturbance.SEPARATORS}),
        ("１{}", {Disturbance.INPUT_METHOD}),
        ("】Q1{}。", {Disturbance.AIM_PREFIX, Disturbance.SUFFIX}),
    ],
)
def test_what_stood_in_a_scanners_way_is_named(typed: str, disturbed: set[Disturbance]) -> None:
    read, found = read_digits(typed.format("0123456789"))
    assert read.endswith("0123456789")
    assert found == disturbed
