"""Recognition: what lists and mapping add to one verification, and how long they take to load.

Guangdong's 1,333 licence types and twenty agreements: what a window of a large region holds.
"""

from __future__ import annotations

import argparse
import tempfile
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

import sample
from bench_verify import HOLDERS, Office
from guangan import SEED
from guangan_types import licence_types
from harness import Case, LocalBench, each, measure, repeated
from openpyxl import Workbook
from raw import raw_verifying
from report import Report

import ecert
from ecert.demo import demo_region, demo_roots
from ecert.interop.entry import Entry, Side
from ecert.interop.mapping import Copy, DateForm, Rename, ValueTable
from ecert.interop.recognition import RecognitionList
from ecert.interop.workbook.head import HeadGiven
from ecert.interop.workbook.reading import read_list
from ecert.model.catalogue import builtin
from ecert.store.engine import open_engine
from ecert.store.knowledge import SQLKnowledgeStore
from ecert.trust.catalogue import CatalogueDocument
from ecert.trust.roots import Role
from ecert.verify.knowledge import Knowledge
from ecert.verify.recognition import Recognition, recognise
from ecert.verify.storage import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ecert.model.catalogue import LicenceType
    from ecert.verify.checks import Case as CheckedCase
    from ecert.verify.storage import KnowledgeStore
    from ecert.verify.verifier import Verifier

TYPES: Final = 1_333
AGREEMENTS: Final = 20
# Lists that hold between Sichuan and Chongqing: their own, and three of more parties.
_WIDER: Final = 3
_ENTRIES: Final = 60
_ROWS: Final = 5_000
_SICHUAN, _CHONGQING = "510000", "500000"
_OTHERS: Final = (
    "110000", "120000", "130000", "310000", "320000", "330000", "340000", "350000", "360000",
    "430000", "440000", "450000", "460000", "520000", "530000", "610000",
)  # fmt: skip


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    report = Report("recognition", "Recognition", parser=parser)
    office = Office(sample.make_issuer())
    own = licence_types(SEED, TYPES - len(builtin()))
    lists = list(_agreements(own))
    little, much = MemoryStore(), MemoryStore()
    _fill(little, office, own[:0], [_list(1, (_SICHUAN, _CHONGQING), _all_of(()))])
    _fill(much, office, own, lists)
    entries = sum(len(one.entries) for one in lists)
    report.write(
        f"{TYPES:,} licence types; {AGREEMENTS} recognition lists with {entries:,} entries, "
        f"{1 + _WIDER} of which recognise the licence.", "",
    )  # fmt: skip
    _verifying(report, office, little, much)
    _loading(report, little, much)
    _reading(report)
    report.finish()


# -- what is measured -------------------------------------------------------------------------


def _verifying(
    report: Report, office: Office, little: KnowledgeStore, much: KnowledgeStore
) -> None:
    at_home = _window(_SICHUAN, much)
    windows = {
        "at home: no list is asked": at_home,
        "1 agreement, 11 types": _window(_CHONGQING, little),
        f"{AGREEMENTS} agreements, {TYPES:,} types": _window(_CHONGQING, much),
    }
    key = sample.licence_key(at_home, office.issuer)
    codes = office.codes("full", 1, HOLDERS)
    raw = raw_verifying(
        "2 raw verifications",
        [
            sample.signatures_in(code, key, holder.public)
            for code, holder in zip(codes, office.holders, strict=True)
        ],
    )
    cases = [
        Case(name, each(lambda count: office.codes("full", 1, count), _checking(window)), raw.name)
        for name, window in windows.items()
    ]
    alone = [
        Case(f"recognition and mapping alone, {name}", repeated(_recognising(window, codes[0])))
        for name, window in list(windows.items())[1:]
    ]
    rows = measure([LocalBench("full profile, eight fields", [raw, *cases, *alone])], report.rounds)
    report.rows("A show code, every check, each code a new one", rows)
    home, *abroad = rows[1 : 1 + len(cases)]
    for row in abroad:
        report.write(
            f"- {row.name}: {(row.seconds - home.seconds) * 1e6:+.1f} µs more than at home"
        )
    report.write("")


def _loading(report: Report, little: MemoryStore, much: MemoryStore) -> None:
    def load(store: KnowledgeStore) -> Knowledge:
        return Knowledge(_CHONGQING, store=store, clock=lambda: sample.AT)

    with tempfile.TemporaryDirectory() as folder, open_engine(Path(folder) / "ecert.db") as engine:
        kept = SQLKnowledgeStore(engine)
        marks = much.marks()
        for stored in much.documents():
            kept.put(stored, marks[stored.slot], expected=None)
        cases = [
            Case("1 agreement, 11 types", repeated(lambda: load(little))),
            Case(f"{AGREEMENTS} agreements, {TYPES:,} types", repeated(lambda: load(much))),
            Case("the same from SQLite", repeated(lambda: load(kept))),
        ]
        report.waits("Loading: every signature proven again", LocalBench("knowledge", cases))


def _reading(report: Report) -> None:
    """Read an office's workbook: names of types, no codes, a text in every cell."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [_workbook(Path(folder) / f"{rows}.xlsx", rows) for rows in (500, _ROWS)]
        cases = [Case(f"{path.stem} rows", repeated(partial(_read, path))) for path in paths]
        report.waits("Checking an office's workbook", LocalBench("workbook", cases))


def _workbook(path: Path, rows: int) -> Path:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("互认清单")
    sheet.append(["川渝电子证照亮证互认实施清单（测量用）"])
    sheet.append(["证照名称", "颁发地区", "认可地区", "应用场景", "编号", "牵头部门", "文件依据"])
    row = ("机动车驾驶证", "四川省", "重庆市", "机动车业务、执法检查")
    for number in range(rows):
        sheet.append([*row, f"{number:06}", "公安厅（局）", f"样例〔2026〕{number}号"])
    book.save(path)
    return path


def _read(path: Path) -> None:
    given = HeadGiven(
        title="测量用", list_id="measured", document_number="样例〔2026〕1号", owner=_SICHUAN,
        parties=(_SICHUAN, _CHONGQING), issued=sample.AT, expires=sample.AT + timedelta(days=29),
    )  # fmt: skip
    reading = read_list(path, catalogue=builtin(), at=sample.AT, given=given)
    if reading.document is None:
        raise ValueError(f"a good workbook was refused: {reading.faults[:1]}")


def _checking(window: Verifier) -> Callable[[str], None]:
    def verify(code: str) -> None:
        verdict = window.verify(code, matter=sample.MATTER)
        if not verdict.accepted:
            raise ValueError(f"a good code was not accepted: {verdict.reason}")

    return verify


def _recognising(window: Verifier, code: str) -> Callable[[], None]:
    """Return the last step of a verification of ``code``, to be made again and again."""
    seen: list[CheckedCase] = []

    def watched(case: CheckedCase, **other: Any) -> Recognition:
        seen.append(case)
        return recognise(case, **other)

    with patch("ecert.verify.judging.recognise", watched):
        window.verify(code, matter=sample.MATTER)
    knowledge = window.knowledge

    def work() -> None:
        found = recognise(
            seen[0], book=knowledge.recognition, catalogue=knowledge.catalogue,
            region=window.region, matter=sample.MATTER,
        )  # fmt: skip
        if found.licence is None:
            raise ValueError("a good code was not recognised")
        found.licence()

    return work


def _window(region: str, store: KnowledgeStore) -> Verifier:
    knowledge = Knowledge(region, store=store, clock=lambda: sample.AT)
    return ecert.Verifier(region, knowledge=knowledge, clock=lambda: sample.AT)


# -- what is loaded ---------------------------------------------------------------------------


def _fill(
    store: MemoryStore, office: Office, own: Sequence[LicenceType], lists: Sequence[RecognitionList]
) -> None:
    knowledge = Knowledge(_CHONGQING, store=store, clock=lambda: sample.AT)
    parties = sorted({party for one in lists for party in one.parties})
    knowledge.pin(demo_roots(*parties), at=sample.AT)
    for document in (office.issuer.trust_list(), office.issuer.status_list()):
        knowledge.accept(document, at=sample.AT)
    if own:
        head = _head(_SICHUAN, (_SICHUAN, _CHONGQING))
        catalogue = CatalogueDocument(**head, types=tuple(own))
        signers = demo_region(_SICHUAN).signers[Role.CATALOGUE]
        knowledge.accept(catalogue.signed_by(signers), at=sample.AT)
    for one in lists:
        keys = [k for p in one.parties for k in demo_region(p).signers[Role.RECOGNITION_LIST]]
        knowledge.accept(one.signed_by(keys), at=sample.AT)


def _agreements(own: Sequence[LicenceType]) -> Iterator[RecognitionList]:
    """Give the list of all types with Sichuan, wider ones, and those with others."""
    numbers = iter(range(1, AGREEMENTS + 1))
    yield _list(next(numbers), (_SICHUAN, _CHONGQING), _all_of(own))
    for more in range(_WIDER):
        wider = (_SICHUAN, _CHONGQING, *_OTHERS[more : more + 2])
        yield _list(next(numbers), wider, _all_of(own[:_ENTRIES]))
    for number, other in zip(numbers, _OTHERS, strict=True):
        yield _list(number, (other, _CHONGQING), list(builtin()) * 5)


def _all_of(own: Sequence[LicenceType]) -> list[LicenceType]:
    return [*builtin(), *own]


def _list(number: int, parties: tuple[str, ...], types: Sequence[LicenceType]) -> RecognitionList:
    source, target = parties[0], parties[1]
    return RecognitionList(
        **_head(source, parties),
        list_id=f"measured-{number}",
        title=f"第{number}份互认清单（测量用）",
        document_number=f"样例〔2026〕{number}号",
        parties=parties,
        sample=True,
        entries=tuple(
            _entry(f"{number}-{place}", source, target, one) for place, one in enumerate(types)
        ),
    )


def _entry(name: str, source: str, target: str, licence_type: LicenceType) -> Entry:
    mapped = tuple(
        DateForm(source=spec.name, target=spec.name, form="YYYY年MM月DD日")
        if spec.kind == "date"
        else Rename(source=spec.name, target=spec.name)
        if spec.kind == "code"
        else ValueTable(
            source=spec.name, target=spec.name, values={"男": "男性", "女": "女性"}, default="其他"
        )
        if spec.name == "性别"
        else Copy(source=spec.name)
        for spec in licence_type.fields
    )
    return Entry(
        id=name,
        source=Side(region=source, type=licence_type.code),
        target=Side(region=target, type=_target_of(licence_type).code),
        issuers=("*",),
        matters=(sample.MATTER, "执法检查", "企业登记", "道路运输业务"),
        fields=mapped,
        required=tuple(spec.name for spec in licence_type.fields if spec.required),
        valid_from=date(2026, 1, 1),
        basis="样例〔2026〕1号",
    )


def _target_of(licence_type: LicenceType) -> LicenceType:
    """Return what a type is recognised as: a national one, for each region has only its own."""
    national = builtin()
    return national.get(licence_type.code) or national.require(sample.TYPE_NAME)


def _head(owner: str, audience: tuple[str, ...]) -> dict[str, object]:
    return {
        "owner": owner, "audience": audience, "version": 1,
        "issued": sample.AT - timedelta(days=1), "expires": sample.AT + timedelta(days=29),
    }  # fmt: skip


if __name__ == "__main__":
    main()
