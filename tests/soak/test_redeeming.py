"""Online codes at two processes of one service, one killed meanwhile: the small form."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.soak.redeeming import redeem_at_once

if TYPE_CHECKING:
    from pathlib import Path

CODES, CLIENTS = 120, 12


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_no_code_is_served_twice_by_two_processes_of_which_one_is_killed(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue("empty_postgres_url") if kind == "postgresql" else None
    done = redeem_at_once(tmp_path, codes=CODES, clients=CLIENTS, database=url)
    assert done.twice == 0
    assert done.codes == CODES
    assert done.served + done.lost + done.unused == CODES
    # Only what was under way at the process that was killed is lost, or was asked for in vain.
    assert done.lost + done.unused <= 2 * CLIENTS
    assert done.missed > 0, "nobody was too late: they did not race"
