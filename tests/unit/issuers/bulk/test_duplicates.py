"""A licence that stands in a list twice."""

from __future__ import annotations

import tempfile
import tracemalloc
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from ecert.issuers.bulk.duplicates import DuplicateFinder, duplicate_fault
from tests.unit.issuers.bulk.lists import ZHANG

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_the_first_row_is_told() -> None:
    with DuplicateFinder() as finder:
        assert finder.first("A", "1", 2) is None
        assert finder.first("A", "2", 3) is None
        assert finder.first("B", "1", 4) is None
        assert finder.first("A", "1", 5) == 2
        assert finder.first("A", "1", 6) == 2


@given(st.lists(st.tuples(st.sampled_from("AB"), st.text("12", max_size=2)), max_size=20))
def test_it_says_what_a_dictionary_says(keys: list[tuple[str, str]]) -> None:
    seen: dict[tuple[str, str], int] = {}
    with DuplicateFinder() as finder:
        for row, key in enumerate(keys):
            first = seen.setdefault(key, row)
            assert finder.first(*key, row) == (None if first == row else first)


def test_nothing_is_left_and_no_number_stood_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with DuplicateFinder() as finder:
        for row in range(20_000):
            finder.first("A", f"{ZHANG}{row}", row)
        (folder,) = tmp_path.iterdir()
        assert folder.stat().st_mode & 0o077 == 0
        stored = b"".join(path.read_bytes() for path in folder.iterdir())
        assert ZHANG.encode() not in stored
    assert list(tmp_path.iterdir()) == []


def test_memory_does_not_grow_with_the_rows() -> None:
    tracemalloc.start()
    with DuplicateFinder() as finder:
        for row in range(50_000):
            finder.first("A", str(row), row)
        most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 200_000


def test_the_fault_names_both_rows() -> None:
    fault = duplicate_fault(9, 1, "证号", 4)
    assert fault.message("zh") == (
        "B9 证号：与第4行重复（同一证照类型、同一证照编号）。请只保留一行"
    )
    assert "row 4 (B4)" in fault.message("en")
    assert duplicate_fault(9, None, "证号", 4).cell == "9"
