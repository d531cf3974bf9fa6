"""The verifier's knowledge in SQL: documents in force and, apart from them, their marks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import and_, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from ecert.store import outbox
from ecert.store.savepoints import refusable
from ecert.store.tables import document as documents
from ecert.store.tables import mark as marks
from ecert.store.tables import past_document as past
from ecert.trust.succession import Mark
from ecert.verify.storage import (
    NEVER_PRUNED,
    KnowledgeStore,
    StoredDocument,
    faster_elsewhere,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from ecert.store.engine import Engine
    from ecert.verify.storage import Update

_DOCUMENTS: Final = select(documents).order_by(documents.c.seq)
_MARKS: Final = select(marks)
_KEPT: Final = ("slot", "data", "digest", "version", "accepted_at")


class SQLKnowledgeStore(KnowledgeStore):
    """A `KnowledgeStore` in a database; a document and its mark move in one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def documents(self) -> Iterable[StoredDocument]:
        """See `KnowledgeStore.documents`."""
        with self._engine.read() as connection:
            return tuple(map(_stored, connection.execute(_DOCUMENTS)))

    def documents_at(self, at: datetime) -> Iterable[StoredDocument]:
        """See `KnowledgeStore.documents_at`."""
        replaced = select(past).where(past.c.accepted_at <= at, past.c.replaced_at > at)
        held = _DOCUMENTS.where(documents.c.accepted_at <= at)
        with self._engine.read() as connection:
            return (
                *map(_stored, connection.execute(replaced.order_by(past.c.seq))),
                *map(_stored, connection.execute(held)),
            )

    def marks(self) -> Mapping[str, Mark]:
        """See `KnowledgeStore.marks`."""
        with self._engine.read() as connection:
            return {
                row.slot: Mark(version=row.version, digest=row.digest)
                for row in connection.execute(_MARKS)
            }

    def put_all(self, updates: Sequence[Update]) -> None:
        """See `KnowledgeStore.put_all`.

        Raises:
            StoreError: A slot's mark is not the expected one: another process was faster.  Or
                the database is busy, full, read-only, damaged, or otherwise refuses.
        """
        with self._engine.write() as connection:
            for one in updates:
                _put(connection, one)

    def prune(self, before: datetime, *, dry_run: bool = False) -> int:
        """See `KnowledgeStore.prune`.

        Raises:
            StoreError: The database is busy, full, read-only, damaged, or otherwise refuses.
        """
        old = and_(past.c.replaced_at < before, ~past.c.slot.startswith(NEVER_PRUNED))
        with self._engine.write() as connection:
            count = connection.execute(select(func.count()).select_from(past).where(old))
            if not dry_run:
                connection.execute(delete(past).where(old))
            return int(count.scalar_one())


def _stored(row: Row[Any]) -> StoredDocument:
    return StoredDocument(
        slot=row.slot,
        data=row.data,
        digest=row.digest,
        version=row.version,
        accepted_at=row.accepted_at,
    )


def _put(connection: Connection, one: Update) -> None:
    document = one.document
    if not _move_mark(connection, document.slot, one.mark, one.expected):
        raise faster_elsewhere(document.slot)
    if _replace(connection, document):
        outbox.enqueue(connection, (outbox.list_changed(document),))
    # One statement a slot: a database bounds how many values one statement may name.
    for slot in set(one.drop) - {document.slot}:
        _archive(connection, slot, document.accepted_at)
        connection.execute(delete(documents).where(documents.c.slot == slot))
    for slot in set(one.forget) - {document.slot}:
        connection.execute(delete(marks).where(marks.c.slot == slot))


def _archive(connection: Connection, slot: str, at: datetime) -> None:
    row = connection.execute(select(documents).where(documents.c.slot == slot)).one_or_none()
    if row is not None:
        values = {name: getattr(row, name) for name in _KEPT}
        connection.execute(insert(past).values(**values, replaced_at=at))


def _move_mark(connection: Connection, slot: str, mark: Mark, expected: Mark | None) -> bool:
    """Raise the mark if it is ``expected``; tell whether it was."""
    values = {"version": mark.version, "digest": mark.digest}
    if expected is None:
        try:
            with refusable(connection):
                connection.execute(insert(marks).values(slot=slot, **values))
        except IntegrityError:
            return False
        return True
    moved = connection.execute(
        update(marks)
        .where(
            marks.c.slot == slot,
            marks.c.version == expected.version,
            marks.c.digest == expected.digest,
        )
        .values(values)
    )
    return bool(moved.rowcount)


def _replace(connection: Connection, document: StoredDocument) -> bool:
    """Put a document in its slot; tell whether it is another than before."""
    where = documents.c.slot == document.slot
    row = connection.execute(select(documents).where(where)).one_or_none()
    values = {name: getattr(document, name) for name in _KEPT}
    if row is None:
        connection.execute(insert(documents).values(values))
        return True
    if same := _stored(row).is_same(document):
        del values["accepted_at"]
    else:
        _archive(connection, document.slot, document.accepted_at)
    # Updated in place, so that a document keeps its turn among the others.
    connection.execute(update(documents).where(where).values(values))
    return not same
