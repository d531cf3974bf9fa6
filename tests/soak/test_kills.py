"""A bulk job that is killed again and again: its small form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.soak.kills import kill_again_and_again

if TYPE_CHECKING:
    from pathlib import Path

SEED = 20261122


def test_a_job_that_is_killed_and_resumed_loses_doubles_and_skips_nothing(tmp_path: Path) -> None:
    done = kill_again_and_again(
        tmp_path, kills=3, rows=1_500, shard_rows=50, seed=SEED, longest=0.5
    )
    assert done.kills == 3
    assert done.acknowledged, "killed before anything happened"


def test_the_same_on_postgresql(tmp_path: Path, empty_postgres_url: str) -> None:
    done = kill_again_and_again(
        tmp_path, kills=2, rows=1_500, shard_rows=50, seed=SEED, longest=0.5,
        database=empty_postgres_url,
    )  # fmt: skip
    assert done.kills
