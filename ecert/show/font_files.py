"""Font files: where a machine keeps them, which are known to have Chinese, and one face of one.

Fonts are looked for by the names of their files, in the folders where systems keep them, so that
the same machine always gives the same chain, with nothing to start and nothing to configure.
"""

from __future__ import annotations

import os
import struct
import sys
import weakref
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ecert import limits
from ecert.errors import ExtraMissingError, FormatError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FORMS: Final = (".ttf", ".ttc", ".otf", ".otc")
# In the order in which they are asked.  Whole fonts first, those with mainland forms before
# others; then those that have the rare ideographs; a Latin one for whatever sign is left.
_KNOWN: Final = (
    "NotoSansCJKsc-Regular.otf", "NotoSansCJK-Regular.ttc", "NotoSansSC-Regular.otf",
    "NotoSansSC-Regular.ttf", "SourceHanSansSC-Regular.otf", "SourceHanSansCN-Regular.otf",
    "SourceHanSans-Regular.ttc", "wqy-microhei.ttc", "msyh.ttc", "wqy-zenhei.ttc",
    "HarmonyOS_Sans_SC_Regular.ttf", "PingFang.ttc", "STHeiti Light.ttc", "simhei.ttf",
    "NotoSerifCJK-Regular.ttc", "SourceHanSerifSC-Regular.otf", "simsun.ttc",
    "DroidSansFallbackFull.ttf", "DroidSansFallback.ttf",
    "PlangothicP1-Regular.ttf", "PlangothicP1-Regular.otf", "PlangothicP2-Regular.ttf",
    "PlangothicP2-Regular.otf", "simsunb.ttf", "SimsunExtG.ttf", "HanaMinA.ttf", "HanaMinB.ttf",
    "HanaMinC.ttf", "BabelStoneHan.ttf", "Jigmo.ttf", "Jigmo2.ttf", "Jigmo3.ttf",
    "TH-Tshyn-P0.ttf", "TH-Tshyn-P1.ttf", "TH-Tshyn-P2.ttf", "TH-Tshyn-P16.ttf",
    "DejaVuSans.ttf",
)  # fmt: skip
# They claim every character, and draw the same box or nothing for each.
_NO_FONTS: Final = ("lastresort", "adobeblank", "adobenotdef")
# Of a collection with the forms of several regions, the face with those of the mainland.
_MAINLAND: Final = ("sc-", "cn-")


@dataclass(frozen=True, slots=True)
class FontFile:
    """One face of a font file.

    Attributes:
        path: The file.
        number: Which face of a collection; -1 for a file of one.
        name: The PostScript name.
    """

    path: Path
    number: int
    name: str


class OpenFace:
    """One face, opened: which characters it can draw, how wide they are, and their outlines."""

    def __init__(self, file: FontFile) -> None:
        self.file = file
        self._drawn: dict[str, bool] = {}

    @cached_property
    def font(self) -> Any:
        """The font as fontTools has it; its file is closed when the face is let go."""
        font = _open(self.file.path, self.file.number)
        weakref.finalize(self, font.close)
        return font

    @cached_property
    def _cmap(self) -> dict[int, str]:
        return dict(self.font.getBestCmap() or {})

    @cached_property
    def _glyphs(self) -> Any:
        return self.font.getGlyphSet()

    @cached_property
    def units(self) -> int:
        """Units of an em."""
        return int(self.font["head"].unitsPerEm)

    def lists(self, character: str) -> bool:
        """Tell whether its table of characters has ``character``."""
        return self._cmap.get(ord(character), ".notdef") != ".notdef"

    def draws(self, character: str) -> bool:
        """Tell whether it has an outline of its own for ``character``: no box, and not nothing."""
        known = self._drawn.get(character)
        if known is None:
            known = self._drawn[character] = self._has_outline(character)
        return known

    def _has_outline(self, character: str) -> bool:
        from fontTools.pens.boundsPen import ControlBoundsPen

        if not self.lists(character):
            return False
        pen = ControlBoundsPen(self._glyphs)
        self.glyph(character).draw(pen)
        return character.isspace() or pen.bounds is not None

    def glyph(self, character: str) -> Any:
        """Return what draws the outline of ``character``, with its ``width`` in units."""
        return self._glyphs[self._cmap[ord(character)]]

    def width(self, character: str) -> float:
        """Return the width of ``character`` in ems."""
        return float(self.glyph(character).width) / self.units

    @property
    def glyphs(self) -> Any:
        """All glyphs, for those that are made of others."""
        return self._glyphs


def find(fonts: Iterable[Path] = (), *, system: bool = True) -> tuple[FontFile, ...]:
    """Return the faces to draw with, in the order in which they are asked.

    Args:
        fonts: Files, or folders of files in the order of their names; they come first.
        system: Whether the known fonts of this machine follow.

    Raises:
        ExtraMissingError: fontTools is not installed.
        FormatError: A font that was named is none.
    """
    _require_font_tools()
    found: dict[Path, FontFile] = {}
    for path in _named(fonts):
        found.setdefault(path.resolve(), _face(path))
    for path in _of_the_machine() if system else ():
        if path.resolve() not in found:
            try:
                found[path.resolve()] = _face(path)
            except FormatError:
                continue  # a damaged file of the system is as good as none
    return tuple(face for face in found.values() if not _is_no_font(face.name))


def _named(fonts: Iterable[Path]) -> Iterator[Path]:
    for place in fonts:
        if place.is_dir():
            yield from sorted(one for one in place.iterdir() if one.suffix.lower() in FORMS)
        elif place.is_file():
            yield place
        else:
            raise _not_a_font(place)


def _of_the_machine() -> list[Path]:
    names = {name.lower(): rank for rank, name in enumerate(_KNOWN)}
    found: dict[str, Path] = {}
    for folder in _folders():
        for here, below, files in os.walk(folder):
            below.sort()
            for name in sorted(files):
                if name.lower() in names:
                    found.setdefault(name.lower(), Path(here, name))
    return [found[name] for name in sorted(found, key=names.__getitem__)]


def _folders() -> list[Path]:
    if sys.platform == "win32":
        own = Path(os.environ.get("LOCALAPPDATA", ""), "Microsoft", "Windows", "Fonts")
        return [own, Path(os.environ.get("WINDIR", "C:\\Windows"), "Fonts")]
    home = Path.home()
    if sys.platform == "darwin":
        return [home / "Library/Fonts", Path("/Library/Fonts"), Path("/System/Library/Fonts")]
    return [
        home / ".local/share/fonts", home / ".fonts", Path("/usr/local/share/fonts"),
        Path("/usr/share/fonts"),
    ]  # fmt: skip


def _face(path: Path) -> FontFile:
    from fontTools.ttLib import TTLibError

    try:
        if path.stat().st_size > limits.MAX_FONT_BYTES:
            raise _not_a_font(path)
        faces = [FontFile(path, number, _name(path, number)) for number in _numbers(path)]
    except (OSError, TTLibError, struct.error, AssertionError, KeyError) as error:
        raise _not_a_font(path) from error
    mainland = [one for one in faces if any(part in one.name.lower() for part in _MAINLAND)]
    return (mainland or faces)[0]


def _numbers(path: Path) -> Iterable[int]:
    with path.open("rb") as file:
        head = file.read(12)
    if head[:4] != b"ttcf":
        return (-1,)
    (count,) = struct.unpack(">L", head[8:12])
    if not 1 <= count <= limits.MAX_FONT_FACES:
        raise _not_a_font(path)
    return range(count)


def _name(path: Path, number: int) -> str:
    with closing(_open(path, number)) as font:
        if "cmap" not in font or not {"glyf", "CFF ", "CFF2"} & set(font.keys()):
            raise _not_a_font(path)
        return str(font["name"].getDebugName(6) or path.stem)


def _open(path: Path, number: int) -> Any:
    from fontTools.ttLib import TTFont

    file = path.open("rb")
    try:
        return TTFont(file, fontNumber=number, lazy=True)
    except BaseException:
        file.close()
        raise


def _is_no_font(name: str) -> bool:
    return name.lower().replace("-", "").replace(" ", "").startswith(_NO_FONTS)


def _not_a_font(path: Path) -> FormatError:
    return FormatError(
        "不是可用的字体文件（夹）", "not a font, or a folder of fonts", where=str(path),
        fix_zh="请指定 .ttf、.ttc 或 .otf 文件，或存放它们的文件夹",
        fix_en="Name a .ttf, .ttc or .otf file, or a folder of such files",
    )  # fmt: skip


def _require_font_tools() -> None:
    try:
        import fontTools.ttLib  # noqa: F401
    except ImportError as error:
        raise ExtraMissingError(
            "缺少读取字体的组件", "a component that reads fonts is not installed",
            where="fonttools", fix_zh='请安装：pip install "ecert[pdf]"',
            fix_en='Install it: pip install "ecert[pdf]"',
        ) from error  # fmt: skip
