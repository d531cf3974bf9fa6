"""A list becomes a job: good rows are shards, bad ones are told, and nothing else stays behind."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from ecert.errors import BulkError, TableError
from ecert.issuers.bulk.job import BulkJob, JobState, Refusal
from ecert.issuers.bulk.ledger import Shard
from ecert.issuers.bulk.planning import FIRST_FAULTS
from ecert.issuers.bulk.results import RowOutcome
from ecert.issuers.lifecycle import Move
from ecert.sheets.rejects import annotated_path
from ecert.store.tables import bulk_job, bulk_refusal, bulk_shard
from tests.bulk.office import TYPE, bad_row, plan, require_clean, row, write_list

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from ecert.workspace import Workspace


def _counts(office: Workspace) -> dict[str, int]:
    with office.engine.read() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (bulk_job, bulk_shard, bulk_refusal)
        }


NOTHING = {"bulk_job": 0, "bulk_shard": 0, "bulk_refusal": 0}


def test_good_rows_are_shards_and_bad_ones_are_told_by_cell(
    office: Workspace, tmp_path: Path
) -> None:
    rows = [row(one) for one in range(25)]
    rows[7] = bad_row(7)
    made = plan(office, write_list(tmp_path / "名单.csv", rows))
    assert (made.job.rows, made.job.bad, made.recorded) == (24, 1, True)
    assert made.job.state is JobState.PLANNED
    assert made.job.types == {
        office.issuer.catalogue.require(TYPE).code: office.issuer.catalogue.require(
            TYPE
        ).integrity()
    }
    (fault,) = made.faults
    assert (fault.row, fault.cell, made.fault_count) == (9, "C9", 1)
    assert made.annotated == tmp_path / "名单_已标注.xlsx"
    assert made.annotated.exists()
    progress = office.bulk.ledger.progress(made.job.id)
    assert (progress.shards, progress.rows, progress.done) == (3, 24, 0)
    assert _counts(office) == {"bulk_job": 1, "bulk_shard": 3, "bulk_refusal": 1}
    assert office.bulk.ledger.job(made.job.id) == made.job
    require_clean(office)


def test_a_row_with_several_faults_is_one_line(office: Workspace, tmp_path: Path) -> None:
    rows = [row(0), row(1, 身份证号="123", 有效期至="昨天")]
    made = plan(office, write_list(tmp_path / "名单.csv", rows))
    (refusal,) = office.bulk.ledger.refusals(made.job.id)
    assert made.fault_count == 2
    assert "C3" in refusal.where
    assert "E3" in refusal.where


def test_only_the_first_faults_are_told(office: Workspace, tmp_path: Path) -> None:
    made = plan(office, write_list(tmp_path / "名单.csv", [bad_row(one) for one in range(30)]))
    assert (len(made.faults), made.fault_count, made.job.bad) == (FIRST_FAULTS, 30, 30)


def test_all_or_nothing_leaves_nothing_but_the_copy(office: Workspace, tmp_path: Path) -> None:
    rows = [*(row(one) for one in range(60)), bad_row(60)]
    made = plan(office, write_list(tmp_path / "名单.csv", rows), all_or_nothing=True)
    assert (made.recorded, made.job.rows, made.job.bad) == (False, 60, 1)
    assert _counts(office) == NOTHING
    assert annotated_path(tmp_path / "名单.csv").exists()


def test_a_list_without_a_good_row_is_no_job(office: Workspace, tmp_path: Path) -> None:
    made = plan(office, write_list(tmp_path / "名单.csv", [bad_row(1)]))
    assert not made.recorded
    assert _counts(office) == NOTHING


def test_a_dry_run_writes_nothing(office: Workspace, tmp_path: Path) -> None:
    path = write_list(tmp_path / "名单.csv", [row(0), bad_row(1)])
    made = plan(office, path, dry_run=True)
    assert (made.job.rows, made.job.bad, made.annotated) == (1, 1, None)
    assert _counts(office) == NOTHING
    assert {one.name for one in tmp_path.iterdir()} == {"名单.csv", "office"}


def test_a_licence_that_is_listed_twice_is_told_with_the_first_row(
    office: Workspace, tmp_path: Path
) -> None:
    made = plan(office, write_list(tmp_path / "名单.csv", [row(0), row(1), row(0)]))
    assert (made.job.rows, made.job.bad) == (2, 1)
    assert made.faults[0].row == 4
    assert "与第2行重复" in made.faults[0].zh


def test_a_plan_that_is_broken_off_leaves_nothing(office: Workspace, tmp_path: Path) -> None:
    path = write_list(tmp_path / "名单.csv", (row(one) for one in range(100)))

    def break_off(rows: int) -> None:
        if rows == 90:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        plan(office, path, on_row=break_off)
    assert _counts(office) == NOTHING


def test_a_file_that_is_no_table_leaves_nothing(office: Workspace, tmp_path: Path) -> None:
    (tmp_path / "名单.csv").write_bytes(b"\x00\x01")
    with pytest.raises(TableError):
        plan(office, tmp_path / "名单.csv")
    assert _counts(office) == NOTHING


def test_somebody_must_have_planned_it(office: Workspace, tmp_path: Path) -> None:
    path = write_list(tmp_path / "名单.csv", [row(0)])
    with office.bulk.open_applications(path) as (reader, table):
        planner = office.bulk.planner(path)
        with pytest.raises(BulkError) as caught:
            planner.grants(reader, table, planned_by=" ", at=office.bulk.now())
    assert caught.value.where == "actor"


def _planning(at: datetime, number: str) -> BulkJob:
    return BulkJob(
        id=number, move=Move.ISSUE, state=JobState.PLANNING, source="甲.csv", source_digest="0",
        planned_at=at, planned_by="甲", types={},
    )  # fmt: skip


def test_what_a_killed_plan_left_is_dropped_after_a_day_and_not_before(
    office: Workspace, at: datetime
) -> None:
    ledger = office.bulk.ledger
    ledger.begin(_planning(at, "killed"))
    ledger.add("killed", [Shard(1, b"personal")], [Refusal(3, "C3", "错", "wrong")])
    # Another clerk's plan, at the same time, is not in its way.
    ledger.begin(_planning(at + timedelta(hours=23), "other"))
    assert {one.id for one in ledger.jobs()} == {"killed", "other"}
    ledger.begin(_planning(at + timedelta(hours=25), "next"))
    assert {one.id for one in ledger.jobs()} == {"other", "next"}
    assert _counts(office) == {"bulk_job": 2, "bulk_shard": 0, "bulk_refusal": 0}


def test_a_job_that_is_planned_is_never_discarded(office: Workspace, at: datetime) -> None:
    ledger = office.bulk.ledger
    job = _planning(at, "job")
    ledger.begin(job)
    ledger.planned(replace(job, rows=1))
    ledger.discard("job")
    ledger.discard("no such job")
    assert [one.id for one in ledger.jobs()] == ["job"]


def test_before_it_runs_every_row_is_open_or_refused(office: Workspace, tmp_path: Path) -> None:
    rows = [row(one) for one in range(25)]
    rows[7] = bad_row(7)
    job = plan(office, write_list(tmp_path / "名单.csv", rows)).job
    results = list(office.bulk.ledger.results(job.id))
    assert [one.row for one in results] == list(range(2, 27))
    assert {one.row for one in results if one.outcome is RowOutcome.REFUSED} == {9}
    assert {one.outcome for one in results} == {RowOutcome.OPEN, RowOutcome.REFUSED}
