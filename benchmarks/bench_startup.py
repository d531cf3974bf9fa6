"""Start-up: what a user waits for before anything is done."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import sample
from harness import Case, LocalBench, each, repeated
from report import Report

import ecert
from ecert.show import offline
from ecert.sign.keys import PrivateKey

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ecert.issuers.issuer import Issuer

COMMAND = Path(sys.executable).with_name("ecert")


def main() -> None:
    """Measure and report."""
    report = Report("startup", "Start-up")
    with tempfile.TemporaryDirectory() as folder:
        window = Path(folder) / "window"
        codes = _window(window)
        cases = [
            _python("python -c pass", "pass"),
            _python("import ecert", "import ecert"),
            _python("import ecert; ecert.Verifier", "import ecert; ecert.Verifier"),
            _python("import ecert; ecert.Issuer", "import ecert; ecert.Issuer"),
            Case("ecert --version", repeated(lambda: _run(COMMAND, "--version")), waits=True),
            Case(
                "ecert verify CODE, in a workspace on SQLite",
                each(codes, lambda code: _verify(window, code)),
                waits=True,
            ),
        ]
        report.waits("A new process each time", LocalBench("", cases, seconds=0))
    report.finish()


def _window(folder: Path) -> Callable[[int], Sequence[str]]:
    """Make a window's workspace, and return what makes codes for it."""
    issuer = sample.make_issuer()
    with ecert.Workspace.init(folder, region="500000", name="某区政务服务中心") as workspace:
        sample.inform(workspace.knowledge, issuer)
    return _codes(issuer)


def _codes(issuer: Issuer) -> Callable[[int], Sequence[str]]:
    holder = PrivateKey.generate()
    delivery = sample.deliver(issuer, sample.issue(issuer, sample.LEADING_FIELD), holder)
    credential = delivery.compact["minimal"]
    return lambda count: [
        offline.write_show_code([credential], holder, made=sample.AT) for _ in range(count)
    ]


def _python(name: str, program: str) -> Case:
    return Case(name, repeated(lambda: _run(sys.executable, "-c", program)), waits=True)


def _verify(window: Path, code: str) -> None:
    _run(
        COMMAND, "-C", window, "verify", code, "--for", sample.MATTER,
        "--at", sample.AT.isoformat(timespec="seconds"),
    )  # fmt: skip


def _run(*command: str | Path) -> None:
    environment = os.environ | {"PYTHONUTF8": "1"}
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)  # noqa: S603


if __name__ == "__main__":
    main()
