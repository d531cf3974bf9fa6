"""Receipts in memory, in SQLite and in PostgreSQL: one behaviour, and no change goes unseen."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.pool import NullPool

from ecert.errors import FormatError
from ecert.issuers.records import microseconds
from ecert.limits import MAX_RECEIPTS_FOUND
from ecert.sign.keys import PrivateKey, PublicKey
from ecert.store import tables, upgrade
from ecert.store.engine import open_engine
from ecert.store.receipts import _BY_CHAIN, _LICENCES, SQLReceipts, _asked, _SQLView
from ecert.verify.receipt import GENESIS
from ecert.verify.receipt_check import ReceiptFault, ReceiptKey, check_receipts
from ecert.verify.receipts import MemoryReceipts, ReceiptQuery, ReceiptStore
from tests.conftest import ROOT
from tests.unit.verify.sample_receipts import AT, WINDOW, a_receipt, follow, licence_id

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ecert.store.engine import Engine
    from ecert.verify.receipt import ReceiptHead
    from ecert.verify.receipt_check import ReceiptReport
    from ecert.verify.signed_receipt import SignedReceipt

KEY = PrivateKey.generate()
KEYS = (ReceiptKey(KEY.public, AT),)
MINUTE = timedelta(minutes=1)


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, path: Path) -> Iterator[ReceiptStore]:
    """A store of each kind."""
    if request.param == "memory":
        yield MemoryReceipts()
        return
    url = path if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    with open_engine(url) as engine:
        yield SQLReceipts(engine)


def _fill(store: ReceiptStore, count: int, window: str = WINDOW) -> None:
    many = [a_receipt(n, window=window, at=AT + n * MINUTE) for n in range(1, count + 1)]
    store.append(window, follow(many, KEY))


def _check(store: ReceiptStore, **how: Any) -> ReceiptReport:
    with store.view() as view:
        return check_receipts(view, KEYS, **how)


def test_what_is_appended_is_there_with_its_head(store: ReceiptStore) -> None:
    with store.view() as view:
        assert (list(view.heads()), list(view.walk()), view.strays()) == ([], [], 0)
    made = [store.append(WINDOW, follow([a_receipt(number)], KEY))[0] for number in (1, 2, 3)]
    assert [kept.receipt.number for kept in made] == [1, 2, 3]
    kept, one = made[-1], store.get(WINDOW, 3)
    assert one is not None
    assert one.open() == kept
    assert (one.case, one.licences, one.at) == ("2026-0000003", (licence_id(3),), AT)
    assert store.get(WINDOW, 4) is None
    assert store.get("另一窗口", 3) is None
    with store.view() as view:
        assert list(view.heads()) == [kept.head]
        assert [stored.number for stored in view.walk()] == [1, 2, 3]
    assert _check(store).clean


def test_nothing_appended_is_nothing_kept(store: ReceiptStore) -> None:
    assert list(store.append(WINDOW, lambda _: ())) == []
    assert _check(store).clean
    _fill(store, 2)
    assert list(store.append(WINDOW, lambda _: ())) == []
    assert _check(store).receipts == 2


def test_what_does_not_follow_the_head_is_not_kept(store: ReceiptStore) -> None:
    _fill(store, 2)

    def stale(head: ReceiptHead) -> list[SignedReceipt]:
        return follow([a_receipt(9)], KEY)(head._replace(number=1))

    def other(head: ReceiptHead) -> list[SignedReceipt]:
        return follow([a_receipt(9)], KEY)(head._replace(digest=GENESIS))

    def foreign(head: ReceiptHead) -> list[SignedReceipt]:
        return follow([a_receipt(9, window="另一窗口")], KEY)(head)

    for write in (stale, other, foreign):
        with pytest.raises(ValueError, match="does not follow"):
            store.append(WINDOW, write)
    report = _check(store)
    assert report.clean
    assert report.receipts == 2


def test_a_signature_that_fails_leaves_the_chain_as_it_was(store: ReceiptStore) -> None:
    _fill(store, 2)

    def fail(_: ReceiptHead) -> list[SignedReceipt]:
        raise ZeroDivisionError

    for window in (WINDOW, "新窗口"):
        with pytest.raises(ZeroDivisionError):
            store.append(window, fail)
    _fill(store, 1, "新窗口")
    report = _check(store)
    assert report.clean
    assert {head.window: head.number for head in report.heads} == {WINDOW: 2, "新窗口": 1}


def test_receipts_are_found_by_each_of_their_properties(store: ReceiptStore) -> None:
    _fill(store, 20)
    _fill(store, 5, "另一窗口")
    part = a_receipt(7).parts[0]
    shared = a_receipt(99, case=None, parts=(part, a_receipt(8).parts[0]), at=AT + 99 * MINUTE)
    store.append(WINDOW, follow([shared], KEY))

    def numbers(**query: Any) -> list[tuple[str, int]]:
        return [(one.window, one.number) for one in store.find(ReceiptQuery(**query))]

    assert numbers(case="2026-0000007") == [(WINDOW, 7)]
    assert numbers(case="2026-0000003") == [("另一窗口", 3), (WINDOW, 3)]
    assert numbers(case="2026-0000003", window=WINDOW) == [(WINDOW, 3)]
    assert numbers(case="2026-00000") == []
    assert numbers(licence=licence_id(7)) == [(WINDOW, 7), (WINDOW, 21)]
    assert numbers(licence=licence_id(8), since=AT + 30 * MINUTE) == [(WINDOW, 21)]
    assert numbers(since=AT + 4 * MINUTE, until=AT + 6 * MINUTE, window=WINDOW) == [
        (WINDOW, 4), (WINDOW, 5),
    ]  # fmt: skip
    assert numbers(window=WINDOW, after=(WINDOW, 18), limit=2) == [(WINDOW, 19), (WINDOW, 20)]
    assert numbers(after=("另一窗口", 4), limit=2) == [("另一窗口", 5), (WINDOW, 1)]
    found = store.find(ReceiptQuery(licence=licence_id(7), after=(WINDOW, 20)))
    assert [one.licences for one in found] == [tuple(sorted((licence_id(7), licence_id(8))))]


def test_as_many_are_handed_out_as_the_limit_says() -> None:
    assert ReceiptQuery(limit=MAX_RECEIPTS_FOUND).limit == MAX_RECEIPTS_FOUND
    for limit in (0, MAX_RECEIPTS_FOUND + 1):
        with pytest.raises(FormatError):
            ReceiptQuery(limit=limit)


# -- every column, one by one -----------------------------------------------------------------

ROWS = 2_000
CHANGES = (
    ("receipt", "number", "number + 5000"),
    ("receipt", "at", "at + 1"),
    ("receipt", "case_number", "'2026-9999999'"),
    ("receipt", "case_number", "NULL"),
    ("receipt", "outcome", "'refused'"),
    ("receipt_licence", "licence", "licence || '0'"),
    ("receipt_licence", "number", "number + 1"),
    ("receipt_licence", "chain", "77"),
    ("receipt", "chain", "77"),
)
HEADS = (
    ("number", "number - 1"),
    ("digest", "'00' || substr(digest, 3)"),
    ("name", "'另一窗口'"),
    ("seq", "77"),
)


@pytest.fixture
def full(url: str) -> Iterator[Engine]:
    """A database with many receipts."""
    with open_engine(url) as engine:
        _fill(SQLReceipts(engine), ROWS)
        yield engine


def _set(table: str, column: str, value: str, number: int | None = None) -> str:
    """Return the statement that changes one column, of one row where a number is given."""
    where = "" if number is None else f" WHERE number = {number}"
    return f"UPDATE {table} SET {column} = {value}{where}"  # noqa: S608 - the test's own words


def _spoil(engine: Engine, statement: str) -> list[tuple[ReceiptFault, int]]:
    """Change one row as its administrator could, check, and undo it."""
    off = (
        "PRAGMA foreign_keys = OFF" if engine.kind == "sqlite"
        else "SET session_replication_role = replica"
    )  # fmt: skip
    on = "PRAGMA foreign_keys = ON" if engine.kind == "sqlite" else "RESET session_replication_role"
    with engine._engine.connect() as connection:
        connection.exec_driver_sql(off)
        # The drivers begin no transactions by themselves.
        connection.exec_driver_sql("BEGIN")
        assert connection.execute(text(statement)).rowcount == 1, statement
        # Looked at from inside the transaction, so that undoing puts it back.
        report = check_receipts(_SQLView(connection.execute), KEYS)
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql(on)
    # Without its window, nothing of a chain fits.
    assert not report.more or "receipt_window" in statement
    return [(one.fault, one.number) for one in report.findings]


def test_any_change_of_any_column_is_found(full: Engine) -> None:
    place = 1_234
    for table, column, value in CHANGES:
        told = _spoil(full, _set(table, column, value, place))
        assert told, (table, column)
        # A receipt by itself in another chain lacks the first one there.
        numbers = {number for _, number in told} - {0, 1 if column == "chain" else 0}
        assert numbers <= {place, place + 1, place + 5_000, ROWS, ROWS + 1}, (table, column, told)
    for column, value in HEADS:
        assert _spoil(full, _set("receipt_window", column, value)), column
    assert _check(SQLReceipts(full)).clean, "every change was undone"


def test_a_changed_byte_anywhere_in_a_receipt_is_found(full: Engine) -> None:
    place = 777
    kept = SQLReceipts(full).get(WINDOW, place)
    assert kept is not None
    token = kept.token
    header, payload, signature = token.split(".")
    spots = {
        0, len(header), len(header) + 1, len(header) + len(payload) // 2,
        len(header) + 1 + len(payload), len(token) - len(signature) // 2, len(token) - 1,
    }  # fmt: skip
    for spot in spots:
        letter = "A" if token[spot] != "A" else "Q"
        changed = f"'{token[:spot]}{letter}{token[spot + 1 :]}'"
        told = _spoil(full, _set("receipt", "token", changed, place))
        assert {number for _, number in told} <= {place, place + 1}, (spot, told)
        assert place in {number for _, number in told}, spot


ROW_CHANGES = (
    ("DELETE FROM receipt WHERE number = 55", ReceiptFault.GAP),
    (f"DELETE FROM receipt WHERE number = {ROWS}", ReceiptFault.HEAD_CHANGED),  # noqa: S608
    ("DELETE FROM receipt WHERE number = 1", ReceiptFault.GAP),
    ("DELETE FROM receipt_licence WHERE number = 55", ReceiptFault.INDEX_CHANGED),
    ("DELETE FROM receipt_window", ReceiptFault.INDEX_CHANGED),
    (
        "INSERT INTO receipt_licence (licence, chain, number) "  # noqa: ISC004
        "SELECT 'x', seq, 55 FROM receipt_window",
        ReceiptFault.INDEX_CHANGED,
    ),
    (
        "INSERT INTO receipt_licence (licence, chain, number) VALUES ('x', 9, 9)",
        ReceiptFault.STRAY_INDEX,
    ),
    (
        "INSERT INTO receipt_window (name, number, digest) VALUES ('空', 3, 'x')",
        ReceiptFault.HEAD_CHANGED,
    ),
    (
        "INSERT INTO receipt (chain, number, at, outcome, token) "  # noqa: ISC004
        "SELECT chain, number + 100000, at, outcome, token FROM receipt WHERE number = 9",
        ReceiptFault.INDEX_CHANGED,
    ),
)


def test_any_row_that_is_deleted_or_added_is_found(full: Engine) -> None:
    for statement, fault in ROW_CHANGES:
        told = _spoil(full, statement)
        assert fault in {found for found, _ in told}, (statement, told)


# -- several processes ------------------------------------------------------------------------


def test_two_processes_at_one_window_make_one_chain(url: str, tmp_path: Path) -> None:
    count, outputs = 150, [tmp_path / "a", tmp_path / "b"]
    racers = []
    for place, output in enumerate(outputs):
        command = [
            sys.executable, "-m", "tests.unit.store.receipt_program", url, str(count),
            str(1 + place * count),
        ]  # fmt: skip
        with output.open("wb") as file:
            racers.append(subprocess.Popen(command, cwd=ROOT, stdout=file))
    assert [racer.wait(120) for racer in racers] == [0, 0]
    lines = [output.read_text().splitlines() for output in outputs]
    keys = [ReceiptKey(PublicKey.from_jwk(json.loads(told[0])), AT) for told in lines]
    acknowledged = [int(line.split()[0]) for told in lines for line in told[1:]]
    assert sorted(acknowledged) == list(range(1, 2 * count + 1))
    with open_engine(url) as engine, SQLReceipts(engine).view() as view:
        report = check_receipts(view, keys)
    assert report.clean, report.findings
    assert report.receipts == 2 * count


# -- the revision -----------------------------------------------------------------------------


def test_a_database_of_the_revision_before_keeps_receipts_once_it_is_upgraded(
    empty_url: str, path: Path
) -> None:
    if empty_url.startswith("sqlite"):
        path.touch()
    upgrade.upgrade(empty_url, to="0003")
    assert upgrade.upgrade(empty_url) == ("0003", tables.HEAD)
    with open_engine(empty_url) as engine:
        store = SQLReceipts(engine)
        _fill(store, 3)
        assert _check(store).receipts == 3


def test_receipts_from_before_they_were_packed_are_read_checked_and_followed(
    empty_url: str, path: Path
) -> None:
    if empty_url.startswith("sqlite"):
        path.touch()
    before = MemoryReceipts()
    _fill(before, 3)
    upgrade.upgrade(empty_url, to="0009")
    raw = create_engine(empty_url, poolclass=NullPool)
    with raw.begin() as connection, before.view() as view:
        (head,) = view.heads()
        connection.execute(
            text("INSERT INTO receipt_window VALUES (1, :window, :number, :digest)"),
            head._asdict(),
        )
        for one in view.walk():
            row = {
                "number": one.number, "at": microseconds(one.at), "case": one.case,
                "outcome": one.outcome, "token": one.token, "licence": one.licences[0],
            }  # fmt: skip
            connection.execute(
                text("INSERT INTO receipt VALUES (1, :number, :at, :case, :outcome, :token)"), row
            )
            connection.execute(
                text("INSERT INTO receipt_licence VALUES (:licence, 1, :number)"), row
            )
    assert upgrade.upgrade(empty_url) == ("0009", tables.HEAD)
    with open_engine(empty_url) as engine:
        store = SQLReceipts(engine)
        store.append(WINDOW, follow([a_receipt(4, at=AT + 4 * MINUTE)], KEY))
        report = _check(store, noted=[head.digest])
        assert (report.receipts, report.findings) == (4, ())
        with engine.read() as connection:
            kept = connection.execute(text("SELECT token FROM receipt ORDER BY number")).scalars()
            kinds = [type(one) for one in kept]
    packed = bytes if empty_url.startswith("sqlite") else str
    assert kinds == [str, str, str, packed]


def test_a_page_of_a_chain_and_a_search_ask_no_index_from_end_to_end(path: Path) -> None:
    with open_engine(path) as engine, engine.read() as connection:
        for asked in (_BY_CHAIN, _LICENCES, _asked(ReceiptQuery(case="x"))):
            told = str(asked.compile(dialect=sqlite.dialect()))
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {told}", (1,) * told.count("?"))
            steps = [row.detail for row in plan]
            assert not [step for step in steps if step.startswith("SCAN")], steps
