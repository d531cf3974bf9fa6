"""A window's real service in a process of its own, and as many fresh show codes as it is asked for.

The service's clock stands still until it is told the next moment, so that codes which were
prepared beforehand have not run out when they are shown.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Self

import httpx
import sample

import ecert
from ecert.show import offline
from ecert.sign.keys import PrivateKey
from ecert.store.tokens import SQLTokens
from ecert.workspace import Workspace
from ecert.workspace.access import Role, new_token

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from raw import Signed

    from ecert.sign.keys import PublicKey

AT = sample.AT.replace(microsecond=0)
"""When the service begins."""
PROGRAM = Path(__file__).parent / "window_service_program.py"
MOMENT = "moment"
"""The file in which the service finds what time it is; SIGHUP makes it look."""
HOLDERS = 20
_PATIENCE = 60.0


class ServedWindow:
    """A window's service with one worker.

    Args:
        folder: Where its workspace is made.
        receipts: Whether each verdict is kept as a signed receipt: the setting ``receipts``.

    Attributes:
        address: Where it listens.
        token: A clerk's.
    """

    def __init__(self, folder: Path, *, receipts: str = "off") -> None:
        self._folder = folder
        self._holders = [PrivateKey.generate() for _ in range(HOLDERS)]
        self._shown: list[bytes] = []
        self.token = self._prepare(receipts)
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self._port = int(probe.getsockname()[1])
        self.address = f"http://127.0.0.1:{self._port}"
        self.tell(AT)
        self._log = (folder / "service.log").open("wb")
        self._process = self._start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def headers(self) -> dict[str, str]:
        """What the window sends with every request."""
        return {"authorization": f"Bearer {self.token}"}

    @property
    def resident(self) -> int:
        """The worker's resident memory, in bytes (Linux)."""
        pages = Path(f"/proc/{self._process.pid}/statm").read_text("ascii").split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    @property
    def processor_seconds(self) -> float:
        """The worker's processor time so far (Linux)."""
        told = Path(f"/proc/{self._process.pid}/stat").read_text("utf-8").rpartition(")")[2].split()
        return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")

    def codes(self, count: int, *, made: datetime = AT) -> Iterator[str]:
        """Make so many different codes, of all holders in turn."""
        for place in range(count):
            turn = place % HOLDERS
            yield offline.write_show_code([self._shown[turn]], self._holders[turn], made=made)

    def signatures(self, code: str) -> list[Signed]:
        """Return the two signatures of the first holder's code, for bare verification."""
        return sample.signatures_in(code, self._issuer_key, self._holders[0].public)

    def tell(self, moment: datetime) -> None:
        """Let the service know what time it is, and wait until it does."""
        # Renamed into its place, so that the service never reads half of it.
        whole = self._folder / f"{MOMENT}.new"
        whole.write_text(moment.isoformat(), "utf-8")
        whole.replace(self._folder / MOMENT)
        if hasattr(self, "_process"):
            self._process.send_signal(signal.SIGHUP)
            self._until(lambda: self._told() == moment)

    def stop(self) -> None:
        """Stop it as a service is stopped, and require that it ends well."""
        self._process.terminate()
        if self._process.wait(_PATIENCE) not in {0, -signal.SIGTERM}:
            raise RuntimeError(f"the service ended with {self._process.returncode}")
        self._log.close()

    def _prepare(self, receipts: str) -> str:
        with (
            Workspace.init(
                self._folder / "police", region="511600", name="四川省广安市公安局", demo=True,
                clock=lambda: AT - timedelta(minutes=1),
            ) as police,
            Workspace.init(
                self._folder / "window", region="500000", name="重庆市政务服务中心", demo=True,
                clock=lambda: AT,
            ) as window,
        ):  # fmt: skip
            for holder in self._holders:
                licence = sample.issue(police.issuer, sample.LEADING_FIELD)
                delivery = sample.deliver(police.issuer, licence, holder)
                self._shown.append(delivery.compact["minimal"])
            window.accept_bundle(police.bundle().to_bytes())
            window.knowledge.accept(ecert.fixture("川渝互认清单"))
            self._issuer_key = _licence_key(window, police.issuer.code)
            replace(window.settings, receipts=receipts).write(self._folder / "window")
            text, kept = new_token(
                Role.CLERK, "3号窗口", created=AT - timedelta(1), expires=AT + timedelta(365)
            )
            SQLTokens(window.engine).add(kept)
        return text

    def _start(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, PROGRAM, self._folder, str(self._port)], stderr=self._log
        )

        def answers() -> bool:
            if process.poll() is not None:
                raise RuntimeError("the service did not start")
            try:
                return httpx.get(f"{self.address}/health", trust_env=False).status_code == 200
            except httpx.TransportError:
                return False

        self._until(answers)
        return process

    def _told(self) -> datetime:
        told = httpx.get(f"{self.address}/api/window", headers=self.headers, trust_env=False)
        return datetime.fromisoformat(told.json()["at"])

    @staticmethod
    def _until(so: Callable[[], bool]) -> None:
        end = time.monotonic() + _PATIENCE
        while not so():
            if time.monotonic() > end:
                raise RuntimeError("the service does not answer as it should")
            time.sleep(0.05)


def _licence_key(window: Workspace, code: str) -> PublicKey:
    entry = window.knowledge.trust.issuer(code)
    if entry is None:
        raise LookupError("the window does not know this issuer")
    return next(record.public for record in entry.issuer.keys if record.use == "licence")
