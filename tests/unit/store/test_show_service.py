"""What a show service keeps, on both databases: each code is used up by one caller at most."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from ecert import limits
from ecert.online.storage import (
    Attempt,
    AttemptOutcome,
    CodeUse,
    ConsentState,
    Rates,
    StoredCode,
    StoredPart,
    VerifierRecord,
)
from ecert.store.engine import open_engine
from ecert.store.show_service import SQLShowStore

if TYPE_CHECKING:
    from ecert.store.engine import Engine

RATES = Rates(misses_of_verifier=10**6, misses_of_address=10**6, requests_of_verifier=10**6)
HOLDER = b"h" * 32


def code(at: datetime, tag: bytes = b"t" * 32, use: CodeUse = CodeUse.DEPOSIT) -> StoredCode:
    return StoredCode(
        tag=tag, use=use, holder=HOLDER, digest=b"d", made_at=at,
        expires_at=at + timedelta(seconds=300), payload=b"p",
    )  # fmt: skip


def attempt(at: datetime, outcome: AttemptOutcome = AttemptOutcome.SERVED) -> Attempt:
    return Attempt(at=at, outcome=outcome, verifier="v", address=b"a", holder=HOLDER, entry=b"e")


def use(store: SQLShowStore, at: datetime, tag: bytes = b"t" * 32) -> AttemptOutcome | None:
    missed = attempt(at, AttemptOutcome.MISSED)
    return store.use(tag, "v", attempt(at), missed=missed, rates=RATES)


def test_a_code_is_kept_as_it_came_and_its_tag_is_taken(any_engine: Engine, at: datetime) -> None:
    store, wanted = SQLShowStore(any_engine), code(at)
    assert store.put(wanted, most_open=1) == wanted == store.code(wanted.tag)
    other = replace(wanted, holder=b"x" * 32, payload=b"q")
    assert store.put(other, most_open=1) == wanted
    assert store.put(code(at, b"u" * 32), most_open=1) is None
    assert store.put(code(at, b"u" * 32), most_open=2) is not None
    assert store.code(b"none") is None


def test_many_callers_and_one_gets_it(url: str, at: datetime) -> None:
    """Two engines stand for two processes; each has threads."""
    with open_engine(url) as one, open_engine(url) as other:
        stores = [SQLShowStore(one), SQLShowStore(other)]
        with ThreadPoolExecutor(4) as pool:
            for number in range(50):
                tag = number.to_bytes(32)
                stores[0].put(code(at, tag), most_open=1_000)
                done = list(pool.map(lambda n, tag=tag: use(stores[n % 2], at, tag), range(4)))
                assert sorted(map(str, done)) == ["1", "2", "2", "2"]


@pytest.mark.parametrize("seconds", [299, 300])
def test_a_code_is_used_before_its_end(any_engine: Engine, at: datetime, seconds: int) -> None:
    store = SQLShowStore(any_engine)
    store.put(code(at), most_open=1)
    done = use(store, at + timedelta(seconds=seconds))
    assert done is (AttemptOutcome.SERVED if seconds < 300 else AttemptOutcome.MISSED)
    kept = store.code(b"t" * 32)
    assert kept is not None
    assert (kept.used_by, kept.payload) == (("v", None) if seconds < 300 else (None, b"p"))


def test_what_is_used_up_and_what_is_written_of_it_are_one_transaction(
    any_engine: Engine, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ecert.store import show_service

    store = SQLShowStore(any_engine)
    store.put(code(at), most_open=1)

    def fail(*_: object) -> AttemptOutcome:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(show_service, "record", fail)
        with pytest.raises(ZeroDivisionError):
            use(store, at)
    assert store.attempts_of(HOLDER, most=9) == []
    assert use(store, at) is AttemptOutcome.SERVED


def test_too_many_attempts_write_nothing(any_engine: Engine, at: datetime) -> None:
    store, few = SQLShowStore(any_engine), Rates(misses_of_verifier=2)
    missed = attempt(at, AttemptOutcome.MISSED)
    assert [store.record(missed, few) for _ in range(3)] == [*[AttemptOutcome.MISSED] * 2, None]
    assert len(store.attempts_of(HOLDER, most=9)) == 2
    store.put(code(at), most_open=1)
    assert store.use(b"t" * 32, "v", attempt(at), missed=missed, rates=few) is None
    later = at + limits.SHOW_WINDOW
    assert store.tally("v", b"a", since=later - limits.SHOW_WINDOW) == (0, 0, 0)
    assert store.record(attempt(later), few) is AttemptOutcome.SERVED


def test_one_tally_for_each_verifier_and_address(any_engine: Engine, at: datetime) -> None:
    store = SQLShowStore(any_engine)
    for outcome in (AttemptOutcome.MISSED, AttemptOutcome.NOT_COVERED, AttemptOutcome.SERVED):
        store.record(attempt(at, outcome), RATES)
    store.record(replace(attempt(at, AttemptOutcome.MISSED), verifier=None), RATES)
    store.record(replace(attempt(at, AttemptOutcome.MISSED), verifier="w", address=b"b"), RATES)
    since = at - timedelta(seconds=1)
    assert store.tally("v", b"a", since=since) == (2, 3, 3)
    assert store.tally(None, b"b", since=since) == (0, 1, 0)
    assert store.tally("w", b"z", since=since) == (1, 0, 1)


def test_an_answer_is_kept_once_and_each_type_is_taken_once(
    any_engine: Engine, at: datetime
) -> None:
    store, asked = SQLShowStore(any_engine), code(at, use=CodeUse.CONSENT)
    tag, until = asked.tag, at + timedelta(seconds=300)
    store.put(asked, most_open=1)
    parts = {"A": b"1", "B": b"2"}

    def answer() -> bool:
        return store.answer(tag, HOLDER, ConsentState.AGREED, parts, at=at, until=until)

    def take(type_code: str, verifier: str = "v") -> AttemptOutcome | None:
        missed = attempt(at, AttemptOutcome.MISSED)
        return store.take(tag, type_code, verifier, attempt(at), missed=missed, rates=RATES)

    assert not answer(), "nobody has asked"
    assert use(store, at) is AttemptOutcome.SERVED
    assert not store.answer(tag, b"x", ConsentState.AGREED, parts, at=at, until=until)
    assert answer()
    assert not answer()
    assert (store.part(tag, "A"), store.part(tag, "C")) == (StoredPart(b"1"), None)
    assert take("A", "another") is AttemptOutcome.MISSED
    assert take("A") is AttemptOutcome.SERVED
    assert take("A") is AttemptOutcome.MISSED
    assert store.part(tag, "A") == StoredPart(None)
    assert store.cancel(tag, HOLDER, at=at)
    assert (store.part(tag, "B"), take("B")) == (None, AttemptOutcome.MISSED)


def test_only_an_open_code_of_the_holder_is_cancelled(any_engine: Engine, at: datetime) -> None:
    store = SQLShowStore(any_engine)
    store.put(code(at), most_open=1)
    assert not store.cancel(b"t" * 32, b"x" * 32, at=at)
    assert not store.cancel(b"t" * 32, HOLDER, at=at + timedelta(seconds=300))
    assert store.cancel(b"t" * 32, HOLDER, at=at)
    assert not store.cancel(b"t" * 32, HOLDER, at=at)
    assert use(store, at) is AttemptOutcome.MISSED


def test_verifiers_are_kept_and_end(any_engine: Engine, at: datetime) -> None:
    store = SQLShowStore(any_engine)
    record = VerifierRecord(
        id="1", region="500000", office="窗口", token_hash=b"x" * 32, made_at=at,
        expires_at=at + timedelta(days=1),
    )  # fmt: skip
    store.add_verifier(record)
    assert store.verifier(b"x" * 32) == record
    assert store.verifier(b"y" * 32) is None
    assert store.remove_verifier("1", at=at)
    assert not store.remove_verifier("1", at=at)
    (kept,) = store.verifiers()
    assert (kept.removed_at, kept.in_force(at)) == (at, False)


def test_a_request_is_remembered(any_engine: Engine, at: datetime) -> None:
    store = SQLShowStore(any_engine)
    assert [store.claim(b"k", until=at, at=at) for _ in range(2)] == [True, False]


def test_all_that_has_run_out_is_cleared_however_much_it_is(engine: Engine, at: datetime) -> None:
    store = SQLShowStore(engine)
    for number in range(150):
        store.put(code(at, number.to_bytes(32)), most_open=1_000)
    assert store.purge(at=at + timedelta(seconds=299)) == 0
    assert store.purge(at=at + timedelta(seconds=300)) == 150
    assert store.purge(at=at + timedelta(seconds=600)) == 0
    assert store.code(bytes(32)) is None
