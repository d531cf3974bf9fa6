"""Workspaces for bulk work, on a database of each kind; shards are small."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from ecert.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def _small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a few rows fill several shards."""
    monkeypatch.setattr("ecert.issuers.bulk.planning.SHARD_ROWS", 10)
    monkeypatch.setattr("ecert.issuers.bulk.planning.SHARD_MOVES", 5)


@pytest.fixture(scope="session")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bulk") / "office"
    Workspace.init(folder, region="511600", name="四川省广安市公安局", demo=True).close()
    return folder


@pytest.fixture
def sqlite_office(_made: Path, tmp_path: Path) -> Iterator[Workspace]:
    """A workspace on SQLite."""
    shutil.copytree(_made, tmp_path / "office")
    with Workspace.open(tmp_path / "office") as workspace:
        yield workspace


@pytest.fixture
def postgres_office(empty_postgres_url: str, tmp_path: Path) -> Iterator[Workspace]:
    """A workspace on PostgreSQL."""
    with Workspace.init(
        tmp_path / "office", region="511600", name="四川省广安市公安局", demo=True,
        database=empty_postgres_url,
    ) as workspace:  # fmt: skip
        yield workspace


@pytest.fixture(params=("sqlite", "postgresql"))
def office(request: pytest.FixtureRequest) -> Workspace:
    """A workspace on a database of each kind."""
    name = "sqlite_office" if request.param == "sqlite" else "postgres_office"
    workspace = request.getfixturevalue(name)
    assert isinstance(workspace, Workspace)
    return workspace
