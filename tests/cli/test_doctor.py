"""``ecert doctor``: says what is missing, and what would leave verdicts undetermined."""

from __future__ import annotations

import importlib.util
from datetime import timedelta
from typing import TYPE_CHECKING

from ecert import clock
from ecert.cli import failures
from ecert.sign import sm2

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.cli.conftest import Runs


def _shift(monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    now = clock.system_clock() + timedelta(days=days)
    monkeypatch.setattr(clock, "system_clock", lambda: now)


def test_outside_a_workspace_it_tells_of_the_machine(ecert: Runs) -> None:
    plain = ecert("doctor", "--json").json
    assert plain["sm2"] == {"backend": sm2.backend(), "can_sign": sm2.can_sign()}
    assert plain["openssl"]["python"].split()[0] in {"OpenSSL", "LibreSSL"}
    assert plain["workspace"] is None
    ran = ecert("doctor")
    assert ran.code == 0
    assert sm2.backend() in ran.out
    assert "不在工作区中" in ran.out
    assert "Not in a workspace" in ecert("doctor", "--lang", "en").out


def test_what_is_missing_is_marked_and_is_no_failure(
    ecert: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sm2, "_evp", lambda: None)
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    ran = ecert("doctor")
    assert ran.code == 0
    assert "! SM2：pure Python, verify only" in ran.out
    assert "! 识别图片：pip install 'ecert[scan]'" in ran.out
    plain = ecert("doctor", "--json").json
    assert (plain["scan"], plain["sm2"]["can_sign"]) == (False, False)


def test_in_a_workspace_it_tells_the_age_of_every_list(ecert: Runs, place: Path) -> None:
    ran = ecert("-C", "chongqing", "doctor", "--json")
    assert ran.code == 0
    workspace = ran.json["workspace"]
    assert (workspace["name"], workspace["region"]) == ("重庆市政务服务中心", "500000")
    kinds = {one["slot"].partition(":")[0] for one in workspace["lists"]}
    assert kinds == {
        "ecert-roots+jws", "ecert-trust-list+jws", "ecert-catalogue+jws", "statuslist+jwt",
        "ecert-recognition-list+jws", "ecert-manifest+jws",
    }  # fmt: skip
    status = next(one for one in workspace["lists"] if one["slot"].startswith("statuslist"))
    assert 0 <= status["age_hours"] < 1
    text = ecert("-C", "chongqing", "doctor").out
    assert all(one["slot"] in text for one in workspace["lists"])
    assert "小时前签发" in text
    assert "天前签发" in text


def test_an_expired_list_is_marked_and_ends_with_undetermined(
    ecert: Runs, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _shift(monkeypatch, 10)
    ran = ecert("-C", "chongqing", "doctor", "--json")
    assert ran.code == failures.UNDETERMINED
    expired = [one["slot"] for one in ran.json["workspace"]["lists"] if one["expired"]]
    kinds = [slot.partition(":")[0] for slot in expired]
    assert kinds == ["statuslist+jwt", "ecert-manifest+jws"], "what lives three days"
    assert expired[0].startswith("statuslist+jwt:")
    lines = ecert("-C", "chongqing", "doctor").out.splitlines()
    marked = [line for line in lines if line.startswith("!")]
    assert len(marked) == 2
    assert all("已过期" in line for line in marked)


def test_a_clock_behind_a_signed_list_is_doubted(
    ecert: Runs, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _shift(monkeypatch, -1)
    ran = ecert("-C", "chongqing", "doctor", "--json")
    assert ran.code == failures.UNDETERMINED
    assert ran.json["clock"]["doubtful"] is True
    english = ecert("-C", "chongqing", "doctor", "--lang", "en").out
    assert "! Clock" in english
    assert "set it" in english


def test_a_folder_that_was_named_and_is_no_workspace_is_a_usage_error(
    ecert: Runs, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    ran = ecert("-C", "empty", "doctor")
    assert ran.code == failures.USAGE
    assert "不是工作区" in ran.err
