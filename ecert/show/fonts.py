"""Which font draws which character: a chain, so that no character is ever drawn as a box (tofu).

What no font has is named before anything is written.  Neither is a script drawn whose letters
join or turn around: without a layout engine it would come out wrong, which is worse than missing.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ecert.errors import PlotterMissingError
from ecert.model.characters import describe, is_mark
from ecert.show import font_files
from ecert.show.font_files import OpenFace

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

# Letters that join to their neighbours: Hangul Jamo, Mongolian, Phags-pa.
_JOINING: Final = (
    (0x1100, 0x11FF), (0x1800, 0x18AF), (0xA840, 0xA87F), (0xA960, 0xA97F), (0xD7B0, 0xD7FF),
)  # fmt: skip
_RIGHT_TO_LEFT: Final = frozenset({"R", "AL", "AN"})
MISSING_WIDTH: Final = 1.4
"""Of the box in the place of a missing character, in ems."""
# So many missing characters are named in one message.
_NAMED: Final = 8


class Run(NamedTuple):
    """A piece of text in one face; None where no font has it."""

    face: OpenFace | None
    text: str


class FontChain:
    """Fonts in the order in which they are asked for a character; for one thread at a time.

    Args:
        fonts: Files, or folders of fonts, to be asked first.
        system: Whether the known fonts of this machine are asked after them.

    Raises:
        ExtraMissingError: fontTools is not installed.
        FormatError: A font that was named is none.
    """

    def __init__(self, fonts: Iterable[Path] = (), *, system: bool = True) -> None:
        self.faces = tuple(OpenFace(one) for one in font_files.find(fonts, system=system))
        self._found: dict[str, OpenFace | None] = {}

    def face_for(self, cluster: str) -> OpenFace | None:
        """Return the face that draws a character; None if none does.

        Args:
            cluster: One character, with the marks on it.  Such a one is drawn by none: where a
                mark or another form goes is a layout engine's work.
        """
        if cluster not in self._found:
            self._found[cluster] = (
                next((face for face in self.faces if face.draws(cluster)), None)
                if _stands_alone(cluster)
                else None
            )
        return self._found[cluster]

    def claims(self, character: str) -> bool:
        """Tell whether some font lists ``character``; quick, for counting whole blocks."""
        return any(face.lists(character) for face in self.faces)

    def missing(self, texts: Iterable[str]) -> tuple[str, ...]:
        """Return the characters of ``texts`` that no font draws, each once, in their order."""
        wanted = dict.fromkeys(one for text in texts for one in clusters(text))
        return tuple(one for one in wanted if self.face_for(one) is None)

    def require(self, texts: Iterable[str], *, where: str = "") -> None:
        """Require that every character of ``texts`` can be drawn.

        Raises:
            PlotterMissingError: Some cannot; the message names them, and how to get a font.
        """
        if missing := self.missing(texts):
            raise _no_font(missing, where)

    def runs(self, text: str) -> list[Run]:
        """Split ``text`` where the face changes; each missing character is a run of its own."""
        runs: list[Run] = []
        for one in clusters(text):
            face = self.face_for(one)
            if runs and face is not None and runs[-1].face is face:
                runs[-1] = Run(face, runs[-1].text + one)
            else:
                runs.append(Run(face, one))
        return runs

    def width(self, text: str) -> float:
        """Return the width of ``text`` in ems; a missing character takes a box."""
        total = 0.0
        for one in clusters(text):
            face = self.face_for(one)
            total += MISSING_WIDTH if face is None else face.width(one)
        return total


def clusters(text: str) -> list[str]:
    """Split ``text`` into characters, each with the marks and selectors that follow it."""
    found: list[str] = []
    for character in text:
        if found and is_mark(character):
            found[-1] += character
        else:
            found.append(character)
    return found


def code_points(cluster: str) -> str:
    """Return the numbers of a character and of the marks on it: ``U+845B+E0100``."""
    return "U" + "".join(f"+{ord(one):04X}" for one in cluster)


def told(cluster: str) -> str:
    """Return a character as messages name it: with its code points."""
    return describe(cluster[0]) + "".join(f"+U+{ord(mark):04X}" for mark in cluster[1:])


def _stands_alone(cluster: str) -> bool:
    if len(cluster) > 1:
        return False
    return (
        (cluster.isprintable() or unicodedata.category(cluster) in {"Zs", "Cn"})
        and not is_mark(cluster)
        and unicodedata.bidirectional(cluster) not in _RIGHT_TO_LEFT
        and not any(first <= ord(cluster) <= last for first, last in _JOINING)
    )


def _no_font(missing: tuple[str, ...], where: str) -> PlotterMissingError:
    # In the order of their code points: in their own order they might spell somebody's name.
    named = "、".join(told(one) for one in sorted(missing)[:_NAMED])
    zh_more = f"等{len(missing)}个" if len(missing) > _NAMED else ""
    en_more = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
    fix: dict[str, Any] = {
        "fix_zh": "请安装含这些字的字体（Debian：fonts-wqy-microhei、fonts-hanazono；其他："
        "遍黑体、思源黑体），或用 --fonts 指定字体文件（夹）",
        "fix_en": "Install a font that has them (Debian: fonts-wqy-microhei, fonts-hanazono; "
        "others: Plangothic, Source Han Sans), or name a font or a folder with --fonts",
    }
    return PlotterMissingError(
        f"没有字体能画出 {named}{zh_more}", f"no font draws {named}{en_more}", where=where, **fix
    )
