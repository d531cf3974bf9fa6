"""Backups made while others write, and what may take a database's place."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import pytest

from ecert.errors import StoreError
from ecert.store import tables
from ecert.store.backup import backup, restore
from ecert.store.engine import open_engine
from ecert.store.register import SQLRegister
from tests.conftest import ROOT
from tests.unit.issuers.sample_register import AT, a_publication, contents
from tests.unit.store.issuing_program import issue

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def _issue(path: Path, *serials: int) -> None:
    with open_engine(path) as engine:
        for serial in serials:
            issue(SQLRegister(engine), serial)


def _contents(path: Path) -> object:
    with open_engine(path, make=False) as engine:
        return contents(SQLRegister(engine))


@pytest.fixture
def copy(path: Path, tmp_path: Path) -> Path:
    """A backup of a database with three licences."""
    _issue(path, 1, 2, 3)
    return backup(path, tmp_path / "backup.db").file


def test_a_backup_holds_what_was_there_and_can_be_used_at_once(path: Path, copy: Path) -> None:
    assert _contents(copy) == _contents(path)
    _issue(copy, 4)


def test_a_backup_is_one_private_file_whatever_the_umask(path: Path, tmp_path: Path) -> None:
    _issue(path, 1)
    umask = os.umask(0)
    try:
        made = backup(path, tmp_path / "out.db")
    finally:
        os.umask(umask)
    assert stat.S_IMODE(made.file.stat().st_mode) == 0o600
    assert made.size == made.file.stat().st_size
    assert made.revision == tables.HEAD
    assert sorted(item.name for item in tmp_path.iterdir()) == ["out.db", "register.db"]
    with closing(sqlite3.connect(made.file)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)


def test_a_backup_while_another_process_writes_is_one_moment_and_stops_nobody(
    path: Path, tmp_path: Path
) -> None:
    _issue(path, *range(200))
    output = tmp_path / "acknowledged"
    command = [
        sys.executable, "-m", "tests.unit.store.issuing_program", f"sqlite:///{path}", "100000", "7"
    ]  # fmt: skip
    with output.open("wb") as file:
        writer = subprocess.Popen(command, cwd=ROOT, stdout=file)
    try:
        deadline = time.monotonic() + 60
        while output.stat().st_size == 0:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        before: list[str] = []
        for turn in range(5):
            before = output.read_text().splitlines()
            made = backup(path, tmp_path / f"{turn}.db")
            known = {line.split()[0] for line in before[:-1]}
            with open_engine(made.file) as engine, engine.read() as connection:
                ids = set(connection.exec_driver_sql("SELECT substr(id, 2) FROM request").scalars())
                slots = connection.exec_driver_sql("SELECT COUNT(*) FROM credential").scalar()
                taken = connection.exec_driver_sql("SELECT SUM(taken) FROM status_list").scalar()
            assert known <= ids, "an acknowledged licence is not in the backup"
            assert slots == taken == len(ids), "a transaction is in the backup by half"
        assert writer.poll() is None
        assert len(output.read_text().splitlines()) > len(before), "the backup stopped the writer"
    finally:
        writer.kill()
        writer.wait(60)


def test_a_file_that_is_there_is_not_overwritten_unless_told(path: Path, copy: Path) -> None:
    before = copy.read_bytes()
    _issue(path, 4)
    with pytest.raises(StoreError, match="已存在"):
        backup(path, copy)
    assert copy.read_bytes() == before
    backup(path, copy, overwrite=True)
    assert _contents(copy) == _contents(path)


def test_a_folder_is_not_overwritten(path: Path, tmp_path: Path) -> None:
    _issue(path, 1)
    with pytest.raises(StoreError, match="已存在"):
        backup(path, tmp_path, overwrite=True)


def _damage(path: Path) -> None:
    _issue(path, *range(60))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = bytearray(path.read_bytes())
    for start in range(len(data) // 2 // 4096 * 4096, len(data), 4096):
        data[start : start + 64] = b"\xff" * 64
    path.write_bytes(data)


def test_a_damaged_database_gives_no_backup(path: Path, tmp_path: Path) -> None:
    _damage(path)
    with pytest.raises(StoreError, match="损坏"):
        backup(path, tmp_path / "out.db")
    assert not (tmp_path / "out.db").exists()
    assert [item.name for item in tmp_path.iterdir() if item.name.endswith(".tmp")] == []


def test_a_place_that_is_not_there_is_told(path: Path, tmp_path: Path) -> None:
    _issue(path, 1)
    with pytest.raises(StoreError, match="写不成") as caught:
        backup(path, tmp_path / "absent" / "out.db")
    assert "No such file" in caught.value.en
    with pytest.raises(StoreError, match="没有这个数据库文件"):
        backup(tmp_path / "nothing.db", tmp_path / "out.db")


# -- and back ---------------------------------------------------------------------------------


def test_what_is_restored_replaces_the_database_and_keeps_the_old_one(
    path: Path, copy: Path
) -> None:
    held = _contents(copy)
    _issue(path, 4, 5)
    newer = _contents(path)
    done = restore(copy, path, at=AT)
    assert done.aside is not None
    assert done.aside.name == "register.db.replaced-20261122T100000"
    assert _contents(path) == held
    assert _contents(done.aside) == newer
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    # And once more in the same second.
    again = restore(copy, path, at=AT)
    assert again.aside is not None
    assert again.aside.name == "register.db.replaced-20261122T100000-2"


def test_a_database_that_is_gone_is_restored(path: Path, copy: Path) -> None:
    held = _contents(path)
    path.unlink()
    assert restore(copy, path, at=AT).aside is None
    assert _contents(path) == held


def test_a_damaged_database_is_replaced_and_its_log_goes_along(path: Path, copy: Path) -> None:
    held = _contents(copy)
    _damage(path)
    for bad in (path.read_bytes(), b"not a database" * 1000):
        path.write_bytes(bad)
        path.with_name("register.db-wal").write_bytes(b"stale")
        done = restore(copy, path, at=AT)
        assert done.aside is not None
        assert _contents(path) == held


def test_a_restored_register_gives_no_index_again(path: Path, copy: Path) -> None:
    # Since the backup this register has begun further lists, which partners hold.
    with open_engine(path) as engine, SQLRegister(engine).transaction() as tx:
        since = {tx.allocate_index(8, 1.0)[0] for _ in range(40)}
    restore(copy, path, at=AT)
    with open_engine(path) as engine, SQLRegister(engine).transaction() as tx:
        new = {tx.allocate_index(size, 1.0, year)[0] for size in (8, 1024) for year in (0, 2031)}
    assert min(new) > max(since)


@pytest.mark.parametrize("way", ["restored again", "copied back"])
def test_what_comes_back_twice_gives_no_index_twice(path: Path, copy: Path, way: str) -> None:
    given: list[tuple[int, int]] = []
    for _ in range(2):
        if way == "restored again":
            # Damaged, so that nothing of it tells how far it had come.
            _damage(path)
            restore(copy, path, at=AT)
        else:
            path.write_bytes(copy.read_bytes())
        with open_engine(path) as engine, SQLRegister(engine).transaction() as tx:
            given += [tx.allocate_index(64, 1.0, 2031) for _ in range(20)]
    assert len(set(given)) == len(given)


def test_a_restored_register_publishes_no_version_again(path: Path, copy: Path) -> None:
    with open_engine(path) as engine, SQLRegister(engine).transaction() as tx:
        for version in (1, 2, 3):
            tx.record_publication(a_publication(version))
    copy.unlink()
    backup(path, copy)
    with open_engine(path) as engine, SQLRegister(engine).transaction() as tx:
        tx.record_publication(a_publication(7))
    restore(copy, path, at=AT)
    with open_engine(path) as engine, SQLRegister(engine).view() as view:
        newest = view.publication("trust-list")
    assert newest is not None
    # What the replaced register had published counts, where it can still be read.
    assert newest.version == 107
    _damage(path)
    restore(copy, path, at=AT)
    with open_engine(path) as engine, SQLRegister(engine).view() as view:
        newest = view.publication("trust-list")
    assert newest is not None
    assert newest.version == 103


@contextmanager
def _another_program(path: Path) -> Iterator[None]:
    """Have the database open elsewhere, idle."""
    program = (
        "import sys; from ecert.store.engine import open_engine; from pathlib import Path\n"
        "with open_engine(Path(sys.argv[1])) as engine:\n"
        "    print('open', flush=True); sys.stdin.read()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", program, str(path)], cwd=ROOT, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )  # fmt: skip
    assert other.stdout is not None
    try:
        assert other.stdout.readline() == b"open\n"
        yield
    finally:
        other.communicate(timeout=60)


def test_nothing_is_replaced_while_another_program_has_it_open(path: Path, copy: Path) -> None:
    _issue(path, 4)
    held = _contents(path)
    with _another_program(path), pytest.raises(StoreError, match="打开着") as caught:
        restore(copy, path, at=AT)
    assert "停止" in caught.value.fix_zh
    assert "Stop" in caught.value.fix_en
    assert _contents(path) == held
    assert [item.name for item in path.parent.iterdir() if "replaced" in item.name] == []


def test_nothing_damaged_is_replaced_while_another_program_has_it_open(
    path: Path, copy: Path
) -> None:
    with _another_program(path):
        with path.open("r+b") as file:
            file.write(b"not a database")
        with pytest.raises(StoreError, match="打开着"):
            restore(copy, path, at=AT)
    assert path.read_bytes().startswith(b"not a database")


def _other_programs(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE patients (name TEXT)")


def _newer(path: Path) -> None:
    open_engine(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9998'")
        connection.commit()


REFUSED = {
    "damaged": (_damage, "损坏"),
    "text": (lambda path: path.write_text("证照编号\n" * 1000), "不是数据库"),
    "empty": (lambda path: path.touch(), "空的"),
    "another program's": (_other_programs, "其他程序"),
    "newer": (_newer, "更新的软件版本"),
    "absent": (lambda _: None, "没有这个数据库文件"),
}


@pytest.mark.parametrize(("make", "zh"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_good_backup_replaces_nothing(
    path: Path, tmp_path: Path, make: object, zh: str
) -> None:
    _issue(path, 1)
    held = _contents(path)
    assert callable(make)
    make(tmp_path / "bad.db")
    with pytest.raises(StoreError, match=zh) as caught:
        restore(tmp_path / "bad.db", path, at=AT)
    assert "bad.db" in caught.value.where
    assert _contents(path) == held
    assert [item.name for item in tmp_path.iterdir() if "replaced" in item.name] == []
    assert [item.name for item in tmp_path.iterdir() if ".tmp" in item.name] == []


def test_a_database_is_not_restored_from_itself(path: Path) -> None:
    _issue(path, 1)
    with pytest.raises(StoreError, match="自身"):
        restore(path, path, at=AT)


def test_postgresql_has_its_own_tools_and_they_are_named(tmp_path: Path) -> None:
    url = "postgresql://clerk:hunter2@host/register"
    with pytest.raises(StoreError, match="pg_dump") as caught:
        backup(url, tmp_path / "out.db")
    assert "hunter2" not in str(caught.value)
    with pytest.raises(StoreError, match="pg_restore"):
        restore(tmp_path / "out.db", url, at=AT)
