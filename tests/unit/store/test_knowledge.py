"""The verifier's knowledge, over the store in memory and the one in SQL."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from ecert.errors import StoreError
from ecert.interop.withdrawal import WithdrawalNotice
from ecert.store.engine import open_engine
from ecert.store.knowledge import SQLKnowledgeStore
from ecert.trust.succession import Mark
from ecert.verify.storage import MemoryStore, StoredDocument, Update
from tests.unit.issuers.sample_register import AT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ecert.store.engine import Engine
    from ecert.verify.storage import KnowledgeStore

SLOT = "ecert-trust-list+jws:511600"


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, path: Path) -> Iterator[KnowledgeStore]:
    """An empty store of each kind."""
    if request.param == "memory":
        yield MemoryStore()
        return
    postgresql = request.param == "postgresql"
    with open_engine(request.getfixturevalue("postgres_url") if postgresql else path) as engine:
        yield SQLKnowledgeStore(engine)


def _document(version: int, slot: str = SLOT) -> StoredDocument:
    data = bytes(range(256)) * version
    return StoredDocument(slot, data, f"{version:064x}", version, AT + timedelta(days=version))


def _mark(version: int) -> Mark:
    return Mark(version, f"{version:064x}")


def test_a_document_and_its_mark_come_back_as_they_went_in(store: KnowledgeStore) -> None:
    assert list(store.documents()) == []
    assert store.marks() == {}
    store.put(_document(3), _mark(3), expected=None)
    assert list(store.documents()) == [_document(3)]
    assert store.marks() == {SLOT: _mark(3)}


def test_a_document_is_replaced_in_its_turn(store: KnowledgeStore) -> None:
    for slot in ("roots", "list", "status"):
        store.put(_document(1, slot), _mark(1), expected=None)
    store.put(_document(2, "roots"), _mark(2), expected=_mark(1))
    assert [(one.slot, one.version) for one in store.documents()] == [
        ("roots", 2), ("list", 1), ("status", 1),
    ]  # fmt: skip
    assert store.marks()["roots"] == _mark(2)


def test_the_largest_version_comes_back_exactly(store: KnowledgeStore) -> None:
    version = (1 << 53) - 1
    document = StoredDocument(SLOT, b"", "00", version, AT)
    store.put(document, Mark(version, "00"), expected=None)
    assert store.marks() == {SLOT: Mark(version, "00")}
    assert list(store.documents()) == [document]


@pytest.mark.parametrize(
    "expected",
    [None, _mark(1), _mark(3), Mark(2, "f" * 64)],
    ids=["none", "older", "newer", "other bytes"],
)
def test_whoever_is_slower_is_refused_and_changes_nothing(
    store: KnowledgeStore, expected: Mark | None
) -> None:
    store.put(_document(2), _mark(2), expected=None)
    with pytest.raises(StoreError) as caught:
        store.put(_document(3), _mark(3), expected=expected)
    assert caught.value.where == SLOT
    assert "another process" in caught.value.en
    assert "重试" in caught.value.fix_zh
    assert list(store.documents()) == [_document(2)]
    assert store.marks() == {SLOT: _mark(2)}


def test_a_mark_that_is_expected_but_absent_is_refused(store: KnowledgeStore) -> None:
    with pytest.raises(StoreError) as caught:
        store.put(_document(2), _mark(2), expected=_mark(1))
    assert caught.value.where == SLOT
    assert store.marks() == {}


def _four_slots(store: KnowledgeStore) -> None:
    for slot in ("roots", "dropped", "forgotten", "kept"):
        store.put(_document(1, slot), _mark(1), expected=None)


def test_new_roots_take_along_what_they_no_longer_prove(store: KnowledgeStore) -> None:
    _four_slots(store)
    store.put(
        _document(2, "roots"), _mark(2), expected=_mark(1),
        drop=["dropped", "forgotten", "never held"], forget=["forgotten", "never held"],
    )  # fmt: skip
    assert [(one.slot, one.version) for one in store.documents()] == [("roots", 2), ("kept", 1)]
    assert store.marks() == {"roots": _mark(2), "dropped": _mark(1), "kept": _mark(1)}


def test_what_comes_is_not_taken_along_by_itself(store: KnowledgeStore) -> None:
    store.put(_document(1), _mark(1), expected=None)
    store.put(_document(2), _mark(2), expected=_mark(1), drop=[SLOT], forget=[SLOT])
    assert list(store.documents()) == [_document(2)]
    assert store.marks() == {SLOT: _mark(2)}


def test_roots_that_come_too_late_take_nothing_along(store: KnowledgeStore) -> None:
    _four_slots(store)
    with pytest.raises(StoreError) as caught:
        store.put(
            _document(3, "roots"), _mark(3), expected=_mark(2),
            drop=["dropped", "forgotten"], forget=["forgotten"],
        )  # fmt: skip
    assert caught.value.where == "roots"
    assert [one.slot for one in store.documents()] == ["roots", "dropped", "forgotten", "kept"]
    assert len(store.marks()) == 4


def test_knowledge_survives_its_program(url: str) -> None:
    with open_engine(url) as engine:
        SQLKnowledgeStore(engine).put(_document(1), _mark(1), expected=None)
    with open_engine(url) as engine:
        store = SQLKnowledgeStore(engine)
        assert list(store.documents()) == [_document(1)]
        assert store.marks() == {SLOT: _mark(1)}


def test_a_mark_outlives_its_document(any_engine: Engine) -> None:
    store = SQLKnowledgeStore(any_engine)
    store.put(_document(7), _mark(7), expected=None)
    with any_engine.write() as connection:
        connection.execute(text("DELETE FROM knowledge_document"))
    assert list(store.documents()) == []
    assert store.marks() == {SLOT: _mark(7)}
    with pytest.raises(StoreError):
        store.put(_document(1), _mark(1), expected=None)


def test_mark_and_document_move_together_or_not_at_all(any_engine: Engine) -> None:
    store = SQLKnowledgeStore(any_engine)
    store.put(_document(1), _mark(1), expected=None)
    store.put(_document(2, "other"), _mark(2), expected=None)
    with any_engine.write() as connection:
        connection.exec_driver_sql("CREATE UNIQUE INDEX stop ON knowledge_document (version)")
    with pytest.raises(IntegrityError, match=r"stop|knowledge_document\.version"):
        store.put(_document(2), _mark(2), expected=_mark(1))
    assert list(store.documents()) == [_document(1), _document(2, "other")]
    assert store.marks() == {SLOT: _mark(1), "other": _mark(2)}


def test_of_many_that_replace_the_same_version_one_wins(any_engine: Engine) -> None:
    store = SQLKnowledgeStore(any_engine)
    store.put(_document(1), _mark(1), expected=None)
    together = threading.Barrier(8)
    results: list[str] = []

    def work() -> None:
        together.wait(30)
        try:
            store.put(_document(2), _mark(2), expected=_mark(1))
            results.append("won")
        except StoreError as error:
            results.append(error.where)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(results) == [SLOT] * 7 + ["won"]


# -- several at once, and what was ----------------------------------------------------------------


def test_several_updates_are_one_or_none(store: KnowledgeStore) -> None:
    store.put(_document(1), _mark(1), expected=None)
    good = Update(_document(2), _mark(2), _mark(1))
    with pytest.raises(StoreError) as caught:
        store.put_all([good, Update(_document(1, "other"), _mark(1), _mark(9))])
    assert caught.value.where == "other"
    assert list(store.documents()) == [_document(1)]
    assert store.marks() == {SLOT: _mark(1)}
    assert list(store.documents_at(AT + timedelta(days=9))) == [_document(1)]
    # One slot may move twice: roots go version by version.
    store.put_all([good, Update(_document(3), _mark(3), _mark(2))])
    assert list(store.documents()) == [_document(3)]
    assert store.marks() == {SLOT: _mark(3)}


@pytest.mark.parametrize(("day", "versions"), [(0, []), (1, [1]), (2, [1]), (3, [3]), (9, [3])])
def test_what_was_in_force_on_a_day_is_known(
    store: KnowledgeStore, day: int, versions: list[int]
) -> None:
    store.put(_document(1), _mark(1), expected=None)
    store.put(_document(3), _mark(3), expected=_mark(1))
    then = store.documents_at(AT + timedelta(days=day))
    assert [one.version for one in then] == versions


def test_the_same_document_once_more_keeps_its_day(store: KnowledgeStore) -> None:
    store.put(_document(1), _mark(1), expected=None)
    again = replace(_document(1), data=b"signed by one more", accepted_at=AT + timedelta(days=8))
    store.put(again, _mark(1), expected=_mark(1))
    (held,) = store.documents()
    assert held.accepted_at == AT + timedelta(days=1)
    assert held.data == b"signed by one more"
    assert store.prune(AT + timedelta(days=99)) == 0


def test_what_new_roots_took_along_was_in_force_until_then(store: KnowledgeStore) -> None:
    store.put(_document(1, "list"), _mark(1), expected=None)
    store.put(_document(2, "roots"), _mark(2), expected=None, drop=["list"])
    before, after = AT + timedelta(days=2, microseconds=-1), AT + timedelta(days=2)
    assert [one.slot for one in store.documents_at(before)] == ["list"]
    assert [one.slot for one in store.documents_at(after)] == ["roots"]


def test_pruning_drops_what_was_replaced_before_and_nothing_else(store: KnowledgeStore) -> None:
    for version in (1, 2, 3):
        expected = None if version == 1 else _mark(version - 1)
        store.put(_document(version), _mark(version), expected=expected)
    third = AT + timedelta(days=3)
    assert store.prune(third, dry_run=True) == 1
    assert store.prune(third) == 1
    assert store.prune(third) == 0
    assert list(store.documents_at(AT + timedelta(days=1))) == []
    assert [one.version for one in store.documents_at(AT + timedelta(days=2))] == [2]
    assert store.marks() == {SLOT: _mark(3)}
    assert list(store.documents()) == [_document(3)]


def test_pruning_does_not_bring_back_on_a_past_day_what_a_notice_withheld(
    store: KnowledgeStore,
) -> None:
    slot = f"{WithdrawalNotice.TYP}:500000:510000:chuan-yu"
    store.put(_document(1, slot), _mark(1), expected=None)
    store.put(_document(2, slot), _mark(2), expected=_mark(1))
    assert store.prune(AT + timedelta(days=99), dry_run=True) == 0
    assert store.prune(AT + timedelta(days=99)) == 0
    then = store.documents_at(AT + timedelta(days=1))
    assert [(one.slot, one.version) for one in then] == [(slot, 1)]
