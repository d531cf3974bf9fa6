"""In what two versions of a recognition list differ; pure, and rendered elsewhere or in lines."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from ecert import limits
from ecert.interop.difference import EntryDifference
from ecert.interop.direction import Direction
from ecert.interop.entry import Entry
from ecert.interop.told import entry_line
from ecert.interop.type_changes import ChangedTypes, compare_types
from ecert.model.catalogue import builtin
from ecert.trust.succession import Mark

if TYPE_CHECKING:
    from ecert.interop.recognition import RecognitionList
    from ecert.model.catalogue import Catalogue
    from ecert.reasons import Language

# The parts of an entry, as a person calls them.
_PARTS: Final = {
    "source": ("颁发地区或类型", "issuing side"),
    "target": ("认可地区或类型", "accepting side"),
    "issuers": ("颁发机构", "issuers"),
    "matters": ("事项", "matters"),
    "fields": ("照面信息对照", "field mapping"),
    "required": ("必备项", "required fields"),
    "conditions": ("条件", "conditions"),
    "valid_from": ("起始日期", "first day"),
    "valid_until": ("截止日期", "last day"),
    "withdrawn": ("撤回", "withdrawal"),
    "lead": ("牵头部门", "lead department"),
    "basis": ("依据", "basis"),
    "note": ("备注", "note"),
}
# The parts of the list's own head that people agree on; dates and versions differ always.
_HEADS: Final = {
    "title": ("标题", "title"),
    "document_number": ("文号", "document number"),
    "parties": ("缔约地区", "parties"),
    "sample": ("样例标记", "sample mark"),
    "notice_days": ("变更提前通知天数", "days of notice"),
}


@dataclass(frozen=True, slots=True)
class ChangedEntry:
    """An entry that stays under its id and says something else."""

    old: Entry
    new: Entry

    @property
    def parts(self) -> tuple[str, ...]:
        """Names of the attributes that differ."""
        return tuple(
            name
            for name in Entry.model_fields
            if getattr(self.old, name) != getattr(self.new, name)
        )

    @property
    def difference(self) -> EntryDifference:
        """What kind of change it is, attribute by attribute."""
        return EntryDifference.of(self.old, self.new)


@dataclass(frozen=True, slots=True)
class Change:
    """What a list would change, and the version itself.

    Attributes:
        current: The version in force, None for a first one.
        incoming: The version that would replace it.
        digest: SHA-256 in hex of the incoming payload as it was signed; empty for a draft.
        added: Entries whose id is new.
        removed: Entries whose id is gone.
        changed: Entries that say something else under the same id.
        unchanged: How many entries stay as they are.
        types: What changes in the type definitions that travel with the list.
    """

    current: RecognitionList | None
    incoming: RecognitionList
    digest: str
    added: tuple[Entry, ...]
    removed: tuple[Entry, ...]
    changed: tuple[ChangedEntry, ...]
    unchanged: int
    types: ChangedTypes = field(default_factory=ChangedTypes)

    @property
    def mark(self) -> Mark:
        """The high-water mark once the incoming version is in force."""
        return Mark(self.incoming.version, self.digest)

    @property
    def share(self) -> float:
        """Entries added, removed or changed, per entry in force; 0 for a first version.

        An entry whose type is defined otherwise than before counts as changed: it may now let
        other fields through.  So does one whose definition comes or goes with the list, for
        what it replaces or uncovers may say something else.
        """
        if self.current is None:
            return 0.0
        touched = len(self.added) + len(self.removed) + len(self.changed) + self._redefined()
        return touched / max(len(self.current.entries), 1)

    def _redefined(self) -> int:
        types = self.types
        codes = {one.code for one in (*types.added, *types.removed, *types.changed)}
        if not codes or self.current is None:
            return 0
        same = {entry.id: entry for entry in self.current.entries}
        return sum(
            same.get(entry.id) == entry
            and not codes.isdisjoint((entry.source.type, entry.target.type))
            for entry in self.incoming.entries
        )

    @property
    def heads(self) -> tuple[str, ...]:
        """Names of the list's own attributes that differ; none for a first version."""
        if self.current is None:
            return ()
        return tuple(
            name for name in _HEADS if getattr(self.current, name) != getattr(self.incoming, name)
        )

    @property
    def differences(self) -> tuple[EntryDifference, ...]:
        """Every entry that differs: added ones, removed ones, then changed ones."""
        return (
            *(EntryDifference.of(None, entry) for entry in self.added),
            *(EntryDifference.of(entry, None) for entry in self.removed),
            *(pair.difference for pair in self.changed),
        )

    @property
    def direction(self) -> Direction:
        """What the whole change means for recognition, while both versions are in date.

        A definition that comes or goes with the list may name types that are otherwise unknown;
        a party that comes or goes opens or closes the list to its windows.
        """
        before = () if self.current is None else self.current.parties
        return Direction.together(
            (
                *(one.kind.direction for one in self.differences),
                *(Direction.WIDENED for _ in self.types.added),
                *(Direction.NARROWED for _ in self.types.removed),
                *(Direction.OTHER for _ in self.types.changed),
                Direction.of(
                    wider=set(before) <= set(self.incoming.parties),
                    narrower=set(self.incoming.parties) <= set(before),
                ),
            )
        )

    @property
    def parties_left(self) -> tuple[str, ...]:
        """Parties of the version in force that are none of the incoming one."""
        if self.current is None:
            return ()
        return tuple(p for p in self.current.parties if p not in self.incoming.parties)

    @property
    def needs_second_person(self) -> bool:
        """Whether this is too much for one person: over 20 % changes, or a party is dropped.

        A dropped party no longer signs, so nothing else shows that it knows.
        """
        if self.current is None:
            return False
        size = max(len(self.current.entries), len(self.incoming.entries))
        too_much = size >= limits.MIN_ENTRIES_FOR_SHARE and self.share > limits.MAX_CHANGE_SHARE
        return too_much or bool(self.parties_left)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON; entries by their ids."""
        return {
            "list_id": self.incoming.list_id,
            "title": self.incoming.title,
            "from_version": None if self.current is None else self.current.version,
            "to_version": self.incoming.version,
            "added": [entry.id for entry in self.added],
            "removed": [entry.id for entry in self.removed],
            "changed": [
                {
                    "id": pair.new.id,
                    "parts": list(pair.parts),
                    "kind": pair.difference.kind.value,
                }
                for pair in self.changed
            ],
            "direction": self.direction.value,
            "unchanged": self.unchanged,
            "share": self.share,
            "parties_left": list(self.parties_left),
            "heads": list(self.heads),
            "types": self.types.to_dict(),
        }

    def lines(self, language: Language = "zh", catalogue: Catalogue | None = None) -> list[str]:
        """Return what changes, one line for each entry, between a heading and a total.

        Only characters that a GBK console can print.

        Args:
            language: Of everything but names.
            catalogue: Where type names are looked up; the built-in one unless given.
        """
        known = builtin() if catalogue is None else catalogue
        chinese = language == "zh"
        entries = [
            *(f"+ {entry_line(entry, known)}" for entry in self.added),
            *(f"- {entry_line(entry, known)}" for entry in self.removed),
            *(f"~ {_changed_line(pair, language, known)}" for pair in self.changed),
        ]
        counts = (len(self.added), len(self.removed), len(self.changed), self.unchanged)
        total = (
            "新增 {} 项，删除 {} 项，修改 {} 项，不变 {} 项"
            if chinese
            else "{} added, {} removed, {} changed, {} unchanged"
        ).format(*counts)
        return [*self.head_lines(language), *entries, total]

    def head_lines(self, language: Language = "zh") -> list[str]:
        """Return the heading, and what differs in the list's own head and in its types."""
        index = 0 if language == "zh" else 1
        parts = ", ".join(_HEADS[name][index] for name in self.heads)
        told = [self._heading(language)]
        told += [f"~ {('清单', 'list')[index]}  [{parts}]"] if parts else []
        label = ("类型定义", "type definition")[index]
        for sign, types in (
            ("+", self.types.added),
            ("-", self.types.removed),
            ("~", self.types.changed),
        ):
            told += [f"{sign} {label}  {one.name}（{one.code}）" for one in types]
        return told

    def _heading(self, language: Language) -> str:
        new, old = self.incoming, self.current
        if language == "zh":
            versions = (
                f"第 {new.version} 版"
                if old is None
                else (f"第 {old.version} 版 → 第 {new.version} 版")
            )
            return f"{new.title}（{new.document_number}）：{versions}"
        versions = (
            f"version {new.version}" if old is None else (f"version {old.version} → {new.version}")
        )
        return f"{new.title} ({new.document_number}): {versions}"


def compare(
    current: RecognitionList | None, incoming: RecognitionList, *, digest: str = ""
) -> Change:
    """Say in what ``incoming`` differs from ``current``; entries are the same by their id.

    Args:
        current: The version in force, if there is one.
        incoming: The other version.
        digest: SHA-256 in hex of the incoming payload, if it has been signed.
    """
    old = {} if current is None else {entry.id: entry for entry in current.entries}
    new = {entry.id: entry for entry in incoming.entries}
    kept = [(old[id_], entry) for id_, entry in new.items() if id_ in old]
    changed = tuple(ChangedEntry(before, after) for before, after in kept if before != after)
    return Change(
        current=current,
        incoming=incoming,
        digest=digest,
        added=tuple(entry for id_, entry in new.items() if id_ not in old),
        removed=tuple(entry for id_, entry in old.items() if id_ not in new),
        changed=changed,
        unchanged=len(kept) - len(changed),
        types=compare_types(() if current is None else current.types, incoming.types),
    )


def _changed_line(pair: ChangedEntry, language: Language, catalogue: Catalogue) -> str:
    index = 0 if language == "zh" else 1
    parts = ", ".join(_PARTS[part][index] for part in pair.parts)
    return f"{entry_line(pair.new, catalogue)}  [{parts}]"
