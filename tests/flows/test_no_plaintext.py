"""No clear text of a licence, key or passphrase ever reaches a disk.

Every flow is a program of its own whose folder, temporary folder and home are one place.  While
it has everything open, and again after it was killed, every file there, every file that it has
open (deleted ones too) and the database server's folder are searched.
"""

from __future__ import annotations

import base64
import os
import random  # noqa: TID251 - a seeded order, repeatable
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import ROOT
from tests.flows.plaintext import MIN_FORM_BYTES, Found, files_below, files_open_in, forms, search
from tests.flows.wallet_program import NAME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.postgres import Cluster

SEED = 20261122
ON_A_FILE = (
    "file-wallet", "file-passphrase", "file-keeping", "command-line", "hosted", "hosted-keeping",
)  # fmt: skip
# What every flow must have told, or the search would prove nothing.
ALWAYS = {"name", "number", "field", "passphrase", "account"}
FROM_WALLETS = {
    "private-key-0",
    "content-0",
    "private-key-0-as-bytes",
    "show-code-minimal",
    "licence-id",
}

needs_proc = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="there is no /proc")


class _Flow:
    """A flow that has come to its end and waits."""

    def __init__(
        self, process: subprocess.Popen[bytes], folder: Path, secrets: dict[str, bytes]
    ) -> None:
        self.process = process
        self.folder = folder
        self.secrets = secrets

    def kill(self) -> None:
        self.process.kill()
        assert self.process.wait(60) == -signal.SIGKILL

    def found(self, *more: Path) -> list[Found]:
        """Search everything there is now."""
        opened = [] if self.process.poll() is not None else files_open_in(self.process.pid)
        places = [self.folder, *more]
        files = [file for place in places for file in files_below(place)]
        assert files, "nothing was written at all"
        return search([*files, *opened], self.secrets)


@contextmanager
def _played(flow: str, tmp_path: Path, database: str = "") -> Iterator[_Flow]:
    """Play a flow in ``tmp_path/place`` up to where it waits."""
    place = tmp_path / "place"
    (place / "tmp").mkdir(parents=True)
    surroundings = {
        name: str(place / "tmp") for name in ("TMPDIR", "TMP", "TEMP", "SQLITE_TMPDIR", "HOME")
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.flows.wallet_program", flow, str(place), database],
        cwd=ROOT, env=os.environ | surroundings | {"PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        told: dict[str, bytes] = {}
        for line in process.stdout:
            word, *rest = line.decode().split()
            if word == "ready":
                break
            if word == "secret":
                name, value = rest[0], bytes.fromhex(rest[1])
                # What is told again was looked for already.
                if value not in told.values():
                    told[name if name not in told else f"{name} {len(told)}"] = value
        else:
            pytest.fail(process.stderr.read().decode())
        yield _Flow(process, place, told)
    finally:
        process.kill()
        process.wait(60)
        for stream in (process.stdin, process.stdout, process.stderr):
            stream.close()


# -- flows ------------------------------------------------------------------------------------


@needs_proc
@pytest.mark.parametrize("flow", ON_A_FILE)
def test_no_clear_text_is_on_the_disk_while_it_runs_or_after_it_was_killed(
    flow: str, tmp_path: Path
) -> None:
    with _played(flow, tmp_path) as played:
        assert played.secrets.keys() >= ALWAYS | FROM_WALLETS
        if not flow.startswith("hosted"):
            assert "derived-key" in played.secrets
        if flow.endswith("keeping"):
            assert played.secrets.keys() >= {"pin", "private-key-1", "shown-to"}
        if flow == "hosted":
            assert played.secrets.keys() >= {"data-key", "custody-key-0", "custody-key-1"}
            assert (played.folder / "wallets.db-wal").stat().st_size
        assert played.found() == []
        played.kill()
        assert played.found() == []


@needs_proc
@pytest.mark.parametrize("flow", ["file-crash", "hosted-crash"])
def test_no_clear_text_is_on_the_disk_after_a_kill_in_the_middle_of_a_write(
    flow: str, tmp_path: Path
) -> None:
    chance = random.Random(SEED)
    for turn in range(3):
        with _played(flow, tmp_path / f"{turn}") as played:
            time.sleep(chance.uniform(0.0, 0.1))
            played.kill()
            assert played.secrets.keys() >= ALWAYS | FROM_WALLETS
            assert played.found() == []


@needs_proc
@pytest.mark.parametrize("flow", ["hosted", "hosted-crash"])
def test_no_clear_text_is_in_the_servers_folder(
    flow: str, tmp_path: Path, own_cluster: Cluster
) -> None:
    database = own_cluster.new_database(empty=True)
    with _played(flow, tmp_path, own_cluster.url(database)) as played:
        own_cluster.execute("CHECKPOINT")
        assert played.found(own_cluster.folder / "data") == []
        played.kill()
        own_cluster.stop("immediate")
        assert played.found(own_cluster.folder) == []
        kept = b"".join(file.read_bytes() for file in files_below(own_cluster.folder / "data"))
        assert b"hosted_wallet" in kept


# -- the search itself ------------------------------------------------------------------------


@needs_proc
def test_the_search_finds_what_a_flow_leaves_in_a_deleted_file(tmp_path: Path) -> None:
    with _played("planted", tmp_path) as played:
        (played.folder / "something").touch()
        found = played.found()
        assert {(one.secret, one.form) for one in found} == {("name", "utf-16-le")}
        played.kill()
        assert played.found() == []


SECRETS = {"name": NAME.encode(), "key": bytes(range(200, 232)), "pin": b"482913"}


@pytest.mark.parametrize("name", SECRETS)
def test_the_search_finds_every_form_anywhere_in_a_file(name: str, tmp_path: Path) -> None:
    file = tmp_path / "file"
    every = list(forms(SECRETS[name]))
    assert len(every) >= 6
    for form, pattern in every:
        assert len(pattern) >= MIN_FORM_BYTES
        for before in (b"", b"x" * 4097):
            file.write_bytes(before + pattern + b"y" * 100)
            assert Found(name, form, str(file)) in search([file], SECRETS)
    file.write_bytes(bytes(5_000))
    assert search([file], SECRETS) == []


@pytest.mark.parametrize("before", range(7))
def test_the_search_finds_base64_of_what_a_secret_stands_in(before: int, tmp_path: Path) -> None:
    file = tmp_path / "file"
    whole = b"\xfe" * before + SECRETS["key"] + b"\xff" * 10
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        file.write_bytes(encode(whole))
        assert {one.secret for one in search([file], SECRETS)} == {"key"}


def test_the_search_finds_what_is_only_in_sqlites_log(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "some.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE t (x)")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.execute("INSERT INTO t VALUES (?)", (NAME,))
    found = search(files_below(tmp_path), SECRETS)
    assert {(one.secret, one.file) for one in found} == {("name", str(tmp_path / "some.db-wal"))}
    connection.close()


def test_the_search_finds_what_stands_across_two_pieces_of_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.flows import plaintext

    monkeypatch.setattr(plaintext, "_CHUNK", 1_000)
    file = tmp_path / "file"
    file.write_bytes(b"x" * 990 + SECRETS["key"])
    assert [one.secret for one in search([file], SECRETS)] == ["key"]


def test_a_secret_too_short_to_look_for_is_not_passed_over() -> None:
    with pytest.raises(AssertionError, match="too short"):
        search([], {"pin": b"48"})
