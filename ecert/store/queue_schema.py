"""Procrastinate's tables in the database of the register: made at first use, kept up to date.

They have no revision of their own, so the name of the newest migration that they contain is kept
as the comment of one of them.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import text

from ecert.errors import StoreError
from ecert.store.loading import as_sqlalchemy_errors

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ecert.store.engine import Engine

_TABLE: Final = "procrastinate_jobs"
_MARK: Final = "ecert: "
_STATE: Final = text(
    f"SELECT to_regclass('{_TABLE}') IS NOT NULL AS is_there, "
    f"obj_description(to_regclass('{_TABLE}'), 'pg_class') AS note"
)


def make_ready(engine: Engine) -> None:
    """Make the tables, or bring them up to date; nothing to do as a rule.

    Raises:
        StoreError: Another or a newer program made them, or the database refuses.
    """
    with engine.read() as connection:
        if _revision(connection, engine.name) == _newest():
            return
    with engine.write() as connection:
        # Asked again: under the writers' lock nobody else is at it.
        revision = _revision(connection, engine.name)
        if revision is None:
            _run(connection, _file("schema.sql"))
            _note(connection)
        else:
            _migrate(connection, revision)


def bring_up_to_date(connection: Connection, name: str) -> None:
    """Bring the tables up to date if they are there; for ``ecert db upgrade``.

    Raises:
        StoreError: Another or a newer program made them.
    """
    revision = _revision(connection, name)
    if revision is not None:
        _migrate(connection, revision)


def _migrate(connection: Connection, revision: str) -> None:
    for migration in _migrations():
        if migration > revision:
            _run(connection, _file("migrations", migration))
    _note(connection)


def _revision(connection: Connection, name: str) -> str | None:
    """Return the newest migration that the tables contain; None if there are no tables."""
    found = connection.execute(_STATE).one()
    if not found.is_there:
        return None
    revision = str(found.note or "").removeprefix(_MARK)
    if not str(found.note or "").startswith(_MARK):
        raise StoreError(
            "数据库里已有其他程序的任务队列",
            "another program's queue of tasks is in this database",
            where=name,
            fix_zh="请给 ecert 单独建一个数据库",
            fix_en="Give ecert a database of its own",
        )
    if revision > _newest():
        raise StoreError(
            "任务队列由更新的软件版本建立", "a newer program made the queue of tasks", where=name,
            fix_zh="请升级：pip install -U procrastinate",
            fix_en="Upgrade: pip install -U procrastinate",
        )  # fmt: skip
    return revision


def _migrations() -> list[str]:
    folder = files("procrastinate") / "sql" / "migrations"
    return sorted(one.name for one in folder.iterdir() if one.name.endswith(".sql"))


def _newest() -> str:
    return _migrations()[-1]


def _file(*path: str) -> str:
    return (files("procrastinate") / "sql").joinpath(*path).read_text("utf-8")


def _note(connection: Connection) -> None:
    _run(connection, f"COMMENT ON TABLE {_TABLE} IS '{_MARK}{_newest()}'")


def _run(connection: Connection, statements: str) -> None:
    # Past SQLAlchemy: many statements at once, with percent signs of their own.
    driver: Any = connection.connection.driver_connection
    with as_sqlalchemy_errors(connection), driver.cursor() as cursor:
        cursor.execute(statements)
