"""Licence types by the names in an office's list: exactly, by alias or choice; else suggestions."""

from __future__ import annotations

import difflib
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ecert.errors import CatalogueError
from ecert.limits import MAX_SUGGESTED_NAMES
from ecert.quoting import shown_name

if TYPE_CHECKING:
    from ecert.interop.workbook.choices import TypeChoices
    from ecert.model.catalogue import Catalogue
    from ecert.model.licence_type import LicenceType

_BRACKETS: Final = str.maketrans("", "", '《》〈〉“”"')
_SUGGESTIONS: Final = 3
_LIKENESS: Final = 0.34
# Characters of a name that are compared.
_COMPARED: Final = 60


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A type that a name may mean.

    Attributes:
        name: Its name in the catalogue.
        code: Its type code.
        likeness: How much the two names are alike, 0 to 1.
    """

    name: str
    code: str
    likeness: float


def normal_name(name: str) -> str:
    """Return a type's name for comparing: NFKC, without spaces and book-title marks."""
    return "".join(unicodedata.normalize("NFKC", name).translate(_BRACKETS).split())


class TypeNames:
    """Finds licence types by name.

    Args:
        catalogue: The types that are known.
        choices: What the office has decided about other names.
    """

    def __init__(self, catalogue: Catalogue, choices: TypeChoices) -> None:
        self._catalogue = catalogue
        self._choices = {one.name: one.type for one in choices.choices}
        self._normal = {
            normal_name(name): one for one in catalogue for name in (one.name, *one.aliases)
            if catalogue.get(name) is one
        }  # fmt: skip
        self._known: dict[str, LicenceType | CatalogueError] = {}
        self._unknown = 0

    def require(self, name: str) -> LicenceType:
        """Return the type that a name stands for: of the catalogue, or as the office has chosen.

        Raises:
            CatalogueError: Nobody has said; the message ranks what it may be.
        """
        found = self._known.get(name)
        if found is None:
            found = self._known[name] = self._find(name)
        if isinstance(found, CatalogueError):
            raise found.with_traceback(None)
        return found

    def is_known(self, name: str) -> bool:
        """Tell whether a name stands for a type, in the catalogue or by choice."""
        normal = normal_name(name)
        return (
            self._catalogue.get(name) is not None
            or normal in self._normal
            or (normal in self._choices)
        )

    def chosen(self, name: str) -> bool:
        """Tell whether a name stands for a type by the office's choice alone."""
        normal = normal_name(name)
        return normal not in self._normal and normal in self._choices

    def suggestions(self, name: str) -> list[Suggestion]:
        """Return the types whose names are most like ``name``, the best first."""
        asked = normal_name(name)[:_COMPARED]
        best: dict[str, Suggestion] = {}
        for known, one in self._normal.items():
            likeness = _likeness(asked, known[:_COMPARED])
            if likeness >= _LIKENESS and (
                one.code not in best or best[one.code].likeness < likeness
            ):
                best[one.code] = Suggestion(one.name, one.code, likeness)
        ranked = sorted(best.values(), key=lambda each: (-each.likeness, each.name))
        return ranked[:_SUGGESTIONS]

    def _find(self, name: str) -> LicenceType | CatalogueError:
        normal = normal_name(name)
        found = self._catalogue.get(name) or self._normal.get(normal)
        if found is not None:
            return found
        code = self._choices.get(normal)
        if code is not None:
            return self._catalogue.get(code) or CatalogueError(
                f"“{shown_name(name)}”已选定为{code}，但目录中没有这个类型",
                f'"{shown_name(name)}" was chosen to be {code}, which the catalogue does not have',
                fix_zh="请先导入该类型的定义，或重新选择",
                fix_en="Import the definition of that type first, or choose again",
            )
        self._unknown += 1
        # A list of nonsense is refused anyway; comparing all of it would take minutes.
        near = self.suggestions(name) if self._unknown <= MAX_SUGGESTED_NAMES else []
        return _unknown(name, near)


def _likeness(asked: str, known: str) -> float:
    if not asked or not known:
        return 0.0
    if asked in known or known in asked:
        # 驾驶证 in 机动车驾驶证 says more than as many letters scattered.
        shorter, longer = sorted((len(asked), len(known)))
        return 0.6 + 0.4 * shorter / longer
    matcher = difflib.SequenceMatcher(None, asked, known, autojunk=False)
    if matcher.real_quick_ratio() < _LIKENESS or matcher.quick_ratio() < _LIKENESS:
        return 0.0
    return matcher.ratio()


def _unknown(name: str, near: list[Suggestion]) -> CatalogueError:
    told = "、".join(f"{one.name}（{one.code}）" for one in near)
    first = near[0].code if near else "类型代码"
    return CatalogueError(
        f"目录中没有证照类型“{shown_name(name)}”",
        f'the catalogue has no licence type "{shown_name(name)}"',
        fix_zh=(f"可能是：{told}。" if told else "")
        + f"请改名称或填类型代码，或用 --choose {shown_name(name)}={first} 选定",
        fix_en=(f"Perhaps {', '.join(one.code for one in near)}. " if near else "")
        + "Mend the name, fill in the code, or decide with --choose NAME=CODE",
    )
