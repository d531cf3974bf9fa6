"""The vault's file: replaced whole or not at all, by one writer at a time, for one reader."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from ecert import limits
from ecert.errors import VaultError
from ecert.wallet import vault_file
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "zhang.wallet"
    path.write_bytes(b"old")
    return path


def _leftover(file: Path) -> Path:
    path = file.with_name(f".{file.name}.0123456789abcdef.tmp")
    path.write_bytes(b"half")
    return path


def test_replacing_makes_the_file_its_owners_alone_whatever_the_umask(file: Path) -> None:
    file.chmod(0o666)
    before = os.umask(0)
    try:
        vault_file.replace(file, b"new")
    finally:
        os.umask(before)
    assert file.read_bytes() == b"new"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_new_content_is_on_disk_before_it_takes_the_name(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    fsync, replace = os.fsync, os.replace

    def noted_fsync(descriptor: int) -> None:
        is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        steps.append("folder" if is_folder else "file")
        fsync(descriptor)

    def noted_replace(source: Path, target: Path) -> None:
        steps.append("replace")
        assert source.parent == target.parent
        assert stat.S_IMODE(source.stat().st_mode) == 0o600
        replace(source, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(os, "replace", noted_replace)
    vault_file.replace(file, b"new")
    assert steps == ["file", "replace", "folder"]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_disk_that_refuses_leaves_the_old_content_and_no_litter(
    file: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, step, full)
    with pytest.raises(VaultError) as caught:
        vault_file.replace(file, b"new")
    assert "No space left on device" in caught.value.zh
    assert caught.value.where == str(file)
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    assert file.read_bytes() == b"old"


def test_a_kill_before_the_rename_leaves_the_old_content(file: Path) -> None:
    program = (
        "import os, pathlib, sys\n"
        "from ecert.wallet import vault_file\n"
        "os.replace = lambda *_: os._exit(9)\n"
        "vault_file.replace(pathlib.Path(sys.argv[1]), b'new')\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(file)], check=False, cwd=ROOT)
    assert done.returncode == 9
    assert file.read_bytes() == b"old"
    (leftover,) = (path for path in file.parent.iterdir() if path != file)
    assert leftover.read_bytes() == b"new"
    vault_file.remove_leftovers(file)
    assert not leftover.exists()


def test_only_leftovers_of_this_very_file_are_removed(file: Path) -> None:
    leftover = _leftover(file)
    others = [
        file.with_name(".li.wallet.0123456789abcdef.tmp"),
        file.with_name(f".{file.name}.notes.tmp"),
        file.with_name(f"{file.name}.0123456789abcdef.tmp"),
        file.with_name(".zhangXwallet.0123456789abcdef.tmp"),
    ]
    for other in others:
        other.write_bytes(b"not ours")
    vault_file.remove_leftovers(file)
    assert not leftover.exists()
    assert all(other.exists() for other in others)


def test_the_temporary_file_of_a_writer_at_work_is_left_alone(file: Path) -> None:
    leftover = _leftover(file)
    with vault_file.locked(file):
        vault_file.remove_leftovers(file)
        assert leftover.exists()
    vault_file.remove_leftovers(file)
    assert not leftover.exists()


def test_a_second_writer_waits_and_then_holds_the_replaced_file(file: Path) -> None:
    inside = threading.Event()
    seen: list[tuple[bytes, int | None]] = []

    def second() -> None:
        with vault_file.locked(file):
            inside.set()
            seen.append((file.read_bytes(), vault_file._lock(file, wait=False)))

    thread = threading.Thread(target=second)
    with vault_file.locked(file):
        thread.start()
        assert not inside.wait(0.2)
        vault_file.replace(file, b"new")
        # A third one locks the new file, while the second still waits on the old.
        third = vault_file._lock(file, wait=False)
        assert third is not None
        vault_file._unlock(third)
    thread.join(10)
    assert seen == [(b"new", None)]


def test_the_lock_is_given_back_after_an_error(file: Path) -> None:
    with pytest.raises(ZeroDivisionError), vault_file.locked(file):
        raise ZeroDivisionError
    with vault_file.locked(file):
        assert vault_file._lock(file, wait=False) is None


def test_a_name_is_reserved_once_and_given_up_on_failure(tmp_path: Path) -> None:
    path = tmp_path / "zhang.wallet"
    with pytest.raises(ZeroDivisionError), vault_file.reserved(path):
        raise ZeroDivisionError
    assert not path.exists()
    with vault_file.reserved(path):
        assert path.read_bytes() == b""
        path.write_bytes(b"content")
    with pytest.raises(VaultError) as caught, vault_file.reserved(path):
        pytest.fail("the name was taken")
    assert caught.value.zh == "文件已存在，不会覆盖"
    assert path.read_bytes() == b"content"


def test_a_new_file_takes_a_free_name_only_and_is_durable_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "zhang.wallet"
    steps: list[str] = []
    fsync, link = os.fsync, os.link

    def noted_fsync(descriptor: int) -> None:
        steps.append("fsync")
        fsync(descriptor)

    def noted_link(source: Path, target: Path) -> None:
        steps.append("link")
        link(source, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(os, "link", noted_link)
    vault_file.place_new(path, b"new")
    assert steps == ["fsync", "link", "fsync"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.stat().st_nlink == 1
    with pytest.raises(VaultError) as caught:
        vault_file.place_new(path, b"other")
    assert caught.value.zh == "文件已存在，不会覆盖"
    assert path.read_bytes() == b"new"
    assert [item.name for item in tmp_path.iterdir()] == [path.name]


def test_a_kill_before_a_new_file_has_its_name_leaves_the_name_free(tmp_path: Path) -> None:
    path = tmp_path / "zhang.wallet"
    program = (
        "import os, pathlib, sys\n"
        "from ecert.wallet import vault_file\n"
        "os.link = lambda *_: os._exit(9)\n"
        "vault_file.place_new(pathlib.Path(sys.argv[1]), b'new')\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(path)], check=False, cwd=ROOT)
    assert done.returncode == 9
    assert not path.exists()
    vault_file.place_new(path, b"again")
    assert path.read_bytes() == b"again"
    vault_file.remove_leftovers(path)
    assert [item.name for item in tmp_path.iterdir()] == [path.name]


def test_reading_stops_at_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "large.wallet"
    with path.open("wb") as file:
        file.truncate(limits.MAX_VAULT_BYTES)
    assert len(vault_file.read(path)) == limits.MAX_VAULT_BYTES
    with path.open("r+b") as file:
        file.truncate(limits.MAX_VAULT_BYTES + 1)
    with pytest.raises(VaultError) as caught:
        vault_file.read(path)
    assert caught.value.en == "more than 64 MiB, so not a wallet file"


@pytest.mark.parametrize("kind", ["folder", "pipe"])
def test_what_is_not_a_regular_file_is_not_read(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "odd"
    if kind == "folder":
        path.mkdir()
    else:
        os.mkfifo(path)  # reading it would block for ever
    with pytest.raises(VaultError) as caught:
        vault_file.read(path)
    assert caught.value.zh == "不是普通文件"


def test_an_absent_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "none.wallet"
    with pytest.raises(VaultError) as caught:
        vault_file.read(path)
    assert caught.value.where == str(path)
    assert caught.value.zh == "文件或所在文件夹不存在"
    with pytest.raises(VaultError), vault_file.locked(path):
        pytest.fail("there was nothing to lock")
