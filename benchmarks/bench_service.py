"""The service under load: one worker, 32 connections, every code a fresh one.

``wrk`` posts the codes; beside it stand the bare cost of the two signatures in each, measured in
the same run, and ``/health``, which is what the HTTP stack costs by itself.  The service's clock
stands still, so that codes made beforehand have not run out; everything else is as on any day:
tokens looked up, codes remembered in SQLite with every commit on disk, requests logged.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import sample
from harness import LocalBench, measure
from raw import raw_verifying
from report import Report, warn
from window_service import HOLDERS, ServedWindow

CONNECTIONS = 32
SECONDS, WARMING = 60, 5
# More codes than the warming up lets expect.
SPARE = 2.0
SCRIPT = Path(__file__).parent / "service.lua"
RAW_ROUNDS, SYNCS = 5, 50


@dataclass(frozen=True, slots=True)
class Load:
    """What came of one load.

    Attributes:
        rate: Answers a second.
        p50: Milliseconds within which half of them came.
        p99: Milliseconds within which 99 of 100 came.
        processor: Milliseconds of the worker's processor time for each.
        told: What the script counted; empty without it.
    """

    rate: float
    p50: float
    p99: float
    processor: float
    told: dict[str, int]


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=SECONDS, help="how long the load lasts")
    report = Report("service", "The service under load", parser=parser, cores=2)
    if shutil.which("wrk") is None:
        warn("wrk is not installed (Debian: apt-get install wrk); nothing was measured")
        sys.exit(1)
    seconds: int = report.options.seconds
    with tempfile.TemporaryDirectory() as folder, ServedWindow(Path(folder)) as window:
        codes = Path(folder) / "codes"
        warm = _verifying(window, codes, WARMING, 10_000)
        before, sync = _raw(window), _sync(Path(folder))
        load = _verifying(window, codes, seconds, int(warm.rate * seconds * SPARE) + 5_000)
        floor = _health(window, WARMING)
        raw = median([before, _raw(window)])
    _write(report, seconds, load, floor, raw)
    report.write(
        f"A write of 4 KiB is on this disk after {sync:.1f} ms; each answer waits for one.", ""
    )
    report.finish()


def _verifying(window: ServedWindow, file: Path, seconds: int, count: int) -> Load:
    """Post fresh codes, and require that each answer is an acceptance."""
    with file.open("w", encoding="ascii") as codes:
        codes.writelines(f"{code}\n" for code in window.codes(count))
    load = _wrk(window, seconds, f"{window.address}", file)
    told = load.told
    if told["errors"] or told["other"] or told["sent"] > told["codes"]:
        raise RuntimeError(f"not every code was accepted: {told}")
    return load


def _health(window: ServedWindow, seconds: int) -> Load:
    return _wrk(window, seconds, f"{window.address}/health", None)


def _wrk(window: ServedWindow, seconds: int, address: str, codes: Path | None) -> Load:
    program = [
        "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "10s", "--latency",
    ]  # fmt: skip
    script = [] if codes is None else ["-s", str(SCRIPT)]
    given = {"CODES": str(codes), "TOKEN": window.token, "MATTER": sample.MATTER}
    begin = window.processor_seconds
    done = subprocess.run(  # noqa: S603 - a program that is looked for on the PATH
        [*program, *script, address], env=os.environ | given, capture_output=True, check=True,
        text=True,
    )  # fmt: skip
    spent = window.processor_seconds - begin
    if codes is None:
        return _read_summary(done.stdout, spent)
    told: dict[str, Any] = json.loads(done.stdout.rpartition("FIGURES ")[2])
    answers = told["requests"]
    return Load(
        answers / told["seconds"], told["p50"] * 1e3, told["p99"] * 1e3, spent / answers * 1e3, told
    )


def _read_summary(text: str, spent: float) -> Load:
    """Read what wrk prints by itself."""
    if "Socket errors" in text or "Non-2xx" in text:
        raise RuntimeError(text)
    answers = int(re.findall(r"(\d+) requests in", text)[0])
    rate = float(re.findall(r"Requests/sec: +([\d.]+)", text)[0])
    return Load(rate, _span(text, "50%"), _span(text, "99%"), spent / answers * 1e3, {})


def _span(text: str, share: str) -> float:
    number, unit = re.findall(rf"{share} +([\d.]+)(us|ms|s)", text)[0]
    return float(number) * {"us": 1e-3, "ms": 1.0, "s": 1e3}[unit]


def _raw(window: ServedWindow) -> float:
    """Return the milliseconds of the two bare verifications in a code."""
    codes = islice(window.codes(10 * HOLDERS), 0, None, HOLDERS)
    case = raw_verifying("2 raw verifications", [window.signatures(code) for code in codes])
    return measure([LocalBench("ecert", [case])], RAW_ROUNDS)[0].seconds * 1e3


def _sync(folder: Path) -> float:
    """Return the milliseconds until a page is on the disk, as after each accepted code."""
    times = []
    with (folder / "page").open("wb", buffering=0) as file:
        for _ in range(SYNCS):
            file.write(bytes(4096))
            begin = perf_counter()
            os.fsync(file.fileno())
            times.append(perf_counter() - begin)
    return median(times) * 1e3


def _write(report: Report, seconds: int, load: Load, floor: Load, raw: float) -> None:
    answers = load.told["requests"]
    report.write(
        f"One worker, {CONNECTIONS} connections of wrk for {seconds} s; every code fresh, of"
        f" {HOLDERS} holders; no receipts.  {answers:,} answers, all of them `accepted`;"
        f" {load.told['errors']} errors.",
        "",
        "| | a second | p50 ms | p99 ms | processor ms each | times its raw signatures |",
        "|---|---:|---:|---:|---:|---:|",
        f"| 2 raw verifications, one core | {1e3 / raw:,.0f} | | | {raw:.3f} | 1.00 |",
        f"| `POST /api/verify` | {_cells(load)} | {load.processor / raw:.1f} |",
        f"| `GET /health` | {_cells(floor)} | {floor.processor / raw:.1f} |",
        "",
    )


def _cells(load: Load) -> str:
    return f"{load.rate:,.0f} | {load.p50:.1f} | {load.p99:.1f} | {load.processor:.3f}"


if __name__ == "__main__":
    main()
