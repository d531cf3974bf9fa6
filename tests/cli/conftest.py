"""Runs the command line in this process, in a folder of its own."""

from __future__ import annotations

import io
import json
import shutil
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import pytest

import ecert as library
from ecert.cli.entry import run
from ecert.wallet.vault import CHEAPEST
from ecert.workspace import Workspace
from tests.cli.people import FIELDS, NUMBER, PASSPHRASE, UNTIL

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Ran:
    """What one run came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one JSON document on stdout."""
        plain: dict[str, Any] = json.loads(self.out)
        return plain


class Runs(Protocol):
    """Runs one command line."""

    def __call__(self, *arguments: str | Path, stdin: bytes = b"") -> Ran: ...


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make wallets that cost nothing to open."""
    defaults = library.Wallet.create.__kwdefaults__ or {}
    monkeypatch.setitem(defaults, "kdf", CHEAPEST)


@pytest.fixture
def ecert(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Runs:
    """Run a command line in ``tmp_path``, with the passphrase in the environment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ECERT_PASSPHRASE", PASSPHRASE)
    for name in ("ECERT_LANG", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)

    def call(*arguments: str | Path, stdin: bytes = b"") -> Ran:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), "utf-8"))
        capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return Ran(code, printed.out, printed.err)

    return call


@pytest.fixture(scope="session")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two workspaces that know each other, and a wallet with one licence; made once."""
    folder = tmp_path_factory.mktemp("made")
    with (
        Workspace.init(
            folder / "guangan", region="511600", name="四川省广安市公安局", demo=True
        ) as guangan,
        Workspace.init(
            folder / "chongqing", region="500000", name="重庆市政务服务中心", demo=True
        ) as chongqing,
    ):
        licence = guangan.issuer.issue(
            "机动车驾驶证",
            number=NUMBER,
            holder=library.Holder("张伟", NUMBER),
            fields=FIELDS,
            valid_until=UNTIL,
        )
        wallet = library.Wallet.create(folder / "zhang.wallet", PASSPHRASE, kdf=CHEAPEST)
        wallet.add(guangan.issuer.deliver(licence.id, wallet.request(guangan.issuer.nonce())))
        bundle = guangan.bundle().to_bytes()
        (folder / "guangan.trust").write_bytes(bundle)
        chongqing.accept_bundle(bundle)
        chongqing.knowledge.accept(library.fixture("川渝互认清单"))
    return folder


@pytest.fixture
def place(_made: Path, tmp_path: Path) -> Path:
    """A folder with ``guangan``, ``chongqing``, ``guangan.trust`` and ``zhang.wallet``."""
    shutil.copytree(_made, tmp_path, dirs_exist_ok=True)
    return tmp_path


def tree(folder: Path) -> dict[str, bytes]:
    """Return every file below ``folder`` with its content; SQLite's own beside it left out."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(("-wal", "-shm"))
    }
