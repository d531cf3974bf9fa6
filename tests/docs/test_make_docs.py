"""The generated parts of the documents are those that the code gives now."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path


def _check(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "scripts/make_docs.py", *options],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The project with documents of its own, to be spoilt."""
    for item in ROOT.iterdir():
        if item.name in {"docs", "scripts"}:
            shutil.copytree(item, tmp_path / item.name)
        elif not item.name.startswith("."):
            (tmp_path / item.name).symlink_to(item)
    return tmp_path


def test_everything_generated_is_up_to_date_and_every_link_leads_somewhere() -> None:
    done = _check(ROOT, "--check")
    assert done.returncode == 0, done.stderr


def test_a_changed_table_is_found_and_mended(copy: Path) -> None:
    page = copy / "docs" / "reasons.md"
    before = page.read_text("utf-8")
    page.write_text(before.replace("| E201 |", "| E999 |"), "utf-8")
    done = _check(copy, "--check")
    assert done.returncode == 1
    assert "docs/reasons.md: out of date" in done.stderr
    assert _check(copy).returncode == 0
    assert page.read_text("utf-8") == before


def test_a_changed_byte_in_a_worked_example_is_found(copy: Path) -> None:
    page = copy / "docs" / "formats" / "compact-credential.md"
    text = page.read_text("utf-8")
    page.write_text(text.replace("\nd284\n", "\nd285\n"), "utf-8")
    done = _check(copy, "--check")
    assert done.returncode == 1
    assert "docs/formats/compact-credential.md: out of date" in done.stderr


def test_a_broken_link_and_a_broken_anchor_are_found(copy: Path) -> None:
    page = copy / "docs" / "errors.md"
    page.write_text(
        page.read_text("utf-8") + "\n[a](nowhere.md) [b](reasons.md#nothing-here)\n", "utf-8"
    )
    done = _check(copy, "--check")
    assert done.returncode == 1
    assert "docs/errors.md: nowhere.md leads nowhere" in done.stderr
    assert "docs/errors.md: reasons.md#nothing-here leads nowhere" in done.stderr


def test_a_block_that_nothing_generates_is_found(copy: Path) -> None:
    page = copy / "docs" / "errors.md"
    page.write_text(
        page.read_text("utf-8") + "\n<!-- generated: invented -->\n<!-- end generated -->\n",
        "utf-8",
    )
    done = _check(copy, "--check")
    assert done.returncode == 1
    assert "nothing generates the block 'invented'" in done.stderr
