"""The tables of the sharing interface: its numbers, and what each reason and state becomes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecert.issuers.sharing.numbers import (
    NumberSource,
    ShareStatus,
    VerifyResult,
    result_of,
)
from ecert.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable

_SOURCE = {NumberSource.PROVINCE: "province", NumberSource.OWN: "own"}


def statuses() -> str:
    """Return every ``head.status``."""
    return _numbers("status", ShareStatus)


def results() -> str:
    """Return every ``data.result``."""
    return _numbers("result", VerifyResult)


def reasons() -> str:
    """Return the result that stands for each reason, by the reason's number."""
    rows = ["| reason | | outcome | result |", "|---|---|---|--:|"]
    rows += [
        f"| {one.number} | `{one.value}` | {one.outcome.value} | {int(result_of(one))} |"
        for one in sorted(Reason, key=lambda one: one.number)
    ]
    return "\n".join(rows)


def _numbers(name: str, numbers: Iterable[ShareStatus | VerifyResult]) -> str:
    rows = [f"| {name} | message | in English | source |", "|--:|---|---|---|"]
    rows += [f"| {int(one)} | {one.zh} | {one.en} | {_SOURCE[one.source]} |" for one in numbers]
    return "\n".join(rows)
