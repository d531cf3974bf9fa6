"""Foreign implementations, each in a process of its own beside its own raw signatures.

Those whose pins do not go together with ours are installed in environments of their own, once:
``.venv-cwt`` (shared with ``tests/interop``) and ``.venv-bench-peers``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from report import warn

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path.append(str(ROOT / "scripts"))

import bootstrap  # noqa: E402 - found in scripts/

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness import Figures

_PEERS = ROOT / ".venv-bench-peers"
_PYTHON = {
    "peer_pyjwt": Path(sys.executable),
    "peer_sd_jwt": _PEERS / "bin" / "python",
    "peer_openvc": _PEERS / "bin" / "python",
    "peer_cwt": ROOT / ".venv-cwt" / "bin" / "python",
}


class ForeignBench:
    """The cases of one foreign implementation; a `harness.Bench`.

    Args:
        program: Its file in ``peers/``, without the ending.
        subject: What is measured.
        licence: See `sample.for_foreigners`.

    Raises:
        OSError: It cannot be started, or ends before it has answered.
    """

    def __init__(
        self, program: str, subject: Literal["issue", "verify"], licence: dict[str, Any]
    ) -> None:
        self._program = program
        self._process = subprocess.Popen(  # noqa: S603 - a program of ours
            [_PYTHON[program], HERE / "peers" / f"{program}.py", subject],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=os.environ | {"PYTHONPATH": str(HERE), "PYTHONUTF8": "1"},
        )
        introduction = self._ask(licence)
        self.title: str = introduction["title"]
        self.raw: Mapping[str, str | None] = introduction["raw"]

    def round(self) -> Figures:
        """Run every case once, over there."""
        figures: Figures = self._ask(None)
        return figures

    def _ask(self, question: object) -> Any:
        if self._process.stdin is None or self._process.stdout is None:
            raise OSError(f"{self._program} has no pipes")
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise OSError(f"{self._program} ended without an answer")
        return json.loads(answer)

    def close(self) -> None:
        """Let the process end."""
        self._process.communicate()


def foreign_benches(
    subject: Literal["issue", "verify"], licence: dict[str, Any]
) -> list[ForeignBench]:
    """Return those that can be had here; what cannot is told on stderr and left out."""
    benches = []
    _prepare()
    for program in _PYTHON:
        try:
            benches.append(ForeignBench(program, subject, licence))
        except OSError as error:
            warn(f"不参与比较 / left out of the comparison: {program}: {error}")
    return benches


def _prepare() -> None:
    for prepare in (bootstrap.prepare_cwt_oracle, _prepare_peers):
        try:
            prepare()
        except bootstrap.MISHAPS as error:
            warn(f"环境准备失败 / an environment cannot be prepared: {error}")


def _prepare_peers() -> None:
    requirements = HERE / "peers" / "requirements.txt"
    fingerprint = bootstrap.digest_of(requirements)
    if bootstrap.is_stamped(_PEERS, fingerprint):
        return
    bootstrap.say("准备 .venv-bench-peers …… / Preparing .venv-bench-peers …")
    bootstrap.create(_PEERS)
    bootstrap.install(_PEERS, "--requirement", str(requirements))
    bootstrap.write_stamp(_PEERS, fingerprint)
