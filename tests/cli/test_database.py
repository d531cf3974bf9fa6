"""``ecert db`` and ``init --database``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ecert.cli import failures
from ecert.store import tables
from ecert.workspace import Workspace
from tests.cli import people

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Runs

INIT = ("init", "w", "--region", "511600", "--name", "广安市公安局", "--demo")
ISSUE = people.ISSUE[2:]


@pytest.fixture(params=["sqlite", "postgresql"])
def made(request: pytest.FixtureRequest, ecert: Runs) -> str:
    """A workspace ``w`` with one licence, on a database of each kind."""
    where = []
    if request.param == "postgresql":
        where = ["--database", request.getfixturevalue("empty_postgres_url")]
    assert ecert(*INIT, *where).code == 0
    assert ecert("-C", "w", *ISSUE).code == 0
    return str(request.param)


@pytest.fixture
def on_sqlite(ecert: Runs, tmp_path: Path) -> Path:
    """A workspace ``w`` with one licence in an SQLite file; returns the file."""
    assert ecert(*INIT).code == 0
    assert ecert("-C", "w", *ISSUE).code == 0
    return tmp_path / "w" / "ecert.db"


def test_info_tells_kind_revision_size_and_counts(ecert: Runs, made: str) -> None:
    told = ecert("-C", "w", "db", "info", "--json").json
    assert told["kind"] == made
    assert told["revision"] == told["head"] == tables.HEAD
    assert told["size"] > 10_000
    # A licence has a compact credential for every place it is shown in; none is delivered yet.
    assert told["counts"]["licences"] == told["counts"]["events"] == 1
    ran = ecert("-C", "w", "db", "info")
    assert ran.code == 0
    assert "证照 1 份" in ran.out
    assert "最新" in ran.out
    english = ecert("-C", "w", "db", "info", "--lang", "en")
    assert "Licences: 1," in english.out


def test_a_database_that_is_new_needs_no_upgrade(ecert: Runs, made: str) -> None:
    ran = ecert("-C", "w", "db", "upgrade", "--json")
    assert ran.code == 0
    assert ran.json == {"before": tables.HEAD, "after": tables.HEAD, "dry_run": False}
    assert "已是最新" in ecert("-C", "w", "db", "upgrade", "--dry-run").out


def test_an_older_database_is_told_how_to_upgrade(
    ecert: Runs, made: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = tables.HEAD
    newer = f"{int(head) + 1:04d}"
    monkeypatch.setattr(tables, "HEAD", newer)
    ran = ecert("-C", "w", *ISSUE)
    assert ran.code == failures.UNDETERMINED
    assert "ecert db upgrade" in ran.err
    told = ecert("-C", "w", "db", "info", "--json").json
    assert (told["revision"], told["head"]) == (head, newer)
    ran = ecert("-C", "w", "db", "upgrade", "--dry-run")
    assert f"将从 {head} 升级到 {newer}" in ran.out
    ran = ecert("-C", "w", "db", "upgrade", "--dry-run", "--json")
    assert ran.json == {"before": head, "after": newer, "dry_run": True}


def test_what_was_backed_up_comes_back(ecert: Runs, on_sqlite: Path, tmp_path: Path) -> None:
    ran = ecert("-C", "w", "db", "backup", "b.db")
    assert ran.code == 0
    assert "已备份" in ran.out
    assert "keys" in ran.err
    ecert("-C", "w", *ISSUE)
    assert ecert("-C", "w", "db", "backup", "b.db").code == failures.UNDETERMINED
    tried = ecert("-C", "w", "db", "restore", "b.db", "--dry-run", "--json")
    assert tried.json["dry_run"] is True
    assert tried.json["aside"] is None
    assert ecert("-C", "w", "db", "info", "--json").json["counts"]["licences"] == 2
    done = ecert("-C", "w", "db", "restore", "b.db", "--json").json
    assert "replaced-" in done["aside"]
    assert ecert("-C", "w", "db", "info", "--json").json["counts"]["licences"] == 1
    over = ecert("-C", "w", "db", "backup", "b.db", "--overwrite", "--json")
    assert over.json["revision"] == tables.HEAD


def test_a_database_that_is_gone_is_restored(ecert: Runs, on_sqlite: Path, tmp_path: Path) -> None:
    ecert("-C", "w", "db", "backup", "b.db")
    for part in on_sqlite.parent.glob("ecert.db*"):
        part.unlink()
    ran = ecert("-C", "w", "type", "list")
    assert ran.code == failures.USAGE
    assert "ecert db restore" in ran.err
    ran = ecert("-C", "w", "db", "restore", "b.db")
    assert ran.code == 0
    assert "原数据库" not in ran.out
    with Workspace.open(tmp_path / "w") as workspace:
        assert workspace.licences.find("1").number == people.NUMBER


def test_nothing_is_restored_over_a_database_in_use(
    ecert: Runs, on_sqlite: Path, tmp_path: Path
) -> None:
    ecert("-C", "w", "db", "backup", "b.db")
    with Workspace.open(tmp_path / "w") as workspace:
        assert workspace.licences.find("1").number == people.NUMBER
        ran = ecert("-C", "w", "db", "restore", "b.db")
    assert ran.code == failures.UNDETERMINED
    assert "打开着" in ran.err


def test_backup_and_restore_of_postgresql_name_its_own_tools(
    ecert: Runs, empty_postgres_url: str
) -> None:
    assert ecert(*INIT, "--database", empty_postgres_url).code == 0
    assert "pg_dump" in ecert("-C", "w", "db", "backup", "b.db").err
    assert "pg_restore" in ecert("-C", "w", "db", "restore", "b.db").err


def test_init_refuses_a_password_and_a_database_in_use(
    ecert: Runs, empty_postgres_url: str, tmp_path: Path
) -> None:
    bad = empty_postgres_url.replace("@", ":hunter2@", 1)
    ran = ecert(*INIT, "--database", bad)
    assert ran.code == failures.USAGE
    assert "PGPASSFILE" in ran.err
    assert "hunter2" not in ran.err + ran.out
    assert ecert(*INIT, "--database", empty_postgres_url, "--dry-run").code == 0
    assert not (tmp_path / "w").exists()
    assert ecert(*INIT, "--database", empty_postgres_url).code == 0
    again = [part if part != "w" else "w2" for part in INIT]
    for more in ((), ("--dry-run",)):
        ran = ecert(*again, "--database", empty_postgres_url, *more)
        assert ran.code == failures.USAGE
        assert "已有工作区在用" in ran.err
