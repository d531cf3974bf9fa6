"""Takes tasks from the queue and carries them out, through restarts of the server and of others.

Procrastinate's worker ends when the server goes down; this one begins again.  A task whose worker
has died, which shows by its missing heartbeat, is put back for the others.  One whose end could
not be written down would belong to its living worker for ever; so that worker is given up.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import procrastinate
import psycopg
from procrastinate.exceptions import ConnectorException
from procrastinate.manager import JobManager
from sqlalchemy import create_engine

from ecert.errors import EcertError, StoreError
from ecert.store.addresses import read_address
from ecert.store.postgres import Postgres
from ecert.store.queue import LONG_AGO, QUEUE, TASK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from procrastinate.connector import BaseConnector

HEARTBEAT: Final = timedelta(seconds=10)
STALLED: Final = timedelta(seconds=30)
"""A worker that has been silent for so long is taken for dead.  If it is not, what it does is
done twice, of which the second time does nothing."""

# A shard that the database refuses is tried again for about ten minutes.
_RETRIES: Final = procrastinate.RetryStrategy(
    max_attempts=18, linear_wait=4, retry_exceptions=[StoreError]
)
_PAUSE_SECONDS: Final = 2.0
_PATIENCE_SECONDS: Final = 10.0
_POLL_SECONDS: Final = 1.0
# For tasks, the heartbeat, and listening.
_SPARE_CONNECTIONS: Final = 3


class QueueWorker:
    """One process that takes tasks.

    Args:
        url: The database.
        carry_out: Carries a shard of a job out; it may be called from several threads.
        concurrency: Tasks at a time.
        on_fault: Told what went wrong, and will be tried again or not.
        heartbeat: How often it tells the others that it lives.
        stalled: How long another must be silent to be taken for dead.
    """

    def __init__(
        self,
        url: str,
        carry_out: Callable[[str, int], object],
        *,
        concurrency: int = 1,
        on_fault: Callable[[EcertError], None] | None = None,
        heartbeat: timedelta = HEARTBEAT,
        stalled: timedelta = STALLED,
    ) -> None:
        self._where = _connect_arguments(url)
        self._carry_out = carry_out
        self._concurrency = concurrency
        self._on_fault = on_fault
        self._heartbeat = heartbeat.total_seconds()
        self._stalled = stalled.total_seconds()
        self._is_ended = False
        self._former: int | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended = asyncio.Event()

    def run(self, *, once: bool = False) -> None:
        """Take tasks until `stop` is called, or the process is told to end.

        Args:
            once: End when none is left.
        """
        # What matters is told to `on_fault`; without this, Python would print the rest.
        for name in ("procrastinate", "psycopg"):
            logging.getLogger(name).addHandler(logging.NullHandler())
        asyncio.run(self._run(once=once))

    def stop(self) -> None:
        """Let it end with the tasks in hand; from any thread."""
        self._is_ended = True
        if self._loop is not None:
            with suppress(RuntimeError):  # it has ended already
                self._loop.call_soon_threadsafe(self._ended.set)

    async def _run(self, *, once: bool) -> None:
        self._loop = loop = asyncio.get_running_loop()
        loop.set_exception_handler(_pass_lost_connections)
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                with suppress(NotImplementedError):  # Windows
                    loop.add_signal_handler(number, self.stop)
        while not self._is_ended:
            try:
                await self._serve(once=once)
            except (ConnectorException, psycopg.Error) as error:
                self._tell(_unreachable(error))
            await self._pause(_PAUSE_SECONDS)

    async def _serve(self, *, once: bool) -> None:
        """Take tasks as long as the server is there."""
        lost = asyncio.get_running_loop().create_future()
        app = self._app(lost)
        async with app.open_async():
            if self._former is not None:
                # What it had in hand need not wait until it is taken for dead.
                await app.job_manager.unregister_worker(self._former)
            work = app.run_worker_async(
                queues=[QUEUE], concurrency=self._concurrency, delete_jobs="successful",
                install_signal_handlers=False, update_heartbeat_interval=self._heartbeat,
                stalled_worker_timeout=self._stalled,
            )  # fmt: skip
            minding = self._mind(app, lost, once=once)
            all_ = [lost, asyncio.create_task(work), asyncio.create_task(minding)]
            await asyncio.wait(all_, return_when=asyncio.FIRST_COMPLETED)
            for one in all_:
                one.cancel()
            # Tasks in hand are finished first.
            for ended in await asyncio.gather(*all_, return_exceptions=True):
                if isinstance(ended, Exception):
                    raise ended

    async def _mind(
        self, app: procrastinate.App, lost: asyncio.Future[None], *, once: bool
    ) -> None:
        """Put back what dead workers had in hand; return when it is time to end."""
        # A cancellation may get lost in Python's `wait_for`; `lost` is cancelled as well.
        while not self._is_ended and not lost.done():
            stalled = await app.job_manager.get_stalled_jobs(
                queue=QUEUE, seconds_since_heartbeat=self._stalled
            )
            for job in stalled:
                # Somebody else may have put it back, or it may have been finished after all.
                if job.id is not None:
                    with suppress(ConnectorException):
                        await app.job_manager.retry_job_by_id_async(job.id, retry_at=LONG_AGO)
            if once and not await _is_waiting(app):
                self.stop()
                return
            await self._pause(_POLL_SECONDS)

    async def _pause(self, seconds: float) -> None:
        if not self._is_ended:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), seconds)

    def _app(self, lost: asyncio.Future[None]) -> procrastinate.App:
        app = procrastinate.App(
            connector=procrastinate.PsycopgConnector(
                kwargs=self._where,
                min_size=1,
                timeout=_PATIENCE_SECONDS,
                max_size=self._concurrency + _SPARE_CONNECTIONS,
            )
        )
        app.job_manager = _Acknowledging(app.connector, lost, self._remember)
        app.task(name=TASK, queue=QUEUE, retry=_RETRIES)(self._task)
        return app

    def _task(self, job: str, shard: int) -> None:
        try:
            self._carry_out(job, shard)
        except EcertError as error:
            self._tell(error)
            raise

    def _remember(self, worker: int) -> None:
        self._former = worker

    def _tell(self, error: EcertError) -> None:
        if self._on_fault is not None:
            self._on_fault(error)


class _Acknowledging(JobManager):
    """Tells who works, and when the end of a task could not be written down.

    Procrastinate only logs it: the task stays in the hands of a worker whose heartbeat goes on,
    so that nobody ever takes it up again.
    """

    def __init__(
        self, connector: BaseConnector, lost: asyncio.Future[None], on_worker: Callable[[int], None]
    ) -> None:
        super().__init__(connector)
        self._lost = lost
        self._on_worker = on_worker

    async def register_worker(self) -> int:
        """See `JobManager.register_worker`."""
        worker = await super().register_worker()
        self._on_worker(worker)
        return worker

    async def finish_job(self, *arguments: Any, **options: Any) -> None:
        """See `JobManager.finish_job`."""
        with self._telling():
            await super().finish_job(*arguments, **options)

    async def retry_job(self, *arguments: Any, **options: Any) -> None:
        """See `JobManager.retry_job`."""
        with self._telling():
            await super().retry_job(*arguments, **options)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except ConnectorException as error:
            if isinstance(error.__cause__, psycopg.errors.RaiseException):
                return  # the database is there, and says that another has ended the task
            if not self._lost.done():
                self._lost.set_exception(error)
            raise


async def _is_waiting(app: procrastinate.App) -> bool:
    for status in ("todo", "doing"):
        if list(await app.job_manager.list_jobs_async(queue=QUEUE, status=status)):
            return True
    return False


def _connect_arguments(url: str) -> dict[str, Any]:
    """Return what the driver itself is given for an address."""
    address = read_address(url)
    _, told = create_engine(address).dialect.create_connect_args(address)
    usual = Postgres(address, _PATIENCE_SECONDS).arguments()
    # Procrastinate says by itself when a connection is to commit at once.
    del usual["autocommit"]
    return usual | dict(told)


def _pass_lost_connections(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    # A task that could not be acknowledged, for the server is away: `_serve` ends for that.
    if not isinstance(context.get("exception"), ConnectorException | psycopg.Error):
        loop.default_exception_handler(context)


def _unreachable(error: Exception) -> StoreError:
    name: Any = type(error.__cause__ or error).__name__
    return StoreError(
        f"任务队列暂时连不上（{name}），稍后自动重试",
        f"the queue of tasks cannot be reached ({name}); it is tried again",
        where=QUEUE,
    )
