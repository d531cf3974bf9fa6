"""How bulk issuing slows down as a register grows, and what fifty million licences would take."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import log2
from typing import TYPE_CHECKING, Any, Final

from bulk_office import faults_of_register
from bulk_run import measure_job
from guangan import Stock, bad_rows
from report import warn

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from report import Report

    from ecert.workspace import Workspace

GANSU: Final = 50_000_000
"""Licences of a province (Gansu)."""
_BENT: Final = 0.8
_MIB: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Step:
    """One job while the register grows.

    Attributes:
        licences: In the register when it was done.
        rate: Licences a second of this job's run.
        raw: Bare signatures a second of the same cores, around it.
        plan_rate: Rows planned a second.
        bytes: Of the database when it was done.
        largest: Bytes of the largest process.
    """

    licences: int
    rate: float
    raw: float
    plan_rate: float
    bytes: int
    largest: int

    @property
    def cost(self) -> float:
        """What a licence takes, in bare signatures: leaves out how busy the machine was."""
        return self.raw / self.rate


@dataclass(frozen=True, slots=True)
class Trend:
    """What the steps come to: cost = ``base`` + ``slope`` · log2(licences)."""

    base: float
    slope: float

    def cost(self, licences: int) -> float:
        """What a licence takes, in bare signatures, in a register of so many."""
        return self.base + self.slope * log2(licences)


def report_slopes(
    report: Report,
    office: Workspace,
    folder: Path,
    *,
    rows: int,
    step: int,
    workers: int,
    size: int,
    seed: int,
) -> dict[str, Any]:
    """Fill one register step by step, and write the table and what follows from it."""
    steps: list[Step] = []
    report.write(
        "| licences in the register | licences a second | bare signatures a second | ratio | "
        "planned a second | bytes a licence | largest process, MiB |",
        "|---:|---:|---:|---:|---:|---:|---:|",
    )
    while not steps or steps[-1].licences < rows:
        steps.append(_step(office, folder, steps, step=step, workers=workers, size=size, seed=seed))
        one = steps[-1]
        report.write(
            f"| {one.licences:,} | {one.rate:,.0f} | {one.raw:,.0f} | {one.rate / one.raw:.3f} | "
            f"{one.plan_rate:,.0f} | {one.bytes / one.licences:,.0f} | {one.largest / _MIB:,.0f} |"
        )
    found = faults_of_register(office)
    for fault in found:
        warn(fault)
    if found:
        raise SystemExit(1)
    report.write("", *_conclusions(steps), "")
    return {"steps": [asdict(one) for one in steps], "workers": workers}


def _step(
    office: Workspace,
    folder: Path,
    steps: Sequence[Step],
    *,
    step: int,
    workers: int,
    size: int,
    seed: int,
) -> Step:
    path = folder / "stock.csv"
    stock = Stock(step, bad_rows(step), seed, first=step * len(steps))
    done = measure_job(office, path, stock, workers=workers, size=size)
    path.unlink()
    before = steps[-1].licences if steps else 0
    return Step(
        before + done.issued, done.rate, done.raw_rate, step / done.plan_seconds,
        office.engine.size(), max(done.plan_bytes, done.run_bytes),
    )  # fmt: skip


def trend(steps: Sequence[Step]) -> Trend:
    """Return the line of least squares through the second half, where the indexes are large."""
    used = steps[len(steps) // 2 :]
    if len(used) < 2:
        return Trend(used[-1].cost, 0.0)
    xs, ys = [log2(one.licences) for one in used], [one.cost for one in used]
    x_mean, y_mean = sum(xs) / len(xs), sum(ys) / len(ys)
    slope = sum((x - x_mean) * (y - y_mean) for x, y in zip(xs, ys, strict=True))
    slope /= sum((x - x_mean) ** 2 for x in xs)
    return Trend(y_mean - slope * x_mean, slope)


def bend(steps: Sequence[Step]) -> int | None:
    """Return the size at which a licence began to cost a quarter more, for good; None if never."""
    first = steps[0].cost
    found = None
    for one in steps:
        if one.cost * _BENT <= first:
            found = None
        elif found is None:
            found = one.licences
    return found


def bytes_a_licence(steps: Sequence[Step]) -> float:
    """Return what each further licence adds to the database, over the second half."""
    first, last = steps[len(steps) // 2 - 1 if len(steps) > 1 else 0], steps[-1]
    if first is last:
        return last.bytes / last.licences
    return (last.bytes - first.bytes) / (last.licences - first.licences)


def seconds_to_fill(steps: Sequence[Step], licences: int, raw: float) -> float:
    """Return how long filling a register of so many would take at ``raw`` signatures a second."""
    line, slices = trend(steps), 200
    each = licences / slices
    costs = (line.cost(max(2, round(each * (place + 0.5)))) for place in range(slices))
    return sum(each * cost / raw for cost in costs)


def _conclusions(steps: Sequence[Step]) -> list[str]:
    raw = sum(one.raw for one in steps) / len(steps)
    line, bent, each = trend(steps), bend(steps), bytes_a_licence(steps)
    hours = seconds_to_fill(steps, GANSU, raw) / 3600
    where = f"{bent:,} licences" if bent else f"not up to {steps[-1].licences:,} licences"
    return [
        f"- a licence costs {line.base:.2f} + {line.slope:.3f} · log2(licences) bare signatures",
        f"- it began to cost a quarter more than at first, for good: {where}",
        f"- {GANSU:,} licences, extrapolated: {raw / line.cost(GANSU):,.0f} a second at the end",
        f"- {hours:,.1f} hours for all of them",
        f"- {GANSU * each / 1e9:,.0f} GB, {each:,.0f} bytes each",
        f"- only known of registers that fit into memory: {steps[-1].bytes / 1e9:,.1f} GB here",
    ]
