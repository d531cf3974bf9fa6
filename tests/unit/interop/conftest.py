"""The offices, made once: keys cost time and nothing changes them."""

from __future__ import annotations

import pytest

from tests.unit.interop.regions import CHONGQING, GUIZHOU, SICHUAN, Office


@pytest.fixture(scope="session")
def sichuan() -> Office:
    return Office(SICHUAN)


@pytest.fixture(scope="session")
def chongqing() -> Office:
    return Office(CHONGQING)


@pytest.fixture(scope="session")
def guizhou() -> Office:
    return Office(GUIZHOU)
