"""Which revision of the schema a database has, and whether this program may use it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, insert, inspect, select, update

from ecert.errors import StoreError
from ecert.store import tables

if TYPE_CHECKING:
    from sqlalchemy import Connection

FIRST: Final = "0001"
_NUMBERED: Final = re.compile(r"[0-9]{4}")


def read_revision(connection: Connection, name: str) -> str | None:
    """Return the revision of a database; None if it is empty.

    Args:
        connection: In a transaction.
        name: The database, as errors name it.

    Raises:
        StoreError: It is another program's.
    """
    names = set(inspect(connection).get_table_names())
    if not names:
        return None
    if tables.schema.name not in names:
        raise StoreError(
            "这是其他程序的数据库", "this is another program's database", where=name,
            fix_zh="请核对文件路径或库名", fix_en="Check the path or the database's name",
        )  # fmt: skip
    if tables.revision.name in names:
        return connection.execute(select(tables.revision.c.version_num)).scalar_one_or_none() or ""
    # Databases from before there were revisions have only a version, which was 1.
    version = connection.execute(select(tables.schema.c.version)).scalar_one_or_none() or 0
    return f"{version:04d}"


def make_schema(connection: Connection) -> None:
    """Make the tables of today in an empty database; alembic is not needed for this."""
    tables.metadata.create_all(connection, checkfirst=False)
    tables.revision.create(connection, checkfirst=False)
    connection.execute(insert(tables.schema).values(id=1, version=int(tables.HEAD)))
    connection.execute(insert(tables.revision).values(version_num=tables.HEAD))


def drop_schema(connection: Connection) -> None:
    """Take the tables of today away, and all that is in them."""
    tables.metadata.drop_all(connection)
    tables.revision.drop(connection)


def stamp(connection: Connection, revision: str) -> None:
    """Note ``revision`` in a database that has its tables."""
    tables.revision.create(connection, checkfirst=True)
    connection.execute(delete(tables.revision))
    connection.execute(insert(tables.revision).values(version_num=revision))
    stamp_version(connection, revision)


def stamp_version(connection: Connection, revision: str) -> None:
    """Note ``revision`` where programs older than the revisions look for it."""
    connection.execute(update(tables.schema).values(version=int(revision)))


def is_older(revision: str) -> bool:
    """Whether a database of this revision can be brought to today's."""
    return _NUMBERED.fullmatch(revision) is not None and FIRST <= revision < tables.HEAD


def require_known(revision: str, name: str) -> None:
    """Require a revision that this program has, today's or an older one.

    Raises:
        StoreError: A newer program made it, or nobody knows it.
    """
    if revision == tables.HEAD or is_older(revision):
        return
    if _NUMBERED.fullmatch(revision) is not None and revision > tables.HEAD:
        raise StoreError(
            f"数据库由更新的软件版本建立（结构 {revision}，本软件为 {tables.HEAD}）",
            f"a newer program made this database (revision {revision}, "
            f"this program knows {tables.HEAD})",
            where=name,
            fix_zh="请升级本软件",
            fix_en="Upgrade this program",
        )
    raise StoreError(
        f"数据库结构{_told(revision, '（', '）')}不能使用（本软件为 {tables.HEAD}）",
        f"this database's revision{_told(revision, ' (', ')')} cannot be used "
        f"(this program knows {tables.HEAD})",
        where=name,
        fix_zh="请联系系统管理员",
        fix_en="Ask the system administrator",
    )


def require_head(revision: str, name: str) -> None:
    """Require today's revision.

    Raises:
        StoreError: It is older, newer or unknown.
    """
    require_known(revision, name)
    if revision != tables.HEAD:
        raise StoreError(
            f"数据库结构是旧的（{revision}，本软件为 {tables.HEAD}）",
            f"the database has an older revision ({revision}, this program needs {tables.HEAD})",
            where=name,
            fix_zh="请停止使用它的程序并备份，然后运行 ecert db upgrade",
            fix_en="Stop the programs that use it, make a backup, and run ecert db upgrade",
        )


def empty(name: str) -> StoreError:
    """Return the error for a database without tables, where one was to be opened."""
    return StoreError(
        "数据库是空的，里面没有证照库", "the database is empty: there is no register in it",
        where=name,
        fix_zh="请核对地址，或从备份恢复", fix_en="Check the address, or restore a backup",
    )  # fmt: skip


def _told(revision: str, before: str, after: str) -> str:
    # What stands in the table is anyone's writing.
    return f"{before}{revision}{after}" if _NUMBERED.fullmatch(revision) else ""
