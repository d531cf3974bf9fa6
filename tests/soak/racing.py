"""Two processes issue at the counter at once: nothing is shared, nothing is lost."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bulk_office import faults_of_register, make_office
from bulk_signatures import verify_signatures

from ecert.model.identifiers import LicenceId
from ecert.workspace import Workspace
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

PROCESSES = 2


@dataclass(frozen=True, slots=True)
class RaceFigures:
    """What came out: licences of each process."""

    issued: tuple[int, ...]


def race(folder: Path, *, seconds: float, database: str | None = None) -> RaceFigures:
    """Let two processes issue for so many seconds, and see what became of it.

    Args:
        folder: Where.
        seconds: How long.
        database: Address of an empty database; None for SQLite.
    """
    office = folder / "office"
    make_office(office, database=database).close()
    environment = os.environ | {"PYTHONPATH": f"{ROOT / 'benchmarks'}"}
    racers = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.soak.issuing_pair_program",
             office, str(seconds), str(number)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment,
        )
        for number in range(PROCESSES)
    ]  # fmt: skip
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    outputs = [racer.communicate(timeout=seconds + 120)[0].splitlines() for racer in racers]
    assert [racer.returncode for racer in racers] == [0] * PROCESSES
    _require_apart(office, [tuple(line.split()) for output in outputs for line in output])
    return RaceFigures(tuple(len(output) for output in outputs))


def _require_apart(folder: Path, told: list[tuple[str, ...]]) -> None:
    serials = {LicenceId.parse(licence_id).serial for licence_id, _ in told}
    assert len(serials) == len(told), "a serial was given twice"
    assert len({place for _, place in told}) == len(told), "an index was given twice"
    with Workspace.open(folder) as office:
        assert faults_of_register(office) == []
        with office.register.view() as view:
            recorded = {
                (str(licence.id), credential.id)
                for licence in view.licences()
                for credential in view.credentials_of(str(licence.id))
            }
    assert recorded == set(told), "what was told is not what was recorded"
    verified = verify_signatures(folder, every=1, workers=PROCESSES)
    assert (verified.count, verified.faults) == (len(told), ())
