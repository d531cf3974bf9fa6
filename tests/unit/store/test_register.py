"""What the register in SQL promises beyond every register: few statements, indexes, exactness."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event, text

from ecert.errors import EcertError
from ecert.issuers.lifecycle import Move
from ecert.issuers.memory import MemoryRegister
from ecert.issuers.register import RecordedRequest
from ecert.model.identifiers import LicenceId
from ecert.model.licence import LicenceState
from ecert.store import tables
from ecert.store.engine import open_engine
from ecert.store.register import SQLRegister
from tests.unit.issuers.sample_register import (
    AT,
    ISSUER,
    LATER,
    NUMBER,
    TYPE_CODE,
    a_credential,
    a_licence,
    a_publication,
    an_event,
    contents,
    licence_id,
    reserve,
)
from tests.unit.store.issuing_program import issue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ecert.issuers.register import Register, RegisterTransaction
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
    # Asking for the request and for the newest list; licence, event, slot, count, credential,
    # request.  A slot that is taken costs one more, once in a thousand here.
    assert words.count("BEGIN") == 1
    assert words.count("SELECT") == 2
    assert words.count("INSERT") in {5, 6}
    assert words.count("UPDATE") == 1


def _everything(register: Register) -> None:
    with register.transaction() as tx:
        tx.add_licence(a_licence())
        tx.add_event(an_event())
        tx.set_state(licence_id(), LicenceState.SUSPENDED)
        reserve(tx)
        tx.record_signed("c1", b"signed", AT)
        tx.set_status("c1", 2)
        tx.add_nonce(b"one", LATER)
        tx.consume_nonce(b"one", AT)
        tx.record_publication(a_publication(1))
        tx.record_publication(a_publication(2))
        tx.record_request(RecordedRequest("r1", "issue", "", ""))
    contents(register)


def test_nothing_walks_through_a_table_that_grows_with_the_licences(engine: Engine) -> None:
    with _statements(engine) as sent:
        _everything(SQLRegister(engine))
    plans = []
    with engine.read() as connection:
        for statement, values in sent:
            if statement.split()[0] in {"SELECT", "INSERT", "UPDATE", "DELETE"}:
                rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
                plans += [(row[3], statement) for row in rows]
    assert len(plans) > 10
    walks = {plan for plan, _ in plans if plan.startswith("SCAN")} - {"SCAN CONSTANT ROW"}
    # There is one status list for some ten thousand licences.
    assert all(walk.startswith("SCAN status_list") for walk in walks), walks
    published = [plan for plan, statement in plans if "value != 0" in statement]
    assert published
    assert all("USING COVERING INDEX status_slot_set" in plan for plan in published)
    sorts = {statement for plan, statement in plans if "TEMP B-TREE" in plan}
    assert sorts == set()


def test_the_count_of_a_list_is_what_is_taken(any_engine: Engine) -> None:
    register = SQLRegister(any_engine)
    for number in range(30):
        issue(register, number)
    with any_engine.read() as connection:
        taken = connection.execute(text("SELECT taken FROM status_list")).scalar_one()
        slots = connection.execute(text("SELECT COUNT(*) FROM status_slot")).scalar_one()
    assert taken == slots == 30


def test_an_index_stays_taken_and_keeps_its_status_when_its_credential_is_removed(
    any_engine: Engine,
) -> None:
    register = SQLRegister(any_engine)
    with register.transaction() as tx:
        tx.add_licence(a_licence())
        tx.add_credential(a_credential(*tx.allocate_index(2, 1.0)))
        index = tx.credential("c1").index
        tx.set_status("c1", 1)
    with any_engine.write() as connection:
        connection.execute(text("DELETE FROM credential"))
    with register.transaction() as tx:
        assert tx.statuses(1) == {index: 1}
        assert tx.allocate_index(2, 1.0) == (1, 1 - index)
        assert tx.allocate_index(2, 1.0)[0] == 2


SHOWN = st.text(st.characters(codec="utf-8"), max_size=40)
DAYS = st.dates(min_value=date(1900, 1, 1))


@settings(max_examples=150, deadline=None)
@given(fields=st.dictionaries(SHOWN, SHOWN, max_size=8), days=st.tuples(DAYS, DAYS, DAYS))
def test_any_text_and_any_day_come_back(
    shared: SQLRegister,
    fields: dict[str, str],
    days: tuple[date, date, date],
) -> None:
    issued, start, end = days
    _empty(shared)
    with shared.transaction() as tx:
        serial = tx.allocate_index(1, 1.0)[0]
        licence = a_licence(
            serial,
            fields=fields,
            issued_on=issued,
            valid_from=min(start, end),
            valid_until=max(start, end),
            predecessor=LicenceId.make(TYPE_CODE, ISSUER, "OLD1", 999),
        )
        tx.add_licence(licence)
    with shared.view() as view:
        assert view.licence(licence_id(serial)) == licence


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SQLRegister]:
    """One register for all examples; making a database takes longer than an example."""
    if request.param == "sqlite":
        with open_engine(tmp_path_factory.mktemp("shared") / "r.db") as engine:
            yield SQLRegister(engine)
        return
    cluster = request.getfixturevalue("postgres_cluster")
    name = cluster.new_database()
    with open_engine(cluster.url(name)) as engine:
        yield SQLRegister(engine)
    cluster.drop_database(name)


def _empty(register: SQLRegister) -> None:
    with register._engine.write() as connection:
        for table in reversed(tables.metadata.sorted_tables):
            if table is not tables.schema:
                connection.execute(table.delete())


# PostgreSQL keeps no NUL in a text; see test_postgres.py.
RESULTS = SHOWN.map(lambda shown: shown.replace("\0", ""))
SMALL = st.integers(0, 3)
NAMES = SMALL.map(lambda number: f"c{number}")
# Lists of one slot, so that chance has nothing to choose and both registers must agree.
CALLS: st.SearchStrategy[tuple[str, Any]] = st.one_of(
    st.tuples(st.just("add_licence"), SMALL.map(lambda s: (a_licence(s),))),
    st.tuples(st.just("licence"), SMALL.map(lambda s: (licence_id(s),))),
    st.tuples(
        st.just("set_state"),
        st.tuples(SMALL.map(licence_id), st.sampled_from(LicenceState)),
    ),
    st.tuples(st.just("find_by_number"), st.just((NUMBER,))),
    st.tuples(
        st.just("add_event"),
        st.tuples(st.builds(an_event, SMALL, st.sampled_from(Move), st.just("理由"))),
    ),
    st.tuples(st.just("allocate_index"), st.sampled_from([(1, 1.0), (1, 0.5), (0, 0.5)])),
    st.tuples(
        st.just("add_credential"),
        st.builds(
            lambda number, serial, name, status, signed: (
                a_credential(
                    number, 0, serial=serial, name=name, status=status,
                    artefacts=signed, request_id=f"request-{name[:2]}",
                ),
            ),
            SMALL, SMALL, st.sampled_from(["c1", "c2", "c2b"]), st.sampled_from([0, 1]),
            st.sampled_from([None, b"signed"]),
        ),
    ),
    st.tuples(
        st.just("record_signed"),
        st.tuples(NAMES, st.sampled_from([b"signed", b"other"]), st.just(AT)),
    ),
    st.tuples(st.just("set_status"), st.tuples(NAMES, st.sampled_from([0, 1, 14, 16]))),
    st.tuples(
        st.just("add_nonce"),
        st.tuples(st.sampled_from([b"a", b"b"]), st.sampled_from([AT, LATER])),
    ),
    st.tuples(
        st.just("consume_nonce"),
        st.tuples(st.sampled_from([b"a", b"b"]), st.sampled_from([AT, LATER])),
    ),
    st.tuples(
        st.just("record_publication"),
        st.builds(lambda v, k: (a_publication(v, k),), SMALL, st.sampled_from(["trust-list", "x"])),
    ),
    st.tuples(
        st.just("record_request"),
        st.builds(lambda n, r: (RecordedRequest(f"r{n}", "issue", "", r),), SMALL, RESULTS),
    ),
)  # fmt: skip


def _answer(tx: RegisterTransaction, name: str, arguments: tuple[Any, ...]) -> object:
    act: Callable[..., object] = getattr(tx, name)
    try:
        return act(*arguments)
    except (EcertError, ValueError) as error:
        return type(error), str(error)


@settings(max_examples=60, deadline=None)
@given(turns=st.lists(st.tuples(st.booleans(), st.lists(CALLS, max_size=12)), max_size=4))
def test_whatever_is_done_both_registers_answer_alike_and_hold_the_same(
    shared: SQLRegister,
    turns: list[tuple[bool, list[tuple[str, Any]]]],
) -> None:
    _empty(shared)
    answers: list[list[object]] = []
    for register in (MemoryRegister(), shared):
        said: list[object] = []
        for breaks_off, calls in turns:
            try:
                with register.transaction() as tx:
                    said += [_answer(tx, name, arguments) for name, arguments in calls]
                    if breaks_off:
                        raise KeyboardInterrupt
            except KeyboardInterrupt:
                pass
            said.append(contents(register))
        answers.append(said)
    assert answers[0] == answers[1]
