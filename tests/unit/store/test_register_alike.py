"""Registers in SQL hold anything, and answer like the one in memory whatever is done."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecert.errors import EcertError
from ecert.issuers.lifecycle import Move
from ecert.issuers.memory import MemoryRegister
from ecert.issuers.queries import Query
from ecert.issuers.records import ObjectionState
from ecert.issuers.register import RecordedRequest
from ecert.model.holders import Holder
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
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from ecert.issuers.register import RegisterTransaction

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


ANN = Holder("Ann O'Neill", "H1234567890", "516")
# What an event may hold shows what it is; and quotes, marks and other planes must come back.
RESULTS = st.text("张伟𠮷〔２〕 aZ'\"%:?\\\\", max_size=12)
SMALL = st.integers(0, 3)
# Lists of one slot, so that chance has nothing to choose and both registers must agree: a
# credential's id is the number of its list, and place 0.
PLACES = st.integers(0, 4).map(lambda number: f"{number}-0") | st.sampled_from(["1-00", "c1", ""])
TIMES = st.sampled_from([AT, LATER])
YEARS = st.sampled_from([0, 0, 2031, 2032])
DAYS_OF_2026 = st.sampled_from([date(2026, 1, 5), date(2026, 2, 1)])
ENDS = st.sampled_from([None, date(2026, 11, 21), date(2032, 1, 4)])


def _call(name: str, *arguments: st.SearchStrategy[Any], **named: st.SearchStrategy[Any]) -> Call:
    return st.tuples(st.just(name), st.tuples(*arguments), st.fixed_dictionaries(named))


Call = st.SearchStrategy[tuple[str, tuple[Any, ...], dict[str, Any]]]
KINDS = st.sampled_from(["trust-list", "status-list:1", "x"])
LICENCES = st.builds(
    lambda serial, number, holder, end: a_licence(
        serial, number=number, holders=(Holder("张伟", NUMBER), *holder), valid_until=end
    ),
    SMALL, st.sampled_from([NUMBER, "1"]), st.sampled_from([(), (ANN,), (ANN, ANN)]), ENDS,
)  # fmt: skip
QUERIES = st.builds(
    lambda wanted, day: Query(on=day, **wanted),
    st.fixed_dictionaries({}, optional={
        "number": st.sampled_from([NUMBER, "2"]),
        "holder_number": st.sampled_from([NUMBER, ANN.number, "2"]),
        "type_code": st.sampled_from([TYPE_CODE, "other"]),
        "state": st.sampled_from(LicenceState),
        "region": st.sampled_from(["511600", "500000"]),
        "changed_from": TIMES, "changed_before": TIMES | st.just(LATER + timedelta(days=1)),
        "issued_from": DAYS_OF_2026, "issued_until": DAYS_OF_2026,
    }),
    st.sampled_from([date(2026, 11, 21), date(2026, 11, 22), date(2040, 1, 1)]),
)  # fmt: skip
CHANGES: tuple[Call, ...] = (
    _call("add_licence", LICENCES),
    _call("set_state", SMALL.map(licence_id), st.sampled_from(LicenceState)),
    _call("add_event", st.builds(an_event, SMALL, st.sampled_from(Move), RESULTS)),
    _call("add_office_event", RESULTS.map(an_act)),
    _call("allocate_index", st.sampled_from([0, 1, 1, 1]), st.sampled_from([1.0, 0.5]), YEARS),
    _call("add_credential", st.builds(
        lambda number, serial, name, status, signed: a_credential(
            number, 0, serial=serial, name=name, status=status, artefacts=signed,
        ),
        SMALL, SMALL, st.sampled_from(["c1", "c2", "c3"]), st.sampled_from([0, 1]),
        st.sampled_from([None, b"signed"]),
    )),
    _call("record_signed", PLACES, st.sampled_from([b"signed", b"other"]), TIMES),
    _call("set_status", PLACES, st.sampled_from([0, 1, 14, 16]), TIMES),
    _call("add_nonce", st.sampled_from([b"a", b"b"]), TIMES),
    _call("consume_nonce", st.sampled_from([b"a", b"b"]), TIMES),
    _call("record_publication", st.builds(
        lambda version, kind, at, changes: a_publication(version, kind, issued=at, changes=changes),
        SMALL, KINDS, TIMES, SMALL,
    )),
    _call("record_request", st.builds(
        lambda number, result: RecordedRequest(f"r{number}", "issue", "", result), SMALL, RESULTS
    )),
    _call("add_objection", st.builds(
        lambda number, said: an_objection(f"o{number}", serial=number % 2, statement=said),
        SMALL, RESULTS,
    )),
    _call("decide_objection", st.builds(
        lambda number, state: a_decision(f"o{number}", state, serial=number % 2),
        SMALL, st.sampled_from([ObjectionState.UPHELD, ObjectionState.DISMISSED]),
    )),
    _call("set_expected", st.builds(a_count, SMALL, DAYS_OF_2026)),
)  # fmt: skip
LOOKS: tuple[Call, ...] = (
    _call("request", SMALL.map(lambda number: f"r{number}")),
    _call("licence", SMALL.map(licence_id)),
    _call("find_by_number", st.sampled_from([NUMBER, "1", "2"])),
    _call(
        "find", QUERIES, after=st.integers(-1, 5), limit=st.sampled_from([0, 1, 2, 3, 100, 1001])
    ),
    _call("row", st.integers(-1, 6)),
    _call("row_of", SMALL.map(licence_id)),
    _call("count", st.sampled_from([date(2026, 11, 21), date(2026, 11, 22), date(2040, 1, 1)])),
    _call("credential", PLACES),
    _call("credentials_of", SMALL.map(licence_id)),
    _call("list_size", SMALL),
    _call("list_year", SMALL),
    _call("status_changes", SMALL, up_to=st.integers(0, 9)),
    _call("last_status_change"),
    _call("publication", KINDS, at=TIMES | st.none()),
    _call("objection", SMALL.map(lambda number: f"o{number}")),
    _call("objections", SMALL.map(licence_id) | st.none(), only_open=st.booleans()),
    _call("expected"),
    _call("audit_head"),
    _call("audit_trail", after=SMALL),
    _call("stray_slots"),
)
CALLS: Call = st.one_of(*CHANGES, *LOOKS)


def _answer(tx: RegisterTransaction, call: tuple[str, tuple[Any, ...], dict[str, Any]]) -> object:
    name, arguments, named = call
    act: Callable[..., object] = getattr(tx, name)
    try:
        answer = act(*arguments, **named)
        if name == "audit_trail":
            return [(entry, [*events], [*acts]) for entry, events, acts in answer]  # type: ignore[attr-defined]
        return list(answer) if isinstance(answer, Iterator) else answer
    except (EcertError, ValueError) as error:
        return type(error), str(error)


@settings(max_examples=100, deadline=None)
@given(turns=st.lists(st.tuples(st.booleans(), st.lists(CALLS, max_size=16)), max_size=4))
def test_whatever_is_done_both_registers_answer_alike_and_hold_the_same(
    shared: SQLRegister,
    turns: list[tuple[bool, list[tuple[str, tuple[Any, ...], dict[str, Any]]]]],
) -> None:
    _empty(shared)
    answers: list[list[object]] = []
    for register in (MemoryRegister(), shared):
        said: list[object] = []
        for breaks_off, calls in turns:
            try:
                with register.transaction() as tx:
                    said += [_answer(tx, call) for call in calls]
                    if breaks_off:
                        raise KeyboardInterrupt
            except KeyboardInterrupt:
                pass
            said.append(contents(register))
        answers.append(said)
    assert answers[0] == answers[1]
