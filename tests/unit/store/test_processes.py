"""A register under several processes: they race, they are killed, they fork."""

from __future__ import annotations

import random  # noqa: TID251 - a seeded order, repeatable
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from sqlalchemy import text

from ecert.store.engine import open_engine
from ecert.store.register import SQLRegister
from tests.conftest import ROOT
from tests.unit.store.issuing_program import issue

if TYPE_CHECKING:
    from pathlib import Path

RACE = 300
# More than any program carries out before it is killed.
KILLED_RACE = 100_000


def _start(url: str, requests: int, seed: int, output: Path) -> subprocess.Popen[bytes]:
    command = [
        sys.executable, "-m", "tests.unit.store.issuing_program",
        url, str(requests), str(seed),
    ]  # fmt: skip
    with output.open("ab") as file:
        return subprocess.Popen(command, cwd=ROOT, stdout=file)


def _acknowledged(outputs: list[Path]) -> set[tuple[str, ...]]:
    """Return all complete lines; a killed program may have left half a line."""
    lines = [line for file in outputs for line in file.read_text().splitlines(keepends=True)]
    return {tuple(line.split()) for line in lines if line.endswith("\n")}


def _recorded(url: str) -> set[tuple[str, ...]]:
    with open_engine(url) as engine, SQLRegister(engine).view() as view:
        found: set[tuple[str, ...]] = set()
        for licence in view.licences():
            (credential,) = view.credentials_of(str(licence.id))
            assert len(view.events(str(licence.id))) == 1
            found.add(
                (str(int(licence.id.serial)), str(credential.list_number), str(credential.index))
            )
        return found


def _require_sound(url: str) -> None:
    with open_engine(url) as engine, engine.read() as connection:
        if engine.kind == "sqlite":
            found = connection.exec_driver_sql("PRAGMA integrity_check").all()
            assert found == [("ok",)]
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        places = "SELECT COUNT(*) FROM (SELECT DISTINCT list_number, position FROM credential) AS p"
        slots = connection.execute(text(places)).scalar_one()
        taken = connection.execute(text("SELECT COALESCE(SUM(taken), 0) FROM status_list"))
        assert slots == taken.scalar_one()


def test_two_processes_that_race_carry_each_request_out_once(url: str, tmp_path: Path) -> None:
    outputs = [tmp_path / "a", tmp_path / "b"]
    racers = [_start(url, RACE, seed, output) for seed, output in enumerate(outputs)]
    assert [racer.wait(120) for racer in racers] == [0, 0]
    assert [len(_acknowledged([output])) for output in outputs] == [RACE, RACE]
    acknowledged = _acknowledged(outputs)
    assert len(acknowledged) == RACE, "one request was answered in two ways"
    assert len({place[1:] for place in acknowledged}) == RACE, "an index was given twice"
    assert _recorded(url) == acknowledged
    _require_sound(url)


def test_what_was_acknowledged_survives_kill_9(url: str, tmp_path: Path) -> None:
    seed = 20261122
    chance = random.Random(seed)
    outputs = []
    for turn in range(5):
        pair = [tmp_path / f"{turn}{name}" for name in "ab"]
        racers = [_start(url, KILLED_RACE, chance.randrange(1 << 30), output) for output in pair]
        # Not before the first acknowledgement, or the kill would only test starting up.
        deadline = time.monotonic() + 60
        while not all(output.stat().st_size for output in pair):
            assert time.monotonic() < deadline, f"no acknowledgement (seed {seed})"
            time.sleep(0.005)
        for racer in racers:
            time.sleep(chance.uniform(0.0, 0.05))
            racer.kill()
        assert {racer.wait(60) for racer in racers} == {-signal.SIGKILL}
        outputs += pair
        _require_sound(url)
        assert _acknowledged(outputs) <= _recorded(url), f"lost (seed {seed}, turn {turn})"
    # Asked once more, every request has the answer that was acknowledged, and no second one.
    acknowledged = _acknowledged(outputs)
    with open_engine(url) as engine:
        for request, number, index in acknowledged:
            assert issue(SQLRegister(engine), int(request)) == f"{number} {index}"
    assert len(acknowledged) >= 10, f"killed before anything happened (seed {seed})"
    _require_sound(url)


_FORK = """
import os, sys
from ecert.store.engine import open_engine
from ecert.store.register import SQLRegister
from tests.unit.issuers.sample_register import a_licence

engine = open_engine(sys.argv[1])
register = SQLRegister(engine)
with register.transaction() as tx:
    tx.add_licence(a_licence(1))
child = os.fork()
if child == 0:
    refused = 0
    for use in (register.transaction, register.view):
        try:
            with use():
                pass
        except RuntimeError as error:
            refused += "each process" in str(error)
    # Leaves like any program, finalisers and all, which must not harm the parent's database.
    engine.close()
    sys.exit(40 + refused)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 42
with register.transaction() as tx:
    tx.add_licence(a_licence(2))
engine.close()
"""


def test_a_forked_child_may_not_use_its_parents_database(url: str) -> None:
    subprocess.run([sys.executable, "-c", _FORK, url], cwd=ROOT, check=True, timeout=60)
    with open_engine(url) as engine, SQLRegister(engine).view() as view:
        assert len(list(view.licences())) == 2
    _require_sound(url)
