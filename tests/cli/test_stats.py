"""``ecert stats``: counted, and drawn in a font that has the characters."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from matplotlib import font_manager
from PIL import Image

from ecert.cli import failures, plot
from ecert.errors import PlotterMissingError
from ecert.model.licence import LicenceState
from tests.fonts import RARE, chain

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Runs

STATS = ("-C", "guangan", "stats")
GROUPS = {
    "机动车驾驶证": Counter({LicenceState.ISSUED: 90, LicenceState.REVOKED: 10}),
    "图书馆借书证": Counter({LicenceState.ISSUED: 7}),
}
REGIONS = {"四川省广安市": Counter({LicenceState.ISSUED: 97, LicenceState.REVOKED: 10})}


@pytest.fixture
def counted(ecert: Runs, place: Path) -> Path:
    ecert("-C", "guangan", "renew", "1", "--cause", "renew", "--reason", "到期")
    ecert(
        "-C", "guangan", "issue", "图书馆借书证", "--holder", "李娜", "--number", "GA0001",
        "--holder-number", "11010519491231002X", "-f", "读者类型=成人", "--until", "2040-12-31",
    )  # fmt: skip
    return place


@pytest.fixture
def no_chinese_font(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that has matplotlib's own fonts and no other."""
    own = [one for one in font_manager.fontManager.ttflist if "matplotlib" in one.fname]
    assert own
    monkeypatch.setattr(font_manager.fontManager, "ttflist", own)
    monkeypatch.setattr(font_manager, "findSystemFonts", list)


# -- counted ----------------------------------------------------------------------------------


def test_by_type_state_and_region(ecert: Runs, counted: Path) -> None:
    rows = [line.split("\t") for line in ecert(*STATS).out.splitlines()]
    assert ["机动车驾驶证", "1", "1", "2"] in rows
    assert ["图书馆借书证", "1", "0", "1"] in rows
    assert ["合计", "2", "1", "3"] in rows
    assert rows[-1][0].startswith("四川省广安市")
    plain = ecert(*STATS, "--json").json
    assert (plain["total"], plain["plot"]) == (3, None)
    assert {"issued", "superseded"} == {one["standing"] for one in plain["counts"]}


def test_expiry_is_judged_on_a_day(ecert: Runs, counted: Path) -> None:
    plain = ecert(*STATS, "--on", "2050-01-01", "--json").json
    assert {one["standing"] for one in plain["counts"]} == {"expired", "superseded"}
    assert ecert(*STATS, "--on", "明年").code == failures.USAGE


def test_an_empty_register(ecert: Runs, place: Path) -> None:
    ecert("init", "new", "--region", "511600", "--name", "局", "--demo")
    ran = ecert("-C", "new", "stats", "--plot", "empty.png")
    assert (ran.code, ran.out) == (0, "")
    assert (place / "empty.png").exists()


# -- drawn ------------------------------------------------------------------------------------


def _colours(path: Path) -> set[tuple[int, ...]]:
    with Image.open(path) as image:
        colours = image.convert("RGB").getcolors(1 << 24)
    assert colours is not None
    return {tuple(colour) for _, colour in colours if isinstance(colour, tuple)}


def test_a_png_shows_the_states_by_their_colours(ecert: Runs, counted: Path) -> None:
    ran = ecert(*STATS, "--plot", "s.png", "--json")
    assert ran.code == 0, ran.err
    assert ran.json["plot"] == "s.png"
    assert {(0x00, 0x72, 0xB2), (0x56, 0xB4, 0xE9)} <= _colours(counted / "s.png")


def test_it_is_drawn_in_a_font_that_has_every_character(tmp_path: Path) -> None:
    # A missing glyph is a warning, and a warning is an error here.
    plot.draw(tmp_path / "s.png", "证照统计", GROUPS, REGIONS, "zh")
    families = plot._fonts_for("证照统计机动车驾驶证已吊销")
    assert families is not None
    assert len(families) == 1
    found = font_manager.fontManager.findfont(families[0], fallback_to_default=False)
    assert {ord(one) for one in "驾驶证吊销"} <= plot._characters(found, 0)


def test_an_svg_is_shapes_where_there_is_a_font(tmp_path: Path) -> None:
    plot.draw(tmp_path / "s.svg", "证照统计", GROUPS, REGIONS, "zh")
    text = (tmp_path / "s.svg").read_text("utf-8")
    assert "<path" in text
    assert "<text" not in text


def test_without_a_font_a_png_is_refused_and_the_package_named(
    ecert: Runs, counted: Path, no_chinese_font: None
) -> None:
    ran = ecert(*STATS, "--plot", "s.png")
    assert ran.code == failures.UNDETERMINED
    assert "fonts-noto-cjk" in ran.err
    assert not list(counted.glob("*.png"))


def test_without_a_font_an_svg_keeps_its_text_as_text(
    tmp_path: Path, no_chinese_font: None
) -> None:
    plot.draw(tmp_path / "s.svg", "证照统计", GROUPS, REGIONS, "zh")
    text = (tmp_path / "s.svg").read_text("utf-8")
    for told in ("机动车驾驶证", "已吊销", "证照统计"):
        assert told in text


def test_english_labels_still_need_the_characters_of_the_names(
    tmp_path: Path, no_chinese_font: None
) -> None:
    with pytest.raises(PlotterMissingError):
        plot.draw(tmp_path / "s.png", "Licences", GROUPS, REGIONS, "en")
    latin = {"Driving licence $5$": Counter({LicenceState.ISSUED: 1})}
    plot.draw(tmp_path / "s.png", "Licences", latin, latin, "en")
    assert (tmp_path / "s.png").exists()


def test_many_types_share_the_last_bar(tmp_path: Path) -> None:
    many = {f"类型{n}": Counter({LicenceState.ISSUED: 100 - n}) for n in range(plot.MAX_BARS + 5)}
    few = plot._few(many, "zh")
    assert len(few) == plot.MAX_BARS
    assert few["其他 6 项"].total() == sum(100 - n for n in range(29, 35))
    plot.draw(tmp_path / "s.png", "证照统计", many, GROUPS, "zh")
    with Image.open(tmp_path / "s.png") as image:
        assert image.height > image.width, "a bar each, none on top of another"


def test_without_matplotlib_the_extra_is_named(
    ecert: Runs, counted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    ran = ecert(*STATS, "--plot", "s.png")
    assert ran.code == failures.UNDETERMINED
    assert "ecert[plot]" in ran.err
    assert ecert(*STATS).code == 0, "counting needs no picture"


def test_a_picture_of_another_kind(ecert: Runs, counted: Path) -> None:
    ran = ecert(*STATS, "--plot", "s.jpg")
    assert (ran.code, "--plot" in ran.err) == (failures.USAGE, True)


def test_a_picture_that_cannot_be_written_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("matplotlib.figure.Figure.savefig", full)
    with pytest.raises(OSError, match="No space"):
        plot.draw(tmp_path / "s.png", "证照统计", GROUPS, REGIONS, "zh")
    assert list(tmp_path.iterdir()) == []


def test_a_rare_character_takes_a_second_font_and_is_never_a_box(tmp_path: Path) -> None:
    chain()
    families = plot._fonts_for(f"机动车驾驶证{RARE}")
    assert families is not None
    assert len(families) > 1
    for rare in RARE[:2]:
        # A missing glyph is a warning, and a warning is an error here.
        plot.draw(tmp_path / f"{rare}.png", rare, GROUPS, {}, "zh")
    drawn = [(tmp_path / f"{rare}.png").read_bytes() for rare in RARE[:2]]
    assert drawn[0] != drawn[1]
    with pytest.raises(PlotterMissingError):
        plot.draw(tmp_path / "none.png", "统计\U0003fffd", GROUPS, {}, "zh")
    assert not (tmp_path / "none.png").exists()
