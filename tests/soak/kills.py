"""SIGKILL at random moments: the program, one of its workers, or all of them at once."""

from __future__ import annotations

import random  # noqa: TID251 - a seeded order, repeatable
import signal
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.soak.campaign import end, prepare, send, wait_for_workers, workers_of

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from ecert.workspace.bulk import BulkEngine
    from tests.soak.campaign import Campaign

WORKERS = 2
TARGETS = ("program", "worker", "all")
# The others hit a program while it starts.
_SHARE_AT_WORK = 0.8


@dataclass(frozen=True, slots=True)
class KillFigures:
    """What came out.

    Attributes:
        kills: How often something was killed while the job was running.
        acknowledged: Licences that had been acknowledged before the last kill.
        rounds: Jobs that were carried out.
        rows: Rows of each.
    """

    kills: int
    acknowledged: int
    rounds: int
    rows: int


def kill_again_and_again(
    folder: Path, *, kills: int, rows: int, shard_rows: int, seed: int, longest: float,
    verified_every: int = 1, database: str | None = None, engine: BulkEngine = "processes",
) -> KillFigures:  # fmt: skip
    """Kill a bulk job so many times, resuming it each time, and see what became of it.

    Args:
        folder: Where.
        kills: How often.
        rows: Rows of the job; a job that ends before its time is followed by another.
        shard_rows: Licences of a shard.
        seed: What chance is drawn from.
        longest: Seconds within which a kill comes: after the first shard as a rule, else after the
            workers have started.
        verified_every: One signature in so many is verified.
        database: Address of an empty database; None for SQLite.  It serves one job.
        engine: What carries it out.
    """
    chance = random.Random(seed)
    done = acknowledged = rounds = 0
    while done < kills:
        rounds += 1
        place = folder / f"round{rounds}"
        place.mkdir()
        campaign = prepare(
            place,
            rows=rows,
            shard_rows=shard_rows,
            seed=seed + rounds,
            database=database,
            engine=engine,
        )
        done += _kill(campaign, kills - done, chance, longest)
        acknowledged += campaign.require_acknowledged()
        campaign.require_sound()
        campaign.finish(workers=WORKERS)
        campaign.require_complete(verified_every=verified_every)
        if database is not None:
            break
    return KillFigures(done, acknowledged, rounds, rows)


def _kill(campaign: Campaign, most: int, chance: random.Random, longest: float) -> int:
    """Kill one job at most so many times; return how often it was hit while it ran."""
    done = 0
    orphans: list[subprocess.Popen[bytes]] = []
    try:
        while done < most:
            program = campaign.start(workers=WORKERS)
            orphans.append(program)
            wait_for_workers(program, WORKERS)
            if chance.random() < _SHARE_AT_WORK:
                campaign.wait_for_more(program)
            time.sleep(chance.uniform(0, longest))
            workers = workers_of(program)
            if program.poll() is not None or not workers:
                break
            target = chance.choice(TARGETS)
            hit = {"program": [program.pid], "worker": [chance.choice(workers)]}
            send(hit.get(target, [program.pid, *workers]), signal.SIGKILL)
            # Workers that were left alone end with the shard in hand, while the next begins.
            program.wait(60)
            done += 1
    finally:
        for program in orphans:
            end(program)
    return done
