"""The test sheet: what each scanner's faults look like, and what is concluded."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from ecert import limits
from ecert.errors import ParseError
from ecert.reasons import Reason
from ecert.show import digits, render
from ecert.show.keystrokes import Disturbance
from ecert.show.scanner_check import LENGTHS, NEEDS, ScanState, read_scans, sheet_code
from ecert.show.scanner_sheet import sheet_html, sheet_png

WHOLE, CUT, DAMAGED, FOREIGN = ScanState


def sheet(upto: int = LENGTHS[-1], *, stop: int = 9999) -> str:
    """What a scanner that stops after ``stop`` digits sends of the sheet."""
    return "".join(f"{sheet_code(n)[:stop]}\r\n" for n in LENGTHS if n <= upto)


@pytest.mark.parametrize("length", [*LENGTHS, 12])
def test_a_test_code_has_its_length_and_check_digits(length: int) -> None:
    code = sheet_code(length)
    assert len(code) == int(code[1:5]) == length
    assert digits.split_codes(code) == (code,)


@pytest.mark.parametrize("length", [11, limits.MAX_CODE_DIGITS + 1])
def test_there_is_no_shorter_or_longer_one(length: int) -> None:
    with pytest.raises(ValueError, match="12 to 2188"):
        sheet_code(length)


@pytest.mark.parametrize("length", LENGTHS)
def test_a_test_code_at_a_window_is_no_show_code(length: int) -> None:
    with pytest.raises(ParseError) as caught:
        digits.decode(sheet_code(length))
    assert caught.value.reason is Reason.MALFORMED
    assert "test scanners" in caught.value.en


def test_the_longest_is_as_long_as_a_show_code_may_be() -> None:
    assert LENGTHS[-1] == limits.MAX_CODE_DIGITS
    for name, version in (("minimal", 15), ("full", 18), ("three", 23)):
        assert render.qr_version("1" * NEEDS[name]) == version
        assert render.qr_version("1" * (NEEDS[name] + 1)) == version + 1


def test_a_good_scanner_sends_the_whole_sheet() -> None:
    report = read_scans(sheet())
    assert [scan.state for scan in report.scans] == [WHOLE] * len(LENGTHS)
    assert [scan.length for scan in report.scans] == list(LENGTHS)
    assert (report.longest, report.limit, report.unreliable) == (2188, None, False)
    assert all(report.enough_for.values())
    assert report.disturbed == frozenset()


@pytest.mark.parametrize("stop", [255, 256, 511, 512, 1000, 1023, 1024, 2048])
def test_where_a_scanner_stops_is_found_to_the_digit(stop: int) -> None:
    report = read_scans(sheet(stop=stop))
    assert report.limit == stop
    assert not report.unreliable
    assert report.longest == max(length for length in LENGTHS if length <= stop)
    assert report.enough_for == {name: stop >= need for name, need in NEEDS.items()}


def test_a_scanner_without_an_enter_runs_all_codes_together() -> None:
    report = read_scans(sheet().replace("\r\n", ""))
    assert [scan.length for scan in report.scans] == list(LENGTHS)
    assert read_scans(sheet().replace("\r\n", "\t")).longest == 2188
    assert read_scans(sheet().replace("\r\n", "\r\n\r\n")).longest == 2188


@pytest.mark.parametrize(
    ("spoil", "state", "length"),
    [
        (lambda code: code[:100] + code[101:], DAMAGED, 255),
        (lambda code: code[:100] + code[99:], DAMAGED, 255),
        (lambda code: code[:100] + code[101] + code[100] + code[102:], DAMAGED, 255),
        (lambda code: code[:-1], CUT, 255),
        (lambda code: code[:6], CUT, 255),
        (lambda code: code[1:], DAMAGED, 0),
        (lambda code: code[50:], DAMAGED, 0),
        (lambda code: f"{code[:80]}你好{code[80:]}", DAMAGED, 255),
        (lambda _: "123", FOREIGN, 0),
        (lambda _: "https://example.invalid", FOREIGN, 0),
        (lambda _: "6" * 255, FOREIGN, 0),
    ],
)
def test_each_fault_is_told_from_the_others(spoil: object, state: ScanState, length: int) -> None:
    code = sheet_code(255)
    # Neighbours that differ, so that swapping them is a fault.
    assert code[100] != code[101]
    assert code[99] != code[100]
    (scan,) = read_scans(spoil(code)).scans  # type: ignore[operator]
    assert (scan.state, scan.length) == (state, length)


def test_a_loss_makes_the_scanner_unreliable_and_a_limit_does_not() -> None:
    assert read_scans(sheet(256) + sheet_code(500)[:300] + sheet_code(500)[301:]).unreliable
    assert read_scans(sheet(256) + sheet_code(64)[:40]).unreliable, "a short one was cut"
    assert not read_scans(sheet(256) + sheet_code(500)[:300]).unreliable


@pytest.mark.parametrize(
    ("typed", "disturbance"),
    [
        ("]Q1{}", Disturbance.AIM_PREFIX),
        ("QR{}", Disturbance.PREFIX),
        ("{}#", Disturbance.SUFFIX),
        ("{} {}", Disturbance.SEPARATORS),
        ("wide", Disturbance.INPUT_METHOD),
        ("{}你{}", Disturbance.INPUT_METHOD),
    ],
)
def test_what_stands_in_the_way_is_named(typed: str, disturbance: Disturbance) -> None:
    code = sheet_code(255)
    text = typed.format(code[:90], code[90:]) if typed.count("{}") == 2 else typed.format(code)
    if typed == "wide":
        text = code.translate({ord("0") + n: 0xFF10 + n for n in range(10)})
    assert read_scans(text).disturbed == {disturbance}


def test_nothing_scanned_is_nothing_found() -> None:
    report = read_scans("\r\n \r\n")
    assert (report.scans, report.longest, report.limit) == ((), 0, None)
    assert not any(report.enough_for.values())


def test_the_page_holds_every_code_and_fetches_nothing() -> None:
    page = sheet_html()
    assert page.count("<svg") == len(LENGTHS)
    assert all(f"{length} 位 / digits" in page for length in LENGTHS)
    assert page.count('aria-label="测试码"') == len(LENGTHS)
    assert not any(word in page for word in ("src=", "href=", "url(", "@import", "<script"))


def test_every_code_of_the_picture_can_be_read() -> None:
    zxingcpp = pytest.importorskip("zxingcpp")
    image = Image.open(io.BytesIO(sheet_png())).convert("L")
    read = {found.text for found in zxingcpp.read_barcodes(image)}
    assert read == {sheet_code(length) for length in LENGTHS}
