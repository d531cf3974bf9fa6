"""Bulk issuing: a city's stock from a file into the register, every licence signed.

By default a small part of it; ``--rows 204525`` is the whole of Guang'an.  ``--slopes`` fills one
register up to three million rows and says what that means for fifty.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bulk_database import POSTGRESQL, SQLITE, database, has_postgres, version
from bulk_office import faults_of_register, faults_of_report, make_office
from bulk_run import measure_job, signed_bytes
from bulk_signatures import verify_signatures
from bulk_slopes import report_slopes
from guangan import SEED, Stock, bad_rows
from report import Report, warn

if TYPE_CHECKING:
    from bulk_run import JobFigures

    from ecert.workspace import Workspace

_ROWS: Final = 20_000
_SLOPE_ROWS: Final = 3_000_000
_SLOPE_STEP: Final = 200_000
_WARM_ROWS: Final = 200
_VERIFIED_BY_DEFAULT: Final = 20_000
_MIB: Final = 1 << 20


def main() -> None:
    """Measure and report; a wrong licence ends the program with 1."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, help="rows of the file, or of the register (--slopes)")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--database", choices=(SQLITE, POSTGRESQL, "both"), default="both")
    parser.add_argument("--engine", choices=("processes", "procrastinate"), default="processes")
    parser.add_argument("--encoding", choices=("utf-8", "gb18030"), default="utf-8")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--verify-all", action="store_true", help="verify every signature")
    parser.add_argument("--slopes", action="store_true", help="fill one register step by step")
    parser.add_argument("--step", type=int, default=_SLOPE_STEP, help="rows of each step")
    parser.add_argument("--folder", type=Path, help="where; by default a temporary folder")
    cores = parser.parse_known_args()[0].workers
    is_slope = parser.parse_known_args()[0].slopes
    title = "Bulk issuing as a register grows" if is_slope else "Bulk issuing"
    report = Report(
        "bulk-slopes" if is_slope else "bulk", title, parser=parser, cores=max(2, cores)
    )
    options = report.options
    kinds = [SQLITE, POSTGRESQL] if options.database == "both" else [options.database]
    if POSTGRESQL in kinds and not has_postgres():
        kinds.remove(POSTGRESQL)
        warn("There is no PostgreSQL server on this machine, so it is not measured.")
    figures = {}
    for kind in kinds:
        with ExitStack() as stack:
            base = stack.enter_context(tempfile.TemporaryDirectory(dir=options.folder))
            url = stack.enter_context(database(kind))
            folder = Path(base)
            office = stack.enter_context(make_office(folder / "office", database=url))
            size = _warm_up(folder, options.workers)
            report.write(f"## {version(kind)}", "")
            if is_slope:
                rows = options.rows or _SLOPE_ROWS
                figures[kind] = report_slopes(
                    report, office, folder, rows=rows, step=min(options.step, rows),
                    workers=options.workers, size=size, seed=options.seed,
                )  # fmt: skip
            else:
                figures[kind] = _measure(report, office, folder, options, size)
    report.finish(figures)


def _warm_up(folder: Path, workers: int) -> int:
    """Return how many bytes are signed for a licence; everything has been loaded once then."""
    with make_office(folder / "warm") as office:
        stock = Stock(_WARM_ROWS, bad_rows(_WARM_ROWS))
        measure_job(
            office, folder / "warm.csv", stock, workers=workers, size=1_500, raw_seconds=0.2
        )
        return signed_bytes(office)


def _measure(
    report: Report, office: Workspace, folder: Path, options: argparse.Namespace, size: int
) -> dict[str, float]:
    rows = options.rows or _ROWS
    path = folder / "stock.csv"
    stock = Stock(rows, bad_rows(rows), options.seed)
    done = measure_job(
        office,
        path,
        stock,
        workers=options.workers,
        size=size,
        encoding=options.encoding,
        engine=options.engine,
    )
    per_row = office.engine.size() / done.issued
    _write_figures(report, done, workers=options.workers, size=size, per_row=per_row)
    every = 1 if options.verify_all else -(-done.issued // _VERIFIED_BY_DEFAULT)
    _write_checks(report, office, done, path, every=every, workers=options.workers)
    return {
        "rows": rows, "rate": done.rate, "raw": done.raw_rate, "ratio": done.ratio,
        "plan_rate": rows / done.plan_seconds, "largest_bytes": done.run_bytes,
        "bytes_per_row": per_row,
    }  # fmt: skip


def _write_figures(
    report: Report, done: JobFigures, *, workers: int, size: int, per_row: float
) -> None:
    written = done.written
    before, after = done.raw
    report.write(
        "| what | figure |", "|---|---:|",
        f"| rows of the file, of {len(written.types)} types | {written.rows:,} |",
        f"| of them bad | {len(written.faults):,} |",
        f"| planned, rows a second | {written.rows / done.plan_seconds:,.0f} |",
        f"| issued, signed and recorded by {workers} processes, licences a second "
        f"| {done.rate:,.0f} |",
        f"| bare signatures of {size:,} bytes by {workers} processes, a second, before … after "
        f"| {before:,.0f} … {after:,.0f} |",
        f"| **licences for each bare signature** | **{done.ratio:.3f}** |",
        f"| largest process while planning, MiB | {done.plan_bytes / _MIB:,.0f} |",
        f"| largest process while issuing, MiB | {done.run_bytes / _MIB:,.0f} |",
        f"| database, bytes a licence | {per_row:,.0f} |",
        "",
    )  # fmt: skip


def _write_checks(
    report: Report, office: Workspace, done: JobFigures, path: Path, *, every: int, workers: int
) -> None:
    told = faults_of_report(office, done.job_id, path)
    rows_told = done.issued + done.refused
    if rows_told != done.written.rows or done.issued != done.written.good:
        told.append(f"{done.issued} issued and {done.refused} refused of {done.written.rows}")
    found = told + faults_of_register(office)
    verified = verify_signatures(office.path, every=every, workers=workers)
    found += verified.faults
    if found:
        for fault in found[:20]:
            warn(fault)
        raise SystemExit(1)
    share = "every one" if every == 1 else f"one in {every}"
    report.write(
        f"- every row is issued with its own number, or refused: {done.issued:,} + "
        f"{done.refused:,} = {rows_told:,}; exactly the bad ones are refused",
        "- licence ids, numbers by type and status indexes are unique; each licence has one event "
        "and one credential, each credential one slot; the audit trail is whole",
        f"- signatures verified: {verified.count:,} ({share}), each naming its licence and slot",
        "",
    )  # fmt: skip


if __name__ == "__main__":
    main()
