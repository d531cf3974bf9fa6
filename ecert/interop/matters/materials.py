"""Read what an office writes of the materials of a matter: 居民身份证或护照；营业执照（本地）."""

from __future__ import annotations

import difflib
import re
import unicodedata
from typing import TYPE_CHECKING, Final, NamedTuple

from ecert.errors import MatterError
from ecert.interop.matters.matter import LicenceChoice, Need, PaperChoice
from ecert.quoting import shown_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecert.interop.matters.matter import Choice
    from ecert.model.catalogue import Catalogue, LicenceType

NOTHING: Final = frozenset({"无", "无需", "不需要", "无需提交", "不需要材料", "无需材料"})
"""What is written where nothing has to be shown; a blank cell might merely not be filled in."""
_BETWEEN: Final = frozenset("、，,；;\n。")
_OPEN: Final = frozenset("(（[【《〔")
_CLOSE: Final = frozenset(")）]】》〕")
# 1. 2、 (3) ④ before an item.
_NUMBERING: Final = re.compile(
    r"(?:(?<=^)|(?<=[\s、，,；;。]))(?:[(（][0-9]{1,2}[)）]|[0-9]{1,2}[.．、)）](?![0-9])|[①-⑳])\s*"
)
_OR: Final = re.compile(r"或者|或|/|／")
# A remark in brackets at the end of a name.
_REMARK: Final = re.compile(r"[(（【\[]([^()（）【】\[\]]*)[)）】\]]\Z")
_PAPER: Final = frozenset({"纸质", "纸质材料", "须交纸质", "仅纸质"})
_OWN_REGION: Final = frozenset({"本地", "本地颁发", "本地区颁发", "限本地"})
# Which copy of a paper is asked for: nothing that an electronic licence knows.
_COPIES: Final = frozenset(
    {"原件", "复印件", "原件及复印件", "原件和复印件", "原件、复印件", "电子证照", "电子版"}
)
_COPY_ENDING: Final = re.compile(r"(?:原件及复印件|原件和复印件|复印件|原件)\Z")
_FIELDS: Final = re.compile(r"须含[:：]?\s*(.+)\Z")
_BETWEEN_FIELDS: Final = re.compile(r"[、，,+和\s]+")
_SUGGESTED: Final = 3
_LIKENESS: Final = 0.5


class Material(NamedTuple):
    """One name of a cell, apart from its remarks.

    Attributes:
        name: The name.
        paper: Whether it is marked as paper.
        own_region: Whether only the matter's own region's licences will do.
        fields: The fields that it must have.
    """

    name: str
    paper: bool
    own_region: bool
    fields: tuple[str, ...]


def split_items(text: str) -> list[str]:
    """Return the items of a cell; what stands between brackets stays together."""
    items, depth = [""], 0
    for character in _NUMBERING.sub("\n", text.replace("\r", "\n")):
        depth += (character in _OPEN) - (character in _CLOSE)
        depth = max(depth, 0)
        if not depth and character in _BETWEEN:
            items.append("")
        else:
            items[-1] += character
    return [item.strip() for item in items if item.strip()]


class MaterialReader:
    """Reads materials by the licence types of one catalogue; the same cell is read once.

    Args:
        catalogue: The types.
        others_are_paper: Whether a name that is no type is taken for a paper, not for a fault.

    Attributes:
        taken_for_paper: How often each name was taken for a paper because it is no type.
    """

    def __init__(self, catalogue: Catalogue, *, others_are_paper: bool = False) -> None:
        self._catalogue = catalogue
        self._others_are_paper = others_are_paper
        self._by_name: dict[str, LicenceType] = {}
        for one in catalogue:
            for name in (one.name, *one.aliases):
                # Where an official type shares a name with a provisional one, it has it.
                self._by_name[normal_name(name)] = catalogue.get(name) or one
        self._read: dict[tuple[str, bool], tuple[tuple[Need, ...], tuple[str, ...]]] = {}
        self.taken_for_paper: dict[str, int] = {}

    def read(self, text: str, *, as_paper: bool = False) -> tuple[Need, ...]:
        """Return the needs that a cell tells; none if it says 无.

        Args:
            text: The cell.
            as_paper: Whether everything in it is paper.

        Raises:
            MatterError: A name is no licence type; the message suggests some.
        """
        known = self._read.get((text, as_paper))
        if known is None:
            known = self._read[text, as_paper] = self._needs(text, as_paper=as_paper)
        needs, others = known
        for name in others:
            self.taken_for_paper[name] = self.taken_for_paper.get(name, 0) + 1
        return needs

    def _needs(self, text: str, *, as_paper: bool) -> tuple[tuple[Need, ...], tuple[str, ...]]:
        if text.strip() in NOTHING:
            return (), ()
        others: list[str] = []
        needs = [
            Need(tuple(dict.fromkeys(self._choices(item, others, as_paper=as_paper))))
            for item in split_items(text)
        ]
        # One material that stands there twice is needed once.
        return tuple(dict.fromkeys(needs)), tuple(others)

    def _choices(self, item: str, others: list[str], *, as_paper: bool) -> Iterator[Choice]:
        whole = self._material(item)
        if as_paper:
            yield PaperChoice(whole.name)
            return
        # A type's own name may hold 或.
        if self._find(whole.name) is not None:
            yield self._licence(whole)
            return
        for part in filter(None, (part.strip() for part in _split_outside(item, _OR))):
            material = self._material(part)
            if material.paper:
                yield PaperChoice(material.name)
            elif self._find(material.name) is not None:
                yield self._licence(material)
            elif self._others_are_paper and not (material.own_region or material.fields):
                others.append(material.name)
                yield PaperChoice(material.name)
            else:
                raise self._unknown(material.name)

    def _material(self, text: str) -> Material:
        name, paper, own, fields = text.strip(), False, False, tuple[str, ...]()
        while (found := _REMARK.search(name)) is not None and self._find(name) is None:
            remark = found[1].strip()
            wanted = _FIELDS.match(remark)
            if remark in _PAPER:
                paper = True
            elif remark in _OWN_REGION:
                own = True
            elif wanted is not None:
                fields = tuple(filter(None, _BETWEEN_FIELDS.split(wanted[1])))
            elif remark not in _COPIES:
                break
            name = name[: found.start()].strip()
        if self._find(name) is None and self._find(_COPY_ENDING.sub("", name)) is not None:
            name = _COPY_ENDING.sub("", name)
        return Material(name, paper, own, fields)

    def _find(self, name: str) -> LicenceType | None:
        return self._by_name.get(normal_name(name)) or self._catalogue.get(name)

    def _licence(self, material: Material) -> LicenceChoice:
        found = self._find(material.name)
        if found is None:
            raise self._unknown(material.name)
        names = {spec.name for spec in found.fields} | {spec.short for spec in found.fields}
        for name in material.fields:
            if name not in names:
                raise MatterError(
                    f"“{found.name}”没有照面信息“{shown_name(name)}”",
                    f'"{found.name}" has no field "{shown_name(name)}"', where="所需证照",
                    fix_zh=f"可用：{'、'.join(spec.name for spec in found.fields)}",
                    fix_en=f"There are: {', '.join(spec.name for spec in found.fields)}",
                )  # fmt: skip
        full = {spec.short: spec.name for spec in found.fields}
        fields = tuple(dict.fromkeys(full.get(name, name) for name in material.fields))
        return LicenceChoice(found.code, material.own_region, fields)

    def suggestions(self, name: str) -> tuple[str, ...]:
        """Return the names of the types most like ``name``: what holds it, then what is near."""
        asked = normal_name(name)[:100]
        if not asked:
            return ()
        holding = [one for one in self._by_name if asked in one or one in asked]
        holding.sort(key=lambda one: abs(len(one) - len(asked)))
        near = difflib.get_close_matches(asked, self._by_name, _SUGGESTED, _LIKENESS)
        found = dict.fromkeys(self._by_name[one].name for one in (*holding, *near))
        return tuple(found)[:_SUGGESTED]

    def _unknown(self, name: str) -> MatterError:
        near = self.suggestions(name)
        ask_zh = f"是否为“{'”或“'.join(near)}”？" if near else ""
        ask_en = f"Perhaps {' or '.join(near)}? " if near else ""
        return MatterError(
            f"目录中没有证照类型“{shown_name(name)}”",
            f'the catalogue has no licence type "{shown_name(name)}"',
            where="所需证照",
            fix_zh=f"{ask_zh}只有纸质的，请写“{shown_name(name)}（纸质）”",
            fix_en=f"{ask_en}If there is only paper, write {shown_name(name)}（纸质）",
        )


def normal_name(name: str) -> str:
    """Return a name for comparing: half-width, without white space, lower case."""
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()


def _split_outside(text: str, between: re.Pattern[str]) -> Iterator[str]:
    """Yield the parts of ``text`` between what stands outside brackets."""
    depths, depth = [], 0
    for character in text:
        depth = max(depth + (character in _OPEN) - (character in _CLOSE), 0)
        depths.append(depth)
    begin = 0
    for found in between.finditer(text):
        if not depths[found.start()]:
            yield text[begin : found.start()]
            begin = found.end()
    yield text[begin:]
