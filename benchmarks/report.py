"""Writes measurements as tables, with the machine and the versions that they hold for."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from contextlib import suppress
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from harness import ROUNDS, measure

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from harness import Bench, Row

# Rounds of what takes half a second each.
WAITS = 15
RESULTS = Path(__file__).parent / "results"
PACKAGES = ("ecert", "cryptography", "cbor2", "orjson", "pydantic", "SQLAlchemy")


class Report:
    """The tables of one subject: printed, and with ``--save`` kept in ``results/``.

    Args:
        subject: Name of the file in ``results/``.
        title: Its heading.
        parser: Options of the measurement's own, if it has any.
        cores: How many processors are used.

    Attributes:
        options: What stood on the command line.
        rounds: Interleaved rounds that were asked for.
    """

    def __init__(
        self,
        subject: str,
        title: str,
        *,
        parser: argparse.ArgumentParser | None = None,
        cores: int = 1,
    ) -> None:
        self._subject = subject
        self.options = _options(parser or argparse.ArgumentParser())
        self.rounds: int = self.options.rounds
        self._save: bool = self.options.save
        self._lines: list[str] = []
        if cores == 1:
            _stay_on_one_core()
        self.write(f"# {title}", "", *_machine(cores), "")

    def write(self, *lines: str) -> None:
        """Add lines of text."""
        for line in lines:
            print(line, flush=True)
        self._lines += lines

    def table(self, title: str, benches: Sequence[Bench]) -> None:
        """Measure some benches and add their table."""
        self.rows(title, measure(benches, self.rounds))

    def rows(self, title: str, rows: Sequence[Row]) -> None:
        """Add the table of what was measured already."""
        self.write(f"## {title}", "", *_table(rows), "")

    def waits(self, title: str, bench: Bench) -> None:
        """Measure what takes milliseconds, and add a table of the time above the first case."""
        rows = measure([bench], min(self.rounds, WAITS))
        self.write(f"## {title}", "", *_waits(rows), "")

    def finish(self, figures: Mapping[str, object] | None = None) -> None:
        """Keep the report, and figures that the documentation takes from it, if asked."""
        if self._save:
            RESULTS.mkdir(exist_ok=True)
            if figures is not None:
                kept = json.dumps(figures, indent=2, ensure_ascii=False) + "\n"
                (RESULTS / f"{self._subject}.json").write_text(kept, "utf-8")
            text = "\n".join(self._lines).rstrip() + "\n"
            (RESULTS / f"{self._subject}.md").write_text(text, "utf-8")


def _options(parser: argparse.ArgumentParser) -> argparse.Namespace:
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="interleaved rounds")
    parser.add_argument("--save", action="store_true", help="keep the tables in results/")
    return parser.parse_args()


def _table(rows: Iterable[Row]) -> list[str]:
    lines = [
        "| | case | a second | µs each | fastest … slowest round | times its raw signatures |",
        "|---|---|---:|---:|---:|---:|",
    ]
    for row in rows:
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        span = f"{_micro(row.fastest)} … {_micro(row.slowest)}"
        figures = f"{_rate(row.seconds)} | {_micro(row.seconds)} | {span} | {ratio}"
        lines.append(f"| {row.bench} | {row.name} | {figures} |")
    return lines


def _waits(rows: Sequence[Row]) -> list[str]:
    lines = ["| case | ms | fastest … slowest | more than the first |", "|---|---:|---:|---:|"]
    for row in rows:
        more = f"{(row.seconds - rows[0].seconds) * 1e3:,.0f}"
        span = f"{row.fastest * 1e3:,.0f} … {row.slowest * 1e3:,.0f}"
        lines.append(f"| {row.name} | {row.seconds * 1e3:,.0f} | {span} | {more} |")
    return lines


def _rate(seconds: float) -> str:
    rate = 1 / seconds
    return f"{rate:,.0f}" if rate >= 10 else f"{rate:.1f}"


def _micro(seconds: float) -> str:
    return f"{seconds * 1e6:,.1f}"


def _stay_on_one_core() -> None:
    # A process that moves between cores loses its caches; macOS and Windows decide for
    # themselves.
    with suppress(AttributeError, OSError):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def _machine(cores: int) -> list[str]:
    date = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    system = f"{platform.system()} {platform.release()}"
    used = "one is used" if cores == 1 else f"{cores} are used"
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in PACKAGES)
    return [
        f"- {date}; {_processor()}, {os.cpu_count()} cores, of which {used}",
        f"- {system}; Python {platform.python_version()}; {_openssl()}",
        f"- {versions}",
    ]


def _processor() -> str:
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _openssl() -> str:
    # The one inside the cryptography wheel, which makes and checks the P-256 signatures.
    from cryptography.hazmat.backends.openssl import backend  # noqa: PLC0415

    return str(backend.openssl_version_text())


def warn(text: str) -> None:
    """Tell the person at the terminal."""
    print(text, file=sys.stderr, flush=True)
