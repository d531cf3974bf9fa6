"""``ecert audit``."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from ecert.cli import failures

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Runs


@pytest.fixture
def suspended(ecert: Runs, place: Path) -> Path:
    ecert(
        "-C", "guangan", "suspend", "1", "--reason", "酒驾", "--document", "广公决〔2026〕1号",
        "--actor", "王警官",
    )  # fmt: skip
    return place


def _head(ecert: Runs) -> str:
    return str(ecert("-C", "guangan", "audit", "head", "--json").json["head"]["hash"])


def test_in_order(ecert: Runs, suspended: Path) -> None:
    noted = _head(ecert)
    assert noted in ecert("-C", "guangan", "audit", "head").out
    ecert("-C", "guangan", "reinstate", "1", "--reason", "期满")
    ran = ecert("-C", "guangan", "audit", "verify", "--noted", noted.upper())
    assert ran.code == 0
    assert "√ 核对一致" in ran.out
    plain = ecert("-C", "guangan", "audit", "verify", "--json").json
    assert (plain["clean"], plain["entries"], plain["head"]) == (True, 3, _head(ecert))


def test_the_log_tells_who_did_what(ecert: Runs, suspended: Path) -> None:
    out = ecert("-C", "guangan", "audit", "log").out
    assert "暂扣" in out
    assert "王警官" in out
    ran = ecert("-C", "guangan", "audit", "log", "--limit", "1", "--json")
    assert (len(ran.json["entries"]), ran.json["next_after"]) == (1, 1)
    ran = ecert("-C", "guangan", "audit", "log", "--after", "1", "--json")
    assert ran.json["entries"][0]["licence_events"][0]["reason"] == "酒驾"
    assert ran.json["next_after"] is None


def test_an_act_of_the_office_is_on_the_log(ecert: Runs, place: Path) -> None:
    ecert(
        "-C", "guangan", "stock", "expect", "机动车驾驶证", "4", "--as-of", "2026-10-31",
        "--source", "报表", "--actor", "李娜",
    )  # fmt: skip
    out = ecert("-C", "guangan", "audit", "log").out
    assert "expect" in out
    assert "李娜" in out


def test_what_was_changed_behind_its_back_is_found(ecert: Runs, suspended: Path) -> None:
    database = sqlite3.connect(suspended / "guangan" / "ecert.db")
    database.execute("UPDATE licence SET state = 'issued'")
    database.commit()
    database.close()
    ran = ecert("-C", "guangan", "audit", "verify")
    assert ran.code == failures.REFUSED
    assert "× 核对不一致" in ran.out
    assert "证照状态与变动记录不符" in ran.out
    plain = ecert("-C", "guangan", "audit", "verify", "--json").json
    assert [one["fault"] for one in plain["findings"]] == ["state-changed"]


def test_a_trail_that_was_made_anew_does_not_contain_the_noted_head(
    ecert: Runs, suspended: Path
) -> None:
    ran = ecert("-C", "guangan", "audit", "verify", "--noted", "a" * 64)
    assert ran.code == failures.REFUSED
    assert "链头" in ran.out


@pytest.mark.parametrize("noted", ["", "abc", "z" * 64])
def test_a_head_that_is_none_is_a_slip_and_no_finding(
    ecert: Runs, suspended: Path, noted: str
) -> None:
    ran = ecert("-C", "guangan", "audit", "verify", "--noted", noted)
    assert ran.code == failures.USAGE
    assert "--noted" in ran.err


def test_an_office_that_has_done_nothing_yet(ecert: Runs, place: Path) -> None:
    ecert("init", "new", "--region", "511600", "--name", "局", "--demo")
    assert ecert("-C", "new", "audit", "head", "--json").json == {"head": None}
    assert ecert("-C", "new", "audit", "verify").code == 0
    assert ecert("-C", "new", "audit", "log").out == ""


def test_a_window_has_a_trail_too(ecert: Runs, place: Path) -> None:
    ecert("init", "window", "--region", "500000", "--name", "窗口")
    assert ecert("-C", "window", "audit", "verify").code == 0
    assert ecert("-C", "window", "audit", "log", "--json").json["entries"] == []
