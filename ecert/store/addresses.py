"""Addresses of databases: a path, or a URL of SQLite or PostgreSQL; never with a password told."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from ecert.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Collection

SQLITE: Final = "sqlite"
POSTGRESQL: Final = "postgresql"
_POSTGRESQL_NAMES: Final = frozenset({POSTGRESQL, "postgres", "postgresql+psycopg"})
# Words of libpq's connection string whose values are secrets.
_SECRETS: Final = frozenset({"password", "sslpassword", "oauth_client_secret"})


def read_address(url: str | Path) -> URL:
    """Read where a database is.

    Args:
        url: A path, ``sqlite:///relative/path``, ``sqlite:////absolute/path``, or
            ``postgresql://user@host:port/name``.

    Raises:
        StoreError: It is none of these.  The text itself is absent from the error: it may hold
            a password.
    """
    if isinstance(url, Path):
        return URL.create(SQLITE, database=str(url))
    with suppress(ArgumentError):
        address = make_url(url)
        if address.drivername == SQLITE and address.database not in {None, "", ":memory:"}:
            return address
        if address.drivername in _POSTGRESQL_NAMES and address.database:
            return address.set(drivername="postgresql+psycopg")
    raise StoreError(
        "数据库地址不对，只支持 SQLite 文件和 PostgreSQL",
        "this is not the address of an SQLite file or of a PostgreSQL database",
        where="url",
        fix_zh="请写成 sqlite:////绝对路径/文件名.db 或 postgresql://用户@主机:端口/库名",
        fix_en="Write sqlite:////absolute/path/file.db or postgresql://user@host:port/database",
    )


def kind_of(address: URL) -> str:
    """Return ``sqlite`` or ``postgresql``."""
    return address.get_backend_name()


def name_of(address: URL) -> str:
    """Return the database as errors name it: a path, or an address without its password."""
    if kind_of(address) == SQLITE:
        return address.database or ""
    host = address.host or _joined(address.query.get("host", ""))
    user = f"{address.username}@" if address.username else ""
    port = f":{address.port}" if address.port else ""
    return f"{POSTGRESQL}://{user}{host}{port}/{address.database}"


def require_no_password(address: URL) -> None:
    """Require that an address that is to be kept in a file holds no password.

    Raises:
        StoreError: It does.
    """
    if address.password is None and not _SECRETS & set(address.query):
        return
    raise StoreError(
        "数据库地址里不能写口令", "a database's address must not hold a password",
        where=name_of(address),
        fix_zh="请把口令放在 ~/.pgpass（或 PGPASSFILE 指定的文件，权限 0600）"
        "或环境变量 PGPASSWORD 中",
        fix_en="Keep the password in ~/.pgpass (or the file that PGPASSFILE names, mode 0600), "
        "or in the variable PGPASSWORD",
    )  # fmt: skip


def _joined(hosts: str | Collection[str]) -> str:
    return hosts if isinstance(hosts, str) else ",".join(hosts)
