"""``ecert print``, ``ecert show --card`` and ``ecert doctor fonts``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pypdfium2
import pytest
from PIL import Image

from ecert.cli import failures, font_options
from ecert.show import pages, scan
from ecert.workspace.settings import Settings
from tests.cli.people import NUMBER
from tests.fonts import RARE, chain, poor_chain
from tests.unit.show.font_making import make_font

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Runs

PRINT = ("-C", "guangan", "print", "1", "-o", "sheet.pdf")


@pytest.fixture(autouse=True)
def _fonts() -> None:
    chain()


def credentials(ecert: Runs) -> list[str]:
    told = ecert("-C", "guangan", "licence", "credentials", "1", "--json").json
    return [one["id"] for one in told["credentials"] if one["kind"] == "paper"]


def text_of(path: Path) -> str:
    with pypdfium2.PdfDocument(path.read_bytes()) as document:
        text: str = document[0].get_textpage().get_text_bounded()
    return text


def test_a_licence_is_printed_and_its_code_is_accepted(ecert: Runs, place: Path) -> None:
    ran = ecert(*PRINT, "--purpose", "办理住房贷款", "--until", "2026-12-31", "--json")
    assert ran.code == 0, ran.err
    plain = ran.json
    assert plain["credential"] in credentials(ecert)
    assert (plain["purpose"], plain["until"], plain["missing"]) == (
        "办理住房贷款",
        "2026-12-31",
        [],
    )
    assert plain["demo"]
    text = text_of(place / "sheet.pdf")
    assert plain["credential"] in text
    assert "办理住房贷款" in text
    assert "不得作为办理依据" in text
    assert NUMBER not in ran.out + ran.err


def test_a_dry_run_signs_and_writes_nothing(ecert: Runs, place: Path) -> None:
    ran = ecert(*PRINT, "--dry-run")
    assert (ran.code, ran.out.split("：")[0]) == (0, "可以打印 sheet.pdf")
    assert not (place / "sheet.pdf").exists()
    assert credentials(ecert) == []
    assert ecert(*PRINT, "--lang", "en").out.startswith("√ Printed sheet.pdf")


def test_the_same_request_prints_the_same_sheet(ecert: Runs, place: Path) -> None:
    ecert(*PRINT, "--request-id", "p-1")
    first = (place / "sheet.pdf").read_bytes()
    ecert(*PRINT, "--request-id", "p-1")
    assert (place / "sheet.pdf").read_bytes() == first
    assert len(credentials(ecert)) == 1
    assert ecert(*PRINT, "--request-id", "p-1", "--profile", "full").code == failures.REFUSED


def test_a_lost_sheet_is_cut_off_alone(ecert: Runs, place: Path) -> None:
    lost = ecert(*PRINT, "--json").json["credential"]
    ran = ecert("-C", "guangan", "withdraw-credential", lost, "--reason", "打印件遗失")
    assert ran.code == 0
    assert "纸质亮证码" in ran.out


@pytest.mark.parametrize(
    ("how", "where"),
    [
        (("--purpose", "办理贷款"), "有效期截止时间"),
        (("--until", "31.12.2026"), "--until"),
        (("--missing", "guess"), "--missing"),
        (("--profile", "nothing"), ""),
        (("-o", "sheet.docx"), "--output"),
        (("--fonts", "absent.ttf"), "absent.ttf"),
    ],
)
def test_what_is_asked_wrongly_is_usage_and_prints_nothing(
    ecert: Runs, place: Path, how: tuple[str, ...], where: str
) -> None:
    ran = ecert(*PRINT, *how)
    assert ran.code == failures.USAGE
    assert where in ran.err
    assert credentials(ecert) == []
    assert not list(place.glob("sheet*"))


def test_a_missing_character_is_found_before_anything_is_signed(
    ecert: Runs, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(font_options, "chain", lambda *_: poor_chain("张"))
    monkeypatch.setattr("ecert.cli.print_out.chain", lambda *_: poor_chain("张"))
    ran = ecert(*PRINT)
    assert ran.code == failures.UNDETERMINED
    assert "U+5F20" in ran.err
    assert "fonts-hanazono" in ran.err
    assert credentials(ecert) == []
    assert not (place / "sheet.pdf").exists()
    ran = ecert(*PRINT, "--missing", "mark")
    assert ran.code == 0
    assert "U+5F20" in ran.err
    assert "方框内为本机字体缺少的字的编码（U+5F20）" in text_of(place / "sheet.pdf")


def test_without_reportlab_the_extra_is_named_and_nothing_signed(
    ecert: Runs, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("reportlab", "reportlab.pdfgen"):
        monkeypatch.setitem(sys.modules, name, None)
    ran = ecert(*PRINT)
    assert ran.code == failures.UNDETERMINED
    assert "ecert[pdf]" in ran.err
    assert credentials(ecert) == []
    with pytest.raises(Exception, match="reportlab"):
        pages.require_reportlab()


def test_a_window_prints_nothing(ecert: Runs, place: Path) -> None:
    ecert("init", "window", "--region", "500000", "--name", "重庆市某窗口")
    assert ecert("-C", "window", "print", "1", "-o", "sheet.pdf").code == failures.USAGE
    assert not (place / "sheet.pdf").exists()


# -- the card -------------------------------------------------------------------------------------


def test_a_card_is_drawn_and_its_code_is_the_one_that_is_told(ecert: Runs, place: Path) -> None:
    ran = ecert("show", "--wallet", "zhang.wallet", "--card", "-o", "card.png", "--json")
    assert ran.code == 0, ran.err
    assert scan.read(place / "card.png") == ran.json["code"]
    with Image.open(place / "card.png") as image:
        assert image.width == 1080


@pytest.mark.parametrize("output", [(), ("-o", "-"), ("-o", "card.svg")])
def test_a_card_goes_into_a_png_and_nowhere_else(
    ecert: Runs, place: Path, output: tuple[str, ...]
) -> None:
    ran = ecert("show", "--wallet", "zhang.wallet", "--card", *output)
    assert ran.code == failures.USAGE
    assert ".png" in ran.err


# -- fonts ----------------------------------------------------------------------------------------


def test_doctor_tells_fonts_blocks_and_what_a_text_lacks(ecert: Runs, tmp_path: Path) -> None:
    ran = ecert("doctor", "fonts", "--text", f"张{RARE}", "--json")
    assert ran.code == 0
    plain = ran.json
    assert plain["fonts"]
    blocks = {one["en"]: one for one in plain["blocks"]}
    assert blocks["CJK"]["characters"] == 20_992
    assert 20_000 < blocks["CJK"]["covered"] <= 20_992
    assert blocks["Extension B"]["covered"] > 40_000
    assert plain["looked_at"] == {"characters": 1 + len(RARE), "missing": []}
    (tmp_path / "names.txt").write_text("张\U00030003\n李\u0302", "utf-8")
    ran = ecert("doctor", "fonts", "--file", "names.txt", "--fonts", tmp_path)
    assert ran.code == failures.UNDETERMINED
    assert "U+674E U+0302（1 次）" in ran.out


def test_doctor_looks_through_the_register(ecert: Runs, place: Path) -> None:
    ran = ecert("-C", "guangan", "doctor", "fonts", "--register", "--json")
    assert ran.code == 0
    assert ran.json["looked_at"]["characters"] > 20
    assert "张伟" not in ran.out


def test_the_settings_name_fonts_of_the_workspace(ecert: Runs, place: Path) -> None:
    folder = place / "guangan"
    (folder / "fonts").mkdir()
    make_font(folder / "fonts" / "own.ttf", "\U00030003", name="Own")
    settings = Settings.read(folder)
    with (folder / "ecert.toml").open("a", encoding="utf-8") as file:
        file.write('fonts = "fonts"\n')
    assert settings.fonts is None
    assert Settings.read(folder).fonts == "fonts"
    plain = ecert("-C", "guangan", "doctor", "fonts", "--text", "\U00030003", "--json").json
    assert plain["fonts"][0]["name"] == "Own"
    assert plain["looked_at"]["missing"] == []
    assert ecert(*PRINT).code == 0


@pytest.mark.parametrize("data", [b"\xff\xfe", "张".encode("gb18030")])
def test_a_text_that_is_not_utf_8_is_refused(ecert: Runs, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "names.txt").write_bytes(data)
    ran = ecert("doctor", "fonts", "--file", "names.txt")
    assert (ran.code, "UTF-8" in ran.err) == (failures.USAGE, True)


def test_what_a_sheet_is_limited_to_can_be_inspected(ecert: Runs, place: Path) -> None:
    ecert(*PRINT, "--purpose", "办理住房贷款", "--until", "2026-12-31")
    with pypdfium2.PdfDocument((place / "sheet.pdf").read_bytes()) as document:
        document[0].render(scale=2, grayscale=True).to_pil().save(place / "sheet.png")
    code = scan.read(place / "sheet.png")
    assert "办理住房贷款" not in ecert("inspect", code).out
    told = ecert("inspect", code, "--show-personal", "--json").json
    assert told["personal"]["licences"][0]["purpose"] == "办理住房贷款"
    assert "纸质亮证码" in ecert("inspect", code).out
