"""Workspaces to try things on: a demonstration of each side, and a real one with its own keys."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

import ecert
from ecert.model.codes import make_uscc
from ecert.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ecert.model.licence import Licence

PASSPHRASE = "correct horse 电池"
CODE = make_uscc("11", "511623", "00000013")
NUMBER = "510681199003071237"


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, step: timedelta) -> None:
        """Let time pass."""
        self.now += step


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def guangan(tmp_path: Path, clock: Clock) -> Iterator[Workspace]:
    """A demonstration workspace that issues."""
    with Workspace.init(
        tmp_path / "guangan", region="511600", name="四川省广安市公安局", demo=True, clock=clock
    ) as workspace:
        yield workspace


@pytest.fixture
def chongqing(tmp_path: Path, clock: Clock) -> Iterator[Workspace]:
    """A demonstration workspace that verifies."""
    with Workspace.init(
        tmp_path / "chongqing", region="500000", name="重庆市政务服务中心", demo=True, clock=clock
    ) as workspace:
        yield workspace


@pytest.fixture
def linshui(tmp_path: Path, clock: Clock) -> Iterator[Workspace]:
    """A real workspace with keys of its own."""
    with Workspace.init(
        tmp_path / "linshui",
        region="511623",
        name="邻水县行政审批局",
        code=CODE,
        passphrase=PASSPHRASE,
        clock=clock,
    ) as workspace:
        yield workspace


def issue(workspace: Workspace, number: str = NUMBER, request_id: str | None = None) -> Licence:
    """Issue a driving licence to the holder of ``number``."""
    return workspace.issuer.issue(
        "机动车驾驶证",
        number=number,
        holder=ecert.Holder("张伟", number),
        fields={"准驾车型": "C1"},
        valid_until=date(2031, 6, 1),
        request_id=request_id,
    )
