"""Every register, so that every test of this folder that asks for one runs over each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ecert.issuers.memory import MemoryRegister
from ecert.store.engine import open_engine
from ecert.store.register import SQLRegister
from tests.unit.issuers.sample_office import OfficeClock, an_issuer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ecert.issuers.issuer import Issuer
    from ecert.issuers.register import Register


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def register(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Register]:
    """An empty register of each kind."""
    if request.param == "memory":
        yield MemoryRegister()
        return
    postgresql = request.param == "postgresql"
    url = request.getfixturevalue("postgres_url") if postgresql else tmp_path / "register.db"
    with open_engine(url) as engine:
        yield SQLRegister(engine)


@pytest.fixture
def clock() -> OfficeClock:
    return OfficeClock()


@pytest.fixture(params=["memory", "sqlite"])
def issuer(request: pytest.FixtureRequest, tmp_path: Path, clock: OfficeClock) -> Iterator[Issuer]:
    """An issuer on a register of each kind that needs no server."""
    if request.param == "memory":
        yield an_issuer(MemoryRegister(), clock)
        return
    with open_engine(tmp_path / "register.db") as engine:
        yield an_issuer(SQLRegister(engine), clock)
