"""Where knowledge is kept: the port that a database fulfils, and one in memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ecert.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from ecert.trust.succession import Mark


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


class KnowledgeStore(Protocol):
    """Keeps documents and, apart from them, high-water marks."""

    def documents(self) -> Iterable[StoredDocument]:
        """Return all documents in force, in the order in which they were first accepted."""
        ...

    def marks(self) -> Mapping[str, Mark]:
        """Return every slot's high-water mark, also of slots whose document is gone."""
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
        """Replace the slot's document and raise its mark; all of it or nothing.

        Args:
            document: The new document.
            mark: Its mark.
            expected: The slot's mark as the caller knows it.
            drop: Slots whose documents go at the same time: new roots prove them no longer.
            forget: Slots whose marks go as well, because new roots begin a new epoch.

        Raises:
            StoreError: The slot's mark is not ``expected``: another process was faster.
        """
        ...


class MemoryStore:
    """Knowledge of one process."""

    def __init__(self) -> None:
        self._documents: dict[str, StoredDocument] = {}
        self._marks: dict[str, Mark] = {}

    def documents(self) -> Iterable[StoredDocument]:
        """See `KnowledgeStore.documents`."""
        return tuple(self._documents.values())

    def marks(self) -> Mapping[str, Mark]:
        """See `KnowledgeStore.marks`."""
        return dict(self._marks)

    def put(
        self,
        document: StoredDocument,
        mark: Mark,
        *,
        expected: Mark | None,
        drop: Collection[str] = (),
        forget: Collection[str] = (),
    ) -> None:
        """See `KnowledgeStore.put`."""
        if self._marks.get(document.slot) != expected:
            raise StoreError(
                "名单已被另一进程更新", "another process has updated this list meanwhile",
                where=document.slot, fix_zh="请重试", fix_en="Try again",
            )  # fmt: skip
        for slot in drop:
            self._documents.pop(slot, None)
        for slot in forget:
            self._marks.pop(slot, None)
        self._documents[document.slot] = document
        self._marks[document.slot] = mark
