"""An office's lists for the tests of bulk work, all invented."""

from __future__ import annotations

import csv
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

from ecert.issuers.changes import Order
from ecert.issuers.lifecycle import Move
from ecert.model.codes import resident_id_check_character
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from ecert.issuers.bulk.planning import Plan
    from ecert.workspace import Workspace

TYPE = "机动车驾驶证"
HEADINGS = ("证照类型", "持证人", "身份证号", "准驾车型", "有效期至")


def person(number: int) -> str:
    """Return the identity number of one of many people."""
    born = f"{1950 + number // 336_000:04d}{1 + number // 28_000 % 12:02d}"
    digits = f"511602{born}{1 + number // 1000 % 28:02d}{number % 1000:03d}"
    return digits + resident_id_check_character(digits)


def row(number: int, **changes: str) -> list[str]:
    """Return one row of a list of driving licences."""
    values = dict(zip(HEADINGS, (TYPE, "张伟", person(number), "C1", "2031年6月1日"), strict=True))
    return list((values | changes).values())


def bad_row(number: int) -> list[str]:
    """Return a row whose identity number ends in a star."""
    return row(number, 身份证号=f"{person(number)[:-1]}*")


def write_list(path: Path, rows: Iterable[Sequence[str]], heads: Sequence[str] = HEADINGS) -> Path:
    """Write a list as an office's own program does."""
    with path.open("w", encoding="gb18030", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(heads)
        writer.writerows(rows)
    return path


def plan(workspace: Workspace, path: Path, *, files: bool = True, **options: Any) -> Plan:
    """Plan the issue of a list."""
    with workspace.bulk.open_applications(path) as (reader, table):
        planner = workspace.bulk.planner(path, **options)
        return planner.grants(reader, table, planned_by="甲", at=workspace.bulk.now(), files=files)


def plan_people(workspace: Workspace, folder: Path, count: int, *, first: int = 0) -> str:
    """Plan the issue of licences for ``count`` people, and return the job's number."""
    path = write_list(folder / f"名单{first}.csv", (row(first + one) for one in range(count)))
    return plan(workspace, path).job.id


def issue_people(workspace: Workspace, folder: Path, count: int) -> list[str]:
    """Issue licences for ``count`` people, and return the licence ids in the order of the list."""
    job = plan_people(workspace, folder, count)
    workspace.bulk.run(job, workers=1)
    return [licence_id for _, licence_id, _ in workspace.bulk.ledger.issued(job)]


def plan_moves(
    workspace: Workspace, path: Path, ids: Iterable[str], move: Move = Move.REVOKE
) -> Plan:
    """Plan one move of licences."""
    write_list(path, ([one] for one in ids), ["证照标识"])
    order = Order(reason="以欺骗手段取得", document="川公〔2026〕1号", actor="甲")
    return workspace.bulk.plan_moves(path, move, order)


def require_clean(workspace: Workspace) -> None:
    """Require an audit that finds nothing."""
    assert workspace.issuer.archive.check_audit().findings == ()


def start(*arguments: str | Path, log: Path) -> subprocess.Popen[bytes]:
    """Start a command line in a process group of its own."""
    # As at a terminal: who starts tests in the background leaves Ctrl+C ignored.
    hearing = ("env", "--default-signal=INT")
    with log.open("wb") as output:
        return subprocess.Popen(
            [*hearing, sys.executable, "-m", "ecert", *map(str, arguments)],
            cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip


def wait_until(holds: Callable[[], object], what: str, seconds: float = 90) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def workers_of(pid: int) -> list[int]:
    """Return the workers that a process has started."""
    listed = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,ppid=,args="], capture_output=True, check=True, text=True
    ).stdout
    lines = (line.split(maxsplit=2) for line in listed.splitlines())
    return [int(one[0]) for one in lines if one[1] == str(pid) and "spawn_main" in one[2]]


def is_running(pid: int) -> bool:
    """Whether a process is there and not a zombie."""
    told = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, check=False, text=True
    )
    return told.stdout.strip() not in {"", "Z", "Z+", "Zl", "Zs"}
