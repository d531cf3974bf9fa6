"""Fixtures of the show service; see `tests.online.office`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ecert.store.engine import open_engine
from tests.flows.conftest import clock, empty_window, world
from tests.online.office import Office

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ecert.store.engine import Engine
    from tests.flows.world import World

__all__ = ["clock", "empty_window", "world"]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with open_engine(tmp_path / "show.db") as engine:
        yield engine


@pytest.fixture
def office(world: World, engine: Engine) -> Office:
    return Office(world, engine)
