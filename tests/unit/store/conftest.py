"""A database for each test: an SQLite file, a PostgreSQL database, or each in turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ecert.store.engine import open_engine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ecert.store.engine import Engine

KINDS = ("sqlite", "postgresql")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where an SQLite database may be made."""
    return tmp_path / "register.db"


@pytest.fixture
def engine(path: Path) -> Iterator[Engine]:
    """A fresh SQLite database."""
    with open_engine(path) as engine:
        yield engine


@pytest.fixture
def postgres(postgres_url: str) -> Iterator[Engine]:
    """A fresh PostgreSQL database."""
    with open_engine(postgres_url) as engine:
        yield engine


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, path: Path) -> str:
    """Address of a fresh database of each kind."""
    if request.param == "postgresql":
        address = request.getfixturevalue("postgres_url")
        assert isinstance(address, str)
        return address
    return f"sqlite:///{path}"


@pytest.fixture(params=KINDS)
def empty_url(request: pytest.FixtureRequest, path: Path) -> str:
    """Address of a database of each kind that has no tables yet."""
    if request.param == "postgresql":
        address = request.getfixturevalue("empty_postgres_url")
        assert isinstance(address, str)
        return address
    return f"sqlite:///{path}"


@pytest.fixture
def any_engine(url: str) -> Iterator[Engine]:
    """A fresh database of each kind."""
    with open_engine(url) as engine:
        yield engine
