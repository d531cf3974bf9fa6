"""The real service in its own processes: stopped, killed, without database, without a network."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from ecert.clock import system_clock
from ecert.store.tokens import SQLTokens
from ecert.workspace import Workspace
from ecert.workspace.access import Role, new_token
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.postgres import Cluster

PATIENCE = 60.0


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def _until(true: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


class Running:
    """One service."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, log: Path, token: str) -> None:
        self.process, self.port, self.log = process, port, log
        self.headers = {"authorization": f"Bearer {token}"}

    def ask(self, method: str, path: str, **how: object) -> httpx.Response:
        """Ask on a connection of its own."""
        url = f"http://127.0.0.1:{self.port}{path}"
        with httpx.Client(trust_env=False, timeout=PATIENCE) as client:
            return client.request(method, url, headers=self.headers, **how)  # type: ignore[arg-type]

    def verify(self) -> httpx.Response:
        """Check what is no code."""
        return self.ask("POST", "/api/verify", json={"code": "123"})

    def is_up(self) -> bool:
        """Tell whether it answers."""
        try:
            return self.ask("GET", "/health").status_code == 200
        except httpx.TransportError:
            return False

    def workers(self) -> set[int]:
        """Return the ids of its worker processes."""
        found = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return {
            int(pid) for pid in found.split()
            if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
        }  # fmt: skip

    def verdicts(self) -> int:
        """Return how many verdicts the metrics count, of all workers."""
        text = self.ask("GET", "/metrics").text
        counts = re.findall(r"^ecert_verdicts_total\{.*?\} ([0-9.]+)$", text, re.MULTILINE)
        return int(sum(map(float, counts)))


@contextmanager
def _served(folder: Path, workers: int, database: str | None) -> Iterator[Running]:
    at = system_clock()
    with Workspace.init(
        folder / "w", region="500000", name="窗口", demo=True, database=database
    ) as workspace:
        token, kept = new_token(Role.ADMINISTRATOR, "x", created=at, expires=at + timedelta(days=1))
        SQLTokens(workspace.engine).add(kept)
    port, attempts, log = _free_port(), folder / "attempts", folder / "log"
    attempts.touch()
    command = [
        sys.executable, "-m", "tests.web.guarded_program", "-C", str(folder / "w"), "serve",
        "--port", str(port), "--workers", str(workers),
    ]  # fmt: skip
    environment = os.environ | {"ATTEMPTS": str(attempts), "PYTHONPATH": str(ROOT)}
    with (
        log.open("wb") as output,
        subprocess.Popen(command, cwd=ROOT, stderr=output, env=environment) as process,
    ):
        running = Running(process, port, log, token)
        try:
            _until(running.is_up, "it did not come up")
            yield running
        finally:
            if process.poll() is None:
                process.terminate()
            process.wait(PATIENCE)
    assert attempts.read_text() == "", "it reached out"


def test_what_is_under_way_when_it_is_told_to_stop_is_answered(tmp_path: Path) -> None:
    with _served(tmp_path, 1, None) as running:
        body = b'{"code": "123"}'
        with socket.create_connection(("127.0.0.1", running.port), PATIENCE) as connection:
            head = (
                f"POST /api/verify HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
                f"authorization: {running.headers['authorization']}\r\n"
                f"content-length: {len(body)}\r\n\r\n"
            )
            connection.sendall(head.encode() + body[:4])
            # Another request is answered: the first has been taken up.
            assert running.is_up()
            running.process.send_signal(signal.SIGTERM)
            _until(lambda: "Shutting down" in running.log.read_text(), "it does not stop")
            assert not running.is_up(), "it still takes new connections"
            connection.sendall(body[4:])
            answer = b""
            while part := connection.recv(65536):
                answer += part
        assert answer.startswith(b"HTTP/1.1 200 OK")
        assert b'"undetermined"' in answer
        assert running.process.wait(PATIENCE) in {0, -signal.SIGTERM}


def test_windows_go_on_when_a_worker_is_killed_and_when_the_database_comes_back(
    own_cluster: Cluster, tmp_path: Path
) -> None:
    if not Path("/proc/self/task").is_dir():
        pytest.skip("workers are found in /proc (Linux)")
    database = own_cluster.url(own_cluster.new_database(empty=True))
    with _served(tmp_path, 2, database) as running:
        _until(lambda: len(running.workers()) == 2, "there are not two workers")
        before = running.workers()
        assert [running.verify().status_code for _ in range(10)] == [200] * 10
        assert {running.verdicts() for _ in range(6)} == {10}, "each worker tells its own"
        # (1) A worker dies; nobody waits for it, and another takes its place.
        killed = min(before)
        os.kill(killed, signal.SIGKILL)
        assert [running.verify().status_code for _ in range(10)] == [200] * 10
        _until(
            lambda: len(running.workers()) == 2 and killed not in running.workers(),
            "the worker does not come back",
        )
        assert running.verdicts() == 20, "a counter has fallen"
        # (2) The database goes down: that is said, clearly, and nothing is accepted.
        own_cluster.stop("immediate")
        for path in ("/api/verify", "/api/verify"):
            told = running.ask("POST", path, json={"code": "123"})
            assert (told.status_code, told.json()["error"]) == (503, "StoreError")
            assert told.json()["zh"]
        assert running.ask("GET", "/ready").status_code == 503
        assert running.ask("GET", "/health").status_code == 200
        # (3) It comes back: so do the windows.
        own_cluster.start()
        _until(lambda: running.verify().status_code == 200, "it does not go on")
        _until(
            lambda: [running.verify().status_code for _ in range(6)] == [200] * 6,
            "old connections are used for ever",
        )
        assert "张" not in running.log.read_text()
