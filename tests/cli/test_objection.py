"""``ecert objection``."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from ecert.cli import failures
from ecert.workspace import Workspace
from ecert.workspace.objections import ObjectionDesk

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Runs

RAISE = (
    "-C", "guangan", "objection", "raise", "1", "-f", "准驾车型", "--by", "张伟",
    "--statement", "应为C2",
)  # fmt: skip


@pytest.fixture
def number(ecert: Runs, place: Path) -> str:
    """One open objection."""
    return str(ecert(*RAISE, "--evidence", "驾校证明", "--json").json["objection"]["id"])


def _states(ecert: Runs) -> list[str]:
    plain = ecert("-C", "guangan", "objection", "list", "--all", "--json").json
    return [one["state"] for one in plain["objections"]]


def test_an_open_objection_is_told_wherever_the_licence_is_looked_at(
    ecert: Runs, number: str
) -> None:
    assert number in ecert("-C", "guangan", "licence", "show", "1").out
    plain = ecert("-C", "guangan", "licence", "show", "1", "--json").json
    assert plain["open_objections"] == [number]
    assert number in ecert("-C", "guangan", "objection", "list").out
    assert number in ecert("-C", "guangan", "objection", "list", "1").out
    shown = ecert("-C", "guangan", "objection", "show", number).out
    for told in ("张伟", "应为C2", "驾校证明", "处理中"):
        assert told in shown


def test_upheld_the_licence_is_corrected(ecert: Runs, number: str) -> None:
    order = ("-C", "guangan", "objection", "uphold", number, "-f", "准驾车型=C2")
    ran = ecert(*order)
    assert (ran.code, "--reason" in ran.err) == (failures.USAGE, True)
    assert ecert(*order, "--reason", "录入有误", "--dry-run").code == 0
    assert _states(ecert) == ["open"]
    ran = ecert(*order, "--reason", "录入有误", "--json")
    assert ran.json["new"]["fields"] == {"准驾车型": "C2"}
    assert _states(ecert) == ["upheld"]
    assert ecert("-C", "guangan", "licence", "show", "2", "--json").json["open_objections"] == []
    shown = ecert("-C", "guangan", "objection", "show", number).out
    assert ran.json["new"]["id"] in shown
    again = ecert(*order, "--reason", "录入有误")
    assert again.code == failures.REFUSED


def test_dismissed_with_the_reason(ecert: Runs, number: str) -> None:
    order = ("-C", "guangan", "objection", "dismiss", number)
    assert ecert(*order).code == failures.USAGE
    assert ecert(*order, "--reason", "经核对无误", "--dry-run").code == 0
    assert _states(ecert) == ["open"]
    assert ecert(*order, "--reason", "经核对无误").code == 0
    assert _states(ecert) == ["dismissed"]
    assert ecert("-C", "guangan", "objection", "list", "--json").json["objections"] == []
    again = ecert(*order, "--reason", "经核对无误")
    assert (again.code, "已有处理结果" in again.err) == (failures.REFUSED, True)


def test_an_objection_is_about_something_on_the_licence(ecert: Runs, place: Path) -> None:
    ran = ecert(*RAISE, "-f", "身高")
    assert (ran.code, "没有所指的信息" in ran.err) == (failures.USAGE, True)
    ran = ecert(*RAISE, "--dry-run")
    assert (ran.code, "可以登记" in ran.out) == (0, True)
    assert _states(ecert) == []


def test_a_retry_records_it_once(ecert: Runs, place: Path) -> None:
    order = (*RAISE, "--request-id", "o1", "--json")
    assert ecert(*order).json["objection"]["id"] == ecert(*order).json["objection"]["id"]


def test_one_that_is_not_there(ecert: Runs, place: Path) -> None:
    for verb in ("show", "dismiss", "uphold"):
        more = () if verb == "show" else ("--reason", "x")
        ran = ecert("-C", "guangan", "objection", verb, "FFFF", *more)
        assert ran.code == failures.REFUSED
        assert "没有这件异议" in ran.err


def test_what_a_window_took_for_another_office_is_listed_and_written_out_once(
    ecert: Runs, place: Path
) -> None:
    with Workspace.open(place / "chongqing") as window:
        licence = ecert("-C", "guangan", "licence", "show", "1", "--json").json["licence"]["id"]
        taken = ObjectionDesk(window).take(
            licence, ["准驾车型"], raised_by="张伟", statement="应为C2", clerk="3号窗口",
            at=datetime(2026, 11, 22, 2, tzinfo=UTC),
        )  # fmt: skip
    assert not taken.own
    assert taken.id in ecert("-C", "chongqing", "objection", "kept").out
    assert ecert("-C", "chongqing", "objection", "export", "out.json").code == failures.DONE
    (office,) = json.loads((place / "out.json").read_text("utf-8"))["offices"]
    assert [one["statement"] for one in office["objections"]] == ["应为C2"]
    plain = ecert("-C", "chongqing", "objection", "kept", "--json").json
    assert plain["objections"] == []
    plain = ecert("-C", "chongqing", "objection", "kept", "--all", "--json").json
    assert plain["objections"][0]["exported"] is not None
