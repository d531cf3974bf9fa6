"""Matters: loading a city's catalogue, looking one up, searching, and what one needs today."""

from __future__ import annotations

import csv
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import guangan_matters
import orjson
from harness import Case, LocalBench, each, repeated
from report import Report

from ecert.interop.decision import ListInForce
from ecert.interop.matters.catalogue import MatterCatalogue
from ecert.interop.matters.importing import MATTER_HEADINGS, MatterTable
from ecert.interop.matters.matter_file import read_matters, write_matters
from ecert.interop.matters.rate import rate
from ecert.interop.matters.requirements import HeldType, requirements
from ecert.interop.recognition import Entry, RecognitionList, Side
from ecert.model.catalogue import builtin
from ecert.sheets.reading import open_table

AT = datetime(2026, 11, 22, 2, tzinfo=UTC)


def main() -> None:
    """Measure and report."""
    report = Report("matters", f"Matters: {guangan_matters.MATTERS:,}")
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "事项清单.csv"
        guangan_matters.write(table)
        matters = _read(table)
        data = write_matters(matters)
        report.write(
            f"- the file of matters: {len(data) / 1e6:.1f} MB",
            "- nothing is signed: the last column compares with the row that is 1.00",
            "",
        )
        report.table("The whole catalogue", [_whole(table, data)])
        report.table("One question", [_questions(MatterCatalogue(matters))])
    report.finish()


def _read(table: Path) -> tuple:
    with open_table(table, headings=MATTER_HEADINGS) as opened:
        found = tuple(one.matter for one in MatterTable(opened, builtin(), "511600"))
    if len(found) != guangan_matters.MATTERS or None in found:
        raise SystemExit("the table was not read whole")
    return found


def _whole(table: Path, data: bytes) -> LocalBench:
    matters = read_matters(data)
    # The least each needs: the same bytes parsed, and no question asked.
    parse = Case("the same JSON, parsed by orjson alone", repeated(lambda: orjson.loads(data)))
    plain = Case("the same CSV, read by the standard library alone", repeated(lambda: _csv(table)))
    load = Case(
        "loading: bytes → catalogue, every value checked",
        repeated(lambda: MatterCatalogue(read_matters(data))), raw=parse.name,
    )  # fmt: skip
    take_in = Case(
        "importing: CSV → matters, materials matched",
        repeated(lambda: _read(table)),
        raw=plain.name,
    )
    counting = Case("the rate, by department and region", repeated(lambda: rate(matters)))
    return LocalBench("ecert", [parse, load, plain, take_in, counting], seconds=0)


def _csv(table: Path) -> int:
    with table.open(encoding="utf-8", newline="") as file:
        return sum(1 for _ in csv.reader(file))


def _questions(catalogue: MatterCatalogue) -> LocalBench:
    codes = [one.code for one in catalogue]
    names = [one.name for one in catalogue]
    by_code = {one.code: one for one in catalogue}
    lists, some = _lists(), list(catalogue)[::431]
    holds = (HeldType(builtin().require("居民身份证").code, "500000"),)
    types = builtin()
    raw = Case("one look-up in a dict", each(lambda n: _some(codes, n), lambda code: by_code[code]))
    catalogue.search("sfz")  # laid out at the first question
    return LocalBench(
        "ecert",
        [
            raw,
            Case("by code", each(lambda n: _some(codes, n), catalogue.get), raw=raw.name),
            Case("by name", each(lambda n: _some(names, n), catalogue.named), raw=raw.name),
            Case("search: two words", repeated(lambda: catalogue.search("变更 营业执照"))),
            Case("search: pinyin initials", repeated(lambda: catalogue.search("jszhf"))),
            Case(
                "search: no word fits, nearest told", repeated(lambda: catalogue.search("驾照换领"))
            ),
            Case(
                "requirements, 40 entries in force, one licence held",
                each(
                    lambda n: _some(some, n),
                    lambda one: requirements(
                        one, one.region, lists=lists, catalogue=types, at=AT, holds=holds
                    ),
                ),
                raw=raw.name,
            ),
        ],
    )


def _some(values: list, count: int) -> list:
    # Far apart, so that no cache has the next one.
    return [values[place * 7919 % len(values)] for place in range(count)]


def _lists() -> tuple[ListInForce, ...]:
    types = [one.code for one in builtin()]
    entries = tuple(
        Entry(
            id=f"川-{number}",
            source=Side(region="500000", type=types[number % len(types)]),
            target=Side(region="510000", type=types[number % len(types)]),
            issuers=("*",),
            matters=("*",) if number % 2 else ("机动车业务", "图书借阅"),
            valid_from=date(2026, 1, 1),
            basis="样例〔2026〕1号",
        )
        for number in range(40)
    )
    document = RecognitionList(
        owner="510000", audience=("510000", "500000"), version=1, issued=AT - timedelta(days=1),
        expires=AT + timedelta(days=30), list_id="bench", title="样例", document_number="样例",
        parties=("510000", "500000"), sample=True, entries=entries,
    )  # fmt: skip
    return (ListInForce(document, "0" * 64),)


if __name__ == "__main__":
    main()
