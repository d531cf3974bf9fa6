"""SIGKILL at random moments of writes and rotations: every wallet is the old or the new one."""

from __future__ import annotations

import random  # noqa: TID251 - a seeded order, repeatable
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ecert.wallet.custody_file import CustodyFile
from ecert.wallet.vault import CHEAPEST
from ecert.workspace.hosting import HostedDesk, wallets_at
from tests.conftest import ROOT
from tests.soak.hosted_program import ACCOUNTS, PASSPHRASE, number_in, payload

if TYPE_CHECKING:
    from pathlib import Path

_PATIENCE_SECONDS = 120


@dataclass(frozen=True, slots=True)
class HostedKillFigures:
    """What came out.

    Attributes:
        kills: How often the program was killed.
        writes: Writes that were acknowledged.
        unacknowledged: Writes that were found though nobody had acknowledged them: the new one.
        rotations: Rotations that were acknowledged.
        resumed: Wallets that a killed rotation had left, and the next one moved.
    """

    kills: int
    writes: int
    unacknowledged: int
    rotations: int
    resumed: int


def kill_writers(
    folder: Path, *, database: str, kills: int, seed: int, longest: float
) -> HostedKillFigures:
    """Kill a program that writes and rotates so many times, and look at every wallet each time.

    Args:
        folder: Where the custody keys go.
        database: Address of an empty database.
        kills: How often.
        seed: What chance is drawn from.
        longest: Seconds after the first acknowledgement within which a kill comes.
    """
    chance = random.Random(seed)
    keys = folder / "custody.key"
    custody = CustodyFile.create(keys, PASSPHRASE, kdf=CHEAPEST)
    with wallets_at(database, custody) as wallets:
        for account in ACCOUNTS:
            wallets.new_vault(account).write(payload(account, 0))
    last = dict.fromkeys(ACCOUNTS, 0)
    writes = unacknowledged = rotations = resumed = 0
    for turn in range(kills):
        told = _run(folder / f"{turn}", database, keys, chance, longest)
        for line in told:
            word, *rest = line.split()
            rotations += word == "rotated"
            if word == "write":
                last[rest[0].replace("_", " ")] = int(rest[1])
                writes += 1
        # Opened with what the file has now: a killed rotation may have added a custody key.
        custody = CustodyFile.open(keys, PASSPHRASE)
        with wallets_at(database, custody) as wallets:
            assert wallets.check().damaged == (), f"turn {turn}, seed {seed}"
            for account in ACCOUNTS:
                found = number_in(wallets.vault(account).read(), account)
                assert last[account] <= found <= last[account] + 1, f"{account}, seed {seed}"
                unacknowledged += found - last[account]
                last[account] = found
            resumed += HostedDesk(wallets, custody).unfinished
    with wallets_at(database, custody) as wallets:
        desk = HostedDesk(wallets, custody)
        desk.rotate()
        desk.retire()
        assert wallets.by_custody == {custody.newest: len(ACCOUNTS)}
        assert custody.ids == (custody.newest,)
        assert wallets.check().sound == len(ACCOUNTS)
    return HostedKillFigures(kills, writes, unacknowledged, rotations, resumed)


def _run(
    output: Path, database: str, keys: Path, chance: random.Random, longest: float
) -> list[str]:
    """Run the program up to a kill; return the whole lines that it told."""
    command = [
        sys.executable, "-m", "tests.soak.hosted_program",
        database, str(keys), str(chance.randrange(1 << 30)),
    ]  # fmt: skip
    with output.open("wb") as file, output.with_suffix(".err").open("wb") as errors:
        program = subprocess.Popen(command, cwd=ROOT, stdout=file, stderr=errors)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not output.stat().st_size:
        assert program.poll() is None, output.with_suffix(".err").read_text()
        assert time.monotonic() < deadline, "nothing is acknowledged"
        time.sleep(0.002)
    time.sleep(chance.uniform(0.0, longest))
    program.kill()
    ended = program.wait(_PATIENCE_SECONDS)
    assert ended == -signal.SIGKILL, output.with_suffix(".err").read_text()
    return [line for line in output.read_text().splitlines(keepends=True) if line.endswith("\n")]
