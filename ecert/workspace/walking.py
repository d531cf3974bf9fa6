"""Walks the licences of a register, a page at a time, for a list that is tried out on them."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from ecert.errors import WorkspaceError
from ecert.interop.simulation import LicenceFacts
from ecert.interop.tally import Example, TrialItem
from ecert.issuers.queries import MAX_PAGE_ROWS, Query
from ecert.model.catalogue import builtin
from ecert.model.codes import last_four
from ecert.model.licence import LicenceState
from ecert.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from ecert.issuers.register import Register
    from ecert.model.catalogue import Catalogue
    from ecert.model.licence import Licence

_NOT_STANDING: Final = {
    LicenceState.SUSPENDED: Reason.SUSPENDED,
    LicenceState.SUPERSEDED: Reason.SUPERSEDED,
    LicenceState.CANCELLED: Reason.CANCELLED,
    LicenceState.WITHDRAWN: Reason.WITHDRAWN,
    LicenceState.REVOKED: Reason.REVOKED,
    LicenceState.TRANSFERRED: Reason.TRANSFERRED,
    LicenceState.EXPIRED: Reason.EXPIRED,
}


class OpenRegister(NamedTuple):
    """A register and the types of its licences."""

    register: Register
    catalogue: Catalogue


@contextmanager
def open_register(where: str) -> Iterator[OpenRegister]:
    """Open the register of a workspace's folder, or in a database.

    Args:
        where: A folder, or the database's address; one that is a file is an SQLite database.

    Raises:
        WorkspaceError: The folder is no workspace, or there is no such place.
        StoreError: The database cannot be opened.
    """
    from ecert.workspace.workspace import Workspace

    path = Path(where)
    if "://" not in where and path.is_dir():
        with Workspace.open(path) as workspace:
            yield OpenRegister(workspace.register, workspace.catalogue)
        return
    if "://" not in where and not path.is_file():
        raise WorkspaceError(
            "没有这个工作区或数据库", "there is no such workspace or database", where=where,
            fix_zh="请给出工作区文件夹、SQLite 文件或 postgresql:// 地址",
            fix_en="Give a workspace's folder, an SQLite file or a postgresql:// address",
        )  # fmt: skip
    from ecert.store.engine import open_engine
    from ecert.store.register import SQLRegister

    with open_engine(where if "://" in where else path, make=False) as engine:
        yield OpenRegister(SQLRegister(engine), builtin())


def walk(
    register: Register, on: date, *, tell: Callable[[int], None] | None = None
) -> Iterator[TrialItem]:
    """Yield every licence of a register; one page is in memory at a time.

    Args:
        register: The register.
        on: The day on which it is judged whether a licence stands.
        tell: Called with the number of licences read, page by page.
    """
    query, after, read = Query(on=on), 0, 0
    while True:
        # A view of its own for each page, so that nobody waits for a long walk.
        with register.view() as view:
            page = view.find(query, after=after, limit=MAX_PAGE_ROWS)
        for row in page.rows:
            yield _item(row.number, row.licence, on)
        read += len(page.rows)
        if tell is not None:
            tell(read)
        if page.next_after is None:
            return
        after = page.next_after


def _item(row: int, licence: Licence, on: date) -> TrialItem:
    standing = _NOT_STANDING.get(licence.standing(on))
    if standing is None and licence.valid_from > on:
        standing = Reason.NOT_YET_VALID
    facts = LicenceFacts(licence.type_code, licence.region, licence.issuer_code, licence.fields)
    return TrialItem(Example(row, _told_id(licence), last_four(licence.number)), standing, facts)


def _told_id(licence: Licence) -> str:
    """Return the licence id; a serial that repeats a number on the licence is cut to four."""
    serial, told = licence.id.serial, str(licence.id)
    numbers = (licence.number, *(holder.number for holder in licence.holders))
    if len(serial) > 4 and any(number in serial or serial in number for number in numbers):
        return told.replace(f".{serial}.", f".***{last_four(serial)}.")
    return told
