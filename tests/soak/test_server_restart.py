"""PostgreSQL restarted in the middle of a bulk job: the small form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.soak.server_restart import restart_again_and_again

if TYPE_CHECKING:
    from pathlib import Path

    from tests.postgres import Cluster


def test_a_job_finishes_though_the_server_is_restarted(
    tmp_path: Path, own_cluster: Cluster
) -> None:
    done = restart_again_and_again(
        tmp_path, own_cluster, restarts=2, rows=2_000, shard_rows=50, seed=20261122, longest=0.2
    )
    assert done.restarts == 2
    assert done.resumed, "the server never went down under it"
