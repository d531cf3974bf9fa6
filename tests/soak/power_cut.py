"""A power cut without hardware: what the disk holds at one moment is all that is left.

The workspace lies in an ext4 image, mounted by loop.  At a random moment all processes are
stopped and the image is copied, without any synchronising; then they are killed and the copy is
mounted, which replays its journal, as after a power cut.  kill -9 alone would not do: what a
process has written survives it in the page cache.
"""

from __future__ import annotations

import os
import random  # noqa: TID251 - a seeded order, repeatable
import shutil
import signal
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.soak.campaign import end, prepare, send, session_of, wait_for_workers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.soak.campaign import Campaign

WORKERS = 2


@dataclass(frozen=True, slots=True)
class CutFigures:
    """What came out.

    Attributes:
        cuts: How often the power was cut.
        acknowledged: Licences acknowledged before one of the cuts, all of them found after it.
    """

    cuts: int
    acknowledged: int


def missing_for_loop_mounts() -> str | None:
    """Return why no image can be mounted here; None if it can."""
    if os.geteuid() != 0:
        return "mounting an image needs root"
    if shutil.which("mkfs.ext4") is None:
        return "mkfs.ext4 is not here (Debian: apt-get install e2fsprogs)"
    tried = subprocess.run(["losetup", "--find"], check=False, capture_output=True)
    return None if tried.returncode == 0 else "there is no loop device here"


def cut_again_and_again(
    folder: Path, *, cuts: int, rows: int, shard_rows: int, seed: int, longest: float,
    mebibytes: int,
) -> CutFigures:  # fmt: skip
    """Cut the power so many times in a bulk job, go on after each, and see what became of it.

    Args:
        folder: Where images, file and acknowledgements go.
        cuts: How often.
        rows: Rows of the job.
        shard_rows: Licences of a shard.
        seed: What chance is drawn from.
        longest: Seconds after the first shard within which a cut comes.
        mebibytes: Size of the image.
    """
    chance = random.Random(seed)
    image, disk = folder / "disk.img", folder / "disk"
    disk.mkdir()
    _make_image(image, mebibytes)
    with _mounted(image, disk):
        campaign = prepare(
            folder, rows=rows, shard_rows=shard_rows, seed=seed, place=disk / "office"
        )
    done = acknowledged = 0
    for _ in range(cuts):
        after = folder / "after.img"
        is_running = _run_and_cut(campaign, image, after, disk, chance.uniform(0, longest))
        after.replace(image)
        with _mounted(image, disk):
            campaign.require_sound()
            acknowledged = campaign.require_acknowledged()
        done += is_running
    with _mounted(image, disk):
        campaign.finish(workers=WORKERS)
        campaign.require_complete()
    return CutFigures(done, acknowledged)


def _run_and_cut(campaign: Campaign, image: Path, after: Path, disk: Path, pause: float) -> bool:
    """Run the job and cut; return whether it was still running then."""
    with _mounted(image, disk):
        program = campaign.start(workers=WORKERS)
        try:
            wait_for_workers(program, WORKERS)
            campaign.wait_for_more(program)
            time.sleep(pause)
            is_running = program.poll() is None
            # Copied while somebody writes, the image would be of no single moment.
            send(session_of(program), signal.SIGSTOP)
            told = campaign.lines()
            subprocess.run(["cp", "--sparse=always", image, after], check=True)
            assert campaign.lines() == told, "something went on after the cut"
        finally:
            end(program)
    return is_running


def _make_image(image: Path, mebibytes: int) -> None:
    with image.open("wb") as file:
        file.truncate(mebibytes << 20)
    subprocess.run(["mkfs.ext4", "-q", "-F", image], check=True)


@contextmanager
def _mounted(image: Path, disk: Path) -> Iterator[None]:
    subprocess.run(["mount", "-o", "loop", image, disk], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", disk], check=True)
