"""What every register promises of transactions: all or nothing, in turns, and then over."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from ecert.errors import (
    RegisterError,
)
from ecert.issuers.lifecycle import Move
from ecert.issuers.queries import Query
from ecert.issuers.records import OfficeEvent
from ecert.issuers.register import LicenceEvent, RecordedRequest
from ecert.model.licence import LicenceState
from tests.unit.issuers.sample_register import (
    AT,
    LATER,
    Stop,
    a_count,
    a_credential,
    a_decision,
    a_licence,
    a_publication,
    an_act,
    an_event,
    an_objection,
    breaking_off,
    contents,
    id_of,
    licence_id,
    reserve,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from ecert.issuers.register import Register, RegisterTransaction


def _steps() -> list[Callable[[RegisterTransaction], object]]:
    """Return one of each change, in an order in which all are possible."""
    return [
        lambda tx: tx.add_licence(a_licence(2)),
        lambda tx: tx.add_event(an_event(2)),
        lambda tx: tx.set_state(licence_id(1), LicenceState.SUSPENDED),
        lambda tx: tx.add_event(an_event(1, Move.SUSPEND)),
        lambda tx: tx.add_nonce(b"new", LATER),
        lambda tx: tx.consume_nonce(b"known", AT),
        lambda tx: reserve(tx, "c2", serial=2),
        lambda tx: tx.record_signed(id_of(tx, "c2"), b"signed", AT),
        lambda tx: tx.record_signed(id_of(tx, "c1"), b"signed", AT),
        lambda tx: tx.set_status(id_of(tx, "c1"), 2, AT),
        lambda tx: tx.set_status(id_of(tx, "c2"), 14, AT),
        lambda tx: tx.allocate_index(7, 1.0),
        lambda tx: tx.record_publication(a_publication(2)),
        lambda tx: tx.record_publication(a_publication(1, "status-list:1", changes=2)),
        lambda tx: tx.record_publication(a_publication(2, "status-list:1", changes=2)),
        lambda tx: tx.add_objection(an_objection("o2", serial=2)),
        lambda tx: tx.decide_objection(a_decision("o1")),
        lambda tx: tx.decide_objection(a_decision("o2", serial=2)),
        lambda tx: tx.add_office_event(an_act()),
        lambda tx: tx.set_expected(a_count(2)),
        lambda tx: tx.set_expected(a_count(3, date(2026, 2, 1))),
        lambda tx: tx.allocate_index(7, 1.0, 2031),
        lambda tx: tx.record_request(RecordedRequest("r2", "issue", "digest", "result")),
    ]


@pytest.mark.parametrize("done", range(len(_steps()) + 1))
@pytest.mark.parametrize("error", [Stop, KeyboardInterrupt])
def test_an_exception_after_any_step_leaves_nothing(
    register: Register, done: int, error: type[BaseException]
) -> None:
    with register.transaction() as tx:
        tx.add_licence(a_licence(1))
        tx.add_event(an_event(1))
        reserve(tx, "c1")
        tx.add_nonce(b"known", LATER)
        tx.record_publication(a_publication(1))
        tx.add_objection(an_objection("o1"))
        tx.set_expected(a_count(1))
        tx.record_request(RecordedRequest("r1", "issue", "digest", "result"))
    before = contents(register)
    with breaking_off(register, error) as tx:
        for step in _steps()[:done]:
            step(tx)
    assert contents(register) == before
    with register.transaction() as tx:
        assert not tx.consume_nonce(b"new", AT)
    # And all of it can still be done.
    with register.transaction() as tx:
        for step in _steps():
            step(tx)
    after = contents(register)
    assert after != before
    with register.transaction() as tx:
        assert tx.consume_nonce(b"new", AT)
        assert not tx.consume_nonce(b"known", AT)


def test_a_refusal_that_is_caught_inside_does_not_undo_the_rest(register: Register) -> None:
    with register.transaction() as tx:
        tx.add_licence(a_licence(1))
        with pytest.raises(RegisterError):
            tx.add_licence(a_licence(1))
        tx.add_licence(a_licence(2))
    with register.view() as view:
        assert len(list(view.licences())) == 2


def test_a_transaction_or_view_inside_another_is_misuse(register: Register) -> None:
    for outer in (register.transaction, register.view):
        for inner in (register.transaction, register.view):
            with outer(), pytest.raises(RuntimeError, match="open already"), inner():
                pytest.fail("opened")
    # The refusal did not lock anything.
    with register.transaction() as tx:
        tx.add_licence(a_licence())


def test_nothing_can_be_done_after_the_end(register: Register) -> None:
    with register.transaction() as tx:
        tx.add_licence(a_licence())
        rest = tx.licences()
    with register.view() as view:
        pass
    for act in (
        lambda: tx.add_licence(a_licence(2)),
        lambda: tx.licence(licence_id()),
        lambda: next(rest),
        lambda: view.licence(licence_id()),
    ):
        with pytest.raises(RuntimeError, match="is over"):
            act()


def test_a_view_cannot_change_anything(register: Register) -> None:
    with register.view() as view:
        for name in ("add_licence", "set_state", "set_status", "allocate_index", "consume_nonce"):
            assert not hasattr(view, name)


def test_times_without_a_zone_are_misuse(register: Register) -> None:
    naive = datetime(2026, 11, 22, 2, 0)  # noqa: DTZ001
    with register.transaction() as tx:
        tx.add_licence(a_licence())
        made = reserve(tx).id
        for act in (
            lambda: tx.add_nonce(b"one", naive),
            lambda: tx.consume_nonce(b"one", naive),
            lambda: tx.record_signed(made, b"signed", naive),
            lambda: LicenceEvent(licence_id(), Move.ISSUE, naive, "", "", "", None),
            lambda: tx.set_status(made, 1, naive),
            lambda: OfficeEvent("bulk-approve", "job 1", naive, ""),
            lambda: an_objection(raised_at=naive),
            lambda: a_decision(decided_at=naive),
            lambda: a_publication(issued=naive),
            lambda: Query(on=AT.date(), changed_from=naive),
            lambda: Query(on=AT.date(), changed_before=naive),
            lambda: a_credential(1, 1, reserved_at=naive),
            lambda: a_credential(1, 1, signed_at=naive),
        ):
            with pytest.raises(ValueError, match="zone"):
                act()


def test_threads_take_turns_and_each_gets_indexes_of_its_own(register: Register) -> None:
    with register.transaction() as tx:
        tx.add_licence(a_licence())
    given: list[tuple[int, int]] = []

    def work(thread: int) -> None:
        for number in range(25):
            with register.transaction() as tx:
                credential = reserve(tx, f"c{thread}-{number}")
            given.append((credential.list_number, credential.index))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(set(given)) == 150
    with register.view() as view:
        assert len(view.credentials_of(licence_id())) == 150


def test_what_is_not_committed_is_not_seen_by_other_threads(register: Register) -> None:
    seen: list[int] = []
    started = threading.Event()

    def look() -> None:
        started.set()
        with register.view() as view:
            seen.append(len(list(view.licences())))

    thread = threading.Thread(target=look)
    with breaking_off(register) as tx:
        tx.add_licence(a_licence())
        thread.start()
        assert started.wait(10)
    thread.join(10)
    assert seen == [0]


def test_utc_is_what_comes_back(register: Register) -> None:
    with register.transaction() as tx:
        tx.record_publication(a_publication())
    with register.view() as view:
        publication = view.publication("trust-list")
    assert publication is not None
    assert (publication.issued, publication.expires) == (AT, LATER)
    assert publication.issued.tzinfo is UTC
