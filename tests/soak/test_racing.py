"""Two processes that issue at once: the small form."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.soak.racing import race

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_two_processes_that_issue_at_once_share_no_serial_and_no_index(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue("empty_postgres_url") if kind == "postgresql" else None
    done = race(tmp_path, seconds=2, database=url)
    assert min(done.issued) > 0, "they did not race"
