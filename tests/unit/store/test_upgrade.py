"""Revisions: two ways to today's schema, and what stands in their way."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text, update

from ecert.errors import RegisterError, StoreError
from ecert.issuers.audit_check import AuditFault, check_audit
from ecert.issuers.queries import Query
from ecert.model.licence import LicenceState
from ecert.store import revisions, tables, upgrade
from ecert.store.challenges import SQLChallenges
from ecert.store.engine import open_as_it_is, open_engine
from ecert.store.hosted import SQLHostedRows
from ecert.store.knowledge import SQLKnowledgeStore
from ecert.store.register import SQLRegister
from ecert.store.replay import SQLReplay
from ecert.trust.succession import Mark
from ecert.wallet.custodian import MemoryCustodian
from ecert.wallet.hosted import HostedWallets
from tests.conftest import ROOT
from tests.unit.issuers.sample_register import AT, NUMBER, a_credential, a_licence
from tests.unit.store import first_revision

if TYPE_CHECKING:
    from pathlib import Path

    from ecert.store.engine import Engine

_POSTGRES_SCHEMA = """
SELECT table_name, column_name, data_type, is_nullable, column_default
  FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2;
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
  FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2;
SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1
"""
# How the constraints of one table are numbered depends on the order they were written in.
_SQLITE_SCHEMA = """
SELECT name, wr FROM pragma_table_list WHERE schema = 'main' ORDER BY 1;
SELECT m.name, i.* FROM sqlite_master m, pragma_table_info(m.name) i
  WHERE m.type = 'table' ORDER BY 1, 3;
SELECT m.name, f."table", f."from", f."to" FROM sqlite_master m, pragma_foreign_key_list(m.name) f
  WHERE m.type = 'table' ORDER BY 1, 2, 3;
SELECT m.name, i.origin, i.partial, i."unique", group_concat(x.name)
  FROM sqlite_master m, pragma_index_list(m.name) i, pragma_index_info(i.name) x
  WHERE m.type = 'table' GROUP BY m.name, i.name ORDER BY 1, 2, 5;
SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY 1;
SELECT name, sql LIKE '%CHECK (%' FROM sqlite_master WHERE type = 'table' ORDER BY 1
"""


def _schema(engine: Engine) -> list[list[tuple[Any, ...]]]:
    asked = _SQLITE_SCHEMA if engine.kind == "sqlite" else _POSTGRES_SCHEMA
    with engine.read() as connection:
        return [
            [tuple(row) for row in connection.exec_driver_sql(question)]
            for question in asked.split(";")
        ]


def _other_empty(request: pytest.FixtureRequest, url: str, tmp_path: Path) -> str:
    """Return another empty database of the same kind."""
    if url.startswith("sqlite"):
        (tmp_path / "other.db").touch()
        return f"sqlite:///{tmp_path / 'other.db'}"
    cluster = request.getfixturevalue("postgres_cluster")
    name = cluster.new_database(empty=True)
    request.addfinalizer(lambda: cluster.drop_database(name))
    return str(cluster.url(name))


def test_a_new_database_and_an_upgraded_one_have_the_same_schema(
    request: pytest.FixtureRequest, empty_url: str, tmp_path: Path
) -> None:
    other = _other_empty(request, empty_url, tmp_path)
    assert upgrade.upgrade(other) == (upgrade.EMPTY, tables.HEAD)
    with open_engine(empty_url) as made, open_engine(other, make=False) as upgraded:
        assert made.made
        schema = _schema(made)
        assert all(schema)
        assert _schema(upgraded) == schema


def test_alembic_sees_no_difference_between_the_tables_and_the_revisions(
    request: pytest.FixtureRequest, empty_url: str, tmp_path: Path
) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    other = _other_empty(request, empty_url, tmp_path)
    upgrade.upgrade(other)
    open_engine(empty_url).close()
    for url in (empty_url, other):
        with open_as_it_is(url) as engine, engine.read() as connection:
            assert compare_metadata(MigrationContext.configure(connection), tables.metadata) == []


def test_a_database_of_an_earlier_revision_can_be_made(empty_url: str, path: Path) -> None:
    if empty_url.startswith("sqlite"):
        path.touch()
    assert upgrade.upgrade(empty_url, to="0001") == (upgrade.EMPTY, "0001")
    assert upgrade.revision(empty_url) == "0001"


def test_the_newest_revision_is_the_head_and_there_is_one_line_of_them() -> None:
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory.from_config(upgrade.configuration())
    assert scripts.get_heads() == [tables.HEAD]
    numbers = [script.revision for script in scripts.walk_revisions()]
    assert numbers == sorted(numbers, reverse=True)
    assert numbers[-1] == revisions.FIRST
    assert int(numbers[0]) == len(numbers)


def test_the_first_revision_keeps_all_that_it_held(empty_url: str) -> None:
    first_revision.make(empty_url)
    assert upgrade.upgrade(empty_url) == ("0001", tables.HEAD)
    with open_engine(empty_url) as engine, SQLRegister(engine).view() as view:
        suspended, revoked = view.licences()
        assert suspended == a_licence(1, state=LicenceState.SUSPENDED)
        assert revoked == a_licence(2, state=LicenceState.REVOKED)
        assert [view.row_of(str(one.id)) for one in (suspended, revoked)] == [1, 2]
        wanted = Query(on=AT.date(), holder_number=NUMBER, state=LicenceState.REVOKED)
        assert [row.licence for row in view.find(wanted).rows] == [revoked]
        moves = [one.move.value for one in view.events(str(suspended.id))]
        assert moves == ["issue", "suspend", "withdraw-credential"]
        credentials = view.credentials_of(str(suspended.id))
        assert [(one.id, one.status) for one in credentials] == [("1-5", 2), ("1-7", 14)]
        assert credentials[0].artefacts == b"signed"
        assert view.statuses(1) == {5: 2, 7: 14, 9: 1}
        assert [one.value for one in view.status_changes(1, up_to=3)] == [2, 14, 1]
        issue = view.publication("status-list:1")
        assert issue is not None
        assert (issue.version, issue.changes, issue.document) == (4, 3, b"token")


def test_what_was_recorded_before_the_audit_trail_is_under_it_from_then_on(empty_url: str) -> None:
    first_revision.make(empty_url)
    upgrade.upgrade(empty_url)
    with open_engine(empty_url) as engine:
        with SQLRegister(engine).view() as view:
            report = check_audit(view)
        assert report.findings == ()
        assert (report.entries, report.events, report.licences) == (1, 5, 2)
        with engine.write() as connection:
            connection.execute(text("UPDATE licence_event SET reason = '新' WHERE move = 'revoke'"))
        with SQLRegister(engine).view() as view:
            findings = check_audit(view).findings
    assert [one.fault for one in findings] == [AuditFault.EVENTS_CHANGED]


def test_a_database_from_before_revisions_is_upgraded(empty_url: str) -> None:
    first_revision.make(empty_url)
    with open_as_it_is(empty_url) as engine, engine.write() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
    assert upgrade.revision(empty_url) == "0001"
    assert upgrade.upgrade(empty_url) == ("0001", tables.HEAD)
    with open_engine(empty_url) as engine, engine.read() as connection:
        asked = "SELECT version_num FROM alembic_version"
        assert connection.execute(text(asked)).all() == [(tables.HEAD,)]
        version = connection.execute(text("SELECT version FROM ecert_schema")).scalar_one()
    assert version == int(tables.HEAD)


def test_upgrading_what_is_new_changes_nothing(url: str) -> None:
    with open_engine(url) as engine:
        before = _schema(engine)
    assert upgrade.upgrade(url) == (tables.HEAD, tables.HEAD)
    with open_engine(url) as engine:
        assert _schema(engine) == before


def test_an_older_database_is_not_opened_and_says_how_to_upgrade(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_engine(url).close()
    now = tables.HEAD
    monkeypatch.setattr(tables, "HEAD", f"{int(now) + 1:04d}")
    with pytest.raises(StoreError) as caught:
        open_engine(url)
    assert "旧" in caught.value.zh
    assert now in caught.value.en
    assert tables.HEAD in caught.value.en
    assert "ecert db upgrade" in caught.value.fix_zh
    assert "ecert db upgrade" in caught.value.fix_en


@pytest.mark.parametrize(("number", "zh"), [("9998", "更新的软件"), ("abc", "不能使用")])
def test_what_is_newer_or_unknown_is_not_upgraded(url: str, number: str, zh: str) -> None:
    with open_engine(url) as engine, engine.write() as connection:
        connection.execute(update(tables.revision).values(version_num=number))
    with pytest.raises(StoreError) as caught:
        upgrade.upgrade(url)
    assert zh in caught.value.zh
    assert upgrade.revision(url) == number


def test_an_upgrade_that_fails_in_the_middle_leaves_all_as_it_was(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_engine(url) as engine:
        before = _schema(engine)

    def half(connection: Any, _revision: str) -> None:
        connection.execute(text("CREATE TABLE half_done (id INTEGER)"))
        connection.execute(text("DROP TABLE used_code"))
        raise ZeroDivisionError

    monkeypatch.setattr(upgrade, "_run", half)
    with pytest.raises(ZeroDivisionError):
        upgrade.upgrade(url)
    with open_engine(url) as engine:
        assert _schema(engine) == before


def test_an_upgrade_that_leaves_rows_referring_to_nothing_is_undone(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_engine(path).close()

    def careless(connection: Any, _revision: str) -> None:
        connection.execute(
            text(
                "INSERT INTO status_change (number, list_number, position, value, at) "
                "VALUES (1, 7, 0, 1, 0)"
            )
        )

    monkeypatch.setattr(upgrade, "_run", careless)
    with pytest.raises(RuntimeError, match="refer to nothing"):
        upgrade.upgrade(path)
    with open_engine(path) as engine, engine.read() as connection:
        assert connection.execute(text("SELECT * FROM status_change")).all() == []


def test_another_programs_database_is_not_upgraded(empty_url: str) -> None:
    if empty_url.startswith("sqlite"):
        open_engine(empty_url).close()
        with open_engine(empty_url) as engine, engine.write() as connection:
            connection.execute(text("PRAGMA writable_schema = ON"))
            connection.execute(text("DROP TABLE ecert_schema"))
    else:
        with open_as_it_is(empty_url) as engine, engine.write() as connection:
            connection.execute(text("CREATE TABLE patients (name TEXT)"))
    with pytest.raises(StoreError, match="其他程序"):
        upgrade.upgrade(empty_url)


def test_the_wheel_holds_the_revisions(tmp_path: Path) -> None:
    from hatchling.builders.wheel import WheelBuilder

    (built,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    with zipfile.ZipFile(built) as wheel:
        wheel.extractall(tmp_path / "installed")
    program = (
        "import ecert, sys; from ecert.store import tables, upgrade; "
        "assert ecert.__file__.startswith(sys.argv[1]), ecert.__file__; "
        "open(sys.argv[2], 'w').close(); "
        "assert upgrade.upgrade('sqlite:///' + sys.argv[2]) == (upgrade.EMPTY, tables.HEAD)"
    )
    installed = str(tmp_path / "installed")
    subprocess.run(
        [sys.executable, "-c", program, installed, str(tmp_path / "new.db")],
        env={"PYTHONPATH": installed}, cwd=tmp_path, check=True, timeout=120,
    )  # fmt: skip


def test_what_a_window_knows_comes_along_into_the_third_revision(
    empty_url: str, path: Path
) -> None:
    if empty_url.startswith("sqlite"):
        path.touch()
    upgrade.upgrade(empty_url, to="0002")
    with open_as_it_is(empty_url) as engine, engine.write() as connection:
        connection.execute(
            text(
                "INSERT INTO knowledge_document (slot, data, digest, version, accepted_at) "
                "VALUES ('list', :data, 'd', 7, 1000000)"
            ),
            {"data": b"signed"},
        )
        connection.execute(text("INSERT INTO knowledge_mark VALUES ('list', 7, 'd')"))
    assert upgrade.upgrade(empty_url) == ("0002", tables.HEAD)
    with open_engine(empty_url) as engine:
        store = SQLKnowledgeStore(engine)
        (held,) = store.documents()
        assert (held.slot, held.data, held.version) == ("list", b"signed", 7)
        assert store.marks() == {"list": Mark(7, "d")}
        assert list(store.documents_at(held.accepted_at)) == [held]


def test_a_hall_upgraded_from_the_third_revision_shows_numbers_and_keeps_used_codes(
    empty_url: str, path: Path
) -> None:
    if empty_url.startswith("sqlite"):
        path.touch()
    upgrade.upgrade(empty_url, to="0003")
    with open_as_it_is(empty_url) as engine, engine.write() as connection:
        connection.execute(
            text("INSERT INTO used_code VALUES (:key, :until)"),
            {"key": b"used", "until": 1_800_000_000_000_000},
        )
    assert upgrade.upgrade(empty_url) == ("0003", tables.HEAD)
    with open_engine(empty_url) as engine:
        assert not SQLReplay(engine).claim(b"used", until=AT, at=AT)
        given = SQLChallenges(engine).issue(12, at=AT)
        assert SQLChallenges(engine).find(given.challenge) == given


def test_a_list_from_before_orders_is_closed_and_keeps_what_it_says(empty_url: str) -> None:
    first_revision.make(empty_url)
    upgrade.upgrade(empty_url, to="0016")
    with open_as_it_is(empty_url) as engine, engine.write() as connection:
        # Reserved by bulk work and not yet recorded; and a restored backup has full lists.
        connection.execute(text("INSERT INTO status_slot VALUES (1, 77, 0)"))
        connection.execute(text("UPDATE status_list SET taken = size"))
    assert upgrade.upgrade(empty_url) == ("0016", tables.HEAD)
    with open_engine(empty_url) as engine:
        with engine.read() as connection:
            listed = connection.execute(text("SELECT taken, order_key FROM status_list"))
            assert listed.all() == [(4, None)]
            kept = connection.execute(text("SELECT position FROM status_slot ORDER BY position"))
            assert kept.scalars().all() == [5, 7, 9]
        register = SQLRegister(engine)
        with register.transaction() as tx:
            assert tx.credential("1-5").artefacts == b"signed"
            tx.set_status("1-5", 0, AT)
            tx.set_status("1-5", 1, AT)
            assert tx.statuses(1) == {5: 1, 7: 14, 9: 1}
            # It may be a backup that was restored, so some numbers are left out.
            assert tx.allocate_index(8, 1.0)[0] > 1_000
            with pytest.raises(RegisterError, match="未经分配"):
                tx.add_credential(a_credential(1, 78, serial=1))


def test_a_database_from_before_hosted_wallets_takes_them_after_the_upgrade(
    empty_url: str, path: Path
) -> None:
    if empty_url.startswith("sqlite"):
        path.touch()
    upgrade.upgrade(empty_url, to="0003")
    assert upgrade.upgrade(empty_url) == ("0003", tables.HEAD)
    with open_engine(empty_url) as engine:
        wallets = HostedWallets.set_up(SQLHostedRows(engine), MemoryCustodian())
        wallets.new_vault("zhang").write(b"payload")
        assert wallets.vault("zhang").read() == b"payload"
