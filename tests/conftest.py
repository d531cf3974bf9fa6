"""What every test may ask for, and the rule that nothing is skipped where all must run."""

from __future__ import annotations

import logging
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests import postgres

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
VECTORS = ROOT.parent / "shared" / "vectors"

# No test fails because a neighbour is busy.
settings.register_profile("untimed", settings.default, deadline=None)
settings.load_profile("untimed")


@pytest.fixture(autouse=True)
def no_log_left_behind() -> Iterator[None]:
    """A service that a test starts logs to that test's standard error, which ends with it."""
    yield
    for name in ("ecert.service", "uvicorn.error"):
        logging.getLogger(name).handlers.clear()


@pytest.fixture
def at() -> datetime:
    """The instant at which tests take place: a Sunday morning, ten o'clock in Chengdu."""
    return datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def vectors() -> Path:
    """The folder of outside test data, beside this repository."""
    if not VECTORS.is_dir():
        pytest.skip("the outside test data (../shared/vectors) is not beside this repository")
    return VECTORS


@pytest.fixture(scope="session")
def postgres_cluster(tmp_path_factory: pytest.TempPathFactory) -> postgres.Cluster:
    """The PostgreSQL cluster of this run; `pytest_sessionfinish` stops it."""
    return postgres.shared_cluster(_shared_folder(tmp_path_factory), _postgres_binaries())


@pytest.fixture
def postgres_url(postgres_cluster: postgres.Cluster) -> Iterator[str]:
    """Address of a PostgreSQL database with our tables, for one test."""
    yield from postgres.databases_of(postgres_cluster)


@pytest.fixture
def empty_postgres_url(postgres_cluster: postgres.Cluster) -> Iterator[str]:
    """Address of an empty PostgreSQL database, for one test."""
    yield from postgres.databases_of(postgres_cluster, empty=True)


@pytest.fixture
def own_cluster() -> Iterator[postgres.Cluster]:
    """A started PostgreSQL cluster that one test may stop and spoil."""
    cluster = postgres.Cluster.make(_postgres_binaries())
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.remove()


def _postgres_binaries() -> Path:
    binaries = postgres.binaries()
    if binaries is None:
        pytest.skip("there is no PostgreSQL server here (Debian: apt-get install postgresql)")
    return binaries


def _shared_folder(factory: pytest.TempPathFactory) -> Path:
    base = factory.getbasetemp()
    # Each of xdist's workers has a folder of its own within the run's.
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


def _skips_are_failures() -> bool:
    return os.environ.get("CI", "").lower() not in {"", "0", "false"}


def _skipped(config: pytest.Config) -> int:
    # With xdist only the controller reports; its workers have no terminal.
    reporter: pytest.TerminalReporter | None = config.pluginmanager.get_plugin("terminalreporter")
    return 0 if reporter is None else len(reporter.stats.get("skipped", []))


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Stop the database; fail a session in CI that skipped anything: there, all is present."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        factory: pytest.TempPathFactory = session.config._tmp_path_factory  # type: ignore[attr-defined]
        postgres.stop_shared_cluster(_shared_folder(factory))
    if _skips_are_failures() and _skipped(session.config) and session.exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say why."""
    count = _skipped(config)
    if _skips_are_failures() and count:
        terminalreporter.section("skipped in CI", red=True, bold=True)
        terminalreporter.line(
            f"CI is set, so {count} skipped test(s) count as a failure: "
            "what they need must be installed here; the reasons follow."
        )
