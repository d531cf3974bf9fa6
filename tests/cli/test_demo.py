"""``ecert demo``: the story comes out as it must, and says so when it does not."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ecert.cli import demo_story, failures
from ecert.reasons import Reason
from ecert.show import scan
from ecert.sign import envelope
from ecert.trust.trust_list import TrustList

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.cli.conftest import Runs

EXPECTED = [
    [],
    [],
    ["ok"],
    ["replayed"],
    ["code-expired"],
    ["signature", "signature"],
    ["holder-proof"],
    ["type-not-listed"],
    ["matter-not-covered"],
    ["suspended", "ok"],
    ["revoked"],
    ["status-stale"],
    ["ok"],
    ["list-missing"],
    ["ok", "type-not-listed"],
]


def test_twice_fifteen_steps_with_the_reasons_they_must_have(ecert: Runs, tmp_path: Path) -> None:
    ran = ecert("demo", "--json")
    assert ran.code == 0
    assert ran.json["as_expected"]
    found = [[verdict["reason"] for verdict in step["verdicts"]] for step in ran.json["steps"]]
    assert found == EXPECTED + EXPECTED, "once with ES256, once with Sichuan on SM2"
    assert all(
        v["demo"] for step in ran.json["steps"] for v in step["verdicts"] if v["parts"][0]["about"]
    )


def test_what_it_leaves_behind_is_listed_and_readable(ecert: Runs, tmp_path: Path) -> None:
    ecert("demo", "--out", "kept")
    names = {path.name for path in (tmp_path / "kept").iterdir()}
    index = (tmp_path / "kept" / "index.md").read_text("utf-8")
    assert names == {"index.md", "sm2"} | {name for name in names if f"]({name})" in index}
    assert "](sm2/index.md)" in index
    again = {path.name for path in (tmp_path / "kept" / "sm2").iterdir()}
    assert again == names - {"sm2"}
    roots = envelope.parse((tmp_path / "kept" / "sm2" / "03-roots-1.json").read_bytes())
    assert {signature.header["alg"] for signature in roots.signatures} == {"SGD_SM3_SM2"}
    assert "不得作为办理依据" in index
    code = scan.read((tmp_path / "kept" / "03-code.png").read_bytes())
    assert code.isdigit()
    verdict = json.loads((tmp_path / "kept" / "03-verdict.json").read_bytes())
    assert verdict["outcome"] == "accepted"
    trust = envelope.parse((tmp_path / "kept" / "03-trust-list-guangan.json").read_bytes())
    assert trust.typ == TrustList.TYP
    assert [path for path in tmp_path.iterdir() if path.name != "kept"] == []


def test_it_tells_the_story_in_either_language(ecert: Runs) -> None:
    chinese, english = ecert("demo").out, ecert("demo", "--lang", "en").out
    assert [line for line in chinese.splitlines() if line.startswith("【15】")]
    assert "30 步全部符合预期" in chinese
    assert "all 30 steps came out as they must" in english
    assert english.count("[15]") == 2
    chinese.encode("gbk")


def test_it_can_be_played_again_into_the_same_folder(ecert: Runs) -> None:
    assert [ecert("demo").code for _ in range(2)] == [0, 0]


def test_a_step_that_comes_out_otherwise_ends_it_with_1(
    ecert: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As if nobody remembered used codes.
    monkeypatch.setattr("ecert.verify.replay.MemoryReplay.claim", lambda _self, _key, **_when: True)
    ran = ecert("demo")
    assert ran.code == failures.REFUSED
    assert "! 第二次" in ran.out
    assert "2 步不符合预期" in ran.out
    assert ecert("demo", "--json").json["as_expected"] is False


def test_without_sm2_the_second_playing_is_left_out_and_said(
    ecert: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ecert.sign.sm2.can_sign", lambda: False)
    ran = ecert("demo")
    assert ran.code == 0
    assert "15 步全部符合预期" in ran.out
    assert "没有 SM2" in ran.err


def test_the_story_reads_no_clock_of_its_own(tmp_path: Path) -> None:
    story = demo_story.Story(tmp_path, lambda: datetime(2026, 3, 1, 4, 0, tzinfo=UTC))
    steps = list(story.play())
    assert all(step.as_expected for step in steps)
    checks = [check for step in steps for check in step.checks]
    assert {check.verdict.at.year for check in checks} == {2026}
    assert {check.verdict.reason for check in checks} >= {Reason.OK, Reason.STATUS_STALE}
