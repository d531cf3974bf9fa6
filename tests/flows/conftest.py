"""Fixtures of the flows; see `tests.flows.world`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import ecert
from ecert.wallet.vault import CHEAPEST
from tests.flows.world import Clock, World

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def empty_window(clock: Clock) -> ecert.Verifier:
    """A window that knows the roots and nothing else."""
    window = ecert.Verifier("500000", clock=clock)
    window.knowledge.pin(ecert.demo_roots())
    return window


@pytest.fixture
def world(tmp_path: Path, clock: Clock, empty_window: ecert.Verifier) -> World:
    """A world in which the licence is accepted, until the test changes something."""
    police = ecert.Issuer.demo("四川省广安市公安局", region="511600", clock=clock)
    wallet = ecert.Wallet.create(
        tmp_path / "zhang.wallet", "nothing secret here", kdf=CHEAPEST, clock=clock
    )
    made = World(clock, police, wallet, empty_window, None)  # type: ignore[arg-type]
    made.licence = made.issue()
    made.sync()
    made.window.knowledge.accept(ecert.fixture("川渝互认清单"))
    return made
