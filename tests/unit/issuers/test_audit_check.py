"""The audit finds whatever somebody changes in the database behind the office's back."""

# ruff: noqa: S608 - the statements are the tests' own

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from ecert.issuers.audit import GENESIS, AuditEntry, events_digest, seal
from ecert.issuers.audit_check import MAX_FINDINGS, AuditFault, AuditFinding, check_audit
from ecert.issuers.lifecycle import Move
from ecert.issuers.records import OfficeEvent
from ecert.store.engine import open_engine
from ecert.store.register import SQLRegister
from tests.unit.issuers.sample_office import (
    LAST_DAY,
    WHY,
    OfficeClock,
    an_application,
    an_issuer,
    granted,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ecert.issuers.audit_check import AuditReport
    from ecert.issuers.issuer import Issuer


@dataclass
class Books:
    """A register in a file, and what stands in it."""

    path: Path
    revoked: str
    revoked_credential: str
    lost: str
    standing: str
    head: str

    def tamper(self, *statements: str) -> None:
        """Change the file as somebody would who knows SQL and has its password."""
        with closing(sqlite3.connect(self.path)) as connection:
            changed = sum(connection.execute(one).rowcount for one in statements)
            connection.commit()
        assert changed > 0, "nothing was tampered with"

    def value(self, statement: str) -> int:
        with closing(sqlite3.connect(self.path)) as connection:
            return int(connection.execute(statement).fetchone()[0])

    def check(self, *, noted: str | None = None) -> AuditReport:
        with open_engine(self.path) as engine, SQLRegister(engine).view() as view:
            return check_audit(view, noted=noted)

    def finds(self, *found: tuple[AuditFault, object]) -> None:
        """Expect exactly these findings."""
        report = self.check()
        assert report.findings == tuple(AuditFinding(fault, str(where)) for fault, where in found)
        assert not report.clean
        assert report.more == 0


def _live(issuer: Issuer, clock: OfficeClock) -> dict[str, str]:
    """Let three licences live; return what tests tamper with."""
    lost, revoked, standing = issuer.issue_together([an_application()] * 3)
    for licence in (lost, revoked, standing):
        issuer.file(licence.id)
        clock.advance(minutes=1)
    (phone,) = issuer.credentials(lost.id)
    issuer.withdraw_credential(phone.id, reason="手机遗失")
    issuer.suspend(revoked.id, **WHY)
    issuer.suspend(lost.id, **WHY)
    issuer.revoke(revoked.id, **WHY)
    with issuer._register.transaction() as tx:
        tx.add_office_event(OfficeEvent("bulk-approve", "job 1", clock(), "李主任"))
    issuer.replace(standing.id, Move.RENEW, {"valid_until": LAST_DAY}, reason="期满换证")
    objection = issuer.objections.raise_objection(
        standing.id, ["住址"], raised_by="张伟", statement="应为2号"
    )
    issuer.objections.dismiss(objection.id, reason="查无此事")
    issuer.reinstate(lost.id, reason="发还")
    return {
        "revoked": str(revoked.id),
        "revoked_credential": issuer.credentials(revoked.id)[0].id,
        "lost": phone.id,
        "standing": str(standing.id),
    }


@pytest.fixture
def books(tmp_path: Path, clock: OfficeClock) -> Books:
    path = tmp_path / "register.db"
    with open_engine(path) as engine:
        issuer = an_issuer(SQLRegister(engine), clock)
        found = _live(issuer, clock)
        head = issuer.archive.audit_head()
        assert head is not None
    return Books(path=path, head=head.hash, **found)


def _entry_of(books: Books, move: str) -> int:
    return books.value(f"SELECT audit FROM licence_event WHERE move = '{move}'")


def _place(credential_id: str) -> str:
    number, index = credential_id.split("-")
    return f"list_number = {number} AND position = {index}"


def test_what_nobody_has_touched_is_clean(issuer: Issuer, clock: OfficeClock) -> None:
    _live(issuer, clock)
    head = issuer.archive.audit_head()
    assert head is not None
    report = issuer.archive.check_audit(noted=head.hash)
    assert report.clean
    assert (report.findings, report.more, report.head) == ((), 0, head.hash)
    assert (report.entries, report.events, report.licences) == (10, 13, 4)
    with issuer._register.view() as view:
        hashes = [entry.hash for entry, _, _ in view.audit_trail()]
    assert all(issuer.archive.check_audit(noted=one).clean for one in [GENESIS, *hashes])


def test_an_empty_register_is_clean(issuer: Issuer) -> None:
    assert issuer.archive.audit_head() is None
    report = issuer.archive.check_audit(noted=GENESIS)
    assert report.clean
    assert report.head == GENESIS
    assert [one.fault for one in issuer.archive.check_audit(noted="1" * 64).findings] == [
        AuditFault.CUT_SHORT
    ]


def test_every_entry_names_the_one_before_and_covers_its_events(
    issuer: Issuer, clock: OfficeClock
) -> None:
    _live(issuer, clock)
    previous, number = GENESIS, 0
    with issuer._register.view() as view:
        for entry, events, acts in view.audit_trail():
            number += 1
            digest, count = events_digest(events, acts)
            assert entry == seal(number, entry.at, count, digest, previous)
            previous = entry.hash
    assert number == 10


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("move", "'object'"),
        ("at", "at + 1"),
        ("reason", "'另外的理由'"),
        ("document", "'x'"),
        ("actor", "'别人'"),
        ("request_id", "'r-1'"),
        ("related", "'x'"),
        ("digest", "'x'"),
        ("licence", "1"),
    ],
)
def test_an_event_that_was_changed_is_found(books: Books, column: str, value: str) -> None:
    entry = _entry_of(books, "dismiss")
    books.tamper(f"UPDATE licence_event SET {column} = {value} WHERE move = 'dismiss'")
    books.finds((AuditFault.EVENTS_CHANGED, entry))


@pytest.mark.parametrize(("column", "value"), [
    ("act", "'x'"), ("subject", "'job 2'"), ("at", "at - 1"),
    ("actor", "'别人'"), ("detail", "'x'"),
])  # fmt: skip
def test_an_act_of_the_office_that_was_changed_is_found(
    books: Books, column: str, value: str
) -> None:
    entry = books.value("SELECT audit FROM office_event")
    books.tamper(f"UPDATE office_event SET {column} = {value}")
    books.finds((AuditFault.EVENTS_CHANGED, entry))


@pytest.mark.parametrize("table", ["licence_event WHERE move = 'dismiss'", "office_event"])
def test_an_event_that_was_deleted_is_found(books: Books, table: str) -> None:
    entry = books.value(f"SELECT audit FROM {table}")
    books.tamper(f"DELETE FROM {table}")
    books.finds((AuditFault.EVENTS_CHANGED, entry))


def test_an_event_that_was_added_is_found(books: Books) -> None:
    entry = _entry_of(books, "dismiss")
    names = "licence, move, at, reason, document, actor, request_id, related, digest, audit"
    books.tamper(
        f"INSERT INTO licence_event ({names}) "
        f"SELECT {names} FROM licence_event WHERE move = 'dismiss'"
    )
    books.finds((AuditFault.EVENTS_CHANGED, entry))


def test_events_that_changed_places_are_found(books: Books) -> None:
    objected, dismissed = _entry_of(books, "object"), _entry_of(books, "dismiss")
    books.tamper(
        f"UPDATE licence_event SET audit = {objected} + {dismissed} - audit "
        "WHERE move IN ('object', 'dismiss')"
    )
    books.finds((AuditFault.EVENTS_CHANGED, objected), (AuditFault.EVENTS_CHANGED, dismissed))


NO_TEXT = "CAST(x'e5bcffe4' AS TEXT)"
"""Bytes that SQLite keeps as text, and that are none."""


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("move", NO_TEXT), ("move", "'gone'"), ("reason", NO_TEXT), ("actor", NO_TEXT),
        ("reason", "x'ff'"), ("digest", NO_TEXT), ("request_id", NO_TEXT),
        ("at", "9223372036854775807"), ("at", NO_TEXT), ("at", "'soon'"),
    ],
)  # fmt: skip
def test_an_event_that_cannot_be_read_is_found_and_the_rest_is_checked(
    books: Books, column: str, value: str
) -> None:
    where = _entry_of(books, "withdraw-credential")
    books.tamper(f"UPDATE licence_event SET {column} = {value} WHERE audit = {where}")
    report = books.check()
    assert AuditFinding(AuditFault.EVENTS_CHANGED, str(where)) in report.findings
    # What follows from an event that is gone may be told too, but nothing of other entries.
    assert len(report.findings) <= 2
    assert (report.entries, report.licences) == (10, 4)


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE audit SET digest = {} WHERE number = 3", AuditFault.EVENTS_CHANGED),
        ("UPDATE audit SET previous = {} WHERE number = 3", AuditFault.BROKEN_CHAIN),
        ("UPDATE audit SET hash = {} WHERE number = 3", AuditFault.BROKEN_CHAIN),
        ("UPDATE audit SET at = {} WHERE number = 3", AuditFault.BROKEN_CHAIN),
        ("UPDATE audit SET at = -9223372036854775808 WHERE number = 3", AuditFault.BROKEN_CHAIN),
        ("UPDATE audit SET events = {} WHERE number = 3", AuditFault.EVENTS_CHANGED),
        ("UPDATE office_event SET detail = {}", AuditFault.EVENTS_CHANGED),
        ("UPDATE office_event SET at = {}", AuditFault.EVENTS_CHANGED),
        ("UPDATE licence SET content = {} WHERE row = 2", AuditFault.CONTENT_CHANGED),
        ("UPDATE licence SET state = {} WHERE row = 2", AuditFault.STATE_CHANGED),
        ("UPDATE licence SET state = 'lost' WHERE row = 2", AuditFault.STATE_CHANGED),
        ("UPDATE licence SET id = {} WHERE row = 2", AuditFault.EVENTS_CHANGED),
    ],
)
def test_what_cannot_be_read_is_found_and_ends_no_audit(
    books: Books, statement: str, fault: AuditFault
) -> None:
    books.tamper(statement.format(NO_TEXT))
    report = books.check()
    assert fault in {one.fault for one in report.findings}
    assert (report.entries, report.licences) == (10, 4)


AS_BYTES = {
    "audit": ("at", "events", "digest", "previous", "hash"),
    "licence": ("id", "state", "content"),
    "licence_event": (
        "licence", "move", "at", "reason", "document", "actor", "request_id", "related", "digest",
        "audit",
    ),
    "office_event": ("act", "subject", "at", "actor", "detail", "audit"),
    "credential": ("licence", "list_number", "position"),
}  # fmt: skip


@pytest.mark.parametrize("table", AS_BYTES)
def test_what_reads_the_same_and_is_found_no_more_is_told(books: Books, table: str) -> None:
    """Bytes equal no text and no number, so that whoever searches gets nothing."""
    whole = books.path.read_bytes()
    for column in AS_BYTES[table]:
        books.path.write_bytes(whole)
        value = f"CAST(coalesce({column}, '') AS BLOB)"
        last = f"(SELECT max(rowid) FROM {table})"
        books.tamper(f"UPDATE {table} SET {column} = {value} WHERE rowid = {last}")
        report = books.check()
        assert report.findings, column
        if table == "credential":
            assert AuditFinding(AuditFault.STRAY_SLOT, "1") in report.findings


MAY_LACK = ("request_id",)


@pytest.mark.parametrize("table", AS_BYTES)
def test_what_is_gone_from_a_row_is_found_and_ends_no_audit(books: Books, table: str) -> None:
    """Bytes damaged at a row's begin make NULL of a value, whatever the table forbids."""
    with closing(sqlite3.connect(books.path)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_master SET sql = replace(sql, ' NOT NULL', '') WHERE name = ?", (table,)
        )
        connection.commit()
    whole = books.path.read_bytes()
    for column in AS_BYTES[table]:
        if column in MAY_LACK:
            continue
        books.path.write_bytes(whole)
        last = f"(SELECT max(rowid) FROM {table})"
        books.tamper(f"UPDATE {table} SET {column} = NULL WHERE rowid = {last}")
        report = books.check()
        assert report.findings, column
        assert (report.entries, report.licences) == (10, 4)


def test_a_licence_whose_content_was_changed_is_found(books: Books) -> None:
    books.tamper(
        f"UPDATE licence SET content = replace(content, '\"C1\"', '\"A1\"') "
        f"WHERE id = '{books.standing}'"
    )
    books.finds((AuditFault.CONTENT_CHANGED, books.standing))


def test_a_content_changed_together_with_what_was_recorded_of_it_is_found(books: Books) -> None:
    books.tamper(
        f"UPDATE licence SET content = replace(content, '\"C1\"', '\"A1\"') "
        f"WHERE id = '{books.standing}'"
    )
    with open_engine(books.path) as engine, SQLRegister(engine).view() as view:
        digest = view.licence(books.standing).digest()
    row = books.value(f"SELECT row FROM licence WHERE id = '{books.standing}'")
    books.tamper(
        f"UPDATE licence_event SET digest = '{digest}' WHERE licence = {row} AND move = 'issue'"
    )
    books.finds((AuditFault.EVENTS_CHANGED, 1))


@pytest.mark.parametrize("state", ["issued", "cancelled", "suspended", "transferred-out"])
def test_a_licence_whose_state_was_changed_is_found(books: Books, state: str) -> None:
    books.tamper(f"UPDATE licence SET state = '{state}' WHERE id = '{books.revoked}'")
    books.finds((AuditFault.STATE_CHANGED, books.revoked))


@pytest.mark.parametrize("value", [0, 2, 12, 14])
def test_a_value_in_a_status_list_that_was_changed_is_found(books: Books, value: int) -> None:
    books.tamper(f"UPDATE status_slot SET value = {value} WHERE {_place(books.revoked_credential)}")
    books.finds((AuditFault.STATUS_CHANGED, books.revoked_credential))


@pytest.mark.parametrize("value", [0, 2])
def test_a_lost_phone_that_was_let_in_again_is_found(books: Books, value: int) -> None:
    books.tamper(f"UPDATE status_slot SET value = {value} WHERE {_place(books.lost)}")
    books.finds((AuditFault.STATUS_CHANGED, books.lost))


def test_a_credential_that_was_deleted_leaves_its_slot(books: Books) -> None:
    books.tamper(f"DELETE FROM credential WHERE {_place(books.lost)}")
    books.finds((AuditFault.STRAY_SLOT, 1))


def test_a_slot_that_nobody_has_is_found(books: Books) -> None:
    books.tamper("INSERT INTO status_slot SELECT list_number, 131072, 1 FROM status_slot LIMIT 1")
    books.finds((AuditFault.STRAY_SLOT, 1))


def test_a_slot_taken_away_from_its_credential_is_found(books: Books) -> None:
    # The credential is still there, and its value is told nowhere.
    books.tamper(f"DELETE FROM status_slot WHERE {_place(books.lost)}")
    books.finds((AuditFault.STATUS_CHANGED, books.lost))


# -- the chain --------------------------------------------------------------------------------


def test_an_entry_that_was_deleted_leaves_a_gap(books: Books) -> None:
    entry = _entry_of(books, "object")
    books.tamper(f"DELETE FROM audit WHERE number = {entry}")
    books.finds((AuditFault.GAP, entry))


def test_an_entry_deleted_with_its_events_leaves_a_gap(books: Books) -> None:
    entry = _entry_of(books, "object")
    books.tamper(
        f"DELETE FROM licence_event WHERE audit = {entry}",
        f"DELETE FROM audit WHERE number = {entry}",
    )
    books.finds((AuditFault.GAP, entry))


@pytest.mark.parametrize("change", ["at = at + 1", "events = events + 0, at = at - 1"])
def test_an_entry_that_was_changed_breaks_the_chain(books: Books, change: str) -> None:
    books.tamper(f"UPDATE audit SET {change} WHERE number = 3")
    books.finds((AuditFault.BROKEN_CHAIN, 3))


def test_a_hash_that_was_changed_breaks_the_chain_on_both_sides(books: Books) -> None:
    books.tamper(f"UPDATE audit SET hash = '{'1' * 64}' WHERE number = 3")
    books.finds((AuditFault.BROKEN_CHAIN, 3), (AuditFault.BROKEN_CHAIN, 4))


def test_an_event_changed_with_its_entry_sealed_anew_breaks_the_chain_after_it(
    books: Books,
) -> None:
    entry = _entry_of(books, "object")
    books.tamper(f"UPDATE licence_event SET reason = 'x' WHERE audit = {entry}")
    _seal_anew(books, range(entry, entry + 1))
    books.finds((AuditFault.BROKEN_CHAIN, entry + 1))


def _seal_anew(books: Books, numbers: range) -> None:
    """Rewrite entries so that each covers its events and names the one before."""
    with open_engine(books.path) as engine, SQLRegister(engine).view() as view:
        trail = [
            (entry, *events_digest(events, acts)) for entry, events, acts in view.audit_trail()
        ]
    sealed: dict[int, AuditEntry] = {0: seal(0, trail[0][0].at, 0, "", "")}
    previous = GENESIS
    for entry, digest, count in trail:
        if entry.number in numbers:
            sealed[entry.number] = seal(entry.number, entry.at, count, digest, previous)
            previous = sealed[entry.number].hash
        else:
            previous = entry.hash
    books.tamper(*(
        f"UPDATE audit SET digest = '{one.digest}', events = {one.events}, "
        f"previous = '{one.previous}', hash = '{one.hash}' WHERE number = {one.number}"
        for one in sealed.values() if one.number
    ))  # fmt: skip


def test_a_trail_rewritten_to_its_end_is_found_only_by_a_head_that_was_noted_down(
    books: Books,
) -> None:
    entry = _entry_of(books, "object")
    books.tamper(f"UPDATE licence_event SET reason = 'x' WHERE audit = {entry}")
    _seal_anew(books, range(entry, 1_000))
    assert books.check().clean, "whoever can write everything can lie consistently"
    report = books.check(noted=books.head)
    assert report.findings == (AuditFinding(AuditFault.CUT_SHORT, books.head),)


def test_an_end_cut_off_cleanly_is_found_only_by_a_head_that_was_noted_down(books: Books) -> None:
    # The last act was to give the licence of the lost phone back.
    last = books.value("SELECT max(number) FROM audit")
    books.tamper(
        f"UPDATE licence SET state = 'suspended' WHERE row = "
        f"(SELECT licence FROM licence_event WHERE audit = {last})",
        f"DELETE FROM licence_event WHERE audit = {last}",
        f"DELETE FROM audit WHERE number = {last}",
    )
    assert books.check().clean
    report = books.check(noted=books.head)
    assert report.findings == (AuditFinding(AuditFault.CUT_SHORT, books.head),)


@pytest.mark.parametrize("entries", [1, 2, 5])
def test_entries_cut_off_whose_events_are_left_are_found_without_it(
    books: Books, entries: int
) -> None:
    last = books.value("SELECT max(number) FROM audit")
    books.tamper(f"DELETE FROM audit WHERE number > {last - entries}")
    books.finds((AuditFault.GAP, last - entries + 1))


def test_a_licence_that_vanished_with_all_that_is_its_own_is_found(books: Books) -> None:
    row = books.value(f"SELECT row FROM licence WHERE id = '{books.revoked}'")
    books.tamper(
        f"DELETE FROM licence_event WHERE licence = {row}",
        f"DELETE FROM credential WHERE licence = {row}",
        f"DELETE FROM holder WHERE licence = {row}",
        f"DELETE FROM licence WHERE row = {row}",
    )
    faults = {one.fault for one in books.check().findings}
    assert faults == {AuditFault.EVENTS_CHANGED, AuditFault.STRAY_SLOT}


def test_more_than_a_hundred_findings_are_counted_and_not_listed(
    tmp_path: Path, clock: OfficeClock
) -> None:
    path = tmp_path / "register.db"
    with open_engine(path) as engine:
        issuer = an_issuer(SQLRegister(engine), clock)
        for _ in range(MAX_FINDINGS + 30):
            granted(issuer)
    books = Books(path, "", "", "", "", "")
    books.tamper("UPDATE licence_event SET actor = '别人'")
    report = books.check()
    assert len(report.findings) == MAX_FINDINGS
    assert report.more == 30
    assert {one.fault for one in report.findings} == {AuditFault.EVENTS_CHANGED}


def test_every_fault_has_words_in_both_languages() -> None:
    words: list[Callable[[AuditFault], str]] = [lambda one: one.zh, lambda one: one.en]
    for word in words:
        assert len({word(one) for one in AuditFault}) == len(AuditFault)
    assert all(one.en.isascii() for one in AuditFault)
