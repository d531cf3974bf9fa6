"""Hosted wallets under SIGKILL: the small form of the campaign."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.soak.hosted_kills import kill_writers

if TYPE_CHECKING:
    from pathlib import Path

SEED = 20261122


def test_a_kill_at_any_point_of_a_write_leaves_the_old_or_the_new_wallet(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'wallets.db'}"
    done = kill_writers(tmp_path, database=url, kills=7, seed=SEED, longest=0.3)
    assert done.kills == 7
    assert done.writes >= 7, "killed before anything happened"


def test_the_same_on_postgresql(tmp_path: Path, empty_postgres_url: str) -> None:
    done = kill_writers(tmp_path, database=empty_postgres_url, kills=3, seed=SEED, longest=0.3)
    assert done.writes >= 3
