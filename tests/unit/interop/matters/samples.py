"""Matters, types and recognition lists for these tests; all invented."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from ecert.interop.decision import ListInForce
from ecert.interop.matters.importing import MATTER_HEADINGS, CheckedMatter, MatterTable
from ecert.interop.matters.matter import LicenceChoice, Matter, Need, PaperChoice
from ecert.model.catalogue import builtin
from ecert.sheets.reading import open_table
from tests.unit.interop import regions

if TYPE_CHECKING:
    from pathlib import Path

    from ecert.interop.matters.requirements import HeldType  # noqa: F401
    from ecert.interop.recognition import Entry

AT = regions.AT
SICHUAN, GUANGAN, CHONGQING, YUZHONG = (
    regions.SICHUAN, regions.GUANGAN, regions.CHONGQING, regions.YUZHONG,
)  # fmt: skip
IDENTITY = builtin().require("居民身份证").code
BUSINESS = builtin().require("营业执照").code
DRIVING = builtin().require("机动车驾驶证").code


def need(*choices: str | LicenceChoice | PaperChoice) -> Need:
    """Return a need; text is a type code."""
    return Need(tuple(LicenceChoice(one) if isinstance(one, str) else one for one in choices))


def matter(*needs: Need, **changes: Any) -> Matter:
    """Return a matter that Chongqing handles."""
    parts: dict[str, Any] = {
        "code": "SL-1", "name": "公证办理", "region": CHONGQING, "department": "司法局",
        "needs": needs,
    }  # fmt: skip
    return Matter(**(parts | changes))


def in_force(*entries: Entry, **changes: Any) -> ListInForce:
    """Return a list of Sichuan with Chongqing, as it is when it is in force."""
    return ListInForce(regions.recognition_list(*entries, **changes), "0" * 64)


def entry(type_code: str = IDENTITY, **changes: Any) -> Entry:
    """Return an entry Sichuan → Chongqing for all matters."""
    sides = {
        "source": regions.side(SICHUAN, type_code),
        "target": regions.side(CHONGQING, type_code),
    }
    return regions.entry(**({"valid_from": date(2026, 1, 1)} | sides | changes))


def read_table(path: Path, text: str, **options: Any) -> list[CheckedMatter]:
    """Write a table and read its matters."""
    path.write_text(text, "utf-8")
    with open_table(path, headings=MATTER_HEADINGS) as table:
        return list(MatterTable(table, builtin(), GUANGAN, **options))
