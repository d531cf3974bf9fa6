"""The bones of a page: what merging two texts takes away is seen before a reader sees it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

PAGES = (*sorted((ROOT / "docs").rglob("*.md")), *sorted(ROOT.glob("*.md")))
_HEADING = re.compile(r"#{1,6} ")


def _faults(text: str) -> list[str]:
    found, fenced, before = [], False, ""
    lines = text.split("\n")
    for number, line in enumerate(lines, start=1):
        if line.startswith("```"):
            fenced = not fenced
        elif not fenced:
            after = lines[number] if number < len(lines) else ""
            if _HEADING.match(line) and before:
                found.append(f"line {number}: a heading without an empty line before it")
            if line.startswith("|") and not before and not after.startswith("|"):
                found.append(f"line {number}: a table of one line")
            if line.startswith("|") and not before.startswith("|") and "---" in line:
                found.append(f"line {number}: a table without a head")
            if _HEADING.match(before) and line.startswith("|"):
                found.append(f"line {number}: a table without a head")
            if line.strip() and line == before:
                found.append(f"line {number}: said twice")
        before = line
    return [*found, "a fence is not closed"] if fenced else found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_page_has_its_fences_headings_and_tables_whole(page: Path) -> None:
    assert _faults(page.read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("```python\nx = 1\n", "a fence is not closed"),
        ("words\n## Heading\n", "line 2: a heading without an empty line before it"),
        ("## Heading\n| a | b |\n| c | d |\n", "line 2: a table without a head"),
        ("- one\n- one\n", "line 2: said twice"),
    ],
)
def test_a_page_that_lost_something_is_told(text: str, fault: str) -> None:
    assert _faults(text) == [fault]
