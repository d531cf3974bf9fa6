"""The plug-in, as an integrator's tests use it."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING

import ecert
from ecert.reasons import Outcome, Reason
from ecert.testing import BAD_CODES
from ecert.testing.world import MATTER
from ecert.verify.policy import COUNTER, DemoKeys
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from ecert.testing import BadCode, DemoWorld
    from ecert.workspace import Workspace

pytest_plugins = ["ecert.testing.plugin"]

THREE_LINES = """
def test_my_window_refuses(ecert_bad_code, ecert_verifier):
    verdict = ecert_verifier.verify(ecert_bad_code.code, matter=ecert_bad_code.matter)
    assert (verdict.outcome, verdict.reason) == (ecert_bad_code.outcome, ecert_bad_code.reason)
"""


def test_a_bad_code_comes_to_its_reason(
    ecert_bad_code: BadCode, ecert_verifier: ecert.Verifier
) -> None:
    verdict = ecert_verifier.verify(ecert_bad_code.code, matter=ecert_bad_code.matter)
    assert (verdict.outcome, verdict.reason) == (ecert_bad_code.outcome, ecert_bad_code.reason)
    assert verdict.outcome is not Outcome.ACCEPTED


def test_the_good_code_is_accepted(ecert_code: str, ecert_verifier: ecert.Verifier) -> None:
    verdict = ecert_verifier.verify(ecert_code, matter=MATTER)
    assert verdict.accepted, verdict.explain("en")
    assert verdict.demo


def test_the_window_may_be_a_workspace(
    ecert_workspace: Workspace, ecert_verifier: ecert.Verifier, ecert_code: str
) -> None:
    assert ecert_verifier is ecert_workspace.verifier
    assert ecert_workspace.settings.demo
    check = ecert_workspace.checks.check(ecert_code, matter=MATTER, case="2026-1", clerk="测试")
    assert check.verdict.accepted
    assert check.receipt is not None


def test_several_licences_go_in_one_code(ecert_world: DemoWorld) -> None:
    code = ecert_world.code("居民身份证", "营业执照")
    verdict = ecert_world.verifier.verify(code, matter="开办理发店")
    assert verdict.accepted, verdict.explain("en")
    assert len(verdict.parts) == 2


def test_whatever_is_not_in_demo_mode_refuses_it_all(ecert_world: DemoWorld) -> None:
    strict = ecert.Verifier(
        "500000", knowledge=ecert_world.verifier.knowledge, clock=ecert_world.clock,
        policy=ecert.Policy(demo=DemoKeys.REFUSE),
    )  # fmt: skip
    assert COUNTER.demo is DemoKeys.ALONE
    assert strict.verify(ecert_world.code(), matter=MATTER).reason is Reason.DEMO_KEY


def test_it_takes_three_lines_and_is_found_by_its_entry_point(tmp_path: Path) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    # The name is the module's, so that ``-p`` and the entry point do not load it twice.
    assert project["entry-points"]["pytest11"] == {"ecert.testing.plugin": "ecert.testing.plugin"}
    (tmp_path / "test_mine.py").write_text(THREE_LINES, "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "ecert.testing.plugin", "-p",
         "no:cacheprovider", "-k", "tampered or revoked", tmp_path],
        capture_output=True, encoding="utf-8", check=False, cwd=tmp_path,
    )  # fmt: skip
    assert "2 passed" in done.stdout, done.stdout + done.stderr
    assert len(BAD_CODES) >= 18


def test_it_loads_nothing_until_it_is_asked_for(tmp_path: Path) -> None:
    program = (
        "import sys, ecert.testing.plugin\n"
        "print(*sorted(name for name in sys.modules if name.startswith('ecert')))\n"
        "print(*{'pydantic', 'cryptography', 'sqlalchemy', 'fastapi'} & set(sys.modules))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True, cwd=ROOT
    )
    ours, heavy = done.stdout.split("\n")[:2]
    assert ours.split() == ["ecert", "ecert.testing", "ecert.testing.plugin"]
    assert heavy == ""
