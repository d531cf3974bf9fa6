"""PostgreSQL restarted in the middle of a bulk job: the small form."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.soak.server_restart import restart_again_and_again

if TYPE_CHECKING:
    from pathlib import Path

    from ecert.workspace.bulk import BulkEngine
    from tests.postgres import Cluster


@pytest.mark.parametrize("engine", ["processes", "procrastinate"])
def test_a_job_finishes_though_the_server_is_restarted(
    tmp_path: Path, own_cluster: Cluster, engine: BulkEngine
) -> None:
    done = restart_again_and_again(
        tmp_path, own_cluster, restarts=2, rows=2_000, shard_rows=50, seed=20261122, longest=0.2,
        engine=engine,
    )  # fmt: skip
    # A job that ends before the second is no worse for it.
    assert done.restarts >= 1, "the server never went down under it"
