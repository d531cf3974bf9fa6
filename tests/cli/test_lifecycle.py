"""``suspend``, ``reinstate``, ``cancel``, ``withdraw``, ``revoke``, ``transfer``, ``take-back``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ecert.cli import failures, grounds
from ecert.workspace import Workspace
from tests.cli.people import NUMBER

if TYPE_CHECKING:
    from pathlib import Path

    from ecert.issuers.records import LicenceEvent
    from tests.cli.conftest import Runs

# What is typed, the state it leads to, and the office's word for it.
ENDS = [
    ("cancel", "cancelled", "注销"),
    ("withdraw", "withdrawn", "撤销"),
    ("revoke", "revoked", "吊销"),
]
GROUNDS = ("--reason", "测试", "--document", "测〔2026〕1号")


def _state(place: Path) -> str:
    with Workspace.open(place / "guangan") as workspace:
        return workspace.licences.find("1").state.value


def _last_event(place: Path) -> LicenceEvent:
    with Workspace.open(place / "guangan") as workspace:
        return workspace.issuer.events(workspace.licences.find("1").id)[-1]


@pytest.mark.parametrize(("move", "state", "word"), [*ENDS, ("suspend", "suspended", "暂扣")])
def test_each_move_leads_to_a_state_of_its_own(
    ecert: Runs, place: Path, move: str, state: str, word: str
) -> None:
    ran = ecert("-C", "guangan", move, "1", *GROUNDS)
    assert ran.code == 0
    assert f"√ 已{word}" in ran.out
    assert "状态表" in ran.err, "partners do not know yet"
    assert _state(place) == state


def test_reinstated_after_suspended(ecert: Runs, place: Path) -> None:
    ecert("-C", "guangan", "suspend", NUMBER, *GROUNDS)
    ran = ecert("-C", "guangan", "reinstate", NUMBER, "--reason", "期满", "--json")
    assert ran.json == {
        "move": "reinstate", "licence": ran.json["licence"], "before": "suspended",
        "state": "issued", "dry_run": False,
    }  # fmt: skip
    assert _state(place) == "issued"


def test_moved_to_another_region_and_taken_back(ecert: Runs, place: Path) -> None:
    ran = ecert("-C", "guangan", "transfer", "1", "--to", "500000", "--reason", "户籍迁出")
    assert ran.code == 0
    assert "已转出" in ran.out
    assert _state(place) == "transferred-out"
    assert _last_event(place).related == "500000"
    ran = ecert("-C", "guangan", "take-back", "1", "--reason", "不再迁出")
    assert (ran.code, _state(place)) == (0, "issued")


def test_it_moves_only_to_a_region_that_there_is(ecert: Runs, place: Path) -> None:
    ran = ecert("-C", "guangan", "transfer", "1", "--to", "990000", "--reason", "户籍迁出")
    assert ran.code == failures.USAGE
    assert _state(place) == "issued"


# -- grounds ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "move", ["suspend", "cancel", "withdraw", "revoke", "reinstate", "take-back"]
)
def test_without_a_reason_the_missing_option_is_named(ecert: Runs, place: Path, move: str) -> None:
    ran = ecert("-C", "guangan", move, "1")
    assert ran.code == failures.USAGE
    assert "--reason" in ran.err
    assert "须写明理由" in ran.err
    assert _state(place) == "issued"


@pytest.mark.parametrize("move", ["suspend", "withdraw", "revoke"])
def test_what_takes_away_names_its_decision(ecert: Runs, place: Path, move: str) -> None:
    ran = ecert("-C", "guangan", move, "1", "--reason", "测试")
    assert ran.code == failures.USAGE
    assert "--document" in ran.err
    assert "文号" in ran.err
    assert _state(place) == "issued"


def test_who_ordered_it_and_why_is_on_record(ecert: Runs, place: Path) -> None:
    ecert(
        "-C", "guangan", "suspend", "1",
        "--reason", "酒后驾驶", "--document", "广公交决〔2026〕1号", "--actor", "王警官",
    )  # fmt: skip
    event = _last_event(place)
    assert (event.reason, event.document, event.actor) == (
        "酒后驾驶", "广公交决〔2026〕1号", "王警官",
    )  # fmt: skip


def test_who_ordered_it_is_the_system_s_user_unless_said(
    ecert: Runs, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("USER", "somebody-else")
    monkeypatch.setenv("LOGNAME", "somebody-else")
    ecert("-C", "guangan", "suspend", "1", *GROUNDS)
    assert _last_event(place).actor == grounds.this_user() != "somebody-else"


# -- the life cycle ---------------------------------------------------------------------------


@pytest.mark.parametrize(("move", "state", "word"), ENDS)
def test_what_is_final_stays_final(
    ecert: Runs, place: Path, move: str, state: str, word: str
) -> None:
    ecert("-C", "guangan", move, "1", *GROUNDS)
    ran = ecert("-C", "guangan", "reinstate", "1", *GROUNDS)
    assert ran.code == failures.REFUSED
    assert f"已{word}" in ran.err
    assert "final" in ecert("-C", "guangan", "suspend", "1", *GROUNDS, "--lang", "en").err
    assert _state(place) == state


def test_a_retry_is_carried_out_once_and_another_content_refused(ecert: Runs, place: Path) -> None:
    order = ("-C", "guangan", "suspend", "1", "--request-id", "s1", "--document", "1", "--reason")
    assert [ecert(*order, "甲").code for _ in range(2)] == [0, 0]
    ran = ecert(*order, "乙")
    assert ran.code == failures.REFUSED
    assert "内容不同" in ran.err


def test_dry_run_tells_whether_it_is_allowed_and_changes_nothing(ecert: Runs, place: Path) -> None:
    assert ecert("-C", "guangan", "revoke", "1", *GROUNDS, "--dry-run").code == 0
    ran = ecert("-C", "guangan", "reinstate", "1", *GROUNDS, "--dry-run")
    assert ran.code == failures.REFUSED
    assert ecert("-C", "guangan", "revoke", "1", "--dry-run").code == failures.USAGE
    assert _state(place) == "issued"


@pytest.mark.parametrize("name", ["2", "nothing", "1.2.156.3005.2.x"])
def test_a_licence_that_is_not_there(ecert: Runs, place: Path, name: str) -> None:
    ran = ecert("-C", "guangan", "revoke", name, *GROUNDS)
    assert ran.code == failures.REFUSED
    assert "没有这份证照" in ran.err


def test_invisible_characters_in_a_reason_are_refused(ecert: Runs, place: Path) -> None:
    ran = ecert("-C", "guangan", "suspend", "1", "--reason", "酒驾\u202e", "--document", "1")
    assert ran.code == failures.USAGE
    assert "U+202E" in ran.err
    assert _state(place) == "issued"
