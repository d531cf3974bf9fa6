"""What the disk and the file can do to a register, and what is said then."""

from __future__ import annotations

import sqlite3
import traceback
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event, insert, text
from sqlalchemy.exc import IntegrityError, OperationalError

from ecert.errors import StoreError
from ecert.store import tables
from ecert.store.engine import open_engine
from ecert.store.faults import faults_as_store_errors
from ecert.store.register import SQLRegister
from tests.unit.issuers.sample_register import (
    NUMBER,
    a_licence,
    an_event,
    contents,
    licence_id,
    reserve,
)

if TYPE_CHECKING:
    from pathlib import Path

    from ecert.issuers.register import Register
    from ecert.store.engine import Engine


def _limit_pages(engine: Engine, pages: int) -> None:
    """Let the database grow to ``pages`` and no further, as on a disk that is full."""
    with engine.read() as connection:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    # Connections made later have the same disk.
    event.listen(
        engine._engine,
        "connect",
        lambda connection, _: connection.execute(f"PRAGMA max_page_count = {pages}"),
    )


def _issue(register: Register, serial: int) -> None:
    with register.transaction() as tx:
        tx.add_licence(a_licence(serial, fields={"备注": "字" * 500}))
        tx.add_event(an_event(serial))
        reserve(tx, f"c{serial}", serial=serial)


@pytest.mark.parametrize("spare", range(1, 12))
def test_a_full_disk_refuses_cleanly_wherever_it_strikes(engine: Engine, spare: int) -> None:
    register = SQLRegister(engine)
    _issue(register, 0)
    with engine.read() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    _limit_pages(engine, pages + spare)
    acknowledged = [0]

    def go_on() -> None:
        for serial in range(1, 1000):
            _issue(register, serial)
            acknowledged.append(serial)

    with pytest.raises(StoreError) as caught:
        go_on()
    assert "磁盘已满" in caught.value.zh
    assert "SQLITE_FULL" in caught.value.en
    assert "腾出空间" in caught.value.fix_zh
    # Nothing more and nothing less than was acknowledged is there, and all of it can be read.
    with register.view() as view:
        stored = [str(licence.id) for licence in view.licences()]
        assert stored == [licence_id(serial) for serial in acknowledged]
        assert all(len(view.credentials_of(one)) == len(view.events(one)) == 1 for one in stored)
    # With space again, the same call succeeds without repair.
    with engine.read() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 100000")
    _issue(register, acknowledged[-1] + 1)


def test_an_error_of_the_database_tells_nothing_of_the_holder(engine: Engine) -> None:
    register = SQLRegister(engine)
    with engine.read() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    _limit_pages(engine, pages)
    with pytest.raises(StoreError) as caught, register.transaction() as tx:
        tx.add_licence(a_licence(fields={"备注": "字" * 50_000}))
    told = "".join(traceback.format_exception(caught.value))
    assert "INSERT INTO licence" in told, "the cause is there for the administrator"
    assert NUMBER not in told
    assert "张伟" not in told


def test_a_damaged_file_is_named_as_damaged(path: Path) -> None:
    with open_engine(path) as engine:
        register = SQLRegister(engine)
        for serial in range(50):
            _issue(register, serial)
    data = bytearray(path.read_bytes())
    # What stands at the front is another test's subject.
    for start in range(len(data) // 2 // 4096 * 4096, len(data), 4096):
        data[start : start + 64] = b"\xff" * 64
    path.write_bytes(data)
    with pytest.raises(StoreError) as caught, open_engine(path) as engine:
        contents(SQLRegister(engine))
    assert "已损坏" in caught.value.zh
    assert "CORRUPT" in caught.value.en
    assert "备份" in caught.value.fix_zh


def test_a_violated_constraint_at_the_seam_is_a_bug_and_passes(engine: Engine) -> None:
    with pytest.raises(IntegrityError), engine.write() as connection:
        connection.execute(insert(tables.event).values(licence=1, move="issue"))


def test_an_unknown_refusal_is_told_without_inventing_a_cause(engine: Engine) -> None:
    with pytest.raises(StoreError) as caught, engine.read() as connection:
        connection.execute(text("SELECT nothing FROM nowhere"))
    assert caught.value.zh == "数据库拒绝了操作（SQLITE_ERROR）"
    assert caught.value.en == "the database refused the operation (SQLITE_ERROR)"
    assert caught.value.fix_zh


@pytest.mark.parametrize(
    ("code", "zh"),
    [
        (sqlite3.SQLITE_BUSY, "正忙"),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, "正忙"),
        (sqlite3.SQLITE_LOCKED_SHAREDCACHE, "正忙"),
        (sqlite3.SQLITE_READONLY_DIRECTORY, "只能读"),
        (sqlite3.SQLITE_PERM, "只能读"),
        (sqlite3.SQLITE_IOERR_FSYNC, "磁盘读写出错"),
        (sqlite3.SQLITE_IOERR_SHMSIZE, "磁盘已满"),
        (sqlite3.SQLITE_CORRUPT_INDEX, "已损坏"),
        (sqlite3.SQLITE_FULL, "磁盘已满"),
        (sqlite3.SQLITE_CANTOPEN_ISDIR, "打不开"),
        (sqlite3.SQLITE_NOTADB, "不是数据库"),
        (sqlite3.SQLITE_INTERRUPT, "拒绝"),
    ],
)
def test_each_kind_of_refusal_has_its_own_words_and_a_way_out(code: int, zh: str) -> None:
    cause = sqlite3.OperationalError("cause")
    cause.sqlite_errorcode = code
    with pytest.raises(StoreError) as caught, faults_as_store_errors("register.db"):
        raise OperationalError("SELECT 1", {}, cause)
    assert zh in caught.value.zh
    assert caught.value.en.isascii()
    assert caught.value.fix_zh
    assert caught.value.fix_en.isascii()
    assert caught.value.where == "register.db"
    assert caught.value.__cause__ is not None


def test_the_seam_lets_everything_else_through() -> None:
    with pytest.raises(ZeroDivisionError), faults_as_store_errors("x"):
        _ = 1 / 0
