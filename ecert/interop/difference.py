"""One entry that differs between two versions of a list: what kind of change, in words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from ecert.interop import told
from ecert.interop.direction import AttributeChange, Direction, attribute_changes
from ecert.model.catalogue import builtin

if TYPE_CHECKING:
    from ecert.interop.entry import Entry
    from ecert.model.catalogue import Catalogue
    from ecert.reasons import Language


class DifferenceKind(StrEnum):
    """What has become of an entry."""

    ADDED = "added"
    REMOVED = "removed"
    WITHDRAWN = "withdrawn"
    NARROWED = "narrowed"
    WIDENED = "widened"
    CHANGED = "changed"
    REWORDED = "reworded"

    @property
    def zh(self) -> str:
        """The office's word for it."""
        return _KINDS[self][0]

    @property
    def direction(self) -> Direction:
        """What it means for recognition."""
        return _KINDS[self][1]


_KINDS: Final = {
    DifferenceKind.ADDED: ("新增", Direction.WIDENED),
    DifferenceKind.REMOVED: ("删除", Direction.NARROWED),
    DifferenceKind.WITHDRAWN: ("撤回", Direction.NARROWED),
    DifferenceKind.NARROWED: ("收窄", Direction.NARROWED),
    DifferenceKind.WIDENED: ("放宽", Direction.WIDENED),
    DifferenceKind.CHANGED: ("变更", Direction.OTHER),
    DifferenceKind.REWORDED: ("文字调整", Direction.SAME),
}
_BY_DIRECTION: Final = {
    Direction.SAME: DifferenceKind.REWORDED,
    Direction.NARROWED: DifferenceKind.NARROWED,
    Direction.WIDENED: DifferenceKind.WIDENED,
    Direction.OTHER: DifferenceKind.CHANGED,
}


@dataclass(frozen=True, slots=True)
class EntryDifference:
    """One entry that differs.

    Attributes:
        kind: What has become of it.
        old: The entry before; None if it is new.
        new: The entry now; None if it is gone.
        attributes: In what it differs; empty where one of the two is absent.
    """

    kind: DifferenceKind
    old: Entry | None
    new: Entry | None
    attributes: tuple[AttributeChange, ...] = ()

    @classmethod
    def of(cls, old: Entry | None, new: Entry | None) -> EntryDifference:
        """Return the difference between two entries of one id, of which one may be absent."""
        if old is None or new is None:
            return cls(DifferenceKind.ADDED if old is None else DifferenceKind.REMOVED, old, new)
        attributes = attribute_changes(old, new)
        kind = _BY_DIRECTION[Direction.together(one.direction for one in attributes)]
        ended = old.withdrawn is None and new.withdrawn is not None
        if ended and kind is DifferenceKind.NARROWED:
            kind = DifferenceKind.WITHDRAWN
        return cls(kind, old, new, attributes)

    @property
    def entry(self) -> Entry:
        """The entry as it is, or as it was."""
        found = self.new or self.old
        if found is None:
            raise ValueError("a difference has an entry")
        return found

    def sentence(self, language: Language = "zh", catalogue: Catalogue | None = None) -> str:
        """Return the difference in a sentence that needs no knowledge of the format."""
        known = builtin() if catalogue is None else catalogue
        name = f"{self.entry.id} {told.both_types(self.entry, known)}"
        if language == "zh":
            return f"{name}：{'；'.join(self.parts(language, known))}"
        return f"{name}: {'; '.join(self.parts(language, known))}"

    def parts(self, language: Language, catalogue: Catalogue) -> list[str]:
        """Return what has changed, a clause for each attribute."""
        if self.attributes:
            return [clause(one, language, catalogue) for one in self.attributes]
        whole = told.summary(self.entry, language, catalogue)
        return [
            f"{self.kind.zh}（{whole}）" if language == "zh" else f"{self.kind.value} ({whole})"
        ]

    def to_dict(self, catalogue: Catalogue | None = None) -> dict[str, Any]:
        """Return plain values for JSON, with sentences in both languages."""
        known = builtin() if catalogue is None else catalogue
        return {
            "id": self.entry.id,
            "kind": self.kind.value,
            "zh": self.sentence("zh", known),
            "en": self.sentence("en", known),
            "attributes": [
                {
                    "attribute": one.attribute,
                    "direction": one.direction.value,
                    "zh": clause(one, "zh", known),
                    "en": clause(one, "en", known),
                }
                for one in self.attributes
            ],
        }


def clause(change: AttributeChange, language: Language, catalogue: Catalogue) -> str:
    """Return one attribute's change in words: 事项由“全部”收窄为“执法检查”."""
    old, new = sides(change, language, catalogue)
    if change.attribute == "withdrawn" and change.new.withdrawn is None:
        return f"取消撤回（原{old}）" if language == "zh" else f"no longer withdrawn (was {old})"
    if change.attribute == "withdrawn" and change.old.withdrawn is None:
        return f"撤回，{new}不再认可" if language == "zh" else f"withdrawn {new}"
    name, way = told.attribute_name(change.attribute, language), change.direction
    if language == "zh":
        return f"{name}由“{_inner(old)}”{way.zh}为“{_inner(new)}”"
    return f'{name} {way.en} from "{old}" to "{new}"'


def _inner(text: str) -> str:
    # GB/T 15834: quotation marks inside quotation marks are single.
    return text.replace("“", "‘").replace("”", "’")


def sides(change: AttributeChange, language: Language, catalogue: Catalogue) -> tuple[str, str]:
    """Return an attribute's value before and now; of a field comparison what differs only."""
    if change.attribute != "fields" or change.old.fields is None or change.new.fields is None:
        before, now = (
            told.attribute_value(entry, change.attribute, language, catalogue)
            for entry in (change.old, change.new)
        )
        return before, now
    gone = [line for line in change.old.fields if line not in change.new.fields]
    come = [line for line in change.new.fields if line not in change.old.fields]
    return told.told_lines(gone, language), told.told_lines(come, language)
