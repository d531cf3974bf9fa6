"""Rows that SQLite cannot read as what they should be: found, with their place, and passed by."""

# ruff: noqa: S608 - the statements are the test's own

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.dialects import sqlite

from ecert.errors import FormatError
from ecert.model.characters import require_visible
from ecert.sign.keys import PrivateKey
from ecert.store.as_kept import NO_TEXT as UNREADABLE_TEXT
from ecert.store.as_kept import KeptText
from ecert.store.engine import open_engine
from ecert.store.receipts import SQLReceipts
from ecert.verify.receipt import GENESIS
from ecert.verify.receipt_check import (
    ReceiptFault,
    ReceiptKey,
    check_receipts,
)
from ecert.verify.receipts import ReceiptQuery
from tests.unit.verify.sample_receipts import AT, WINDOW, a_receipt, follow

if TYPE_CHECKING:
    from pathlib import Path

    from ecert.verify.receipt_check import ReceiptReport

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


def checked(path: Path, window: str | None = None) -> ReceiptReport:
    with open_engine(path) as engine, SQLReceipts(engine).view() as view:
        return check_receipts(view, (ReceiptKey(KEY.public, AT),), window=window)


def found(path: Path) -> dict[int, set[ReceiptFault]]:
    """Check the chain to its end; return what is wrong, by number."""
    report = checked(path)
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


AS_BYTES = (
    ("receipt", "at", ReceiptFault.INDEX_CHANGED),
    ("receipt", "case_number", ReceiptFault.INDEX_CHANGED),
    ("receipt", "outcome", ReceiptFault.INDEX_CHANGED),
    ("receipt", "chain", ReceiptFault.GAP),
    ("receipt", "number", ReceiptFault.GAP),
    ("receipt_licence", "licence", ReceiptFault.INDEX_CHANGED),
    ("receipt_licence", "chain", ReceiptFault.INDEX_CHANGED),
    ("receipt_licence", "number", ReceiptFault.INDEX_CHANGED),
)


@pytest.mark.parametrize(("table", "column", "fault"), AS_BYTES)
def test_what_reads_the_same_and_is_found_no_more_is_told(
    path: Path, table: str, column: str, fault: ReceiptFault
) -> None:
    """Bytes equal no text and no number, so that whoever searches gets nothing."""
    change(path, f"UPDATE {table} SET {column} = CAST({column} AS BLOB) WHERE number = {PLACE}")
    told = {(one.fault, one.number) for one in checked(path).findings}
    assert (fault, PLACE) in told
    # Whatever has lost its place is counted, too.
    is_lost = table == "receipt_licence" or fault is ReceiptFault.GAP
    assert ((ReceiptFault.STRAY_INDEX, 0) in told) == (is_lost and column != "licence")
    with open_engine(path) as engine:
        left = SQLReceipts(engine).find(ReceiptQuery(window=WINDOW))
    assert len(left) == ROWS - (column == "chain" and table == "receipt")


@pytest.mark.parametrize(
    ("column", "fault"),
    [
        ("name", ReceiptFault.INDEX_CHANGED),
        ("number", ReceiptFault.HEAD_CHANGED),
        ("digest", ReceiptFault.HEAD_CHANGED),
    ],
)
def test_a_window_of_bytes_is_told(path: Path, column: str, fault: ReceiptFault) -> None:
    change(path, f"UPDATE receipt_window SET {column} = CAST({column} AS BLOB)")
    assert fault in found(path)[ROWS]


@pytest.mark.parametrize(
    ("table", "column", "fault"),
    [
        ("receipt", "at", ReceiptFault.INDEX_CHANGED),
        ("receipt", "outcome", ReceiptFault.INDEX_CHANGED),
        ("receipt", "token", ReceiptFault.DAMAGED),
        ("receipt_window", "name", ReceiptFault.INDEX_CHANGED),
        ("receipt_window", "number", ReceiptFault.HEAD_CHANGED),
        ("receipt_window", "digest", ReceiptFault.HEAD_CHANGED),
    ],
)
def test_what_is_gone_from_a_row_is_told(
    path: Path, table: str, column: str, fault: ReceiptFault
) -> None:
    """Bytes damaged at a row's begin make NULL of a value, whatever the table forbids."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_master SET sql = replace(sql, ' NOT NULL', '') WHERE name = ?", (table,)
        )
        connection.commit()
    is_window = table == "receipt_window"
    number = ROWS if is_window else PLACE
    change(path, f"UPDATE {table} SET {column} = NULL WHERE number = {number}")
    assert fault in found(path)[number]
    assert checked(path, WINDOW).findings


@pytest.mark.parametrize("value", ["' 17'", "'1_7'", "'+17'", "'017'", "17.5"])
def test_what_is_only_like_a_number_is_none(path: Path, value: str) -> None:
    cast = value if value == "17.5" else f"CAST({value} AS BLOB)"
    change(path, f"UPDATE receipt SET at = {cast} WHERE number = {PLACE}")
    with open_engine(path) as engine:
        one = SQLReceipts(engine).get(WINDOW, PLACE)
    assert one is not None
    assert one.at.year < 1971
    assert one.at.microsecond != 17


def test_rows_without_a_place_are_told_though_the_chain_lacks_none(path: Path) -> None:
    columns = "at, case_number, outcome, token"
    change(
        path,
        f"INSERT INTO receipt (chain, number, {columns}) "
        f"SELECT chain, CAST('x' AS BLOB), {columns} FROM receipt WHERE number = {PLACE}",
    )
    assert found(path) == {0: {ReceiptFault.STRAY_INDEX}}


def test_a_damaged_byte_does_not_pass_for_the_sign_that_stands_for_one(path: Path) -> None:
    """Somebody may have written U+FFFD, and then a byte of it is damaged."""
    with open_engine(path) as engine:
        written = a_receipt(ROWS + 1, case="2026-\ufffd", at=AT)
        SQLReceipts(engine).append(WINDOW, follow([written], KEY))
    assert checked(path).clean
    change(
        path,
        f"UPDATE receipt SET case_number = CAST(x'323032362dff' AS TEXT) WHERE number = {ROWS + 1}",
    )
    told = [(one.fault, one.number) for one in checked(path).findings]
    assert told == [(ReceiptFault.INDEX_CHANGED, ROWS + 1)]


def test_text_that_is_none_is_what_nobody_writes() -> None:
    for optional, nothing in ((False, UNREADABLE_TEXT), (True, None)):
        kept = KeptText(optional=optional)
        assert kept.process_result_value(None, sqlite.dialect()) == nothing
        read = kept.process_result_value(b"2026-\xff", sqlite.dialect())
        assert read == f"{UNREADABLE_TEXT}2026-\ufffd"
        assert kept.process_result_value("\u8bc1".encode(), sqlite.dialect()) == "\u8bc1"
    with pytest.raises(FormatError):
        require_visible(UNREADABLE_TEXT, FormatError, where="")


@pytest.mark.parametrize(
    ("statement", "receipts", "told"),
    [
        ("DELETE FROM receipt_window", 0, {WINDOW, ""}),
        ("UPDATE receipt_window SET name = '另一窗口'", 0, {WINDOW}),
        ("UPDATE receipt_window SET name = ''", 0, {WINDOW, ""}),
        (
            f"UPDATE receipt_window SET name = {NO_TEXT}", 0,
            {WINDOW, f"{UNREADABLE_TEXT}\ufffd\ufffd\ufffd"},
        ),
        (
            "UPDATE receipt_window SET name = CAST(name AS BLOB)", 0,
            {WINDOW, f"{UNREADABLE_TEXT}\ufffd"},
        ),
        (f"INSERT INTO receipt_window VALUES (77, {NO_TEXT}, 0, '{GENESIS}')", ROWS,
         {f"{UNREADABLE_TEXT}\ufffd\ufffd\ufffd"}),
    ],
)  # fmt: skip
def test_a_window_checked_by_its_name_is_not_empty_because_its_head_is_lost(
    path: Path, statement: str, receipts: int, told: set[str]
) -> None:
    change(path, statement)
    report = checked(path, WINDOW)
    assert report.receipts == receipts
    assert {one.fault for one in report.findings} == {ReceiptFault.HEAD_CHANGED}
    assert {one.window for one in report.findings} == told
    assert not checked(path).clean


def test_a_window_in_order_is_clean_beside_another(path: Path) -> None:
    with open_engine(path) as engine:
        other = [a_receipt(1, window="另一窗口", at=AT)]
        SQLReceipts(engine).append("另一窗口", follow(other, KEY))
    for window, count in ((WINDOW, ROWS), ("另一窗口", 1), (None, ROWS + 1)):
        report = checked(path, window)
        assert (report.receipts, report.findings) == (count, ())
