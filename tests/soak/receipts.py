"""A year of receipts at one window: kept, checked, searched; then single bytes are changed."""

from __future__ import annotations

import random  # noqa: TID251 - a seeded choice, repeatable
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

from sqlalchemy import text, update

from ecert.sign.keys import PrivateKey
from ecert.store.engine import open_engine
from ecert.store.receipts import SQLReceipts
from ecert.store.tables import receipt as receipts
from ecert.verify.receipt_check import ReceiptFault, ReceiptKey, check_receipts
from ecert.verify.receipts import ReceiptQuery
from tests.unit.verify.sample_receipts import AT, WINDOW, a_receipt, follow, licence_id

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ecert.store.engine import Engine
    from ecert.verify.receipt_check import ReceiptReport

YEAR_SECONDS = 365 * 24 * 3600
BATCH = 1_000
LOOKED_UP = 200
SIGNATURES = 2_000
_KEPT = "SELECT token FROM receipt WHERE number = :number"
_CHANGE = "UPDATE receipt SET token = :token WHERE number = :number"


@dataclass(frozen=True, slots=True)
class YearOfReceipts:
    """What came out: of ratios, 1 is a bare signature or a bare verification by the same code."""

    receipts: int
    kept_per_second: float
    kept_to_signature: float
    bytes_per_receipt: float
    checked_per_second: float
    checked_to_verification: float
    by_case_ms: float
    by_case_to_verification: float
    by_licence_to_verification: float
    changes_found: int


def keep_a_year(
    folder: Path, *, count: int, seed: int, database: str | None = None
) -> YearOfReceipts:
    """Keep ``count`` receipts, check and search them, and change bytes that must be found."""
    chance, key = random.Random(seed), PrivateKey.generate()
    keys = [ReceiptKey(key.public, AT)]
    signature, verification = _bare(key)
    with open_engine(database or folder / "year.db") as engine:
        store = SQLReceipts(engine)
        empty = engine.size()
        keeping = _seconds(lambda: _keep(store, count, key))
        size = engine.size() - empty
        told: list[ReceiptReport] = []
        checking = _seconds(lambda: told.append(_check(store, keys)))
        report = told[0]
        assert report.clean, report.findings
        assert [head.number for head in report.heads] == [count]
        head = report.heads[0].digest
        by_case, by_licence = _searches(store, count, chance)
        found = _changed(engine, store, keys, head, count, chance)
    return YearOfReceipts(
        receipts=count,
        kept_per_second=count / keeping,
        kept_to_signature=keeping / count / signature,
        bytes_per_receipt=size / count,
        checked_per_second=count / checking,
        checked_to_verification=checking / count / verification,
        by_case_ms=by_case * 1_000,
        by_case_to_verification=by_case / verification,
        by_licence_to_verification=by_licence / verification,
        changes_found=found,
    )


def _bare(key: PrivateKey) -> tuple[float, float]:
    """Return the seconds of one signature and of one verification, by the same suite."""
    messages = [a_receipt(number).to_payload() for number in range(1, 101)]
    made: list[tuple[bytes, bytes]] = []

    def sign() -> None:
        made.extend((key.sign(one), one) for one in messages)

    def verify() -> None:
        for signature, message in made[-len(messages) :]:
            key.public.verify(signature, message)

    rounds = SIGNATURES // len(messages)
    return (
        median(_seconds(sign) for _ in range(rounds)) / len(messages),
        median(_seconds(verify) for _ in range(rounds)) / len(messages),
    )


def _keep(store: SQLReceipts, count: int, key: PrivateKey) -> None:
    step = timedelta(seconds=YEAR_SECONDS / count)
    for first in range(1, count + 1, BATCH):
        day = [
            a_receipt(number, at=AT + number * step)
            for number in range(first, min(first + BATCH, count + 1))
        ]
        store.append(WINDOW, follow(day, key))


def _check(
    store: SQLReceipts, keys: list[ReceiptKey], noted: tuple[str, ...] = ()
) -> ReceiptReport:
    with store.view() as view:
        return check_receipts(view, keys, noted=noted)


def _searches(store: SQLReceipts, count: int, chance: random.Random) -> tuple[float, float]:
    """Return the median seconds of a search by case number, and of one by licence id."""
    times: dict[str, list[float]] = {"case": [], "licence": []}
    for number in (chance.randint(1, count) for _ in range(LOOKED_UP)):
        for name, query in (
            ("case", ReceiptQuery(case=f"2026-{number:07d}")),
            ("licence", ReceiptQuery(licence=licence_id(number))),
        ):
            begin = perf_counter()
            found = store.find(query)
            times[name].append(perf_counter() - begin)
            assert [one.number for one in found] == [number], name
    return median(times["case"]), median(times["licence"])


def _changed(
    engine: Engine, store: SQLReceipts, keys: list[ReceiptKey], head: str, count: int,
    chance: random.Random,
) -> int:  # fmt: skip
    """Change one byte of a receipt, one index column and the head; all three must be told."""
    token, column = chance.sample(range(1, count), 2)
    with engine.write() as connection:
        # Past the program, as the file has it: bytes in SQLite, text in PostgreSQL.
        kept = connection.execute(text(_KEPT), {"number": token}).scalar_one()
        place = chance.randrange(len(kept))
        changed = _with_another_byte(kept, place, chance)
        connection.execute(text(_CHANGE), {"number": token, "token": changed})
        moved = update(receipts).where(receipts.c.number == column)
        connection.execute(moved.values(case_number="2026-0000000"))
        connection.execute(text("UPDATE receipt_window SET number = number - 1"))
    report = _check(store, keys, (head,))
    numbers = {one.number for one in report.findings}
    faults = {one.fault for one in report.findings}
    assert token in numbers or token + 1 in numbers, (token, place, report.findings)
    assert (ReceiptFault.INDEX_CHANGED, column) in {
        (one.fault, one.number) for one in report.findings
    }, report.findings
    assert ReceiptFault.HEAD_CHANGED in faults, report.findings
    assert numbers <= {token, token + 1, column, count}, report.findings
    return 3


def _with_another_byte(kept: str | bytes, place: int, chance: random.Random) -> str | bytes:
    if isinstance(kept, str):
        other = chance.choice([letter for letter in "ABCDabcd0123" if letter != kept[place]])
        return kept[:place] + other + kept[place + 1 :]
    return kept[:place] + bytes([kept[place] ^ chance.randint(1, 255)]) + kept[place + 1 :]


def _seconds(work: Callable[[], object]) -> float:
    begin = perf_counter()
    work()
    return perf_counter() - begin
