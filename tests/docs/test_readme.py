"""The two READMEs: their Python and their commands run as they stand, and say the same."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.docs.fences import fences, run

READMES = (ROOT / "README.md", ROOT / "README.zh-CN.md")
ECERT = Path(sys.executable).with_name("ecert")

every_readme = pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)


def _commands(readme: Path) -> list[str]:
    return [
        line.removeprefix("$ ")
        for fence in fences(readme)
        if fence.language == "console"
        for line in fence.text.splitlines()
        if line.startswith("$ ")
    ]


@every_readme
def test_the_python_runs(
    readme: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    names = run(readme)
    assert names["verdict"].accepted  # type: ignore[attr-defined]


def test_the_commands_run_and_end_in_an_accepted_licence(tmp_path: Path) -> None:
    """Those of one: the other's are the same, as another test here requires."""
    environment = os.environ | {"ECERT_PASSPHRASE": "correct horse 电池", "PYTHONUTF8": "1"}
    environment.pop("ECERT_LANG", None)
    printed = ""
    for command in _commands(READMES[0]):
        program, *arguments = shlex.split(command)
        assert program == "ecert"
        done = subprocess.run(
            [ECERT, *arguments], cwd=tmp_path, env=environment,
            capture_output=True, encoding="utf-8", check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        printed = done.stdout
    assert "核验通过" in printed
    assert "张伟（号码后四位 1237）" in printed
    assert "演示密钥，不得作为办理依据" in printed


def test_both_have_the_same_commands() -> None:
    english, chinese = map(_commands, READMES)
    assert english == chinese
    assert len(english) == 8


def test_both_have_the_same_python_but_for_the_comments() -> None:
    def code(readme: Path) -> list[str]:
        text = next(fence.text for fence in fences(readme) if fence.language == "python")
        return [line.split("  #")[0].rstrip() for line in text.splitlines()]

    assert code(READMES[0]) == code(READMES[1])


def test_both_have_the_same_sections_and_tables() -> None:
    def shape(readme: Path) -> list[str]:
        lines = readme.read_text("utf-8").splitlines()
        return [line.split()[0] for line in lines if line.startswith(("#", "|"))]

    assert shape(READMES[0]) == shape(READMES[1])


def test_the_make_targets_that_they_name_exist() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for readme in READMES:
        text = readme.read_text("utf-8")
        for target in ("demo", "test", "lint", "bench", "docs"):
            assert f"`make {target}`" in text
            assert f"\n{target}:" in makefile
