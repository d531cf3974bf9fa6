"""The verifier's knowledge in SQL: documents in force and, apart from them, their marks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from ecert.errors import StoreError
from ecert.store.savepoints import refusable
from ecert.store.tables import document as documents
from ecert.store.tables import mark as marks
from ecert.trust.succession import Mark
from ecert.verify.storage import StoredDocument

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from sqlalchemy import Connection

    from ecert.store.engine import Engine

_DOCUMENTS: Final = select(documents).order_by(documents.c.seq)
_MARKS: Final = select(marks)


class SQLKnowledgeStore:
    """A `KnowledgeStore` in a database; a document and its mark move in one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def documents(self) -> Iterable[StoredDocument]:
        """See `KnowledgeStore.documents`."""
        with self._engine.read() as connection:
            return tuple(
                StoredDocument(
                    slot=row.slot,
                    data=row.data,
                    digest=row.digest,
                    version=row.version,
                    accepted_at=row.accepted_at,
                )
                for row in connection.execute(_DOCUMENTS)
            )

    def marks(self) -> Mapping[str, Mark]:
        """See `KnowledgeStore.marks`."""
        with self._engine.read() as connection:
            return {
                row.slot: Mark(version=row.version, digest=row.digest)
                for row in connection.execute(_MARKS)
            }

    def put(
        self,
        document: StoredDocument,
        mark: Mark,
        *,
        expected: Mark | None,
        drop: Collection[str] = (),
        forget: Collection[str] = (),
    ) -> None:
        """See `KnowledgeStore.put`.

        Raises:
            StoreError: The slot's mark is not ``expected``: another process was faster.  Or
                the database is busy, full, read-only, damaged, or otherwise refuses.
        """
        with self._engine.write() as connection:
            if not _move_mark(connection, document.slot, mark, expected):
                raise StoreError(
                    "名单已被另一进程更新", "another process has updated this list meanwhile",
                    where=document.slot, fix_zh="请重试", fix_en="Try again",
                )  # fmt: skip
            _replace(connection, document)
            # One statement a slot: a database bounds how many values one statement may name.
            for slot in set(drop) - {document.slot}:
                connection.execute(delete(documents).where(documents.c.slot == slot))
            for slot in set(forget) - {document.slot}:
                connection.execute(delete(marks).where(marks.c.slot == slot))


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


def _replace(connection: Connection, document: StoredDocument) -> None:
    values = {
        "data": document.data,
        "digest": document.digest,
        "version": document.version,
        "accepted_at": document.accepted_at,
    }
    # Updated in place, so that a document keeps its turn among the others.
    replaced = connection.execute(
        update(documents).where(documents.c.slot == document.slot).values(values)
    )
    if not replaced.rowcount:
        connection.execute(insert(documents).values(slot=document.slot, **values))
