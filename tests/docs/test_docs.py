"""The tutorial, the guides and the pages of reference: their Python runs as it stands."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import pytest

from ecert.cli import failures
from ecert.reasons import Reason
from ecert.sign.suites import SUITES
from tests.conftest import ROOT
from tests.docs.fences import pages, run

if TYPE_CHECKING:
    from pathlib import Path

DOCS = ROOT / "docs"
PAGES = tuple(pages(DOCS))


def _name(path: Path) -> str:
    return path.relative_to(DOCS).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_the_python_of_a_page_runs_and_prints_what_the_page_says(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run(page)


def test_tutorial_and_guides_have_python_that_is_run() -> None:
    """A guard: a page whose fences are misspelt would be run by nobody."""
    wanted = {
        "tutorial.md",
        "guides/issuing.md",
        "guides/wallets-and-show-codes.md",
        "guides/verifying.md",
        "guides/agreeing-on-lists.md",
        "guides/recognition-lists.md",
        "guides/checking-recognition-lists.md",
        "guides/trust-and-keys.md",
    }
    assert wanted <= {_name(page) for page in PAGES}


def test_a_page_that_prints_something_else_fails(tmp_path: Path) -> None:
    """A guard: what the page says is really compared."""
    page = tmp_path / "page.md"
    page.write_text("```python\nprint('one')\n```\n\n```text\ntwo\n```\n", "utf-8")
    with pytest.raises(AssertionError, match="two"):
        run(page)
    page.write_text("```python\nprint('one two')\n```\n\n```text\none …\n```\n", "utf-8")
    run(page)


def test_the_exit_codes_are_those_of_the_command_line() -> None:
    text = (DOCS / "guides" / "command-line.md").read_text("utf-8")
    section = text.split("## Exit codes")[1].split("##")[0]
    told = {int(number) for number in re.findall(r"^\| ([0-9]+) \|", section, re.MULTILINE)}
    assert told == {
        failures.DONE,
        failures.REFUSED,
        failures.USAGE,
        failures.UNDETERMINED,
        failures.KEY,
        failures.REJECTED,
        failures.INTERRUPTED,
    }


def test_every_file_and_test_that_a_page_names_exists() -> None:
    """A page may name ``ecert/…`` and ``tests/….py::test``; neither may have moved away."""
    missing = []
    for page in sorted(DOCS.rglob("*.md")):
        text = page.read_text("utf-8")
        for name in re.findall(r"`((?:ecert|tests|scripts|fixtures)/[^`\s]*)`", text):
            path, _, test = name.partition("::")
            if not (ROOT / path).exists() or (test and test not in _functions(ROOT / path)):
                missing.append(f"{_name(page)}: {name}")
    assert missing == []


def _functions(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_reason_that_a_page_names_exists() -> None:
    text = (DOCS / "reasons.md").read_text("utf-8")
    named = set(re.findall(r"^\| E[0-9]{3} \| `([a-z-]+)`", text, re.MULTILINE))
    assert named == {reason.value for reason in Reason}


def test_every_page_is_linked_from_another() -> None:
    linked = {
        (page.parent / link.partition("#")[0]).resolve()
        for page in [*DOCS.rglob("*.md"), ROOT / "README.md"]
        for link in re.findall(r"\]\(([^)\s]+\.md[^)\s]*)\)", page.read_text("utf-8"))
        if (page.parent / link.partition("#")[0]).resolve() != page.resolve()
    }
    # What `make bench` has measured last stands by itself.
    pages = set(DOCS.rglob("*.md")) - {DOCS / "benchmarks.md"}
    assert [_name(page) for page in sorted(pages) if page.resolve() not in linked] == []


def test_the_readmes_and_limitations_know_which_algorithms_there_are() -> None:
    """SM2 is told as present as long as it is in the table of suites, and not a day longer."""
    assert {suite.alg for suite in SUITES} == {"ES256", "SGD_SM3_SM2"}
    for readme, line in (("README.md", "SM2 with SM3"), ("README.zh-CN.md", "SM2 与 SM3")):
        assert line in (ROOT / readme).read_text("utf-8")
