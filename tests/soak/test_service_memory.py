"""The memory of a service's worker: the small form."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.soak.service_memory import ServiceMemory, require_steady, verify_many

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is read from /proc")
@pytest.mark.parametrize("receipts", ["off", "on"])
def test_every_code_is_accepted_once_and_the_worker_does_not_grow(
    tmp_path: Path, receipts: str
) -> None:
    done = verify_many(tmp_path, count=1_000, receipts=receipts)
    assert done.verified == 1_000
    # A tenth is too little to fill every cache: a megabyte in a hundred codes would still show.
    require_steady(done, most_mib=10)


def test_a_worker_that_grows_is_told() -> None:
    grown = ServiceMemory(100_000, 100.0, 117.0, 117.0, 17.0)
    require_steady(grown, most_mib=17)
    with pytest.raises(AssertionError, match=r"grown by 17\.0 MiB"):
        require_steady(grown, most_mib=16.9)
