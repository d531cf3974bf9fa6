"""Rows that SQLite cannot read as what they should be: found, with their place, and passed by."""

# ruff: noqa: S608 - the statements are the test's own

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from ecert.sign.keys import PrivateKey
from ecert.store.engine import open_engine
from ecert.store.receipts import SQLReceipts
from ecert.verify.receipt_check import ReceiptFault, ReceiptKey, check_receipts
from ecert.verify.receipts import ReceiptQuery
from tests.unit.verify.sample_receipts import AT, WINDOW, a_receipt, follow

if TYPE_CHECKING:
    from pathlib import Path

KEY = PrivateKey.generate()
ROWS, PLACE = 9, 4
NO_TEXT = "CAST(x'e5bcffe4' AS TEXT)"
"""Bytes that SQLite keeps as text, and that are none."""


@pytest.fixture
def path(path: Path) -> Path:
    """A file with a chain of receipts."""
    with open_engine(path) as engine:
        many = [a_receipt(number, at=AT) for number in range(1, ROWS + 1)]
        SQLReceipts(engine).append(WINDOW, follow(many, KEY))
    return path


def found(path: Path) -> dict[int, set[ReceiptFault]]:
    """Check the chain to its end; return what is wrong, by number."""
    with open_engine(path) as engine, SQLReceipts(engine).view() as view:
        report = check_receipts(view, (ReceiptKey(KEY.public, AT),))
    assert report.receipts == ROWS
    told: dict[int, set[ReceiptFault]] = {}
    for one in report.findings:
        told.setdefault(one.number, set()).add(one.fault)
    return told


def change(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute(statement).rowcount == 1
        connection.commit()


@pytest.mark.parametrize(
    ("column", "value", "fault"),
    [
        ("token", NO_TEXT, ReceiptFault.DAMAGED),
        ("token", "x'ff00ff'", ReceiptFault.DAMAGED),
        ("token", "x'01ffffffff00'", ReceiptFault.DAMAGED),
        ("token", "x'01'", ReceiptFault.DAMAGED),
        ("token", "''", ReceiptFault.DAMAGED),
        ("token", "17", ReceiptFault.DAMAGED),
        ("token", "'張.偉.證'", ReceiptFault.DAMAGED),
        ("case_number", NO_TEXT, ReceiptFault.INDEX_CHANGED),
        ("outcome", NO_TEXT, ReceiptFault.INDEX_CHANGED),
        ("outcome", "x'ff'", ReceiptFault.INDEX_CHANGED),
        ("at", "9223372036854775807", ReceiptFault.INDEX_CHANGED),
        ("at", "-9223372036854775808", ReceiptFault.INDEX_CHANGED),
        ("at", NO_TEXT, ReceiptFault.INDEX_CHANGED),
        ("at", "'tomorrow'", ReceiptFault.INDEX_CHANGED),
        ("at", "1.5e300", ReceiptFault.INDEX_CHANGED),
    ],
)
def test_a_damaged_receipt_is_found_and_the_others_are_checked_all_the_same(
    path: Path, column: str, value: str, fault: ReceiptFault
) -> None:
    change(path, f"UPDATE receipt SET {column} = {value} WHERE number = {PLACE}")
    assert found(path) == {PLACE: {fault}}
    # And it hides none of the others from whoever looks for them.
    with open_engine(path) as engine:
        store = SQLReceipts(engine)
        assert [one.number for one in store.find(ReceiptQuery(window=WINDOW))] == [*range(1, 10)]
        one = store.get(WINDOW, PLACE)
    assert one is not None
    assert one.number == PLACE


def test_a_second_damage_is_found_too(path: Path) -> None:
    for number in (2, 7):
        change(path, f"UPDATE receipt SET token = {NO_TEXT} WHERE number = {number}")
    change(path, f"UPDATE receipt SET outcome = 'refused' WHERE number = {PLACE}")
    damaged, changed = {ReceiptFault.DAMAGED}, {ReceiptFault.INDEX_CHANGED}
    assert found(path) == {2: damaged, PLACE: changed, 7: damaged}


def test_one_damaged_byte_of_the_file_is_found(path: Path) -> None:
    with open_engine(path) as engine:
        kept = SQLReceipts(engine).get(WINDOW, PLACE)
    assert kept is not None
    assert kept.case is not None
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = path.read_bytes()
    case = f"{kept.case}{kept.outcome}".encode()
    assert data.count(case) == 1
    at = data.index(case)
    path.write_bytes(data[:at] + b"\xff" + data[at + 1 :])
    assert found(path) == {PLACE: {ReceiptFault.INDEX_CHANGED}}


@pytest.mark.parametrize("column", ["name", "digest"])
def test_a_damaged_window_is_found(path: Path, column: str) -> None:
    change(path, f"UPDATE receipt_window SET {column} = {NO_TEXT}")
    told = found(path)
    assert ReceiptFault.HEAD_CHANGED in told[ROWS] or ReceiptFault.INDEX_CHANGED in told[ROWS]


def test_a_damaged_entry_of_the_index_is_found(path: Path) -> None:
    change(path, f"UPDATE receipt_licence SET licence = {NO_TEXT} WHERE number = {PLACE}")
    assert found(path) == {PLACE: {ReceiptFault.INDEX_CHANGED}}
