"""Fonts: which one draws which character, and what is said of those that none has."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Any

import pytest

from ecert import limits
from ecert.errors import ExtraMissingError, FormatError, PlotterMissingError
from ecert.show import font_files
from ecert.show.fonts import FontChain, clusters
from ecert.show.wrapping import wrap
from tests.fonts import RARE, chain
from tests.unit.show.font_making import make_font

if TYPE_CHECKING:
    from pathlib import Path


def test_common_and_rare_characters_are_each_drawn_by_some_font() -> None:
    fonts = chain()
    runs = fonts.runs(f"张{RARE}伟")
    assert "".join(run.text for run in runs) == f"张{RARE}伟"
    assert all(run.face is not None and run.face.draws(one) for run in runs for one in run.text)
    assert runs[0].face is runs[-1].face
    assert len({run.face for run in runs}) > 1


def test_fonts_that_are_named_are_asked_first(tmp_path: Path) -> None:
    first = make_font(tmp_path / "a.ttf", "张", name="First")
    second = make_font(tmp_path / "b.otf", "张伟", name="Second", cff=True)
    fonts = FontChain([first, second], system=False)
    assert [face.file.name for face in fonts.faces] == ["First", "Second"]
    assert [run.face and run.face.file.name for run in fonts.runs("张伟李")] == [
        "First", "Second", None,
    ]  # fmt: skip
    assert [face.file.name for face in FontChain([tmp_path], system=False).faces] == [
        "First", "Second",
    ]  # fmt: skip
    (tmp_path / "note.txt").write_text("no font")
    assert len(FontChain([tmp_path, first], system=False).faces) == 2


def test_a_listed_character_without_an_outline_is_missing(tmp_path: Path) -> None:
    font = make_font(tmp_path / "a.ttf", "张 ", blank="伟", boxed="李")
    fonts = FontChain([font], system=False)
    assert fonts.missing(["张 伟李张伟"]) == ("伟", "李")
    assert fonts.claims("伟")
    assert not fonts.claims("李")


@pytest.mark.parametrize("name", ["LastResort", "Last Resort", "AdobeBlank", "Adobe NotDef"])
def test_fonts_that_claim_everything_are_passed_over(tmp_path: Path, name: str) -> None:
    font = make_font(tmp_path / "a.ttf", "张", name=name)
    assert FontChain([font], system=False).faces == ()


@pytest.mark.parametrize(
    "cluster",
    ["e\u0301", "葛\U000e0100", "ئ", "א", "\u1820", "\u1112", "\u0301", "\u202e", "\u200b"],
)
def test_what_needs_a_layout_engine_is_missing_and_never_drawn_wrong(cluster: str) -> None:
    fonts = chain()
    assert fonts.missing([f"张{cluster}"] if cluster != "\u0301" else [cluster]) != ()


def test_the_message_names_characters_and_fonts_but_spells_no_name(tmp_path: Path) -> None:
    fonts = FontChain([make_font(tmp_path / "a.ttf", "张")], system=False)
    with pytest.raises(PlotterMissingError) as caught:
        fonts.require(["张伟", "\U00030003葛\U000e0100", "伟"], where="打印件")
    error = caught.value
    # In the order of their numbers, not of the name.
    assert error.zh == "没有字体能画出 “伟”(U+4F1F)、“葛”(U+845B)+U+E0100、“\U00030003”(U+30003)"
    assert "U+30003" in error.en
    assert error.where == "打印件"
    assert "fonts-hanazono" in error.fix_zh
    assert "fonts-hanazono" in error.fix_en
    with pytest.raises(PlotterMissingError) as caught:
        fonts.require(["一二三四五六七八九十"])
    assert "等10个" in caught.value.zh
    assert "and 2 more" in caught.value.en


def test_what_is_no_font_is_refused_by_name(tmp_path: Path) -> None:
    text = tmp_path / "a.ttf"
    text.write_bytes(b"not a font")
    cut = tmp_path / "cut.ttf"
    cut.write_bytes(make_font(tmp_path / "b.ttf", "张").read_bytes()[:60])
    for path in (text, cut, tmp_path / "absent.ttf"):
        with pytest.raises(FormatError) as caught:
            FontChain([path], system=False)
        assert caught.value.where == str(path)


def test_size_and_faces_of_a_font_file_are_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    font = make_font(tmp_path / "a.ttf", "张")
    size = font.stat().st_size
    monkeypatch.setattr(limits, "MAX_FONT_BYTES", size)
    assert len(FontChain([font], system=False).faces) == 1
    monkeypatch.setattr(limits, "MAX_FONT_BYTES", size - 1)
    with pytest.raises(FormatError):
        FontChain([font], system=False)
    monkeypatch.undo()
    many = tmp_path / "many.ttc"
    for count in (0, limits.MAX_FONT_FACES + 1):
        many.write_bytes(b"ttcf" + bytes([0, 1, 0, 0]) + count.to_bytes(4))
        with pytest.raises(FormatError):
            FontChain([many], system=False)


def test_the_machines_fonts_come_in_one_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_font(tmp_path / "DejaVuSans.ttf", "A", name="Latin")
    (tmp_path / "deep").mkdir()
    make_font(tmp_path / "deep" / "HanaMinB.ttf", "\U0002070e", name="Rare")
    make_font(tmp_path / "deep" / "wqy-microhei.ttc", "张", name="Common")
    (tmp_path / "simsun.ttc").write_bytes(b"damaged")
    make_font(tmp_path / "Comic.ttf", "张", name="Unknown")
    monkeypatch.setattr(font_files, "_folders", lambda: [tmp_path])
    assert [face.file.name for face in FontChain().faces] == ["Common", "Rare", "Latin"]


def test_without_font_tools_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def missing(name: str, *rest: Any, **more: Any) -> Any:
        if name.startswith("fontTools"):
            raise ImportError(name=name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(ExtraMissingError) as caught:
        FontChain()
    assert "ecert[pdf]" in caught.value.fix_en


def test_marks_stay_with_their_character() -> None:
    assert clusters("e\u0301葛\U000e0100张") == ["e\u0301", "葛\U000e0100", "张"]
    assert clusters("") == []


# -- lines ----------------------------------------------------------------------------------------


def _halves(text: str) -> float:
    return sum(0.5 if one.isascii() else 1.0 for one in text)


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("", 5, [""]),
        ("一二三四五六七", 3, ["一二三", "四五六", "七"]),
        ("一二三，四五", 3, ["一二", "三，四", "五"]),
        ("一二（三四）五", 3, ["一二", "（三", "四）五"]),
        ("编号 JY123456 有效", 5, ["编号", "JY123456", "有效"]),
        ("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", 5, ["A" * 10] * 3),
        ("一  ", 1, ["一"]),
    ],
)
def test_lines_are_broken_as_print_breaks_them(text: str, width: int, lines: list[str]) -> None:
    assert wrap(text, _halves, width) == lines


def test_no_line_is_wider_than_its_place_and_nothing_is_lost() -> None:
    text = "热食类食品制售、预包装食品（含冷藏冷冻食品）销售，ABC-123 等；“其他”。" * 7
    for width in range(3, 30):
        lines = wrap(text, _halves, width)
        assert all(_halves(line) <= width for line in lines)
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")
