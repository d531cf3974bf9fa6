"""A disk that fills up in the middle: tmpfs of one size after the other."""

from __future__ import annotations

import os
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ecert.errors import StoreError
from ecert.workspace import Workspace
from tests.soak.campaign import prepare
from tests.soak.running_program import issued

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.soak.campaign import Campaign

_ROOMY_KIB = 512 * 1024


@dataclass(frozen=True, slots=True)
class FullFigures:
    """What came out.

    Attributes:
        refusals: How often the disk was full, each time with the error that says so.
        issued_before: Licences that were there before the last of them.
        messages: What was said, in both languages, once each.
    """

    refusals: int
    issued_before: int
    messages: tuple[str, ...]


def missing_for_tmpfs() -> str | None:
    """Return why no tmpfs can be mounted here; None if it can."""
    return None if os.geteuid() == 0 else "mounting a tmpfs needs root"


def fill_again_and_again(
    folder: Path, *, rows: int, shard_rows: int, seed: int, steps_kib: list[int], workers: int
) -> FullFigures:
    """Run a job on a disk with so little space, then with more, and at last with enough.

    Args:
        folder: Where.
        rows: Rows of the job.
        shard_rows: Licences of a shard.
        seed: What the file is drawn from.
        steps_kib: Free space at the beginning of each attempt but the last.
        workers: Processes side by side.
    """
    disk = folder / "disk"
    disk.mkdir()
    with _tmpfs(disk):
        campaign = prepare(
            folder, rows=rows, shard_rows=shard_rows, seed=seed, place=disk / "office"
        )
        messages: dict[str, None] = {}
        refusals, before = 0, dict[int, tuple[str, str]]()
        for free in steps_kib:
            _resize(disk, _used_kib(disk) + free)
            error = _run(campaign, workers)
            _resize(disk, _ROOMY_KIB)
            campaign.require_sound()
            recorded = _recorded(campaign)
            assert before.items() <= recorded.items(), "a full disk lost licences"
            before = recorded
            if error is None:
                break
            refusals += 1
            assert ("磁盘已满" in error.zh, "disk is full" in error.en) == (True, True), error
            messages |= dict.fromkeys((error.zh, error.en))
        assert _run(campaign, workers) is None
        assert before.items() <= _recorded(campaign).items()
        campaign.require_complete()
    return FullFigures(refusals, len(before), tuple(messages))


def _run(campaign: Campaign, workers: int) -> StoreError | None:
    try:
        with Workspace.open(campaign.folder) as office:
            office.bulk.run(campaign.job_id, workers=workers)
    except StoreError as error:
        return error
    return None


def _recorded(campaign: Campaign) -> dict[int, tuple[str, str]]:
    with Workspace.open(campaign.folder) as office:
        found: dict[int, tuple[str, str]] = {}
        for _, licences in issued(office, campaign.job_id, set()):
            found |= licences
        return found


def _used_kib(disk: Path) -> int:
    told = os.statvfs(disk)
    return (told.f_blocks - told.f_bfree) * told.f_frsize // 1024


def _resize(disk: Path, kib: int) -> None:
    subprocess.run(["mount", "-o", f"remount,size={kib}k", disk], check=True)


@contextmanager
def _tmpfs(disk: Path) -> Iterator[None]:
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={_ROOMY_KIB}k", "tmpfs", disk], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", disk], check=True)
