"""``suspend``, ``reinstate``, ``cancel``, ``withdraw``, ``revoke``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ecert.cli import failures
from ecert.workspace import Workspace
from tests.cli.people import NUMBER

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Runs

# What is typed, the state it leads to, and the office's word for it.
ENDS = [
    ("cancel", "cancelled", "注销"),
    ("withdraw", "withdrawn", "撤销"),
    ("revoke", "revoked", "吊销"),
]


WHY = ("--reason", "测试", "--document", "测〔2026〕1号")


def _state(place: Path) -> str:
    with Workspace.open(place / "guangan") as workspace:
        return workspace.licences.find("1").state.value


@pytest.mark.parametrize(("move", "state", "word"), [*ENDS, ("suspend", "suspended", "暂扣")])
def test_each_move_leads_to_a_state_of_its_own(
    ecert: Runs, place: Path, move: str, state: str, word: str
) -> None:
    ran = ecert("-C", "guangan", move, "1", *WHY)
    assert ran.code == 0
    assert f"√ 已{word}" in ran.out
    assert "状态表" in ran.err, "partners do not know yet"
    assert _state(place) == state


def test_reinstated_after_suspended(ecert: Runs, place: Path) -> None:
    ecert("-C", "guangan", "suspend", NUMBER, *WHY)
    ran = ecert("-C", "guangan", "reinstate", NUMBER, "--reason", "发还", "--json")
    assert ran.json == {
        "move": "reinstate", "licence": ran.json["licence"], "before": "suspended",
        "state": "issued", "dry_run": False,
    }  # fmt: skip
    assert _state(place) == "issued"


def test_who_ordered_it_and_why_is_on_record(ecert: Runs, place: Path) -> None:
    ecert(
        "-C", "guangan", "suspend", "1",
        "--reason", "酒后驾驶", "--document", "广公交决〔2026〕1号", "--actor", "王警官",
    )  # fmt: skip
    with Workspace.open(place / "guangan") as workspace:
        event = workspace.issuer.events(workspace.licences.find("1").id)[-1]
    assert (event.reason, event.document, event.actor) == (
        "酒后驾驶", "广公交决〔2026〕1号", "王警官",
    )  # fmt: skip


@pytest.mark.parametrize(("move", "state", "word"), ENDS)
def test_what_is_final_stays_final(
    ecert: Runs, place: Path, move: str, state: str, word: str
) -> None:
    ecert("-C", "guangan", move, "1", *WHY)
    ran = ecert("-C", "guangan", "reinstate", "1", *WHY)
    assert ran.code == failures.REFUSED
    assert f"已{word}" in ran.err
    assert "final" in ecert("-C", "guangan", "suspend", "1", *WHY, "--lang", "en").err
    assert _state(place) == state


def test_a_retry_is_carried_out_once_and_another_content_refused(ecert: Runs, place: Path) -> None:
    document = ("--document", "测〔2026〕1号")
    order = ("-C", "guangan", "suspend", "1", "--request-id", "s1", *document, "--reason")
    assert [ecert(*order, "甲").code for _ in range(2)] == [0, 0]
    ran = ecert(*order, "乙")
    assert ran.code == failures.REFUSED
    assert "内容不同" in ran.err


@pytest.mark.parametrize(
    ("given", "missing"), [((), "--reason"), (WHY[2:], "--reason"), (WHY[:2], "--document")]
)
def test_what_a_move_demands_is_asked_for(
    ecert: Runs, place: Path, given: tuple[str, ...], missing: str
) -> None:
    ran = ecert("-C", "guangan", "revoke", "1", *given)
    assert ran.code == failures.REFUSED
    assert missing in ran.err
    assert _state(place) == "issued"


def test_dry_run_tells_whether_it_is_allowed_and_changes_nothing(ecert: Runs, place: Path) -> None:
    assert ecert("-C", "guangan", "revoke", "1", "--dry-run").code == 0
    assert ecert("-C", "guangan", "reinstate", "1", "--dry-run").code == failures.REFUSED
    assert _state(place) == "issued"


@pytest.mark.parametrize("name", ["2", "nothing", "1.2.156.3005.2.x"])
def test_a_licence_that_is_not_there(ecert: Runs, place: Path, name: str) -> None:
    ran = ecert("-C", "guangan", "revoke", name, *WHY)
    assert ran.code == failures.REFUSED
    assert "没有这份证照" in ran.err


def test_invisible_characters_in_a_reason_are_refused(ecert: Runs, place: Path) -> None:
    ran = ecert("-C", "guangan", "suspend", "1", *WHY[2:], "--reason", "酒驾\u202e")
    assert ran.code == failures.USAGE
    assert "U+202E" in ran.err
    assert _state(place) == "issued"
