"""Lists of applications for tests, as CSV."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ecert.issuers.bulk.applications import open_applications
from ecert.model.catalogue import builtin
from ecert.model.codes import make_uscc, resident_id_check_character

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ecert.issuers.bulk.applications import CheckedRow

AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
ZHANG = "510681199003071237"
SHOP = make_uscc("91", "511623", "MA6AAAAA")


def person(order: int) -> str:
    body = f"51068119900307{order:03d}"
    return body + resident_id_check_character(body)


DRIVING = {
    "证照类型": "机动车驾驶证",
    "证号": ZHANG,
    "姓名": "张伟",
    "身份证号": ZHANG,
    "有效期起": "2026-06-01",
    "有效期至": "2031-06-01",
    "准驾车型": "C1",
}
"""One good row."""


def write_list(path: Path, *rows: dict[str, str]) -> Path:
    headings = list(dict.fromkeys(heading for row in rows for heading in row))
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, headings)
        writer.writeheader()
        writer.writerows(rows)
    return path


def check(path: Path, *rows: dict[str, str], type_name: str | None = None) -> list[CheckedRow]:
    """Return what becomes of rows."""
    write_list(path, *rows)
    with open_applications(path, builtin(), at=AT, type_name=type_name) as reader:
        return list(reader)


def told(row: CheckedRow) -> list[tuple[str, str, str]]:
    """Return cell, heading and Chinese wording of each fault, all of which must be complete."""
    assert (row.application is None) == bool(row.faults)
    for fault in row.faults:
        assert fault.en
        assert fault.message("zh").startswith(fault.cell if fault.column is not None else "第")
        assert fault.remark().column == fault.column
    return [(fault.cell, fault.what, fault.zh) for fault in row.faults]


def meanings(faults: Sequence[tuple[str, str, str]]) -> list[tuple[str, str]]:
    return [(cell, zh) for cell, _, zh in faults]
