"""Two offices' programs issue on one PostgreSQL server, and it goes down in the middle."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

from ecert.store.engine import open_engine
from ecert.store.register import SQLRegister
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.postgres import Cluster

REQUESTS = 400


def _lines(file: Path) -> list[tuple[str, ...]]:
    return [tuple(line.split()) for line in file.read_text().splitlines(keepends=True) if line]


def _wait_for(count: int, file: Path) -> None:
    deadline = time.monotonic() + 60
    while len(_lines(file)) < count:
        assert time.monotonic() < deadline, "the programs do not get on"
        time.sleep(0.01)


def _start(url: str, seed: int, folder: Path) -> subprocess.Popen[bytes]:
    command = [
        sys.executable, "-m", "tests.unit.store.issuing_program",
        url, str(REQUESTS), str(seed), "patient",
    ]  # fmt: skip
    with (folder / f"{seed}.out").open("wb") as out, (folder / f"{seed}.err").open("wb") as err:
        return subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=err)


def test_nothing_acknowledged_is_lost_and_no_index_shared_when_the_server_goes_down(
    own_cluster: Cluster, tmp_path: Path
) -> None:
    own_cluster.make_template()
    url = own_cluster.url(own_cluster.new_database())
    programs = [_start(url, seed, tmp_path) for seed in (1, 2)]
    outputs = [tmp_path / "1.out", tmp_path / "2.out"]
    try:
        for turn in (1, 2):
            for output in outputs:
                _wait_for(turn * 40, output)
            own_cluster.stop("immediate")
            own_cluster.start()
            acknowledged = {line for output in outputs for line in _lines(output)[:-1]}
            assert acknowledged <= _recorded(url), "lost"
        assert [program.wait(120) for program in programs] == [0, 0]
    finally:
        for program in programs:
            program.kill()
            program.wait(60)
    told = "".join((tmp_path / f"{seed}.err").read_text() for seed in (1, 2))
    assert "connection to the database server was lost" in told, "the server never went down"
    answers = [set(_lines(output)) for output in outputs]
    assert [len(answer) for answer in answers] == [REQUESTS, REQUESTS]
    assert answers[0] == answers[1], "one request was answered in two ways"
    assert len({line[1:] for line in answers[0]}) == REQUESTS, "an index was given twice"
    assert _recorded(url) == answers[0]


def _recorded(url: str) -> set[tuple[str, ...]]:
    with open_engine(url) as engine, SQLRegister(engine).view() as view:
        found: set[tuple[str, ...]] = set()
        for licence in view.licences():
            (credential,) = view.credentials_of(str(licence.id))
            assert len(view.events(str(licence.id))) == 1
            place = (str(credential.list_number), str(credential.index))
            found.add((str(int(licence.id.serial)), *place))
        return found
