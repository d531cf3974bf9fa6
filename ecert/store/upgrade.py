"""Brings a database to today's revision, in one transaction: wholly, or it stays as it was."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from ecert.errors import StoreError
from ecert.store import revisions, tables
from ecert.store.addresses import POSTGRESQL
from ecert.store.engine import DEFAULT_PATIENCE, open_as_it_is

if TYPE_CHECKING:
    from datetime import timedelta
    from pathlib import Path

    from alembic.config import Config
    from sqlalchemy import Connection

EMPTY: Final = "empty"
"""The revision of a database without tables."""


def revision(url: str | Path) -> str:
    """Return a database's revision, `EMPTY` if it has no tables.

    Raises:
        StoreError: It is another program's, or cannot be opened.
    """
    with open_as_it_is(url) as engine:
        return engine.revision() or EMPTY


def require_upgradable(url: str | Path) -> str:
    """Require a database that `upgrade` can bring to today's revision; return its revision.

    Raises:
        StoreError: As `upgrade`, but for what only shows when it is written.
    """
    with open_as_it_is(url) as engine:
        found = engine.revision()
        if found is not None:
            revisions.require_known(found, engine.name)
        return found or EMPTY


def upgrade(
    url: str | Path, *, patience: timedelta = DEFAULT_PATIENCE, to: str | None = None
) -> tuple[str, str]:
    """Bring a database to today's revision, and return its revision before and after.

    Programs that have the database open go on as if nothing had happened, and fail: stop them
    first.  An upgrade that fails in the middle leaves the database as it was.

    Args:
        url: As `ecert.store.engine.open_engine`.
        patience: How long to wait for other programs that write.
        to: An earlier revision to stop at, for trying a later one out; today's by default.

    Raises:
        StoreError: It is another program's, of a newer or unknown revision, busy, or cannot be
            opened or written.
    """
    _require_alembic()
    with open_as_it_is(url, patience=patience) as engine, engine.upgrading() as connection:
        # Asked inside, where nobody else can be upgrading.
        before = revisions.read_revision(connection, engine.name)
        if before is not None:
            revisions.require_known(before, engine.name)
            revisions.stamp(connection, before)
        after = to or tables.HEAD
        _run(connection, after)
        revisions.stamp_version(connection, after)
        if engine.kind == POSTGRESQL and find_spec("procrastinate") is not None:
            from ecert.store import queue_schema

            queue_schema.bring_up_to_date(connection, engine.name)
        return before or EMPTY, after


def _run(connection: Connection, revision: str) -> None:
    from alembic import command

    config = configuration()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def configuration() -> Config:
    """Return what Alembic needs to find the revisions, without a file of settings."""
    from alembic.config import Config

    config = Config()
    # Named as a package, so that it is found wherever the wheel is installed.
    config.set_main_option("script_location", "ecert.store:migrations")
    return config


def _require_alembic() -> None:
    if find_spec("alembic") is None:
        raise StoreError(
            "缺少升级数据库的组件", "what upgrades databases is not installed", where="alembic",
            fix_zh="请安装：pip install alembic", fix_en="Install it: pip install alembic",
        )  # fmt: skip
