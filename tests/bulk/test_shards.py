"""A shard is reserved, signed and recorded, from wherever it was broken off, and once."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select, update

from ecert.errors import BulkError
from ecert.issuers.bulk.job import JobState
from ecert.issuers.bulk.results import RowOutcome
from ecert.store.bulk_shards import DONE, PLANNED, RESERVED
from ecert.store.tables import bulk_job, bulk_shard, credential, licence, status_list
from tests.bulk.office import (
    person,
    plan,
    plan_people,
    require_clean,
    row,
    write_list,
)

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Table

    from ecert.issuers.bulk.ledger import Reserved
    from ecert.issuers.bulk.work import ShardWorker
    from ecert.workspace import Workspace


def _count(office: Workspace, table: Table) -> int:
    with office.engine.read() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def _given(office: Workspace) -> int:
    """How many status indexes are given away."""
    with office.engine.read() as connection:
        return int(connection.execute(select(func.sum(status_list.c.taken))).scalar() or 0)


def _reserve(office: Workspace, job: str, shard: int) -> Reserved:
    reserved = office.bulk.ledger.reserve(job, shard, office.bulk.now())
    assert reserved is not None
    return reserved


def _worker(office: Workspace, job: str) -> ShardWorker:
    return office.issuer.shard_worker(office.bulk.ledger.job(job), office.bulk.ledger)


def _numbers(office: Workspace) -> list[str]:
    with office.engine.read() as connection:
        return list(connection.execute(select(licence.c.number).order_by(licence.c.row)).scalars())


def test_every_row_is_issued_once_with_a_file_credential(office: Workspace, tmp_path: Path) -> None:
    job = plan_people(office, tmp_path, 25)
    progress = office.bulk.run(job, workers=1)
    assert (progress.shards_done, progress.done, progress.refused) == (3, 25, 0)
    assert _numbers(office) == [person(one) for one in range(25)]
    assert (_count(office, credential), _given(office)) == (25, 25)
    first = next(iter(office.bulk.ledger.issued(job)))
    (record,) = office.issuer.credentials(first[1])
    assert record.signed_at is not None
    (event,) = office.issuer.events(first[1])
    assert (event.actor, event.request_id) == ("甲", f"bulk:{job}:2")
    require_clean(office)


def test_without_files_no_status_index_is_taken(office: Workspace, tmp_path: Path) -> None:
    path = write_list(tmp_path / "名单.csv", (row(one) for one in range(12)))
    office.bulk.run(plan(office, path, files=False).job.id, workers=1)
    assert (_count(office, licence), _count(office, credential)) == (12, 0)
    assert _given(office) == 0
    require_clean(office)


def test_a_reservation_is_the_same_at_every_try(office: Workspace, tmp_path: Path) -> None:
    job = plan_people(office, tmp_path, 12)
    first, again = (_reserve(office, job, 1) for _ in range(2))
    assert list(again.serials) == list(first.serials)
    assert list(again.places) == list(first.places)
    assert again.at == first.at
    assert len(set(first.places)) == len(first.places) == 10
    assert _given(office) == 10
    # What is reserved belongs to somebody.
    require_clean(office)


def test_what_was_broken_off_after_the_reservation_goes_on_with_it(
    office: Workspace, tmp_path: Path
) -> None:
    job = plan_people(office, tmp_path, 12)
    reserved = _reserve(office, job, 1)
    office.bulk.run(job, workers=1)
    issued = [licence_id for _, licence_id, _ in office.bulk.ledger.issued(job)]
    assert [one.split(".")[-3] for one in issued[:10]] == list(reserved.serials)
    assert _given(office) == 12
    assert _count(office, licence) == 12
    require_clean(office)


def test_a_shard_that_is_done_is_not_done_again(office: Workspace, tmp_path: Path) -> None:
    job = plan_people(office, tmp_path, 12)
    worker = _worker(office, job)
    at = office.bulk.now()
    assert [worker.carry_out(shard, at) for shard in (1, 1, 2, 2)] == [True, False, True, False]
    assert office.bulk.ledger.reserve(job, 1, at) is None
    assert not office.bulk.ledger.record(job, 1, [], at).is_new
    assert office.bulk.run(job, workers=1).done == 12
    assert _count(office, licence) == 12


def test_of_two_that_sign_one_shard_the_second_records_nothing(
    office: Workspace, tmp_path: Path
) -> None:
    job = plan_people(office, tmp_path, 60)
    worker, at = _worker(office, job), office.bulk.now()
    outcomes: list[tuple[int, bool]] = []

    def work() -> None:
        for shard in range(1, 7):
            outcomes.append((shard, worker.carry_out(shard, at)))  # noqa: PERF401

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(shard for shard, is_new in outcomes if is_new) == [1, 2, 3, 4, 5, 6]
    assert _numbers(office) == sorted(set(_numbers(office)))
    assert (_count(office, licence), _given(office)) == (60, 60)
    require_clean(office)


def _state(office: Workspace, shard: int) -> int:
    with office.engine.read() as connection:
        asked = select(bulk_shard.c.state).where(bulk_shard.c.number == shard)
        return int(connection.execute(asked).scalar_one())


def test_the_next_shard_is_reserved_in_the_transaction_that_records_this_one(
    office: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = plan_people(office, tmp_path, 25)
    worker, ledger, at = _worker(office, job), office.bulk.ledger, office.bulk.now()
    assert worker.carry_out(1, at, ahead=2)
    assert (_state(office, 1), _state(office, 2), _given(office)) == (DONE, RESERVED, 20)
    again = ledger.reserve(job, 2, office.bulk.now())
    asked: list[int] = []
    reserve = ledger.reserve

    def note(job_id: str, number: int, at: datetime) -> Reserved | None:
        asked.append(number)
        return reserve(job_id, number, at)

    monkeypatch.setattr(ledger, "reserve", note)
    assert worker.carry_out(2, at)
    assert asked == []
    issued = [licence_id for _, licence_id, _ in ledger.issued(job)]
    assert again is not None
    assert [one.split(".")[-3] for one in issued[10:]] == list(again.serials)
    # Nothing was said of the third.
    assert _state(office, 3) == PLANNED
    assert worker.carry_out(3, at)
    assert asked == [3]
    assert (_count(office, licence), _given(office)) == (25, 25)
    require_clean(office)


def test_what_was_reserved_ahead_and_then_left_is_taken_up_as_it_is(
    office: Workspace, tmp_path: Path
) -> None:
    job = plan_people(office, tmp_path, 25)
    _worker(office, job).carry_out(1, office.bulk.now(), ahead=2)  # and then the machine dies
    reserved = _reserve(office, job, 2)
    assert office.bulk.run(job, workers=1).done == 25
    issued = [licence_id for _, licence_id, _ in office.bulk.ledger.issued(job)]
    assert [one.split(".")[-3] for one in issued[10:20]] == list(reserved.serials)
    assert _given(office) == 25
    require_clean(office)


def test_what_was_reserved_ahead_and_done_by_another_is_not_done_again(
    office: Workspace, tmp_path: Path
) -> None:
    job = plan_people(office, tmp_path, 25)
    one, other, at = _worker(office, job), _worker(office, job), office.bulk.now()
    assert one.carry_out(1, at, ahead=2)
    assert other.carry_out(2, at, ahead=3)
    # The third is the other's already, and the second is done.
    assert not one.carry_out(2, at, ahead=3)
    assert one.carry_out(3, at)
    assert not other.carry_out(3, at)
    assert (_count(office, licence), _given(office)) == (25, 25)
    require_clean(office)


def test_what_was_reserved_ahead_is_not_carried_out_once_the_job_is_cancelled(
    office: Workspace, tmp_path: Path
) -> None:
    job = plan_people(office, tmp_path, 25)
    worker, at = _worker(office, job), office.bulk.now()
    assert worker.carry_out(1, at, ahead=2)
    office.bulk.cancel(job, by="甲")
    assert not worker.carry_out(2, at, ahead=3)
    assert (_count(office, licence), _given(office)) == (10, 20)
    require_clean(office)


@pytest.mark.parametrize("name", ["serials", "places"])
def test_a_reservation_with_something_left_over_is_not_signed(
    office: Workspace, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ecert.issuers.bulk.work._AT_ONCE", 5)
    job = plan_people(office, tmp_path, 12)
    worker, ledger = _worker(office, job), office.bulk.ledger
    reserved = _reserve(office, job, 1)
    kept = getattr(reserved, name)
    longer: dict[str, Any] = {name: [*kept, kept[0]]}
    more = replace(reserved, **longer)
    monkeypatch.setattr(type(ledger), "reserve", lambda *_: more)
    with pytest.raises(ValueError, match="not as many"):
        worker.carry_out(1, office.bulk.now())
    assert _count(office, licence) == 0


def test_personal_data_is_gone_from_the_ledger_when_a_shard_is_done(
    office: Workspace, tmp_path: Path
) -> None:
    job = plan_people(office, tmp_path, 12)
    office.bulk.run(job, workers=1)
    with office.engine.read() as connection:
        shards = connection.execute(select(bulk_shard)).all()
        jobs = connection.execute(select(bulk_job)).all()
    assert {one.content for one in shards} == {b""}
    kept = "".join(str(one) for one in (*shards, *jobs))
    assert not any(person(one) in kept for one in range(12))
    assert "张伟" not in kept


def test_what_the_register_has_already_is_refused_at_its_turn(
    office: Workspace, tmp_path: Path
) -> None:
    job = plan_people(office, tmp_path, 12)
    other = plan_people(office, tmp_path, 3, first=4)
    office.bulk.run(other, workers=1)
    progress = office.bulk.run(job, workers=1)
    assert (progress.done, progress.refused) == (9, 3)
    refused = list(office.bulk.ledger.refusals(job))
    assert [one.row for one in refused] == [6, 7, 8]
    assert "已有此类型、此编号" in refused[0].zh
    assert _count(office, licence) == 12
    assert office.bulk.ledger.progress(job).finished
    require_clean(office)


def test_what_another_job_issues_between_reserving_and_recording_is_not_issued_twice(
    office: Workspace, tmp_path: Path
) -> None:
    job = plan_people(office, tmp_path, 10)
    _reserve(office, job, 1)  # and then the machine dies
    other = plan_people(office, tmp_path, 3, first=4)
    office.bulk.run(other, workers=1)
    progress = office.bulk.run(job, workers=1)
    assert (progress.done, progress.refused) == (7, 3)
    assert sorted(_numbers(office)) == [person(one) for one in range(10)]
    # The indexes of the three are taken and nobody's, which the audit knows.
    assert (_given(office), _count(office, credential)) == (13, 10)
    require_clean(office)
    outcomes = {one.row: one.outcome for one in office.bulk.ledger.results(job)}
    assert [line for line, outcome in outcomes.items() if outcome is RowOutcome.REFUSED] == [
        6, 7, 8
    ]  # fmt: skip
    assert len(outcomes) == 10


def test_a_shard_of_which_nothing_is_left_is_done(office: Workspace, tmp_path: Path) -> None:
    first, second = plan_people(office, tmp_path, 10), plan_people(office, tmp_path, 10)
    _reserve(office, second, 1)
    office.bulk.run(first, workers=1)
    progress = office.bulk.run(second, workers=1)
    assert (progress.done, progress.refused, progress.finished) == (0, 10, True)
    assert list(office.bulk.ledger.issued(second)) == []
    require_clean(office)


def test_an_index_that_is_taken_by_nobody_is_found(office: Workspace, tmp_path: Path) -> None:
    job = plan_people(office, tmp_path, 10)
    _reserve(office, job, 1)
    with office.engine.write() as connection:
        connection.execute(update(bulk_shard).values(slots=9))
    (finding,) = office.issuer.archive.check_audit().findings
    assert (finding.fault.value, finding.where) == ("stray-slot", "1")


def test_a_type_whose_definition_has_changed_since_the_plan_stops_the_job(
    office: Workspace, tmp_path: Path
) -> None:
    job = office.bulk.ledger.job(plan_people(office, tmp_path, 3))
    ((code, _),) = job.types.items()
    changed = replace(job, types={code: "sha256-another"})
    with pytest.raises(BulkError) as caught:
        office.issuer.shard_worker(changed, office.bulk.ledger)
    assert caught.value.where == code
    assert "定义在计划之后有变动" in caught.value.zh


@pytest.mark.parametrize("state", [JobState.PLANNING, JobState.CLOSED])
def test_only_a_job_that_is_planned_is_run(
    office: Workspace, tmp_path: Path, state: JobState
) -> None:
    job = plan_people(office, tmp_path, 3)
    with office.engine.write() as connection:
        connection.execute(update(bulk_job).values(state=state.value))
    with pytest.raises(BulkError):
        office.bulk.run(job, workers=1)
    assert office.bulk.ledger.reserve(job, 1, office.bulk.now()) is None
    assert _count(office, licence) == 0


def test_a_job_that_is_not_there(office: Workspace) -> None:
    with pytest.raises(BulkError) as caught:
        office.bulk.run("261122-000000")
    assert caught.value.where == "261122-000000"


def test_a_reservation_counts_as_reserved(office: Workspace, tmp_path: Path) -> None:
    job = plan_people(office, tmp_path, 10)
    _reserve(office, job, 1)
    with office.engine.read() as connection:
        shard = connection.execute(select(bulk_shard)).one()
    assert (shard.state, shard.slots) == (RESERVED, 10)
    assert office.bulk.ledger.open_shards(job) == (1,)
