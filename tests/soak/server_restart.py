"""PostgreSQL goes down and comes back in the middle of a bulk job with two workers."""

from __future__ import annotations

import random  # noqa: TID251 - a seeded order, repeatable
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.soak.campaign import end, prepare
from tests.soak.running_program import REFUSED

if TYPE_CHECKING:
    from pathlib import Path

    from ecert.workspace.bulk import BulkEngine
    from tests.postgres import Cluster
    from tests.soak.campaign import Campaign

WORKERS = 2


@dataclass(frozen=True, slots=True)
class RestartFigures:
    """What came out.

    Attributes:
        restarts: How often the server went down.
        resumed: How often the job had to be resumed for it.
        acknowledged: Licences acknowledged in the end.
    """

    restarts: int
    resumed: int
    acknowledged: int


def restart_again_and_again(
    folder: Path, cluster: Cluster, *, restarts: int, rows: int, shard_rows: int, seed: int,
    longest: float, verified_every: int = 1, engine: BulkEngine = "processes",
) -> RestartFigures:  # fmt: skip
    """Stop the server at once and start it again, so many times while a job runs.

    Args:
        folder: Where.
        cluster: A running cluster of one's own.
        restarts: How often.
        rows: Rows of the job.
        shard_rows: Licences of a shard.
        seed: What chance is drawn from.
        longest: Seconds after a shard within which the server goes down.
        verified_every: One signature in so many is verified.
        engine: What carries it out.
    """
    chance = random.Random(seed)
    url = cluster.url(cluster.new_database(empty=True))
    campaign = prepare(
        folder, rows=rows, shard_rows=shard_rows, seed=seed, database=url, engine=engine
    )
    done = resumed = 0
    program = campaign.start(workers=WORKERS)
    try:
        while done < restarts:
            campaign.wait_for_more(program)
            if program.poll() is None:
                time.sleep(chance.uniform(0, longest))
                cluster.stop("immediate")
                cluster.start()
                done += 1
                campaign.require_acknowledged()
            if _has_ended(program):
                break
            if program.returncode is not None:
                resumed += 1
                program = _again(campaign, program)
        while True:
            campaign.wait_for_end(program)
            if _has_ended(program):
                break
            resumed += 1
            program = _again(campaign, program)
    finally:
        end(program)
    campaign.require_complete(verified_every=verified_every)
    return RestartFigures(done, resumed, len(campaign.lines()))


def _has_ended(program: subprocess.Popen[bytes]) -> bool:
    """Tell whether the job came to its end; one that the database refused ends otherwise."""
    with suppress(subprocess.TimeoutExpired):
        program.wait(2)
    assert program.returncode in {None, 0, REFUSED}, "it broke, instead of saying what is wrong"
    return program.returncode == 0


def _again(campaign: Campaign, program: subprocess.Popen[bytes]) -> subprocess.Popen[bytes]:
    end(program)
    return campaign.start(workers=WORKERS)
