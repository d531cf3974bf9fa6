"""Both registers, and an office on each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ecert.issuers.demonstration import demo_issuer
from ecert.issuers.memory import MemoryRegister
from ecert.store.engine import open_engine
from ecert.store.register import SQLRegister
from tests.unit.issuers.stock.samples import AT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ecert.issuers.issuer import Issuer


@pytest.fixture(params=["memory", "sql"])
def issuer(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Issuer]:
    """Give an office with an empty register of each kind."""
    name, region = "四川省广安市公安局", "511600"
    if request.param == "memory":
        yield demo_issuer(name, region=region, clock=lambda: AT, register=MemoryRegister())
        return
    with open_engine(tmp_path / "register.db") as engine:
        yield demo_issuer(name, region=region, clock=lambda: AT, register=SQLRegister(engine))
