"""A program that hangs in a campaign is told with what it was doing."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.soak import campaign
from tests.soak.campaign import Campaign

if TYPE_CHECKING:
    from pathlib import Path

_HANGING = (
    "import time\nprint(flush=True)\ndef wait_for_nothing(): time.sleep(20)\nwait_for_nothing()"
)


def test_a_program_that_hangs_is_told_with_its_stacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(campaign, "PATIENCE_SECONDS", 1)
    monkeypatch.setattr(campaign, "command_of", lambda *_: [sys.executable, "-c", _HANGING])
    job = Campaign(tmp_path, tmp_path / "stock.csv", "job", 1, tmp_path / "acknowledged")
    with pytest.raises(AssertionError, match=r"(?s)it hangs.*in wait_for_nothing"):
        job.finish(workers=1)
