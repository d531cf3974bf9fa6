"""A disk that fills up in the middle of a bulk job: the small form."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.soak.full_disk import fill_again_and_again, missing_for_tmpfs

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("workers", [1, 2])
def test_a_full_disk_gives_a_clear_error_loses_nothing_and_the_job_goes_on(
    tmp_path: Path, workers: int
) -> None:
    if (missing := missing_for_tmpfs()) is not None:
        pytest.skip(missing)
    done = fill_again_and_again(
        tmp_path, rows=1_000, shard_rows=50, seed=20261122, steps_kib=[16, 400, 900],
        workers=workers,
    )  # fmt: skip
    assert done.refusals == 3
    assert done.issued_before
