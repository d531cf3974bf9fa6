"""Many licences revoked in one job: the small form."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.soak.revoking import revoke_at_random

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_next_lists_show_exactly_the_licences_that_were_revoked(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue("empty_postgres_url") if kind == "postgresql" else None
    done = revoke_at_random(
        tmp_path, rows=600, shard_rows=200, revoked=150, seed=20261122, database=url
    )
    assert done.revoked == 150
    assert done.lists > 1
