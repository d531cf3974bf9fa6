"""How bulk issuing slows down as a register grows, and what fifty million licences would take."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from bulk_office import faults_of_register
from bulk_run import measure_job
from guangan import Stock, bad_rows
from report import warn
from slope_lines import GANSU, Step, fifty_million, trend

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from report import Report

    from ecert.workspace import Workspace

_MIB: Final = 1 << 20


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
    while step * len(steps) < rows:
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


def _conclusions(steps: Sequence[Step]) -> list[str]:
    line, told = trend(steps), fifty_million(steps)
    where = f"{told.bent:,} licences" if told.bent else f"not up to {steps[-1].licences:,} licences"
    return [
        f"- a licence costs {line.base:.2f} + {line.slope:.3f} · log2(licences) bare signatures",
        f"- it began to cost a quarter more than at first, for good: {where}",
        f"- {GANSU:,} licences, extrapolated: {told.rate:,.0f} a second at the end",
        f"- {told.hours:,.1f} hours for all of them",
        f"- {told.gigabytes:,.0f} GB, {told.bytes_each:,.0f} bytes each",
        f"- only known of registers that fit into memory: {steps[-1].bytes / 1e9:,.1f} GB here",
    ]
