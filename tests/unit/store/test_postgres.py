"""PostgreSQL: one writer, what its server refuses, and what a lost connection leaves behind."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import timedelta
from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DataError, IntegrityError, OperationalError, ProgrammingError

from ecert.errors import StoreError, UnfitTextError
from ecert.issuers.register import RecordedRequest
from ecert.store import postgres as postgres_module
from ecert.store.engine import open_as_it_is, open_engine
from ecert.store.faults import faults_as_store_errors
from ecert.store.postgres import WRITER_KEY
from ecert.store.register import SQLRegister
from tests.conftest import ROOT
from tests.unit.issuers.sample_register import a_licence, licence_id
from tests.unit.store.issuing_program import issue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecert.store.engine import Engine
    from tests.postgres import Cluster

SHORT = timedelta(milliseconds=100)


def _setting(engine: Engine, name: str) -> object:
    with engine.read() as connection:
        return connection.execute(text("SELECT current_setting(:name)"), {"name": name}).scalar()


# -- transactions -----------------------------------------------------------------------------


def test_patience_ends_in_a_clean_try_again(postgres_url: str) -> None:
    with (
        open_engine(postgres_url, patience=SHORT) as engine,
        psycopg.connect(postgres_url) as other,
    ):
        other.execute("SELECT pg_advisory_xact_lock(%s)", [WRITER_KEY])
        register = SQLRegister(engine)
        with pytest.raises(StoreError) as caught, register.transaction() as tx:
            tx.add_licence(a_licence())
        assert "正忙" in caught.value.zh
        assert "55P03" in caught.value.en
        assert "重试" in caught.value.fix_zh
        with register.view() as view:
            assert list(view.licences()) == []
        open_engine(postgres_url, patience=SHORT).close()
        other.commit()
        with register.transaction() as tx:
            tx.add_licence(a_licence())


def test_writers_of_two_databases_do_not_wait_for_each_other(
    postgres_cluster: Cluster, postgres_url: str
) -> None:
    name = postgres_cluster.new_database()
    with (
        open_engine(postgres_url, patience=SHORT) as one,
        open_engine(postgres_cluster.url(name), patience=SHORT) as other,
        one.write(),
    ):
        done: list[int] = []

        def work() -> None:
            done.append(issue(SQLRegister(other), 1).count(" "))

        thread = threading.Thread(target=work)
        thread.start()
        thread.join(30)
    postgres_cluster.drop_database(name)
    assert done == [1]


def test_a_view_may_not_write(postgres: Engine) -> None:
    with pytest.raises(StoreError, match="只能读") as caught, postgres.read() as connection:
        connection.execute(text("DELETE FROM used_code"))
    assert "25006" in caught.value.en


def test_a_client_that_hangs_does_not_keep_the_lock(
    postgres: Engine, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hasty = postgres_module._BEGIN_WRITE.replace("60000", "200")
    monkeypatch.setattr(postgres_module, "_BEGIN_WRITE", hasty)
    assert hasty.count("200")
    hung, done = threading.Event(), threading.Event()
    caught: list[StoreError] = []

    def hang() -> None:
        try:
            with SQLRegister(postgres).transaction() as tx:
                tx.add_licence(a_licence(1))
                hung.set()
                done.wait(30)
                tx.add_licence(a_licence(2))
        except StoreError as error:
            caught.append(error)

    thread = threading.Thread(target=hang)
    thread.start()
    assert hung.wait(30)
    with open_engine(postgres_url) as other:
        issue(SQLRegister(other), 7)
    done.set()
    thread.join(30)
    assert len(caught) == 1
    with SQLRegister(postgres).view() as view:
        assert [str(one.id) for one in view.licences()] == [licence_id(7)]


def test_one_issue_is_few_round_trips(postgres: Engine) -> None:
    register = SQLRegister(postgres)
    issue(register, 1)
    sent: list[str] = []
    event.listen(
        postgres._engine,
        "before_cursor_execute",
        lambda _c, _k, statement, *_: sent.append(statement),
    )
    issue(register, 2)
    # Beginning, three savepoints and twelve statements (see test_register.py).
    assert len(sent) == 16


def test_a_refused_statement_does_not_spoil_its_transaction(postgres: Engine) -> None:
    register = SQLRegister(postgres)
    with register.transaction() as tx:
        tx.record_request(RecordedRequest("r1", "issue", "", ""))
        for _ in range(3):
            with pytest.raises(Exception, match="r1"):
                tx.record_request(RecordedRequest("r1", "issue", "", ""))
            tx.add_licence(a_licence(_))
    with register.view() as view:
        assert len(list(view.licences())) == 3


# -- what the server must promise -------------------------------------------------------------


@pytest.mark.parametrize(
    ("configured", "used"),
    [("off", "on"), ("local", "on"), ("remote_write", "on"), ("remote_apply", "remote_apply")],
)
def test_a_commit_is_on_the_disk_before_it_is_acknowledged(
    postgres_cluster: Cluster, postgres_url: str, configured: str, used: str
) -> None:
    name = postgres_url.partition("@/")[2].partition("?")[0]
    postgres_cluster.execute(f"ALTER DATABASE {name} SET synchronous_commit = {configured}")
    with open_engine(postgres_url) as engine:
        assert _setting(engine, "synchronous_commit") == used


def test_a_server_that_does_not_secure_its_commits_is_refused(own_cluster: Cluster) -> None:
    own_cluster.execute("ALTER SYSTEM SET fsync = off")
    own_cluster.stop()
    own_cluster.start()
    url = own_cluster.url("postgres")
    with pytest.raises(StoreError, match="fsync = off") as caught:
        open_engine(url)
    assert "fsync = on" in caught.value.fix_zh
    with open_as_it_is(url) as engine:
        assert engine.revision() is None


def test_a_database_that_lacks_characters_is_refused(postgres_cluster: Cluster) -> None:
    postgres_cluster.execute("CREATE DATABASE ascii TEMPLATE template0 ENCODING SQL_ASCII")
    with pytest.raises(StoreError, match="UTF8") as caught:
        open_engine(postgres_cluster.url("ascii"))
    assert "createdb -E UTF8" in caught.value.fix_en
    postgres_cluster.drop_database("ascii")


def test_a_database_that_is_read_only_is_refused_at_once(
    postgres_cluster: Cluster, postgres_url: str
) -> None:
    name = postgres_url.partition("@/")[2].partition("?")[0]
    postgres_cluster.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    with pytest.raises(StoreError, match="备库"):
        open_engine(postgres_url)


# -- what it refuses --------------------------------------------------------------------------


@pytest.fixture
def plain_user(postgres_cluster: Cluster) -> Iterator[str]:
    """A database user who may log in, and no more."""
    postgres_cluster.execute("CREATE ROLE plain LOGIN")
    yield "plain"
    postgres_cluster.execute("DROP ROLE plain")


def test_a_user_who_may_not_make_tables_is_told(
    postgres_cluster: Cluster, empty_postgres_url: str, plain_user: str
) -> None:
    url = empty_postgres_url.replace("ecert@", f"{plain_user}@")
    with pytest.raises(StoreError, match="权限") as caught:
        open_engine(url)
    assert "42501" in caught.value.en
    assert caught.value.where.startswith(f"postgresql://{plain_user}@")
    with open_as_it_is(empty_postgres_url) as engine:
        assert engine.revision() is None


def test_a_server_that_is_full_is_told(
    postgres_cluster: Cluster, postgres_url: str, plain_user: str
) -> None:
    name = postgres_url.partition("@/")[2].partition("?")[0]
    postgres_cluster.execute(f"ALTER DATABASE {name} CONNECTION LIMIT 0")
    with pytest.raises(StoreError, match="连接数已满") as caught:
        open_engine(postgres_url.replace("ecert@", f"{plain_user}@"))
    assert "53300" in caught.value.en


@pytest.mark.parametrize(
    ("change", "zh"),
    [
        (("ecert@", "nobody_here@"), "不接受此用户"),
        (("/t", "/absent_t"), "没有这个数据库"),
        (("?host=/tmp", "?port=1&host=/tmp"), "连不上"),
        (("?host=/tmp", "?host=/absent"), "连不上"),
    ],
)
def test_what_is_wrong_with_an_address_is_told(
    postgres_url: str, change: tuple[str, str], zh: str
) -> None:
    url = postgres_url.replace(*change, 1).replace("@", ":hunter2@", 1)
    assert url.replace(":hunter2", "") != postgres_url
    with pytest.raises(StoreError, match=zh) as caught:
        open_engine(url, patience=timedelta(seconds=2))
    assert "hunter2" not in str(caught.value)
    assert "hunter2" not in str(caught.value.__cause__)
    assert caught.value.where.startswith("postgresql://")


CODES = {
    "08006": "中断",
    "57P01": "中断",
    "57P02": "中断",
    "57P03": "正在启动或停止",
    "57014": "超时",
    "25006": "只能读",
    "25P03": "超时",
    "28P01": "不接受此用户",
    "3D000": "没有这个数据库",
    "40001": "冲突",
    "40P01": "冲突",
    "42501": "权限",
    "53100": "磁盘已满",
    "53200": "拒绝",
    "53300": "连接数已满",
    "55P03": "正忙",
    "58030": "磁盘读写出错",
    "XX001": "已损坏",
    "XX000": "拒绝",
}


@pytest.mark.parametrize(("code", "zh"), CODES.items(), ids=CODES)
def test_each_kind_of_refusal_has_its_own_words_and_a_way_out(code: str, zh: str) -> None:
    cause = psycopg.errors.lookup(code)("cause")
    with pytest.raises(StoreError, match=zh) as caught, faults_as_store_errors("postgresql://x"):
        raise OperationalError("SELECT 1", {}, cause)
    assert code in caught.value.en
    assert caught.value.en.isascii()
    assert caught.value.fix_zh
    assert caught.value.fix_en.isascii()
    assert caught.value.where == "postgresql://x"


REFUSED_CONNECTIONS = {
    'FATAL:  password authentication failed for user "x"': "28000",
    '致命错误:  用户 "x" Password 认证失败': "28000",
    "fe_sendauth: no password supplied": "28000",
    'FATAL:  no pg_hba.conf entry for host "::1", user "x", database "y", no encryption': "28000",
    '致命错误:  没有用于主机 "::1", 用户 "x", 数据库 "y" 的 pg_hba.conf 记录': "28000",
    'FATAL:  role "x" does not exist': "28000",
    '致命错误:  角色 "x" 不存在': "28000",
    'FATAL:  database "y" does not exist': "3D000",
    '致命错误:  数据库 "y" 不存在': "3D000",
    "FATAL:  sorry, too many clients already": "53300",
    "致命错误:  对不起, 已经有太多的客户": "53300",
    '致命错误:  到数据库 "y"的连接太多了': "53300",
    "FATAL:  the database system is starting up": "57P03",
    "致命错误:  数据库系统启动中": "57P03",
    "server does not support SSL, but SSL was required": "08001",
    'could not translate host name "x" to address': "OperationalError",
    "Connection refused": "OperationalError",
    "connection timeout expired": "OperationalError",
}


@pytest.mark.parametrize(
    ("message", "code"), REFUSED_CONNECTIONS.items(), ids=list(REFUSED_CONNECTIONS)
)
def test_a_refused_connection_is_understood_in_english_and_chinese(message: str, code: str) -> None:
    cause = psycopg.OperationalError(f"connection failed: {message}")
    with pytest.raises(StoreError) as caught, faults_as_store_errors("postgresql://x"):
        raise OperationalError(None, None, cause)
    assert caught.value.en.endswith(f"({code})")


@pytest.mark.parametrize(
    ("kind", "code"),
    [(IntegrityError, "23505"), (ProgrammingError, "42P01"), (DataError, "22003")],
)
def test_violated_constraints_and_wrong_statements_pass_as_bugs(
    kind: type[IntegrityError], code: str
) -> None:
    cause = psycopg.errors.lookup(code)("cause")
    with pytest.raises(kind), faults_as_store_errors("x"):
        raise kind("SELECT 1", {}, cause)


def test_a_text_that_the_database_cannot_keep_is_told_and_not_shown(postgres: Engine) -> None:
    register = SQLRegister(postgres)
    unfit = pytest.raises(UnfitTextError, match="不能保存的字符")
    with unfit as caught, register.transaction() as tx:
        tx.record_request(RecordedRequest("secret\0", "issue", "", ""))
    assert "secret" not in str(caught.value)


# -- lost connections -------------------------------------------------------------------------


def _end_all_others(cluster: Cluster, url: str) -> None:
    name = url.partition("@/")[2].partition("?")[0]
    cluster.execute(
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"  # noqa: S608
    )


def test_after_a_lost_connection_the_failing_call_tells_and_the_next_works(
    postgres_cluster: Cluster, postgres_url: str, postgres: Engine
) -> None:
    register = SQLRegister(postgres)
    issue(register, 1)
    _end_all_others(postgres_cluster, postgres_url)
    with pytest.raises(StoreError, match="中断") as caught:
        issue(register, 2)
    assert "请求号" in caught.value.fix_zh
    assert "request id" in caught.value.fix_en
    issue(register, 2)
    with register.view() as view:
        assert len(list(view.licences())) == 2


def test_a_connection_lost_in_the_middle_leaves_nothing(
    postgres_cluster: Cluster, postgres_url: str, postgres: Engine
) -> None:
    register = SQLRegister(postgres)

    def cut_off() -> None:
        with register.transaction() as tx:
            tx.add_licence(a_licence())
            _end_all_others(postgres_cluster, postgres_url)
            tx.record_request(RecordedRequest("r1", "issue", "", ""))

    with pytest.raises(StoreError, match="中断"):
        cut_off()
    with register.view() as view:
        assert list(view.licences()) == []
    issue(register, 1)


def test_a_server_that_comes_back_is_used_again(own_cluster: Cluster) -> None:
    url = own_cluster.url("postgres")
    with open_engine(url, patience=timedelta(seconds=2)) as engine:
        register = SQLRegister(engine)
        issue(register, 1)
        own_cluster.stop("immediate")
        for _ in range(2):
            with pytest.raises(StoreError, match=r"中断|连不上"):
                issue(register, 2)
        own_cluster.start()
        issue(register, 2)
        with register.view() as view:
            assert len(list(view.licences())) == 2


# -- what is loaded ---------------------------------------------------------------------------


def test_without_the_driver_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_module, "find_spec", lambda _: None)
    with pytest.raises(StoreError) as caught:
        open_engine("postgresql://clerk:hunter2@host/register")
    assert "ecert[postgres]" in caught.value.fix_zh
    assert "ecert[postgres]" in caught.value.fix_en
    assert caught.value.where == "postgresql://clerk@host/register"


def test_an_sqlite_file_is_opened_without_postgresql_and_without_alembic() -> None:
    program = (
        "import sys, tempfile, pathlib\n"
        "from ecert.store.engine import open_engine\n"
        "with tempfile.TemporaryDirectory() as folder:\n"
        "    open_engine(pathlib.Path(folder) / 'x.db').close()\n"
        "print(*(name for name in sys.modules if name.startswith("
        "('psycopg', 'alembic', 'sqlalchemy.dialects.postgresql'))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True, cwd=ROOT
    )
    assert done.stdout.split() == []


def test_the_indexes_with_a_condition_have_it_on_postgresql_too(postgres: Engine) -> None:
    with postgres.read() as connection:
        found = connection.execute(
            text("SELECT indexdef FROM pg_indexes WHERE indexname = 'status_slot_set'")
        ).scalar_one()
    assert found.endswith("WHERE (value <> 0)")
