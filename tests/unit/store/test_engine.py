"""Opening databases: ours, new ones, and all that is not to be touched."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
import time
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, select

from ecert.errors import StoreError
from ecert.store import tables
from ecert.store.engine import open_as_it_is, open_engine
from ecert.store.register import SQLRegister
from tests.unit.issuers.sample_register import a_licence, licence_id

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ecert.store.engine import Engine


def _pragma(engine: Engine, name: str) -> object:
    with engine.read() as connection:
        return connection.exec_driver_sql(f"PRAGMA {name}").scalar()


def _execute(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def test_a_commit_is_on_the_disk_before_it_is_acknowledged(engine: Engine) -> None:
    assert _pragma(engine, "journal_mode") == "wal"
    assert _pragma(engine, "synchronous") == 2  # FULL
    assert _pragma(engine, "foreign_keys") == 1


def test_what_is_committed_is_there_when_opened_again(path: Path) -> None:
    with open_engine(path) as engine, SQLRegister(engine).transaction() as tx:
        tx.add_licence(a_licence())
    for address in (path, f"sqlite:///{path}"):
        with open_engine(address) as engine, SQLRegister(engine).view() as view:
            assert view.licence(licence_id()) == a_licence()


def test_the_files_are_for_their_owner_only_whatever_the_umask(path: Path) -> None:
    umask = os.umask(0)
    try:
        with open_engine(path) as engine, SQLRegister(engine).transaction() as tx:
            tx.add_licence(a_licence())
            files = sorted(path.parent.glob("register.db*"))
            modes = {stat.S_IMODE(file.stat().st_mode) for file in files}
    finally:
        os.umask(umask)
    assert len(files) == 3, "the database, its log and the log's index"
    assert modes == {0o600}


def test_a_path_with_signs_that_mean_something_in_an_address(tmp_path: Path) -> None:
    path = tmp_path / "证照 库?mode=ro#1 100%.db"
    with open_engine(path) as engine, SQLRegister(engine).transaction() as tx:
        tx.add_licence(a_licence())
    assert path.stat().st_size > 0
    assert sorted(tmp_path.iterdir()) == [path]


def test_an_empty_database_becomes_ours(empty_url: str, path: Path) -> None:
    if empty_url.startswith("sqlite"):
        path.touch()
    with open_engine(empty_url) as engine, engine.read() as connection:
        assert engine.made
        assert connection.execute(select(tables.revision)).one() == (tables.HEAD,)
        assert connection.execute(select(tables.schema)).one() == (1, int(tables.HEAD))


def test_an_empty_database_stays_empty_where_ours_is_expected(empty_url: str, path: Path) -> None:
    if empty_url.startswith("sqlite"):
        path.touch()
    for _ in range(2):
        with pytest.raises(StoreError, match=r"空的.*empty"):
            open_engine(empty_url, make=False)


def test_an_absent_file_stays_absent_where_ours_is_expected(path: Path) -> None:
    with pytest.raises(StoreError, match="没有这个数据库文件"):
        open_engine(path, make=False)
    with pytest.raises(StoreError, match="没有这个数据库文件"):
        open_as_it_is(path)
    assert list(path.parent.iterdir()) == []


def test_many_that_open_a_new_database_at_once_all_get_it(empty_url: str) -> None:
    together = threading.Barrier(8)
    done: list[int] = []
    made: list[bool] = []

    def work(number: int) -> None:
        together.wait(30)
        with open_engine(empty_url) as engine, SQLRegister(engine).transaction() as tx:
            tx.add_licence(a_licence(number))
            made.append(engine.made)
        done.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(done) == list(range(8))
    assert sorted(made) == [False] * 7 + [True]


# -- what is refused, and stays as it was -----------------------------------------------------


def _other_program(path: Path) -> None:
    _execute(path, "CREATE TABLE patients (name TEXT)", "INSERT INTO patients VALUES ('x')")


def _newer(path: Path) -> None:
    open_engine(path).close()
    _execute(path, "UPDATE alembic_version SET version_num = '9998'")


def _older(path: Path) -> None:
    open_engine(path).close()
    _execute(path, "UPDATE alembic_version SET version_num = '0000'")


def _without_version(path: Path) -> None:
    open_engine(path).close()
    _execute(path, "DELETE FROM alembic_version")


def _from_before_revisions(path: Path) -> None:
    open_engine(path).close()
    _execute(path, "DROP TABLE alembic_version", "DELETE FROM ecert_schema")


def _of_a_fork(path: Path) -> None:
    open_engine(path).close()
    _execute(path, "UPDATE alembic_version SET version_num = 'abc; 张伟'")


def _text(path: Path) -> None:
    path.write_text("证照编号,持证主体\n" * 1000)


def _cut_short(path: Path) -> None:
    open_engine(path).close()
    path.write_bytes(path.read_bytes()[:4096])


REFUSED = {
    "a text file": (_text, "不是数据库"),
    "another program's": (_other_program, "其他程序"),
    "a newer schema": (_newer, "更新的软件版本"),
    "an older schema": (_older, "不能使用"),
    "a schema without revision": (_without_version, "不能使用"),
    "a schema with neither revision nor version": (_from_before_revisions, "不能使用"),
    "a revision that nobody knows": (_of_a_fork, "不能使用"),
    "a file cut short": (_cut_short, "损坏"),
}


@pytest.mark.parametrize(("make", "zh"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_not_ours_is_refused_and_not_touched(path: Path, make: object, zh: str) -> None:
    assert callable(make)
    make(path)
    before = path.read_bytes()
    with pytest.raises(StoreError) as caught:
        open_engine(path)
    assert zh in caught.value.zh
    assert caught.value.en.isascii()
    assert caught.value.fix_zh
    assert caught.value.fix_en
    assert caught.value.where == str(path)
    assert path.read_bytes() == before
    assert sorted(path.parent.iterdir()) == [path]


def test_a_newer_schema_says_to_upgrade(path: Path) -> None:
    _newer(path)
    with pytest.raises(StoreError) as caught:
        open_engine(path)
    assert "升级" in caught.value.fix_zh
    assert "Upgrade" in caught.value.fix_en


def test_a_file_that_may_only_be_read_is_refused_at_once(path: Path) -> None:
    with open_engine(path) as engine, SQLRegister(engine).transaction() as tx:
        tx.add_licence(a_licence())
    before = path.read_bytes()
    with pytest.raises(StoreError) as caught:
        open_engine(f"sqlite:///file:{path}?mode=ro&uri=true")
    assert "只能读" in caught.value.zh
    assert "READONLY" in caught.value.en
    assert path.read_bytes() == before


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as caught:
        open_engine(tmp_path / "absent" / "register.db")
    assert "No such file" in caught.value.en
    assert "文件夹" in caught.value.fix_zh
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_not_a_database(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as caught:
        open_engine(tmp_path)
    assert "打不开" in caught.value.zh
    assert caught.value.where == str(tmp_path)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://clerk:hunter2@host",
        "postgresql+asyncpg://clerk:hunter2@host/register",
        "mysql://clerk:hunter2@host/register",
        "sqlite://",
        "sqlite:///:memory:",
        "register.db",
        "",
    ],
)
def test_other_addresses_are_refused_without_repeating_a_password(url: str) -> None:
    with pytest.raises(StoreError) as caught:
        open_engine(url)
    assert caught.value.where == "url"
    assert "hunter2" not in str(caught.value)
    assert "SQLite" in caught.value.zh
    assert "PostgreSQL" in caught.value.en


def test_a_database_from_before_revisions_counts_as_the_first(path: Path) -> None:
    with open_engine(path) as engine, SQLRegister(engine).transaction() as tx:
        tx.add_licence(a_licence())
    _execute(path, "DROP TABLE alembic_version", "UPDATE ecert_schema SET version = 1")
    with open_as_it_is(path) as engine:
        assert engine.revision() == tables.HEAD


# -- transactions -----------------------------------------------------------------------------


def test_a_closed_database_is_not_used(url: str) -> None:
    engine = open_engine(url)
    engine.close()
    for use in (engine.read, engine.write):
        with pytest.raises(RuntimeError, match="closed"), use():
            pytest.fail("opened")


def test_transactions_of_one_thread_do_not_nest_whichever_store_opens_them(
    any_engine: Engine,
) -> None:
    register = SQLRegister(any_engine)
    with (
        register.transaction(),
        pytest.raises(RuntimeError, match="open already"),
        any_engine.read(),
    ):
        pytest.fail("opened")


def test_a_view_sees_one_moment_while_another_thread_writes(any_engine: Engine) -> None:
    register = SQLRegister(any_engine)

    def write() -> None:
        with register.transaction() as tx:
            tx.add_licence(a_licence())

    with register.view() as view:
        assert list(view.licences()) == []
        writer = threading.Thread(target=write)
        writer.start()
        writer.join(30)
        assert not writer.is_alive(), "a reader held the writer up"
        assert list(view.licences()) == []
    with register.view() as view:
        assert list(view.licences()) == [a_licence()]


def test_a_long_reader_lets_the_log_grow_only_while_it_reads(path: Path, engine: Engine) -> None:
    log = path.with_name("register.db-wal")
    block = "Z" * 100_000

    def write(times: int) -> None:
        for _ in range(times):
            with engine.write() as connection:
                key = os.urandom(16).hex()
                connection.execute(
                    insert(tables.request).values(id=key, operation="", digest="", result=block)
                )

    with engine.read() as connection:
        assert connection.execute(select(tables.request)).all() == []
        writer = threading.Thread(target=write, args=(250,))
        writer.start()
        writer.join(120)
        assert connection.execute(select(tables.request)).all() == []
        grown = log.stat().st_size
    assert grown > 24_000_000
    write(2)
    assert log.stat().st_size <= 16 * 1024 * 1024


# -- waiting for others -----------------------------------------------------------------------


def test_patience_ends_in_a_clean_try_again(path: Path) -> None:
    with open_engine(path, patience=timedelta(milliseconds=100)) as engine:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        register = SQLRegister(engine)
        with pytest.raises(StoreError) as caught, register.transaction() as tx:
            tx.add_licence(a_licence())
        assert "正忙" in caught.value.zh
        assert "busy" in caught.value.en
        assert "重试" in caught.value.fix_zh
        assert caught.value.where == str(path)
        # Reading goes on, and so does opening, without waiting for the ten seconds of default.
        with register.view() as view:
            assert list(view.licences()) == []
        started = time.monotonic()
        open_engine(path).close()
        assert time.monotonic() - started < 5
        other.execute("ROLLBACK")
        other.close()
        with register.transaction() as tx:
            tx.add_licence(a_licence())


def test_patience_waits_for_another_program(path: Path) -> None:
    with open_engine(path, patience=timedelta(seconds=30)) as engine:
        other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        other.execute("BEGIN IMMEDIATE")
        release = threading.Timer(0.3, other.execute, ["COMMIT"])
        release.start()
        with SQLRegister(engine).transaction() as tx:
            tx.add_licence(a_licence())
        release.join()
        other.close()


@contextmanager
def _reader_of_a_restored_backup(path: Path) -> Iterator[sqlite3.Connection]:
    """Make a database that is not in WAL mode, as a backup is, with a reader in it."""
    open_engine(path).close()
    _execute(path, "PRAGMA journal_mode = DELETE")
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN")
    other.execute("SELECT * FROM licence").fetchall()
    yield other
    other.close()


def test_a_restored_backup_is_made_reliable_as_soon_as_its_reader_lets_go(path: Path) -> None:
    with _reader_of_a_restored_backup(path) as other:
        release = threading.Timer(0.3, other.execute, ["COMMIT"])
        release.start()
        with open_engine(path) as engine:
            assert _pragma(engine, "journal_mode") == "wal"
        release.join()


def test_a_restored_backup_whose_reader_does_not_let_go_is_busy(path: Path) -> None:
    with _reader_of_a_restored_backup(path), pytest.raises(StoreError) as caught:
        open_engine(path, patience=timedelta(milliseconds=100))
    assert "busy" in caught.value.en


def test_patience_ends_for_threads_of_one_process_too(url: str) -> None:
    with open_engine(url, patience=timedelta(milliseconds=100)) as engine:
        register = SQLRegister(engine)
        caught: list[StoreError] = []

        def work() -> None:
            try:
                with register.transaction():
                    pytest.fail("two writers at once")
            except StoreError as error:
                caught.append(error)

        with register.transaction() as tx:
            tx.add_licence(a_licence())
            thread = threading.Thread(target=work)
            thread.start()
            thread.join(30)
        assert ["busy" in error.en for error in caught] == [True]
        with register.view() as view:
            assert len(list(view.licences())) == 1
