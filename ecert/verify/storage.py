"""Where knowledge is kept: the port that a database fulfils, and one in memory."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Protocol

from ecert.errors import StoreError
from ecert.interop.withdrawal import WithdrawalNotice
from ecert.trust.succession import Mark

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

NEVER_PRUNED: Final = f"{WithdrawalNotice.TYP}:"
"""How the slots begin whose past stays: without a notice, a past day would recognise more."""


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document in force, as it came in."""

    slot: str
    """The place it fills: kind and owner, list id or address."""
    data: bytes
    digest: str
    """SHA-256 of the signed payload in hex."""
    version: int
    accepted_at: datetime

    def is_same(self, other: StoredDocument) -> bool:
        """Tell whether ``other`` is the same document, whoever has signed it."""
        return (self.slot, self.version, self.digest) == (other.slot, other.version, other.digest)


@dataclass(frozen=True, slots=True)
class Update:
    """One change of what is kept.

    Attributes:
        document: The new document.
        mark: Its mark.
        expected: The slot's mark as the caller knows it.
        drop: Slots whose documents go at the same time: new roots prove them no longer.
        forget: Slots whose marks go as well, because new roots begin a new epoch.
    """

    document: StoredDocument
    mark: Mark
    expected: Mark | None
    drop: Collection[str] = ()
    forget: Collection[str] = ()


class KnowledgeStore(Protocol):
    """Keeps documents and, apart from them, high-water marks.

    What a document replaces is kept too, with the times between which it was in force.
    """

    def documents(self) -> Iterable[StoredDocument]:
        """Return all documents in force, in the order in which they were first accepted."""
        ...

    def documents_at(self, at: datetime) -> Iterable[StoredDocument]:
        """Return all documents that were in force here at a moment in the past."""
        ...

    def marks(self) -> Mapping[str, Mark]:
        """Return every slot's high-water mark, also of slots whose document is gone."""
        ...

    def put_all(self, updates: Sequence[Update]) -> None:
        """Carry out several updates, each on what the one before has left; all or nothing.

        A document that is in force already keeps the time at which it was accepted first.

        Raises:
            StoreError: A slot's mark is not the expected one: another process was faster.
        """
        ...

    def prune(self, before: datetime, *, dry_run: bool = False) -> int:
        """Drop the documents that were replaced before a moment; return how many.

        Notices stay (`NEVER_PRUNED`).
        """
        ...

    def put(
        self,
        document: StoredDocument,
        mark: Mark,
        *,
        expected: Mark | None,
        drop: Collection[str] = (),
        forget: Collection[str] = (),
    ) -> None:
        """Carry out one `Update`.

        Raises:
            StoreError: As `put_all`.
        """
        self.put_all([Update(document, mark, expected, drop, forget)])


class MemoryStore(KnowledgeStore):
    """Knowledge of one process."""

    def __init__(self) -> None:
        self._documents: dict[str, StoredDocument] = {}
        self._marks: dict[str, Mark] = {}
        self._past: list[tuple[StoredDocument, datetime]] = []

    def documents(self) -> Iterable[StoredDocument]:
        """See `KnowledgeStore.documents`."""
        return tuple(self._documents.values())

    def documents_at(self, at: datetime) -> Iterable[StoredDocument]:
        """See `KnowledgeStore.documents_at`."""
        past = (one for one, until in self._past if one.accepted_at <= at < until)
        now = (one for one in self._documents.values() if one.accepted_at <= at)
        return (*past, *now)

    def marks(self) -> Mapping[str, Mark]:
        """See `KnowledgeStore.marks`."""
        return dict(self._marks)

    def put_all(self, updates: Sequence[Update]) -> None:
        """See `KnowledgeStore.put_all`."""
        kept = dict(self._documents), dict(self._marks), list(self._past)
        try:
            for update in updates:
                self._put(update)
        except StoreError:
            self._documents, self._marks, self._past = kept
            raise

    def prune(self, before: datetime, *, dry_run: bool = False) -> int:
        """See `KnowledgeStore.prune`."""
        kept = [
            (one, until)
            for one, until in self._past
            if until >= before or one.slot.startswith(NEVER_PRUNED)
        ]
        dropped = len(self._past) - len(kept)
        if not dry_run:
            self._past = kept
        return dropped

    def _put(self, update: Update) -> None:
        document = update.document
        if self._marks.get(document.slot) != update.expected:
            raise faster_elsewhere(document.slot)
        for slot in set(update.drop) - {document.slot}:
            self._retire(slot, document.accepted_at)
        for slot in set(update.forget) - {document.slot}:
            self._marks.pop(slot, None)
        held = self._documents.get(document.slot)
        if held is not None and held.is_same(document):
            document = replace(document, accepted_at=held.accepted_at)
        elif held is not None:
            self._past.append((held, document.accepted_at))
        self._documents[document.slot] = document
        self._marks[document.slot] = update.mark

    def _retire(self, slot: str, at: datetime) -> None:
        gone = self._documents.pop(slot, None)
        if gone is not None:
            self._past.append((gone, at))


class RehearsalStore(MemoryStore):
    """A copy of another store, on which something is tried out; it keeps what was done.

    Attributes:
        updates: All updates since, in their order.
    """

    def __init__(self, original: KnowledgeStore) -> None:
        super().__init__()
        self._documents.update({stored.slot: stored for stored in original.documents()})
        self._marks.update(original.marks())
        self.updates: list[Update] = []

    def put_all(self, updates: Sequence[Update]) -> None:
        """See `KnowledgeStore.put_all`."""
        super().put_all(updates)
        self.updates.extend(updates)


class PastStore(MemoryStore):
    """What another store held at a moment in the past; nothing can be put into it."""

    def __init__(self, original: KnowledgeStore, at: datetime) -> None:
        super().__init__()
        for stored in original.documents_at(at):
            self._documents[stored.slot] = stored
            self._marks[stored.slot] = Mark(stored.version, stored.digest)

    def put_all(self, updates: Sequence[Update]) -> None:
        """Refuse.

        Raises:
            StoreError: Always: the past does not change.
        """
        raise StoreError(
            "这是过去某时的名单，不能更新", "what was known in the past takes nothing in",
            where=updates[0].document.slot if updates else "",
        )  # fmt: skip


def faster_elsewhere(slot: str) -> StoreError:
    """Return the error for a slot that another process has filled meanwhile."""
    return StoreError(
        "名单已被另一进程更新", "another process has updated this list meanwhile",
        where=slot, fix_zh="请重试", fix_en="Try again",
    )  # fmt: skip
