"""A wallet whose writer is killed again and again: its small form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.soak.vault_kills import kill_vault_writers

if TYPE_CHECKING:
    from pathlib import Path

SEED = 20261122


def test_whatever_is_killed_while_it_writes_leaves_the_old_or_the_new_wallet(
    tmp_path: Path,
) -> None:
    done = kill_vault_writers(tmp_path, kills=20, seed=SEED)
    assert done.kills == 20
    assert done.writes > done.kills, "killed before anything happened"
