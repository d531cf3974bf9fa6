"""A database file for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ecert.store.engine import open_engine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ecert.store.engine import Engine


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a database may be made."""
    return tmp_path / "register.db"


@pytest.fixture
def engine(path: Path) -> Iterator[Engine]:
    """A fresh database."""
    with open_engine(path) as engine:
        yield engine
