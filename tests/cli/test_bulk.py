"""``ecert bulk``: a department's day."""

from __future__ import annotations

import base64
import json
import zlib
from typing import TYPE_CHECKING

import openpyxl
import pytest

from ecert.cli import failures
from ecert.issuers.bulk.job import MASS_ROWS
from ecert.model.licence import LicenceState
from ecert.workspace import Workspace
from tests.bulk.office import TYPE, bad_row, person, row, write_list
from tests.cli.conftest import tree

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Ran, Runs

WHY = ("--reason", "以欺骗手段取得", "--document", "川公〔2026〕1号", "--actor", "甲")
# In the register of `place` there is one licence already.
BEFORE = 1


def _bulk(ecert: Runs, *arguments: str | Path) -> Ran:
    return ecert("-C", "guangan", "bulk", *arguments)


def _list(place: Path, good: int, bad: int = 0) -> Path:
    rows = [row(one) for one in range(good)] + [bad_row(good + one) for one in range(bad)]
    return write_list(place / "名单.csv", rows)


def _ids(place: Path) -> list[str]:
    with Workspace.open(place / "guangan") as workspace:
        return [str(one.licence.id) for one in workspace.issuer.archive.rows()]


def _issued(ecert: Runs, place: Path, count: int) -> list[str]:
    """Issue licences in bulk and return their ids."""
    assert _bulk(ecert, "run", _list(place, count), "--workers", "1").code == 0
    return _ids(place)[BEFORE:]


def _set_in(token: str) -> dict[int, int]:
    """Return what a status list says by index, where it says anything."""
    payload = token.split(".")[1]
    told = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["status_list"]
    packed = told["lst"]
    octets = zlib.decompress(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
    values = ((2 * at + half, octet >> 4 * half & 15) for at, octet in enumerate(octets)
              for half in (0, 1))  # fmt: skip
    return {index: value for index, value in values if value}


# -- plan -------------------------------------------------------------------------------------


def test_a_plan_says_how_columns_are_taken_and_what_is_bad_where(ecert: Runs, place: Path) -> None:
    ran = _bulk(ecert, "plan", _list(place, 3, 1))
    assert ran.code == failures.REJECTED
    assert "C 身份证号 → 持证主体代码" in ran.err
    assert "可办理 3 行" in ran.out
    assert "有误 1 行" in ran.out
    assert "C5 身份证号" in ran.out
    assert "名单_已标注.xlsx" in ran.out
    assert (place / "名单_已标注.xlsx").exists()
    with Workspace.open(place / "guangan") as workspace:
        (job,) = workspace.bulk.ledger.jobs()
    assert f"ecert bulk run {job.id}" in ran.out
    assert (job.rows, job.bad) == (3, 1)


def test_a_plan_as_json(ecert: Runs, place: Path) -> None:
    ran = _bulk(ecert, "plan", _list(place, 3, 1), "--actor", "甲", "--json")
    plain = ran.json
    assert (plain["rows"], plain["bad"], plain["recorded"]) == (3, 1, True)
    assert (plain["move"], plain["planned_by"], plain["state"]) == ("issue", "甲", "planned")
    assert plain["faults"][0]["cell"] == "C5"
    assert "C 身份证号 → 持证主体代码" in plain["columns"]


def test_all_or_nothing_records_nothing(ecert: Runs, place: Path) -> None:
    ran = _bulk(ecert, "plan", _list(place, 3, 1), "--all-or-nothing")
    assert ran.code == failures.REFUSED
    assert "未作任何登记" in ran.out
    assert _bulk(ecert, "status", "--json").json == {"jobs": []}


def test_a_dry_run_changes_nothing(ecert: Runs, place: Path) -> None:
    path = _list(place, 3, 1)
    before = tree(place)
    ran = _bulk(ecert, "plan", path, "--dry-run", "--lang", "en")
    assert ran.code == failures.REJECTED
    assert "3 rows can be done" in ran.out
    assert tree(place) == before


def test_the_type_may_be_told_and_files_left_out(ecert: Runs, place: Path) -> None:
    rows = [row(0)[1:], row(1)[1:]]
    path = write_list(place / "名单.csv", rows, ["持证人", "身份证号", "准驾车型", "有效期至"])
    assert _bulk(ecert, "plan", path).code == failures.USAGE
    assert _bulk(ecert, "run", path, "--type", TYPE, "--no-files", "--workers", "1").code == 0
    with Workspace.open(place / "guangan") as workspace:
        assert workspace.issuer.credentials(_ids(place)[-1]) == ()


def test_a_file_that_is_not_there(ecert: Runs, place: Path) -> None:
    for command in ("plan", "run", "revoke"):
        ran = _bulk(ecert, command, "没有.csv")
        assert ran.code in {failures.USAGE, failures.REFUSED}
        assert "没有" in ran.err


# -- run --------------------------------------------------------------------------------------


def test_a_list_is_planned_and_run_at_once(ecert: Runs, place: Path) -> None:
    ran = _bulk(ecert, "run", _list(place, 5, 1), "--workers", "2", "--json")
    assert ran.code == failures.REJECTED
    plain = ran.json
    assert (plain["state"], plain["done"], plain["refused"], plain["bad"]) == ("finished", 5, 0, 1)
    assert len(_ids(place)) == BEFORE + 5
    assert "状态表" in ran.err, "partners do not know yet"


def test_the_annotated_copy_is_mended_and_handed_in(ecert: Runs, place: Path) -> None:
    _bulk(ecert, "run", _list(place, 3, 1), "--workers", "1")
    copy = place / "名单_已标注.xlsx"
    book = openpyxl.load_workbook(copy)
    book.worksheets[0]["C2"] = person(3)
    book.save(copy)
    ran = _bulk(ecert, "run", copy, "--workers", "1")
    assert (ran.code, len(_ids(place))) == (0, BEFORE + 4), ran.err


def test_a_job_is_resumed_and_says_how_much_was_done(ecert: Runs, place: Path) -> None:
    job = _bulk(ecert, "plan", _list(place, 4), "--json").json["job"]
    assert _bulk(ecert, "run", job, "--workers", "1").code == 0
    ran = _bulk(ecert, "resume", job, "--workers", "1")
    assert ran.code == 0
    assert "已办理 4/4 份" in ran.err
    assert len(_ids(place)) == BEFORE + 4


def test_what_the_register_has_is_refused_at_its_turn(ecert: Runs, place: Path) -> None:
    path = _list(place, 3)
    _bulk(ecert, "run", path, "--workers", "1")
    ran = _bulk(ecert, "run", path, "--workers", "1")
    assert ran.code == failures.REJECTED
    assert "未办理 3 行" in ran.out
    assert len(_ids(place)) == BEFORE + 3


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("run", "261122-000000"), failures.REFUSED, "没有这个批量任务"),
        (("resume", "261122-000000"), failures.REFUSED, "没有这个批量任务"),
        (("report", "261122-000000"), failures.REFUSED, "没有这个批量任务"),
        (("approve", "261122-000000"), failures.REFUSED, "没有这个批量任务"),
        (("cancel", "261122-000000"), failures.REFUSED, "没有这个批量任务"),
        (("worker", "--once"), failures.UNDETERMINED, "多机协同需要 PostgreSQL"),
    ],
)
def test_what_cannot_be(
    ecert: Runs, place: Path, arguments: tuple[str, ...], code: int, told: str
) -> None:
    ran = _bulk(ecert, *arguments)
    assert ran.code == code
    assert told in ran.err


def test_an_engine_that_is_not_there(ecert: Runs, place: Path) -> None:
    ran = _bulk(ecert, "run", _list(place, 1), "--engine", "celery")
    assert ran.code == failures.USAGE
    assert "processes、procrastinate" in ran.err


# -- status, report, cancel -------------------------------------------------------------------


def test_the_report_has_every_row(ecert: Runs, place: Path) -> None:
    job = _bulk(ecert, "run", _list(place, 3, 1), "--workers", "1", "--json").json["job"]
    ran = _bulk(ecert, "report", job)
    lines = [line.split("\t") for line in ran.out.splitlines()]
    assert [line[:2] for line in lines] == [
        ["2", "已办理"], ["3", "已办理"], ["4", "已办理"], ["5", "未办理"],
    ]  # fmt: skip
    assert [line[2] for line in lines[:3]] == _ids(place)[BEFORE:]
    assert "共 4 行：已办理 3 行，未办理 1 行" in ran.err
    plain = _bulk(ecert, "report", job, "--json").json
    assert plain["counts"] == {"done": 3, "refused": 1}
    assert plain["results"][3]["where"] == "C5"


@pytest.mark.parametrize("name", ["结果.xlsx", "结果.csv", "结果.jsonl"])
def test_the_report_is_written_to_a_file(ecert: Runs, place: Path, name: str) -> None:
    job = _bulk(ecert, "run", _list(place, 3, 1), "--workers", "1", "--json").json["job"]
    ran = _bulk(ecert, "report", job, "-o", place / name, "--json")
    assert ran.json["report"] == str(place / name)
    assert ran.json["counts"] == {"done": 3, "refused": 1}
    if name.endswith("xlsx"):
        rows = list(openpyxl.load_workbook(place / name).worksheets[0].values)
        assert rows[0] == ("行号", "结果", "证照标识", "证照编号", "单元格", "原因")
        assert [one[0] for one in rows[1:]] == [2, 3, 4, 5]
    else:
        text = (place / name).read_text("utf-8-sig")
        assert all(person(one) in text for one in range(3))


def test_a_report_of_a_kind_that_is_not_written(ecert: Runs, place: Path) -> None:
    job = _bulk(ecert, "plan", _list(place, 1), "--json").json["job"]
    ran = _bulk(ecert, "report", job, "-o", place / "结果.pdf")
    assert ran.code == failures.USAGE
    assert not (place / "结果.pdf").exists()


def test_status_tells_how_a_job_stands(ecert: Runs, place: Path) -> None:
    job = _bulk(ecert, "plan", _list(place, 3, 1), "--json").json["job"]
    assert f"ecert bulk run {job}" in _bulk(ecert, "status", job).out
    assert _bulk(ecert, "status", job, "--json").json["state"] == "planned"
    _bulk(ecert, "run", job, "--workers", "1")
    assert _bulk(ecert, "status", job, "--json").json["state"] == "finished"
    (line,) = _bulk(ecert, "status").out.splitlines()
    assert line.split("\t") == [job, "颁发", "已完成", "3", "1", "4", "名单.csv"]


def test_a_cancelled_job_is_told_and_reported(ecert: Runs, place: Path) -> None:
    job = _bulk(ecert, "plan", _list(place, 3, 1), "--json").json["job"]
    ran = _bulk(ecert, "cancel", job, "--actor", "乙")
    assert ran.code == 0
    assert "不再办理 3 份" in ran.out
    assert _bulk(ecert, "run", job).code == failures.REFUSED
    assert _bulk(ecert, "report", job, "--json").json["counts"] == {"given-up": 3, "refused": 1}
    assert len(_ids(place)) == BEFORE


# -- moves ------------------------------------------------------------------------------------


def test_the_next_lists_show_exactly_what_one_command_has_revoked(ecert: Runs, place: Path) -> None:
    ids = _issued(ecert, place, MASS_ROWS + 20)
    revoked = ids[: MASS_ROWS + 5]
    path = write_list(place / "吊销.csv", ([one] for one in revoked), ["证照标识"])
    ran = _bulk(ecert, "revoke", path, *WHY, "--approved-by", "乙", "--workers", "1")
    assert ran.code == 0, ran.err
    assert f"已吊销 {len(revoked)} 份" in ran.out
    assert ecert("-C", "guangan", "status", "publish").code == 0
    with Workspace.open(place / "guangan") as workspace:
        issuer = workspace.issuer
        taken = {
            (record.list_number, record.index)
            for one in revoked
            for record in issuer.credentials(one)
        }
        lists = {
            int(file.stem): file.read_text()
            for file in (place / "guangan" / "published").glob("*.jwt")
        }
        assert issuer.archive.check_audit().findings == ()
    told = {(number, at): value for number, token in lists.items()
            for at, value in _set_in(token).items()}  # fmt: skip
    assert told == dict.fromkeys(taken, 1)
    assert len(taken) == len(revoked)


def test_without_a_second_person_nothing_is_revoked(ecert: Runs, place: Path) -> None:
    ids = _issued(ecert, place, MASS_ROWS + 1)
    path = write_list(place / "吊销.csv", ([one] for one in ids), ["证照标识"])
    for more in ((), ("--approved-by", "甲")):
        ran = _bulk(ecert, "revoke", path, *WHY, *more, "--workers", "1")
        assert ran.code == failures.REFUSED
        assert "另一人" in ran.err
    # The second person approves it from his own account.
    job = _bulk(ecert, "status", "--json").json["jobs"][0]
    assert (job["state"], job["needs_approval"]) == ("planned", True)
    assert _bulk(ecert, "approve", job["job"], "--actor", "甲").code == failures.REFUSED
    assert _bulk(ecert, "approve", job["job"], "--actor", "乙").code == 0
    assert _bulk(ecert, "run", job["job"], "--workers", "1").code == 0
    with Workspace.open(place / "guangan") as workspace:
        assert {workspace.issuer.licence(one).state for one in ids} == {LicenceState.REVOKED}


@pytest.mark.parametrize(
    ("command", "state"),
    [
        ("suspend", LicenceState.SUSPENDED),
        ("cancel-licences", LicenceState.CANCELLED),
        ("withdraw", LicenceState.WITHDRAWN),
        ("revoke", LicenceState.REVOKED),
    ],
)
def test_each_move_leads_to_a_state_of_its_own(
    ecert: Runs, place: Path, command: str, state: LicenceState
) -> None:
    ids = _issued(ecert, place, 2)
    path = write_list(place / "办理.csv", [[ids[0]]], ["证照标识"])
    assert _bulk(ecert, command, path, *WHY, "--workers", "1").code == 0
    with Workspace.open(place / "guangan") as workspace:
        states = [workspace.issuer.licence(one).state for one in ids]
    assert states == [state, LicenceState.ISSUED]


def test_suspended_and_given_back(ecert: Runs, place: Path) -> None:
    ids = _issued(ecert, place, 2)
    path = write_list(place / "办理.csv", ([one] for one in ids), ["证照标识"])
    assert _bulk(ecert, "suspend", path, *WHY, "--workers", "1").code == 0
    assert _bulk(ecert, "suspend", path, *WHY, "--workers", "1").code == failures.REJECTED
    assert _bulk(ecert, "reinstate", path, *WHY, "--workers", "1").code == 0
    with Workspace.open(place / "guangan") as workspace:
        assert {workspace.issuer.licence(one).state for one in ids} == {LicenceState.ISSUED}


def test_a_transfer_says_where_to(ecert: Runs, place: Path) -> None:
    (licence,) = _issued(ecert, place, 1)
    path = write_list(place / "转出.csv", [[licence]], ["证照标识"])
    assert _bulk(ecert, "transfer", path, *WHY).code == failures.USAGE
    assert _bulk(ecert, "revoke", path, *WHY, "--to", "500000").code == failures.USAGE
    assert _bulk(ecert, "transfer", path, *WHY, "--to", "500000", "--workers", "1").code == 0
    with Workspace.open(place / "guangan") as workspace:
        assert workspace.issuer.events(licence)[-1].related == "500000"


def test_moves_are_planned_like_issues(ecert: Runs, place: Path) -> None:
    ids = _issued(ecert, place, 2)
    path = write_list(place / "吊销.csv", ([one] for one in [*ids, "没有"]), ["证照标识"])
    plain = _bulk(ecert, "plan", path, "--move", "revoke", *WHY, "--json").json
    assert (plain["move"], plain["rows"], plain["bad"]) == ("revoke", 2, 1)
    assert _bulk(ecert, "plan", path, "--move", "renew", *WHY).code == failures.USAGE
    ran = _bulk(ecert, "revoke", path, *WHY, "--dry-run", "--json")
    assert (ran.code, ran.json["recorded"]) == (failures.REJECTED, False)
    with Workspace.open(place / "guangan") as workspace:
        assert {workspace.issuer.licence(one).state for one in ids} == {LicenceState.ISSUED}


def test_a_move_that_takes_something_away_names_its_decision(ecert: Runs, place: Path) -> None:
    (licence,) = _issued(ecert, place, 1)
    path = write_list(place / "吊销.csv", [[licence]], ["证照标识"])
    ran = _bulk(ecert, "revoke", path, "--reason", "骗取", "--actor", "甲")
    assert ran.code == failures.REFUSED
    assert "文号" in ran.err
