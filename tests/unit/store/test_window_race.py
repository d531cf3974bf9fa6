"""Windows of one hall in several processes: each code and each number goes to one of them."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from datetime import timedelta
from typing import TYPE_CHECKING

from ecert import limits
from ecert.store.challenges import SQLChallenges
from ecert.store.engine import open_engine
from ecert.store.replay import SQLReplay
from tests.conftest import ROOT
from tests.unit.issuers.sample_register import AT

if TYPE_CHECKING:
    from pathlib import Path

CODES = 100


def _start(
    url: str, count: int, seed: int, numbers: list[str], out: Path
) -> subprocess.Popen[bytes]:
    command = [
        sys.executable, "-m", "tests.unit.store.claiming_program", url, str(count), str(seed),
        *numbers,
    ]  # fmt: skip
    with out.open("wb") as file:
        return subprocess.Popen(command, cwd=ROOT, stdout=file)


def _got(output: Path) -> list[str]:
    return [line for line in output.read_text().splitlines(keepends=True) if line.endswith("\n")]


def test_of_two_processes_each_code_and_each_number_goes_to_one(url: str, tmp_path: Path) -> None:
    with open_engine(url) as engine:
        book = SQLChallenges(engine)
        most = limits.MAX_OPEN_CHALLENGES
        numbers = [book.issue(12, at=AT).challenge.number for _ in range(most)]
    outputs = [tmp_path / "a", tmp_path / "b"]
    racers = [_start(url, CODES, seed, numbers, out) for seed, out in enumerate(outputs)]
    assert [racer.wait(120) for racer in racers] == [0, 0]
    won = [_got(output) for output in outputs]
    assert sorted(won[0] + won[1]) == sorted(
        [f"code {code}\n" for code in range(CODES)] + [f"number {one}\n" for one in numbers]
    )


def test_what_a_killed_process_accepted_stays_used(url: str, tmp_path: Path) -> None:
    output = tmp_path / "killed"
    racer = _start(url, 1_000_000, 1, [], output)
    deadline = time.monotonic() + 60
    while len(_got(output)) < 20:
        assert time.monotonic() < deadline, "it claims nothing"
        time.sleep(0.005)
    racer.kill()
    assert racer.wait(60) == -signal.SIGKILL
    accepted = _got(output)
    with open_engine(url) as engine:
        replay = SQLReplay(engine)
        for line in accepted:
            key = line.strip().encode()
            assert not replay.claim(key, until=AT + timedelta(seconds=90), at=AT)
