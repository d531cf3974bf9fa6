"""The table of the deployment page: what `benchmarks/bench_bulk.py --slopes --save` measured."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
MEASURED: Final = ROOT / "benchmarks" / "results" / "bulk-slopes.json"
_SHOWN: Final = (200_000, 1_000_000, 3_000_000)
_NAMES: Final = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def slopes() -> str:
    """Return the measured steps and what follows from them; a note if nothing was measured."""
    if not MEASURED.exists():
        return (
            'Not measured yet: `make bench BENCH=bulk ARGS="--slopes --save"` on a quiet machine '
            "(an hour), then `make docs`."
        )  # fmt: skip
    measured: dict[str, Any] = json.loads(MEASURED.read_text("utf-8"))
    return "\n".join([*_steps(measured), "", *_fifty_million(measured)])


def _steps(measured: dict[str, Any]) -> list[str]:
    rows = [
        (
            "| database | licences in the register | licences a second "
            "| share of the raw signing rate | bytes a licence | largest process, MB |"
        ),
        "|---|--:|--:|--:|--:|--:|",
    ]
    for kind, figures in measured.items():
        steps = figures["steps"]
        for size in _SHOWN:
            # The step that came nearest; a shorter run shows what it reached, once.
            one = min(steps, key=lambda step: abs(step["licences"] - size))
            row = (
                f"| {_NAMES[kind]} | {one['licences']:,} | {one['rate']:,.0f} "
                f"| {one['rate'] / one['raw']:.2f} | {one['bytes'] / one['licences']:,.0f} "
                f"| {one['largest'] / 1e6:,.0f} |"
            )
            if row not in rows:
                rows.append(row)
    return rows


def _fifty_million(measured: dict[str, Any]) -> list[str]:
    sys.path.insert(0, str(ROOT / "benchmarks"))
    import slope_lines  # noqa: PLC0415 - only where something was measured

    rows = [
        (
            "| database | a quarter dearer from | licences a second at 50 million | hours for all "
            "| database, GB |"
        ),
        "|---|--:|--:|--:|--:|",
    ]
    for kind, figures in measured.items():
        told = slope_lines.fifty_million([slope_lines.Step(**one) for one in figures["steps"]])
        bent = f"{told.bent:,}" if told.bent else "not seen"
        rows.append(
            f"| {_NAMES[kind]} | {bent} | {told.rate:,.0f} | {told.hours:,.1f} "
            f"| {told.gigabytes:,.0f} |"
        )
    return rows
