"""Draws statistics as bars, in a font that has the characters: never a box in place of one."""

from __future__ import annotations

import warnings
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from ecert.errors import FormatError, PlotterMissingError
from ecert.model.licence import LicenceState

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ecert.reasons import Language

    Groups = Mapping[str, Counter[LicenceState]]

FORMS: Final = (".png", ".svg")
MAX_BARS: Final = 30
"""So many groups get a bar of their own; the smaller ones share the last."""
# Okabe and Ito's colours, which people who see few colours tell apart.
_COLOURS: Final = {
    LicenceState.ISSUED: "#0072B2",
    LicenceState.SUSPENDED: "#E69F00",
    LicenceState.EXPIRED: "#999999",
    LicenceState.SUPERSEDED: "#56B4E9",
    LicenceState.CANCELLED: "#CC79A7",
    LicenceState.WITHDRAWN: "#F0E442",
    LicenceState.REVOKED: "#D55E00",
    LicenceState.TRANSFERRED: "#009E73",
}
# Fonts whose forms are those of the mainland come first.
_FAMILIES: Final = (
    "Noto Sans CJK SC", "Source Han Sans SC", "Source Han Sans CN", "Noto Sans SC",
    "HarmonyOS Sans SC", "Microsoft YaHei", "PingFang SC", "Hiragino Sans GB",
    "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "SimHei", "Noto Serif CJK SC", "SimSun",
    "Droid Sans Fallback",
)  # fmt: skip
# They claim every character, and draw the same box or nothing for each.
_NO_FONTS: Final = ("last resort", "lastresort", "adobe blank", "adobe notdef")
_LATIN: Final = "DejaVu Sans"  # comes with matplotlib
_POINTS: Final = 10
_ROW_INCHES: Final = 0.34


def draw(path: Path, title: str, by_type: Groups, by_region: Groups, language: Language) -> None:
    """Draw one bar for each type, and for each region if there are several.

    Args:
        path: The picture, ``.png`` or ``.svg``.
        title: What stands above it.
        by_type: The counts of each type.
        by_region: The counts of each region.
        language: Of the labels.

    Raises:
        FormatError: There is no such form.
        PlotterMissingError: matplotlib is missing, or no font has the characters of a PNG.  An SVG
            then keeps its text as text, which whoever looks at it has a font for.
    """
    if path.suffix.lower() not in FORMS:
        raise FormatError(
            "图的格式只有 PNG 和 SVG", "a picture is PNG or SVG", where="--plot",
            fix_zh="文件名请以 .png 或 .svg 结尾", fix_en="End the name in .png or .svg",
        )  # fmt: skip
    parts = [_few(by_type, language)]
    if len(by_region) > 1:
        parts.append(_few(by_region, language))
    texts = [title, *_state_words(language), *(name for part in parts for name in part)]
    _require_matplotlib()
    families = _fonts_for("".join(texts))
    svg = path.suffix.lower() == ".svg"
    if families is None and not svg:
        raise _no_font()
    _save(path, title, parts, language, families)


def _save(
    path: Path, title: str, parts: list[Groups], language: Language, families: list[str] | None
) -> None:
    from matplotlib import rc_context

    fonts = [*(families or ()), _LATIN]
    settings: Any = {
        "font.family": fonts, "font.size": _POINTS, "axes.unicode_minus": False,
        # A name is text, even with a dollar sign in it.
        "text.parse_math": False,
        # Shapes look the same everywhere; without a font, text is left to the reader's.
        "svg.fonttype": "none" if families is None else "path",
    }  # fmt: skip
    with rc_context(settings), warnings.catch_warnings():
        if families is None:
            warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure = _figure(title, parts, language)
        half = path.with_name(f".{path.name}.tmp{path.suffix.lower()}")
        try:
            figure.savefig(half, dpi=150)
            half.replace(path)
        finally:
            half.unlink(missing_ok=True)


def _figure(title: str, parts: list[Groups], language: Language) -> Figure:
    from matplotlib.figure import Figure

    rows = sum(len(part) for part in parts)
    height = 1.6 + 0.6 * len(parts) + _ROW_INCHES * max(rows, 1)
    width = 10.0
    figure = Figure(figsize=(width, height))
    figure.suptitle(title, fontsize=_POINTS + 4, y=1 - 0.25 / height)
    # By the labels' length in characters: a font that is missing cannot be measured.
    longest = max((_width(name) for part in parts for name in part), default=4)
    left = min(0.45, (longest * _POINTS / 72 + 0.25) / width)
    ratios = [max(len(part), 1) for part in parts]
    panels = figure.subplots(
        len(parts), 1, squeeze=False,
        gridspec_kw={
            "height_ratios": ratios, "left": left, "right": 0.93,
            "bottom": 0.75 / height, "top": 1 - 0.75 / height, "hspace": 0.9 / max(rows, 1),
        },
    )  # fmt: skip
    for axes, part in zip(panels[:, 0], parts, strict=True):
        _bars(axes, part, language)
    handles, labels = panels[0, 0].get_legend_handles_labels()
    if handles:
        figure.legend(handles, labels, loc="lower center", ncols=len(labels), frameon=False)
    return figure


def _bars(axes: Axes, groups: Groups, language: Language) -> None:
    names = list(groups)
    places = range(len(names))
    begin = [0] * len(names)
    for state in LicenceState:
        counts = [groups[name][state] for name in names]
        # All that occur in any group are drawn, so that one legend fits every panel.
        axes.barh(
            places, counts, left=begin, color=_COLOURS[state], height=0.7,
            label=_word(state, language),
        )  # fmt: skip
        begin = [one + count for one, count in zip(begin, counts, strict=True)]
    for place, total in zip(places, begin, strict=True):
        axes.annotate(
            f"{total:,}", (total, place), xytext=(4, 0), textcoords="offset points", va="center"
        )
    axes.set_yticks(list(places), names)
    axes.invert_yaxis()
    axes.set_xlim(0, max(begin, default=0) * 1.1 or 1)
    axes.xaxis.set_major_formatter(lambda value, _place: f"{value:,.0f}")
    axes.spines[["top", "right"]].set_visible(False)


def _few(groups: Groups, language: Language) -> Groups:
    if len(groups) <= MAX_BARS:
        return groups
    items = list(groups.items())
    rest: Counter[LicenceState] = sum(
        (one for _, one in items[MAX_BARS - 1 :]), type(items[0][1])()
    )
    more = len(items) - MAX_BARS + 1
    name = f"其他 {more} 项" if language == "zh" else f"{more} others"
    return dict(items[: MAX_BARS - 1]) | {name: rest}


def _word(state: LicenceState, language: Language) -> str:
    return state.zh if language == "zh" else state.value


def _state_words(language: Language) -> list[str]:
    return [_word(state, language) for state in LicenceState]


def _width(text: str) -> float:
    return sum(1.0 if ord(character) > 0x2E80 else 0.62 for character in text)


# -- fonts ------------------------------------------------------------------------------------


def _require_matplotlib() -> None:
    try:
        import_module("matplotlib")
    except ImportError as error:
        raise PlotterMissingError(
            "没有画图的组件", "drawing needs the extra plot, which is not installed",
            where="matplotlib", fix_zh='请安装：pip install "ecert[plot]"',
            fix_en='Install it: pip install "ecert[plot]"',
        ) from error  # fmt: skip


def _fonts_for(text: str) -> list[str] | None:
    """Return the families that together, with the Latin one, have every character; None if none do.

    matplotlib asks them in their order, each for what those before it lack.
    """
    from matplotlib import font_manager

    wanted = {ord(character) for character in text if not character.isspace()}
    manager = font_manager.fontManager
    wanted -= _characters(manager.findfont(_LATIN), 0)
    if not wanted:
        return []
    found = _families_with(wanted, manager.ttflist)
    if found is None:
        # A font installed since the list was kept is not on it.
        known = {one.fname for one in manager.ttflist}
        new = [path for path in font_manager.findSystemFonts() if path not in known]
        for path in new:
            try:
                manager.addfont(path)
            except (OSError, RuntimeError):
                continue  # not a font that can be drawn with
        if new:
            found = _families_with(wanted, manager.ttflist)
    return found


def _families_with(wanted: set[int], fonts: Iterable[Any]) -> list[str] | None:
    by_family: dict[str, Any] = {}
    for one in fonts:
        if one.name.lower().startswith(_NO_FONTS):
            continue
        # The upright face of ordinary weight stands for its family; of some that is "medium".
        if one.style == "normal" and one.weight in {
            400,
            500,
            "normal",
            "regular",
            "book",
            "medium",
        }:
            by_family.setdefault(one.name, one)
    ranked = sorted(
        by_family, key=lambda name: _FAMILIES.index(name) if name in _FAMILIES else len(_FAMILIES)
    )
    has = {}
    for name in ranked:
        one = by_family[name]
        has[name] = wanted & _characters(one.fname, getattr(one, "index", 0))
        if has[name] == wanted:
            return [name]
    # Rare characters: the font with most of them, then whichever has most of the rest.
    families = []
    while wanted:
        best = max(has, key=lambda name: len(has[name] & wanted), default=None)
        if best is None or not has[best] & wanted:
            return None
        families.append(best)
        wanted = wanted - has[best]
    return families


def _characters(path: str, face: int) -> set[int]:
    from matplotlib.ft2font import FT2Font

    try:
        # matplotlib before 3.11 opens the first face of a collection only.
        font = FT2Font(path, face_index=face) if face else FT2Font(path)
    except (OSError, RuntimeError, TypeError):
        return set()
    return set(font.get_charmap())


def _no_font() -> PlotterMissingError:
    return PlotterMissingError(
        "本机没有能画出这些汉字的字体", "no font of this machine has these characters",
        where="--plot",
        fix_zh="Debian 请安装 fonts-noto-cjk；或改存 .svg，文字由看图的机器显示",
        fix_en="On Debian install fonts-noto-cjk; or write .svg, drawn by the reader's fonts",
    )  # fmt: skip
