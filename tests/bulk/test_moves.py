"""One move of all the licences that a list names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ecert.errors import ForbiddenMoveError, TableError
from ecert.issuers.bulk.results import RowOutcome
from ecert.issuers.changes import Order
from ecert.issuers.lifecycle import Move
from ecert.model.licence import LicenceState
from tests.bulk.office import issue_people, person, plan_moves, require_clean, write_list

if TYPE_CHECKING:
    from pathlib import Path

    from ecert.workspace import Workspace


def test_all_that_are_listed_are_moved_and_the_others_are_not(
    office: Workspace, tmp_path: Path
) -> None:
    ids = issue_people(office, tmp_path, 14)
    job = plan_moves(office, tmp_path / "吊销.csv", ids[:12]).job
    progress = office.bulk.run(job.id, workers=1)
    assert (progress.shards, progress.done, progress.refused) == (3, 12, 0)
    states = [office.issuer.licence(one).state for one in ids]
    assert states == [LicenceState.REVOKED] * 12 + [LicenceState.ISSUED] * 2
    event = office.issuer.events(ids[0])[-1]
    assert (event.move, event.reason, event.document, event.actor, event.request_id) == (
        Move.REVOKE, "以欺骗手段取得", "川公〔2026〕1号", "甲", f"bulk:{job.id}:2",
    )  # fmt: skip
    results = list(office.bulk.ledger.results(job.id))
    assert [(one.licence_id, one.number) for one in results] == [
        (ids[place], person(place)) for place in range(12)
    ]
    require_clean(office)


def test_what_the_life_cycle_forbids_is_reported_and_the_rest_is_done(
    office: Workspace, tmp_path: Path
) -> None:
    ids = issue_people(office, tmp_path, 8)
    office.issuer.cancel(ids[2], reason="持证人放弃")
    office.issuer.suspend(ids[3], reason="调查", document="1号")
    job = plan_moves(office, tmp_path / "暂扣.csv", ids, Move.SUSPEND).job
    progress = office.bulk.run(job.id, workers=1)
    assert (progress.done, progress.refused) == (6, 2)
    refused = [
        one for one in office.bulk.ledger.results(job.id) if one.outcome is RowOutcome.REFUSED
    ]
    assert [one.row for one in refused] == [4, 5]
    assert "已注销" in refused[0].zh
    assert "暂扣" in refused[1].zh
    assert len(list(office.bulk.ledger.results(job.id))) == 8
    require_clean(office)


def test_a_shard_of_moves_is_done_once(office: Workspace, tmp_path: Path) -> None:
    ids = issue_people(office, tmp_path, 5)
    job = plan_moves(office, tmp_path / "暂扣.csv", ids, Move.SUSPEND).job
    ledger, at = office.bulk.ledger, office.bulk.now()
    assert [ledger.move(job.id, 1, at), ledger.move(job.id, 1, at)] == [True, False]
    assert [one.move for one in office.issuer.events(ids[0])] == [Move.ISSUE, Move.SUSPEND]
    assert ledger.progress(job.id).refused == 0


def test_what_names_no_licence_or_one_twice_is_told_at_the_plan(
    office: Workspace, tmp_path: Path
) -> None:
    ids = issue_people(office, tmp_path, 3)
    unknown = ids[0].replace(ids[0].split(".")[-3], "00000000000000")
    made = plan_moves(office, tmp_path / "吊销.csv", [ids[0], unknown, "", ids[1], ids[0]])
    assert (made.job.rows, made.job.bad) == (2, 2)
    faults = {one.row: one.zh for one in made.faults}
    assert set(faults) == {3, 6}
    assert "与第2行重复" in faults[6]


def test_a_licence_is_found_by_its_number_and_type(office: Workspace, tmp_path: Path) -> None:
    ids = issue_people(office, tmp_path, 3)
    rows = [["机动车驾驶证", person(0)], ["居民身份证", person(1)], ["", person(2)]]
    path = write_list(tmp_path / "暂扣.csv", rows, ["证照类型", "证照编号"])
    order = Order(reason="调查", document="1号", actor="甲")
    made = office.bulk.plan_moves(path, Move.SUSPEND, order)
    assert (made.job.rows, made.job.bad) == (2, 1)
    assert made.faults[0].row == 3
    office.bulk.run(made.job.id, workers=1)
    states = [office.issuer.licence(one).state for one in ids]
    assert states == [LicenceState.SUSPENDED, LicenceState.ISSUED, LicenceState.SUSPENDED]


def test_a_plan_records_while_it_reads(
    office: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More rows than are recorded at once: looking up must not hold the database meanwhile."""
    monkeypatch.setattr("ecert.issuers.bulk.move_rows._ROWS_AT_ONCE", 7)
    ids = issue_people(office, tmp_path, 50)
    job = plan_moves(office, tmp_path / "吊销.csv", ids).job
    assert (job.rows, office.bulk.ledger.progress(job.id).shards) == (50, 10)


def test_the_record_must_say_why(office: Workspace, tmp_path: Path) -> None:
    path = write_list(tmp_path / "吊销.csv", [["1"]], ["证照标识"])
    with pytest.raises(ForbiddenMoveError) as caught:
        office.bulk.plan_moves(path, Move.REVOKE, Order(reason="骗取", actor="甲"))
    assert caught.value.where == "document"


def test_a_list_that_names_no_licences_is_refused(office: Workspace, tmp_path: Path) -> None:
    path = write_list(tmp_path / "吊销.csv", [["张伟"]], ["持证人"])
    with pytest.raises(TableError):
        office.bulk.plan_moves(path, Move.REVOKE, Order(reason="骗取", document="1", actor="甲"))


def test_a_transfer_names_the_region(office: Workspace, tmp_path: Path) -> None:
    ids = issue_people(office, tmp_path, 2)
    path = write_list(tmp_path / "转出.csv", ([one] for one in ids), ["证照标识"])
    order = Order(reason="户籍迁移", actor="甲")
    job = office.bulk.plan_moves(path, Move.TRANSFER, order, related="500000").job
    office.bulk.run(job.id, workers=1)
    assert {office.issuer.events(one)[-1].related for one in ids} == {"500000"}
    assert {office.issuer.licence(one).state for one in ids} == {LicenceState.TRANSFERRED}
