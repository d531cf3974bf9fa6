"""The campaigns in their long form: ``make soak``; ARGS="--only kills --seed 7" runs some.

Each prints its seed and its figures; an assertion that fails ends it with the reason.
"""

from __future__ import annotations

import argparse
import logging
import secrets
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.postgres import Cluster, binaries
from tests.soak.full_disk import fill_again_and_again, missing_for_tmpfs
from tests.soak.hosted_kills import kill_writers
from tests.soak.kills import kill_again_and_again
from tests.soak.photos import read_all, require_enough
from tests.soak.power_cut import cut_again_and_again, missing_for_loop_mounts
from tests.soak.racing import race
from tests.soak.receipts import keep_a_year
from tests.soak.redeeming import redeem_at_once
from tests.soak.revoking import revoke_at_random
from tests.soak.server_restart import restart_again_and_again
from tests.soak.service_memory import require_steady, verify_many
from tests.soak.vault_kills import kill_vault_writers
from tests.unit.service.fuzzing import ask_everything
from tests.unit.service.people import everybody

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROWS = 204_525
SHARD_ROWS = 5_000
# Checks of a busy window in a year.
YEAR = 1_000_000
# What a service's worker may hold more after all of these codes than after a tenth of them.
VERIFIED, GROWTH_MIB = 100_000, 16.0
# Requests that the schema allows, for each operation, and as many that it forbids.
SCHEMA_EXAMPLES = 40
# Each code is asked for by two windows at once.
CODES, CLIENTS = 10_000, 50
# Of a job as large as a city's, one signature in so many is verified after each campaign.
VERIFIED_EVERY = 20


@contextmanager
def _cluster() -> Iterator[Cluster | str]:
    programs = binaries()
    if programs is None:
        yield "there is no PostgreSQL server here"
        return
    cluster = Cluster.make(programs)
    try:
        cluster.start("shared_buffers=256MB", "max_wal_size=2GB")
        yield cluster
    finally:
        cluster.remove()


def _kills(folder: Path, seed: int) -> object:
    return kill_again_and_again(
        folder, kills=40, rows=ROWS, shard_rows=SHARD_ROWS, seed=seed, longest=2.0,
        verified_every=VERIFIED_EVERY,
    )  # fmt: skip


def _kills_on_postgresql(folder: Path, seed: int) -> object:
    with _cluster() as cluster:
        if isinstance(cluster, str):
            return cluster
        return kill_again_and_again(
            folder, kills=20, rows=ROWS, shard_rows=SHARD_ROWS, seed=seed, longest=1.0,
            verified_every=VERIFIED_EVERY, database=cluster.url(cluster.new_database(empty=True)),
        )  # fmt: skip


def _power_cuts(folder: Path, seed: int) -> object:
    return missing_for_loop_mounts() or cut_again_and_again(
        folder, cuts=20, rows=40_000, shard_rows=500, seed=seed, longest=1.5, mebibytes=1_024
    )


def _full_disk(folder: Path, seed: int) -> object:
    # Kibibytes: so that the failure hits reserving, recording, and the log's way into the file.
    steps = [16, 64, 256, *range(500, 8_000, 500), *range(8_000, 40_000, 4_000)]
    return missing_for_tmpfs() or fill_again_and_again(
        folder, rows=20_000, shard_rows=500, seed=seed, steps_kib=steps, workers=2
    )


def _server_restarts(folder: Path, seed: int) -> object:
    with _cluster() as cluster:
        if isinstance(cluster, str):
            return cluster
        return restart_again_and_again(
            folder, cluster, restarts=6, rows=40_000, shard_rows=500, seed=seed, longest=1.0
        )


def _queue_restarts(folder: Path, seed: int) -> object:
    with _cluster() as cluster:
        if isinstance(cluster, str):
            return cluster
        return restart_again_and_again(
            folder, cluster, restarts=6, rows=40_000, shard_rows=500, seed=seed, longest=1.0,
            engine="procrastinate",
        )  # fmt: skip


def _race(folder: Path, seed: int) -> object:
    return race(folder, seconds=60)


def _race_on_postgresql(folder: Path, seed: int) -> object:
    with _cluster() as cluster:
        if isinstance(cluster, str):
            return cluster
        return race(folder, seconds=60, database=cluster.url(cluster.new_database(empty=True)))


def _revoking(folder: Path, seed: int) -> object:
    return revoke_at_random(folder, rows=60_000, shard_rows=SHARD_ROWS, revoked=10_000, seed=seed)


def _vault_kills(folder: Path, seed: int) -> object:
    return kill_vault_writers(folder, kills=200, seed=seed)


def _photos(_folder: Path, seed: int) -> object:
    rates = read_all(600, seed=seed)
    require_enough(rates)
    return rates.figures()


def _hosted_kills(folder: Path, seed: int) -> object:
    url = f"sqlite:///{folder / 'wallets.db'}"
    return kill_writers(folder, database=url, kills=300, seed=seed, longest=1.0)


def _hosted_kills_on_postgresql(folder: Path, seed: int) -> object:
    with _cluster() as cluster:
        if isinstance(cluster, str):
            return cluster
        url = cluster.url(cluster.new_database(empty=True))
        return kill_writers(folder, database=url, kills=100, seed=seed, longest=1.0)


def _receipts(folder: Path, seed: int) -> object:
    return keep_a_year(folder, count=YEAR, seed=seed)


def _receipts_on_postgresql(folder: Path, seed: int) -> object:
    with _cluster() as cluster:
        if isinstance(cluster, str):
            return cluster
        url = cluster.url(cluster.new_database(empty=True))
        return keep_a_year(folder, count=YEAR // 10, seed=seed, database=url)


def _service_memory(folder: Path, _seed: int) -> object:
    memory = verify_many(folder, count=VERIFIED)
    require_steady(memory, most_mib=GROWTH_MIB)
    return memory


def _service_schema(folder: Path, seed: int) -> object:
    with everybody(folder) as people:
        return ask_everything(people, examples=SCHEMA_EXAMPLES, seed=seed)


def _redeeming(folder: Path, seed: int) -> object:
    return redeem_at_once(folder, codes=CODES, clients=CLIENTS)


def _redeeming_on_postgresql(folder: Path, seed: int) -> object:
    with _cluster() as cluster:
        if isinstance(cluster, str):
            return cluster
        database = cluster.url(cluster.new_database(empty=True))
        return redeem_at_once(folder, codes=CODES, clients=CLIENTS, database=database)


CAMPAIGNS: dict[str, Callable[[Path, int], object]] = {
    "kills": _kills,
    "kills-postgresql": _kills_on_postgresql,
    "power-cuts": _power_cuts,
    "full-disk": _full_disk,
    "server-restarts": _server_restarts,
    "queue-restarts": _queue_restarts,
    "race": _race,
    "race-postgresql": _race_on_postgresql,
    "revoking": _revoking,
    "vault-kills": _vault_kills,
    "photos": _photos,
    "hosted-kills": _hosted_kills,
    "hosted-kills-postgresql": _hosted_kills_on_postgresql,
    "receipts": _receipts,
    "receipts-postgresql": _receipts_on_postgresql,
    "service-memory": _service_memory,
    "service-schema": _service_schema,
    "redeeming": _redeeming,
    "redeeming-postgresql": _redeeming_on_postgresql,
}


def main() -> int:
    """Run the campaigns; 1 if one of them found something."""
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--only", action="append", choices=CAMPAIGNS, help="again for several")
    parser.add_argument("--seed", type=int, help="by default a new one each time")
    parser.add_argument("--folder", type=Path, help="where; by default a temporary folder")
    options = parser.parse_args()
    # A service notes every refusal, and campaigns are refused by the hundred thousand.
    logging.getLogger("ecert").addHandler(logging.NullHandler())
    seed = secrets.randbelow(10**8) if options.seed is None else options.seed
    failed = [
        name for name in options.only or CAMPAIGNS if not _carry_out(name, seed, options.folder)
    ]
    if failed:
        print(f"failed: {', '.join(failed)} (seed {seed})", file=sys.stderr)
    return 1 if failed else 0


def _carry_out(name: str, seed: int, folder: Path | None) -> bool:
    print(f"{name}: seed {seed} …", flush=True)
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(dir=folder) as base:
        try:
            figures = CAMPAIGNS[name](Path(base), seed)
        except AssertionError as error:
            print(f"  × {error}", flush=True)
            return False
    if isinstance(figures, str):
        print(f"  △ not carried out: {figures}", flush=True)
        return True
    print(f"  √ {_told(figures)}; {time.monotonic() - begin:,.0f} s", flush=True)
    return True


def _told(figures: Any) -> str:
    if isinstance(figures, dict):
        return ", ".join(f"{name} {_plain(value)}" for name, value in figures.items())
    return ", ".join(f"{one.name} {_plain(getattr(figures, one.name))}" for one in fields(figures))


def _plain(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.1f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


if __name__ == "__main__":
    sys.exit(main())
