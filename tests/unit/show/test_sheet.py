"""The printed sheet: its text can be selected, its fonts are embedded, nothing overflows."""

from __future__ import annotations

import dataclasses
import re
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pypdfium2
import pytest

from ecert import limits
from ecert.errors import CodeTooLargeError, FormatError, PlotterMissingError
from ecert.show import render, sheet
from ecert.show.fonts import FontChain
from ecert.show.pages import HEIGHT, MM, WIDTH
from ecert.show.printed import PrintedCopy
from tests.fonts import RARE, chain, poor_chain
from tests.unit.show.font_making import make_font

if TYPE_CHECKING:
    from pathlib import Path

COPY = PrintedCopy(
    code="3" + "1234567890" * 40,
    credential="1-70231",
    type_name="食品经营许可证",
    issuer_name="广安市市场监督管理局",
    region_name="四川省广安市",
    number_label="许可证编号",
    number="JY25116230012345",
    holders=(("广安嘉陵食品有限公司", "K376"),),
    fields=(("主体业态", "餐饮服务经营者"), ("经营项目", "热食类食品制售")),
    valid_from=date(2026, 11, 1),
    valid_until=date(2031, 10, 31),
    last_day=None,
    purpose=None,
    printed_on=date(2026, 11, 22),
    demo=False,
)
LONG = dataclasses.replace(
    COPY,
    type_name="证" * limits.MAX_NAME_CHARS,
    issuer_name="局" * limits.MAX_NAME_CHARS,
    holders=tuple((f"{place:02d}" + "名" * 198, "1237") for place in range(limits.MAX_HOLDERS)),
    fields=tuple(
        (
            f"字段{place:02d}",
            f"值{place:02d}" + "甲" * (limits.MAX_FIELD_CHARS if place == 40 else 30),
        )
        for place in range(limits.MAX_FIELDS)
    ),
    purpose="用" * limits.MAX_PURPOSE_CHARS,
    last_day=date(2026, 12, 31),
    demo=True,
)


def changed(**changes: Any) -> PrintedCopy:
    return dataclasses.replace(COPY, **changes)


def texts(data: bytes) -> list[str]:
    """The text of each page, as a viewer copies it, without line breaks."""
    with pypdfium2.PdfDocument(data) as document:
        return [page.get_textpage().get_text_bounded().replace("\r\n", "") for page in document]


def test_the_text_is_that_of_the_copy() -> None:
    (text,) = texts(sheet.pdf(COPY, chain()))
    for said in (
        "食品经营许可证", "电子证照打印件", "广安市市场监督管理局", "四川省广安市", "许可证编号",
        "JY25116230012345", "广安嘉陵食品有限公司（号码后四位 K376）", "主体业态", "餐饮服务经营者",
        "热食类食品制售", "2026年11月1日 至 2031年10月31日", "打印日期2026年11月22日", "1-70231",
        "本件不能证明持有人身份，核验时须查验身份证件原件", "互认清单", "第 1 页，共 1 页",
        f"码尾 {COPY.code[-8:-4]} {COPY.code[-4:]}",
    ):  # fmt: skip
        assert said in text
    for absent in ("演示", "样例", "限定用途", "仅限用于", "本件有效期至"):
        assert absent not in text


def test_no_end_and_no_name_are_told_in_words() -> None:
    copy = changed(valid_until=None, holders=((None, None), ("张伟", "510681199003071237")))
    (text,) = texts(sheet.pdf(copy, chain()))
    assert "2026年11月1日 至 长期" in text
    assert "持证主体 1 （未列示）" in text
    assert "持证主体 2 张伟（号码 510681199003071237）" in text


def test_a_copy_for_one_purpose_says_so_in_head_note_and_mark() -> None:
    copy = changed(purpose="办理住房贷款", last_day=date(2026, 12, 31))
    (text,) = texts(sheet.pdf(copy, chain()))
    assert "电子证照打印件（限定用途）" in text
    assert "本件有效期至2026年12月31日" in text
    assert "本件仅限用于办理住房贷款" in text
    assert text.count("仅限用于：办理住房贷款") >= 4
    assert "用于其他事项无效" in text


def test_demonstration_keys_are_marked_across_every_page() -> None:
    for text in texts(sheet.pdf(changed(demo=True), chain())):
        assert "不得作为办理依据" in text
    pages = texts(sheet.pdf(LONG, chain()))
    assert all("演示样例" in text for text in pages)
    assert "【样例】" in pages[0]


def test_the_longest_copy_loses_nothing_and_overlaps_nowhere() -> None:
    pages = texts(sheet.pdf(LONG, chain()))
    whole = "".join(pages)
    for place in range(limits.MAX_HOLDERS):
        assert f"{place:02d}名" in whole
    for name, value in LONG.fields:
        assert name in whole
        assert value[:3] in whole
    assert whole.count("甲") == sum(value.count("甲") for _, value in LONG.fields)
    assert whole.count("名") == 198 * limits.MAX_HOLDERS
    for number, text in enumerate(pages, start=1):
        assert f"第 {number} 页，共 {len(pages)} 页" in text
        assert "须查验身份证件原件" in text


@pytest.mark.parametrize("copy", [COPY, LONG], ids=["short", "longest"])
def test_nothing_leaves_the_margins_and_no_two_lines_touch(copy: PrintedCopy) -> None:
    # Without what is meant to lie under everything.
    data = sheet.pdf(dataclasses.replace(copy, demo=False, purpose=None), chain())
    with pypdfium2.PdfDocument(data) as document:
        for page in document:
            assert page.get_size() == pytest.approx((WIDTH, HEIGHT), abs=0.1)
            text = page.get_textpage()
            boxes = [text.get_rect(place) for place in range(text.count_rects())]
            for left, bottom, right, top in boxes:
                assert 20 * MM - 2 <= left < right <= WIDTH - 20 * MM + 2
                assert 8 * MM <= bottom < top <= HEIGHT - 15 * MM
            for (left, bottom, right, top), (left2, bottom2, right2, top2) in pairwise(boxes):
                across = min(right, right2) - max(left, left2)
                down = min(top, top2) - max(bottom, bottom2)
                assert across <= 1 or down <= 1


def test_the_same_copy_is_the_same_file_and_has_no_time_in_it() -> None:
    first = sheet.pdf(COPY, chain())
    sheet.pdf(changed(type_name="驾驶证"), chain())
    assert sheet.pdf(COPY, chain()) == first
    assert sheet.pdf(COPY, poor_chain()) == first


def test_title_and_language_are_told() -> None:
    data = sheet.pdf(COPY, chain())
    assert b"/Lang (zh-CN)" in data
    with pypdfium2.PdfDocument(data) as document:
        about = document.get_metadata_dict()
    assert about["Title"] == "食品经营许可证（打印件）"
    assert about["Author"] == "广安市市场监督管理局"


@pytest.mark.parametrize("copy", [COPY, changed(holders=((f"张{RARE}", "1237"),)), LONG])
def test_every_font_is_embedded_as_a_subset(copy: PrintedCopy) -> None:
    data = sheet.pdf(copy, chain())
    names = re.findall(rb"/BaseFont /(\S+)", data)
    assert names
    assert all(re.fullmatch(rb"[A-Z]{6}\+Sheet[0-9]+-[0-9A-Za-z]+", name) for name in names)
    assert data.count(b"/FontFile2") == data.count(b"/ToUnicode") == len(names)
    assert len(data) < 200_000


def test_rare_characters_are_drawn_and_can_be_selected() -> None:
    copy = changed(holders=((f"张{RARE}", "1237"),), type_name=RARE)
    (text,) = texts(sheet.pdf(copy, chain()))
    assert f"张{RARE}（号码后四位 1237）" in text


def test_fonts_with_postscript_outlines_are_embedded_too(tmp_path: Path) -> None:
    made = make_font(tmp_path / "a.otf", "\U00030003", name="MadeCFF", cff=True)
    fonts = FontChain([made])
    chain()
    copy = changed(holders=(("张\U00030003", "1237"),))
    data = sheet.pdf(copy, fonts)
    assert b"MadeCFF" in data
    assert "张\U00030003" in texts(data)[0]


@pytest.fixture
def poor() -> FontChain:
    """Fonts that lack one character."""
    return poor_chain("\U00030003")


def test_a_missing_character_is_refused_or_marked_with_its_number(
    poor: FontChain,
) -> None:
    copy = changed(holders=(("张\U00030003", "1237"),))
    with pytest.raises(PlotterMissingError, match=r"U\+30003"):
        sheet.pdf(copy, poor)
    with pytest.raises(PlotterMissingError, match=r"U\+30003"):
        sheet.require_drawable(copy, poor)
    assert sheet.require_drawable(copy, poor, missing="mark") == ("\U00030003",)
    (text,) = texts(sheet.pdf(copy, poor, missing="mark"))
    assert "方框内为本机字体缺少的字的编码（U+30003），以电子证照所载为准" in text
    assert "30003" in text.replace("U+30003", "")


def test_a_variant_is_marked_with_both_its_numbers() -> None:
    copy = changed(holders=(("葛\U000e0100", "1237"),))
    (text,) = texts(sheet.pdf(copy, chain(), missing="mark"))
    assert "（U+845B+E0100）" in text


def test_the_sheets_own_words_are_never_marked(tmp_path: Path) -> None:
    fonts = FontChain([make_font(tmp_path / "a.ttf", "张")], system=False)
    with pytest.raises(PlotterMissingError):
        sheet.pdf(COPY, fonts, missing="mark")


@pytest.mark.parametrize("text", ["张\u202e伟", "张\u200b伟", "张\n伟", "\ue000"])
def test_what_hides_or_turns_text_is_refused(text: str) -> None:
    with pytest.raises(FormatError):
        sheet.pdf(changed(holders=((text, "1237"),)), chain())


def test_a_preview_is_not_drawn() -> None:
    with pytest.raises(ValueError, match="digits"):
        sheet.pdf(changed(code=""), chain())


def test_the_largest_code_is_drawn_and_one_above_is_not() -> None:
    largest = changed(code="3" + "1" * (limits.MAX_CODE_DIGITS - 1))
    assert texts(sheet.pdf(largest, chain()))
    with pytest.raises(CodeTooLargeError):
        sheet.pdf(changed(code=largest.code + "1"), chain())


def test_a_module_is_never_smaller_than_copiers_can_tell() -> None:
    sides = [sheet.module_size(17 + 4 * version) / MM for version in range(1, 41)]
    assert min(sides) == pytest.approx(limits.MIN_PRINTED_MODULE_MM)
    largest = render.matrix("1" * limits.MAX_CODE_DIGITS)
    assert sheet.module_size(largest.size) / MM >= limits.MIN_PRINTED_MODULE_MM
    assert sides == sorted(sides, reverse=True)
