"""What the register in SQL promises beyond every register: few statements, indexes, exactness."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, text

from ecert.issuers.lifecycle import Move
from ecert.issuers.queries import Query, Wanted
from ecert.issuers.register import RecordedRequest
from ecert.model.licence import LicenceState
from ecert.store.register import SQLRegister
from tests.unit.issuers.sample_register import (
    AT,
    LATER,
    NUMBER,
    TYPE_CODE,
    a_count,
    a_credential,
    a_decision,
    a_licence,
    a_publication,
    an_act,
    an_event,
    an_objection,
    contents,
    licence_id,
    reserve,
)
from tests.unit.store.issuing_program import issue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecert.issuers.register import Register
    from ecert.store.engine import Engine


@contextmanager
def _statements(engine: Engine) -> Iterator[list[tuple[str, Any]]]:
    """Collect all that goes to the database."""
    sent: list[tuple[str, Any]] = []

    def collect(_c: object, _k: object, statement: str, values: object, *_: object) -> None:
        sent.append((statement, values))

    event.listen(engine._engine, "before_cursor_execute", collect)
    try:
        yield sent
    finally:
        event.remove(engine._engine, "before_cursor_execute", collect)


def test_one_issue_is_one_transaction_of_few_statements(engine: Engine) -> None:
    register = SQLRegister(engine)
    issue(register, 1)
    commits: list[object] = []
    event.listen(engine._engine, "commit", commits.append)
    with _statements(engine) as sent:
        issue(register, 2)
    assert len(commits) == 1
    words = [statement.split()[0] for statement, _ in sent]
    # Asking for the request, the last row, the end of the audit trail and the newest list;
    # licence, holder, event, credential, request and audit entry; the list's count, and when the
    # licence was changed.
    assert words.count("SELECT") == 4
    assert words.count("INSERT") == 6
    assert words.count("UPDATE") == 2


def test_several_acts_of_one_transaction_ask_once_for_what_they_share(engine: Engine) -> None:
    register = SQLRegister(engine)
    with _statements(engine) as sent, register.transaction() as tx:
        for serial in (1, 2, 3):
            tx.add_licence(a_licence(serial))
            for move in (Move.ISSUE, Move.SUSPEND, Move.REINSTATE):
                tx.add_event(an_event(serial, move))
    asked = [statement for statement, _ in sent if statement.startswith("SELECT")]
    assert len(asked) == 2, "the last row and the end of the trail"
    with register.view() as view:
        (entry, events, _), *more = view.audit_trail()
        assert (entry.number, entry.events, len(events), more) == (1, 9, 9, [])


def _everything(register: Register) -> None:
    with register.transaction() as tx:
        tx.add_licence(a_licence())
        tx.add_event(an_event())
        tx.set_state(licence_id(), LicenceState.SUSPENDED)
        made = reserve(tx).id
        tx.record_signed(made, b"signed", AT)
        tx.set_status(made, 2, AT)
        tx.add_nonce(b"one", LATER)
        tx.consume_nonce(b"one", AT)
        tx.record_publication(a_publication(1, "status-list:1"))
        tx.record_publication(a_publication(2, "status-list:1"))
        tx.record_request(RecordedRequest("r1", "issue", "", ""))
        tx.add_objection(an_objection())
        tx.decide_objection(a_decision())
        tx.add_office_event(an_act())
        tx.set_expected(a_count(1))
    contents(register)


def _plans(engine: Engine, sent: list[tuple[str, Any]]) -> list[tuple[str, str]]:
    """Return the steps of how SQLite carries each statement out, with the statement."""
    plans = []
    with engine.read() as connection:
        for statement, values in sent:
            if statement.split()[0] in {"SELECT", "INSERT", "UPDATE", "DELETE"}:
                rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
                plans += [(row[3], statement) for row in rows]
    return plans


# One status list for some ten thousand licences; one count for each type and day of counting.
FEW = ("SCAN status_list", "SCAN expected_count")
# Whoever counts must look at all of them, and an audit at everything.
COUNTS = ("count(*)", "bulk_shard")


def test_nothing_walks_through_a_table_that_grows_with_the_licences(engine: Engine) -> None:
    with _statements(engine) as sent:
        _everything(SQLRegister(engine))
    plans = _plans(engine, sent)
    assert len(plans) > 60
    counts = {statement for _, statement in plans if any(word in statement for word in COUNTS)}
    assert len(counts) == 4, "licences by day, slots, credentials, reservations"
    plans = [(plan, statement) for plan, statement in plans if statement not in counts]
    walks = {plan for plan, _ in plans if plan.startswith("SCAN")} - {"SCAN CONSTANT ROW"}
    assert all(walk.startswith(FEW) for walk in walks), walks
    published = [plan for plan, statement in plans if "value != 0" in statement]
    assert published
    assert all("USING COVERING INDEX status_slot_set" in plan for plan in published)
    sorts = {statement for plan, statement in plans if "TEMP B-TREE" in plan}
    assert sorts == set()


# What SQLite is asked to go by; pages of what is not told apart by an index go on by row.
BY_ROW = "SEARCH licence USING INTEGER PRIMARY KEY (rowid>?)"
WAYS: dict[str, tuple[Wanted, str]] = {
    "all": ({}, BY_ROW),
    "number": ({"number": NUMBER}, "ix_licence_number (number=? AND rowid>?)"),
    "holder": ({"holder_number": NUMBER}, "holder_number (number=? AND licence>?)"),
    "holder and type": (
        {"holder_number": NUMBER, "type_code": TYPE_CODE}, "holder_number (number=? AND licence>?)",
    ),
    "type": ({"type_code": TYPE_CODE}, "ix_licence_type_code (type_code=? AND rowid>?)"),
    "state": ({"state": LicenceState.SUSPENDED}, "ix_licence_state (state=? AND rowid>?)"),
    "expired": ({"state": LicenceState.EXPIRED}, "ix_licence_state (state=? AND rowid>?)"),
    "changed since": ({"changed_from": AT}, "COVERING INDEX ix_licence_changed_at (changed_at>?)"),
    "changed within": (
        {"changed_from": AT, "changed_before": LATER},
        "COVERING INDEX ix_licence_changed_at (changed_at>?)",
    ),
    # Of these, most rows fit.
    "changed before": ({"changed_before": AT}, BY_ROW),
    "region": ({"region": "511600"}, BY_ROW),
    "issued since": ({"issued_from": AT.date()}, BY_ROW),
    "issued until": ({"issued_until": AT.date()}, BY_ROW),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_every_search_goes_by_an_index_and_sorts_nothing(engine: Engine, way: str) -> None:
    wanted, index = WAYS[way]
    register = SQLRegister(engine)
    with _statements(engine) as sent, register.view() as view:
        view.find(Query(on=AT.date(), **wanted), after=7, limit=10)
    steps = [plan for plan, _ in _plans(engine, sent)]
    assert any(index in step for step in steps), steps
    assert not any(step.startswith("SCAN") or "TEMP B-TREE" in step for step in steps), steps
    assert (BY_ROW in steps) is (index == BY_ROW)


def test_the_count_of_a_list_is_what_is_taken(any_engine: Engine) -> None:
    register = SQLRegister(any_engine)
    for number in range(30):
        issue(register, number)
    with any_engine.read() as connection:
        taken = connection.execute(text("SELECT taken FROM status_list")).scalar_one()
        places = connection.execute(text("SELECT COUNT(DISTINCT position) FROM credential"))
    assert taken == places.scalar_one() == 30


def test_an_index_stays_taken_and_keeps_its_status_when_its_credential_is_removed(
    any_engine: Engine,
) -> None:
    register = SQLRegister(any_engine)
    with register.transaction() as tx:
        tx.add_licence(a_licence())
        number, index = tx.allocate_index(2, 1.0)
        tx.add_credential(a_credential(number, index))
        tx.set_status(f"{number}-{index}", 1, AT)
    with any_engine.write() as connection:
        connection.execute(text("DELETE FROM credential"))
    with register.transaction() as tx:
        assert tx.statuses(1) == {index: 1}
        assert tx.allocate_index(2, 1.0) == (1, 1 - index)
        assert tx.allocate_index(2, 1.0)[0] == 2
