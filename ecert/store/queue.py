"""Shards of bulk jobs as tasks that several machines share: Procrastinate on PostgreSQL.

A task names a job and a shard and nothing else: whoever takes it asks the ledger what to do, and
one that is done twice finds the shard done.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import text

from ecert.errors import StoreError
from ecert.store import queue_schema
from ecert.store.addresses import POSTGRESQL
from ecert.store.loading import as_sqlalchemy_errors

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import procrastinate
    from procrastinate.jobs import Job
    from procrastinate.types import JSONDict
    from sqlalchemy import Connection

    from ecert.store.engine import Engine

QUEUE: Final = "ecert-bulk"
TASK: Final = "ecert:carry-out-shard"
# Tasks that one statement adds.
_BATCH: Final = 1_000
LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""What was due then is due now, whatever the clocks say."""
# What somebody will take up, or has in hand.
_AT_WORK: Final = ("todo", "doing")
_PULSE: Final = text("SELECT last_value + is_called::int FROM procrastinate_events_id_seq")


class BulkQueue:
    """The tasks of one database.

    Raises:
        StoreError: The database is not PostgreSQL, or Procrastinate is absent.
    """

    def __init__(self, engine: Engine) -> None:
        require_shared(engine)
        self._engine = engine
        queue_schema.make_ready(engine)

    def defer(self, job_id: str, shards: Sequence[int]) -> int:
        """Put the shards of a job into the queue, and return how many were not there.

        Those that have failed are tried again; what somebody has cancelled or aborted is put in
        anew, for nobody would take it up.

        Raises:
            StoreError: The database refuses.
        """
        with self._engine.write() as connection, _app_on(connection) as app:
            known = {
                shard for status in _AT_WORK for job in _jobs(app, status)
                if (shard := _shard_of(job, job_id)) is not None
            }  # fmt: skip
            wanted = set(shards) - known
            for job in _jobs(app, "failed"):
                shard = _shard_of(job, job_id)
                if shard in wanted and job.id is not None:
                    app.job_manager.retry_job_by_id(job.id, retry_at=LONG_AGO)
                    wanted.remove(shard)
            new = [shard for shard in shards if shard in wanted]
            task = app.configure_task(TASK, queue=QUEUE)
            for start in range(0, len(new), _BATCH):
                batch = new[start : start + _BATCH]
                tasks: list[JSONDict] = [{"job": job_id, "shard": shard} for shard in batch]
                task.batch_defer(*tasks)
            return len(new)

    def withdraw(self, job_id: str) -> None:
        """Take the tasks of a job out of the queue that nobody has begun.

        Raises:
            StoreError: The database refuses.
        """
        with self._engine.write() as connection, _app_on(connection) as app:
            for job in _jobs(app, "todo"):
                if job.id is not None and _shard_of(job, job_id) is not None:
                    app.job_manager.cancel_job_by_id(job.id, delete_job=True)

    def failed(self, job_id: str) -> tuple[int, ...]:
        """Return the shards of a job that nobody tries any more.

        Raises:
            StoreError: The database refuses.
        """
        with self._engine.read() as connection, _app_on(connection) as app:
            shards = (_shard_of(job, job_id) for job in _jobs(app, "failed"))
            return tuple(shard for shard in shards if shard is not None)

    def pulse(self) -> int:
        """Return a number that changes whenever any task is put in, taken or put back.

        Raises:
            StoreError: The database refuses.
        """
        with self._engine.read() as connection:
            return int(connection.execute(_PULSE).scalar_one())


def require_shared(engine: Engine) -> None:
    """Require a database that several machines can share, and what shares work on it.

    Raises:
        StoreError: It is not PostgreSQL, or Procrastinate is absent.
    """
    if engine.kind != POSTGRESQL:
        raise StoreError(
            "多机协同需要 PostgreSQL 数据库", "several machines need a PostgreSQL database",
            where=engine.name, fix_zh="在一台机器上请用 ecert bulk run（--engine processes）",
            fix_en="On one machine use ecert bulk run (--engine processes)",
        )  # fmt: skip
    if find_spec("procrastinate") is None:
        raise StoreError(
            "缺少任务队列组件", "what keeps the queue of tasks is not installed",
            where="procrastinate", fix_zh="请安装：pip install 'ecert[bulk]'",
            fix_en="Install it: pip install 'ecert[bulk]'",
        )  # fmt: skip


class _OnePool:
    """Gives Procrastinate, where it expects a pool, the connection of our own transaction.

    What it does is then part of the transaction, under the writers' lock.
    """

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    @contextmanager
    def connection(self) -> Iterator[Any]:
        yield self._connection


@contextmanager
def _app_on(connection: Connection) -> Iterator[procrastinate.App]:
    from procrastinate import App, SyncPsycopgConnector, exceptions

    app = App(connector=SyncPsycopgConnector())
    pool: Any = _OnePool(connection.connection.driver_connection)
    with as_sqlalchemy_errors(connection), app.open(pool):
        try:
            yield app
        except exceptions.ConnectorException as error:
            # The driver's own error says what it is.
            if error.__cause__ is None:
                raise
            raise error.__cause__ from None


def _jobs(app: procrastinate.App, status: str | None = None) -> list[Job]:
    return app.job_manager.list_jobs(queue=QUEUE, task=TASK, status=status)


def _shard_of(job: Job, job_id: str) -> int | None:
    shard = job.task_kwargs.get("shard") if job.task_kwargs.get("job") == job_id else None
    return shard if isinstance(shard, int) else None
