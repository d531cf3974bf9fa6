"""A year of receipts: the small form."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.soak.receipts import keep_a_year

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_year_is_kept_checked_and_searched_and_changed_bytes_are_found(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue("postgres_url") if kind == "postgresql" else None
    done = keep_a_year(tmp_path, count=2_000, seed=20261122, database=url)
    assert done.receipts == 2_000
    assert done.changes_found == 3
