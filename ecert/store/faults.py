"""The one seam at which a database's errors become `StoreError`, with a way out."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import exc

from ecert.errors import StoreError, UnfitTextError
from ecert.store import sqlite_faults
from ecert.store.wording import BUSY, UNFIT_TEXT, Wording

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def faults_as_store_errors(where: str) -> Iterator[None]:
    """Turn what the database refuses into `StoreError`; misuse of SQL passes, as a bug.

    A violated constraint passes too: it is either expected, and caught nearer, or a bug.

    Args:
        where: The database, as the error names it.

    Raises:
        StoreError: The database is busy, full, read-only, damaged, gone, or otherwise refuses.
    """
    try:
        yield
    except exc.TimeoutError as error:
        raise busy(where) from error
    except exc.DBAPIError as error:
        wording, name = _explain(error)
        if wording is None:
            raise
        kind = UnfitTextError if wording is UNFIT_TEXT else StoreError
        raise kind(
            f"{wording.zh}（{name}）",
            f"{wording.en} ({name})",
            where=where,
            fix_zh=wording.fix_zh,
            fix_en=wording.fix_en,
        ) from error


def busy(where: str) -> StoreError:
    """Return the refusal to wait any longer for other writers."""
    return StoreError(BUSY.zh, BUSY.en, where=where, fix_zh=BUSY.fix_zh, fix_en=BUSY.fix_en)


def is_busy(error: exc.DBAPIError) -> bool:
    """Whether the database refuses only because another connection holds a lock."""
    return _explain(error)[0] is BUSY


def _explain(error: exc.DBAPIError) -> tuple[Wording | None, str]:
    """Return the words for an error and the server's name for it; no words for a bug."""
    if isinstance(error.orig, sqlite3.Error):
        return sqlite_faults.explain(error)
    from ecert.store import postgres_faults

    return postgres_faults.explain(error)
