"""Power cuts in a bulk job: the small form."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.soak.power_cut import cut_again_and_again, missing_for_loop_mounts

if TYPE_CHECKING:
    from pathlib import Path


def test_a_power_cut_loses_no_acknowledged_licence(tmp_path: Path) -> None:
    if (missing := missing_for_loop_mounts()) is not None:
        pytest.skip(missing)
    done = cut_again_and_again(
        tmp_path, cuts=2, rows=2_000, shard_rows=50, seed=20261122, longest=0.4, mebibytes=96
    )
    assert done.cuts == 2, "the job had ended before the power was cut"
    assert done.acknowledged
