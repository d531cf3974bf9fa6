"""A job's life: approved by a second person, cancelled, reported."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from ecert.errors import BulkError
from ecert.issuers.bulk.job import MASS_ROWS, JobState
from ecert.issuers.bulk.results import RowOutcome
from ecert.issuers.lifecycle import Move
from ecert.store.tables import bulk_shard, office_event
from tests.bulk.office import (
    bad_row,
    issue_people,
    person,
    plan,
    plan_moves,
    plan_people,
    require_clean,
    row,
    write_list,
)

if TYPE_CHECKING:
    from pathlib import Path

    from ecert.workspace import Workspace


def _acts(office: Workspace) -> list[tuple[str, str]]:
    with office.engine.read() as connection:
        found = connection.execute(select(office_event).order_by(office_event.c.seq))
        return [(one.act, one.actor) for one in found if one.act.startswith("bulk")]


# -- approval ---------------------------------------------------------------------------------


def test_mass_revocation_takes_two_people_and_leaves_their_names(
    office: Workspace, tmp_path: Path
) -> None:
    ids = issue_people(office, tmp_path, MASS_ROWS + 1)
    job = plan_moves(office, tmp_path / "吊销.csv", ids).job
    assert job.needs_approval
    with pytest.raises(BulkError) as caught:
        office.bulk.run(job.id, workers=1)
    assert "须由另一人审批" in caught.value.zh
    approved = office.bulk.approve(job.id, " 乙 ")
    assert (approved.approved_by, approved.needs_approval) == ("乙", False)
    assert office.bulk.run(job.id, workers=1).done == MASS_ROWS + 1
    assert _acts(office) == [("bulk-plan", "甲"), ("bulk-plan", "甲"), ("bulk-approve", "乙")]
    require_clean(office)


@pytest.mark.parametrize("by", ["甲", " 甲", "", "  ", "甲\u200b", "甲\u3000", "\u200b"])
def test_the_second_person_is_another_one(office: Workspace, tmp_path: Path, by: str) -> None:
    job = plan_people(office, tmp_path, 1)
    with pytest.raises(BulkError) as caught:
        office.bulk.approve(job, by)
    assert "审批人须是另一人" in caught.value.zh


def test_a_job_is_approved_once(office: Workspace, tmp_path: Path) -> None:
    job = plan_people(office, tmp_path, 1)
    office.bulk.approve(job, "乙")
    with pytest.raises(BulkError):
        office.bulk.approve(job, "丙")
    assert office.bulk.ledger.job(job).approved_by == "乙"


@pytest.mark.parametrize(
    ("move", "rows", "needs"),
    [
        (Move.REVOKE, MASS_ROWS, False),
        (Move.REVOKE, MASS_ROWS + 1, True),
        (Move.REINSTATE, MASS_ROWS + 1, False),
    ],
)
def test_few_rows_or_what_takes_nothing_away_need_one_person(
    sqlite_office: Workspace, tmp_path: Path, move: Move, rows: int, needs: bool
) -> None:
    ids = issue_people(sqlite_office, tmp_path, rows)
    job = plan_moves(sqlite_office, tmp_path / "名单.csv", ids, move).job
    assert (job.rows, job.needs_approval) == (rows, needs)


# -- cancellation -----------------------------------------------------------------------------


def test_a_cancelled_job_keeps_what_is_done_and_drops_the_rest(
    office: Workspace, tmp_path: Path
) -> None:
    rows = [row(one) for one in range(35)]
    rows[30] = bad_row(30)
    job = plan(office, write_list(tmp_path / "名单.csv", rows)).job.id
    ledger = office.bulk.ledger
    worker = office.issuer.shard_worker(ledger.job(job), ledger)
    worker.carry_out(1, office.bulk.now())
    reserved = ledger.reserve(job, 2, office.bulk.now())  # and then the machine dies
    assert reserved is not None
    closed = office.bulk.cancel(job, "乙")
    assert (closed.state, ledger.job(job).state) == (JobState.CLOSED, JobState.CLOSED)
    assert _acts(office)[-1] == ("bulk-cancel", "乙")
    counts = Counter(one.outcome for one in ledger.results(job))
    assert counts == {RowOutcome.DONE: 10, RowOutcome.REFUSED: 1, RowOutcome.GIVEN_UP: 24}
    assert [one.row for one in ledger.results(job)] == list(range(2, 37))
    with office.engine.read() as connection:
        shards = connection.execute(select(bulk_shard)).all()
    assert {one.content for one in shards} == {b""}, "personal data stays behind"
    # Ten indexes were reserved for nobody; they are taken for good and accounted for.
    assert sum(one.slots for one in shards) == 10
    require_clean(office)


def test_what_was_signed_when_the_job_was_cancelled_is_not_recorded(
    office: Workspace, tmp_path: Path
) -> None:
    job = plan_people(office, tmp_path, 10)
    ledger, at = office.bulk.ledger, office.bulk.now()
    worker = office.issuer.shard_worker(ledger.job(job), ledger)
    reserved = ledger.reserve(job, 1, at)
    assert reserved is not None
    granted = worker._sign(reserved)
    office.bulk.cancel(job, "乙")
    assert not ledger.record(job, 1, granted, at).is_new
    assert not worker.carry_out(1, at)
    assert list(ledger.issued(job)) == []
    require_clean(office)


def test_a_cancelled_job_is_not_run_and_not_approved(office: Workspace, tmp_path: Path) -> None:
    job = plan_people(office, tmp_path, 10)
    office.bulk.cancel(job, "乙")
    with pytest.raises(BulkError, match="任务已被取消"):
        office.bulk.run(job, workers=1)
    with pytest.raises(BulkError, match="不能审批"):
        office.bulk.approve(job, "丙")
    # A cancellation that was broken off is gone on with.
    assert office.bulk.cancel(job, "乙").state is JobState.CLOSED
    assert _acts(office) == [("bulk-plan", "甲"), ("bulk-cancel", "乙")]


def test_a_job_that_is_finished_has_nothing_to_cancel(office: Workspace, tmp_path: Path) -> None:
    job = plan_people(office, tmp_path, 10)
    office.bulk.run(job, workers=1)
    with pytest.raises(BulkError, match="已全部完成"):
        office.bulk.cancel(job, "乙")
    assert office.bulk.ledger.job(job).state is JobState.PLANNED


def test_somebody_must_cancel_it(office: Workspace, tmp_path: Path) -> None:
    job = plan_people(office, tmp_path, 10)
    with pytest.raises(BulkError) as caught:
        office.bulk.cancel(job, " ")
    assert caught.value.where == "actor"
    assert office.bulk.run(job, workers=1).done == 10


def test_what_a_cancelled_job_left_can_be_planned_anew(office: Workspace, tmp_path: Path) -> None:
    job = plan_people(office, tmp_path, 20)
    ledger = office.bulk.ledger
    office.issuer.shard_worker(ledger.job(job), ledger).carry_out(1, office.bulk.now())
    office.bulk.cancel(job, "乙")
    again = plan_people(office, tmp_path, 20)
    progress = office.bulk.run(again, workers=1)
    assert (progress.done, progress.refused) == (10, 10)
    require_clean(office)


# -- report -----------------------------------------------------------------------------------


def test_the_report_has_every_row_whatever_became_of_it(office: Workspace, tmp_path: Path) -> None:
    rows = [row(one) for one in range(35)]
    rows[3] = bad_row(3)
    rows[20] = row(7)
    job = plan(office, write_list(tmp_path / "名单.csv", rows)).job
    office.bulk.run(plan_people(office, tmp_path, 2, first=11), workers=1)
    ledger = office.bulk.ledger
    worker = office.issuer.shard_worker(job, ledger)
    for shard in (2, 1):
        worker.carry_out(shard, office.bulk.now())
    results = list(ledger.results(job.id))
    assert [one.row for one in results] == list(range(2, 37))
    assert len(results) == job.rows + job.bad
    done = {one.row: one for one in results if one.outcome is RowOutcome.DONE}
    assert done[2].number == person(0)
    assert office.issuer.licence(done[2].licence_id).number == person(0)
    refused = {one.row: one.zh for one in results if one.outcome is RowOutcome.REFUSED}
    assert set(refused) == {5, 13, 14, 22}
    assert "已有此类型" in refused[13]
    assert "与第9行重复" in refused[22]
    assert sum(one.outcome is RowOutcome.OPEN for one in results) == 35 - 4 - len(done)


def test_jobs_are_listed_newest_first(office: Workspace, tmp_path: Path) -> None:
    first, second = plan_people(office, tmp_path, 1), plan_people(office, tmp_path, 1, first=5)
    assert [one.id for one in office.bulk.ledger.jobs()] == [second, first]
