"""The show service over HTTP: see ``docs/formats/online-code.md``, section HTTP.

Every path takes one JSON object by POST; nothing is told in an address or kept in a log.
"""

from __future__ import annotations

import logging
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import anyio
import anyio.to_thread
from fastapi import FastAPI, Request, Response

from ecert import limits
from ecert.clock import Clock, system_clock
from ecert.errors import EcertError, ProofError
from ecert.online.answers import Caller, Handed, Refused, unserved
from ecert.online.consent import Awaited, Begun, ConsentDesk
from ecert.online.desk import ShowDesk
from ecert.online.purpose import AccessPurpose
from ecert.online.storage import ConsentState
from ecert.service.bodies import answer, failure, read_body, refusal
from ecert.service.guards import BoundedBody, SecurityHeaders

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

# As many as SQLAlchemy keeps connections for.
_THREADS: Final = 12
_BEARER: Final = "bearer "
_LOG: Final = logging.getLogger("ecert.service")


def make_app(
    desk: ShowDesk,
    *,
    clock: Clock = system_clock,
    upkeep: Callable[[], object] | None = None,
    every: timedelta = timedelta(seconds=30),
) -> FastAPI:
    """Return the application of one show service.

    Args:
        desk: Its rules and its store.
        clock: Where the time comes from.
        upkeep: What is to be done now and then: deleting what has run out, newer lists.
        every: How often.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with anyio.create_task_group() as tasks:
            if upkeep is not None:
                tasks.start_soon(repeat, upkeep, every.total_seconds())
            yield
            tasks.cancel_scope.cancel()

    # No page of documentation: it would be fetched from elsewhere.
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.add_middleware(BoundedBody, most=limits.MAX_SERVICE_BYTES)
    app.add_middleware(SecurityHeaders)
    app.add_exception_handler(EcertError, _on_error)
    counter = _Counter(desk, clock)
    for path, handler in counter.paths.items():
        app.add_api_route(path, handler, methods=["POST"])
    app.add_api_route("/health", _health, methods=["GET"])
    return app


async def repeat(work: Callable[[], object], seconds: float) -> None:
    """Do ``work`` now and every so many seconds, in a thread; what it refuses is logged."""
    while True:
        try:
            await anyio.to_thread.run_sync(work)
        except EcertError as error:
            # A database that is away for a while: the service goes on, and tries again.
            _LOG.warning("upkeep: %s", error.en)
        await anyio.sleep(seconds)


async def _on_error(_: Request, error: Exception) -> Response:
    if not isinstance(error, EcertError):
        raise error
    return failure(error)


async def _health() -> Response:
    return answer({"ok": True})


class _Counter:
    """The paths, each of which reads a request, asks the desk, and answers."""

    def __init__(self, desk: ShowDesk, clock: Clock) -> None:
        self._desk = desk
        self._consent = ConsentDesk(desk)
        self._clock = clock
        self._threads = anyio.CapacityLimiter(_THREADS)
        self.paths: dict[str, Callable[[Request], Awaitable[Response]]] = {
            "/v1/codes": self.deposit,
            "/v1/codes/cancel": self.cancel,
            "/v1/log": self.log,
            "/v1/redeem": self.redeem,
            "/v1/consents": self.open,
            "/v1/consents/pending": self.pending,
            "/v1/consents/agree": self.agree,
            "/v1/consents/decline": self.decline,
            "/v1/consents/begin": self.begin,
            "/v1/consents/status": self.status,
            "/v1/consents/fetch": self.fetch,
        }

    # -- holders ------------------------------------------------------------------------------

    async def deposit(self, request: Request) -> Response:
        said = await read_body(request, {"code": str, "tokens": list, "life": int})
        life = timedelta(seconds=min(max(said["life"], 0), 86_400))
        do = partial(self._desk.deposit, said["code"], said["tokens"], life=life)
        return await self._for_holder(request, do, lambda until: {"expires": _told(until)})

    async def cancel(self, request: Request) -> Response:
        said = await read_body(request, {"request": str})
        do = partial(self._desk.cancel, said["request"])
        return await self._for_holder(request, do, lambda done: {"cancelled": done})

    async def log(self, request: Request) -> Response:
        said = await read_body(request, {"request": str})
        do = partial(self._desk.log, said["request"])
        return await self._for_holder(request, do, lambda entries: {"entries": entries})

    async def open(self, request: Request) -> Response:
        said = await read_body(request, {"code": str, "tokens": list})
        do = partial(self._consent.open, said["code"], said["tokens"])
        return await self._for_holder(request, do, lambda until: {"expires": _told(until)})

    async def pending(self, request: Request) -> Response:
        said = await read_body(request, {"request": str})
        return await self._for_holder(
            request, partial(self._consent.pending, said["request"]), _awaited
        )

    async def agree(self, request: Request) -> Response:
        said = await read_body(request, {"request": str, "tokens": list})
        do = partial(self._consent.agree, said["request"], said["tokens"])
        return await self._for_holder(request, do, lambda types: {"types": types})

    async def decline(self, request: Request) -> Response:
        said = await read_body(request, {"request": str})
        do = partial(self._consent.decline, said["request"])
        return await self._for_holder(request, do, lambda _: {"declined": True})

    async def _for_holder(
        self,
        request: Request,
        do: Callable[..., Any],
        tell: Callable[[Any], dict[str, Any]],
    ) -> Response:
        at, address, desk = self._clock(), _address(request), self._desk

        def guarded() -> Any:
            if desk.is_busy(None, desk.locker.address(address), at):
                return unserved(None)
            try:
                return do(at=at)
            except ProofError:
                desk.note_failure(address, at)
                raise

        result = await self._run(guarded)
        return refusal(result) if isinstance(result, Refused) else answer(tell(result))

    # -- verifiers ----------------------------------------------------------------------------

    async def redeem(self, request: Request) -> Response:
        said = await read_body(request, {"code": str, "purpose": dict})
        caller = _caller(request, AccessPurpose.read(said["purpose"]))
        done = partial(self._desk.redeem, said["code"], caller, at=self._clock())
        return _handed(await self._run(done))

    async def begin(self, request: Request) -> Response:
        said = await read_body(request, {"code": str, "types": list, "purpose": dict})
        caller = _caller(request, AccessPurpose.read(said["purpose"]))
        do = partial(self._consent.begin, said["code"], said["types"], caller, at=self._clock())
        done: Begun | Refused = await self._run(do)
        if isinstance(done, Refused):
            return refusal(done)
        return answer({"trxId": done.transaction, "expires": _told(done.expires_at)})

    async def status(self, request: Request) -> Response:
        said = await read_body(request, {"trxId": str})
        caller = _caller(request, None)
        do = partial(self._consent.status, said["trxId"], caller, at=self._clock())
        done: ConsentState | Refused = await self._run(do)
        if isinstance(done, Refused):
            return refusal(done)
        return answer({"verifyStatus": str(done.value)})

    async def fetch(self, request: Request) -> Response:
        said = await read_body(request, {"trxId": str, "certTypeCode": str, "purpose": dict})
        caller = _caller(request, AccessPurpose.read(said["purpose"]))
        do = partial(
            self._consent.fetch, said["trxId"], said["certTypeCode"], caller, at=self._clock()
        )
        return _handed(await self._run(do))

    async def _run(self, do: Callable[[], Any]) -> Any:
        return await anyio.to_thread.run_sync(do, limiter=self._threads)


def _handed(done: Handed | Refused) -> Response:
    if isinstance(done, Refused):
        return refusal(done)
    return answer({"tokens": done.tokens, "audience": done.audience, "nonce": done.nonce})


def _awaited(found: Awaited) -> dict[str, Any]:
    return {
        "verifyStatus": "0" if found.state is None else str(found.state.value),
        "trxId": found.transaction,
        "expires": _told(found.expires_at),
        "asked": found.asked,
    }


def _caller(request: Request, purpose: AccessPurpose | None) -> Caller:
    said = request.headers.get("authorization", "")
    token = said[len(_BEARER) :].strip() if said.lower().startswith(_BEARER) else ""
    return Caller(token, _address(request), purpose)


def _address(request: Request) -> str:
    return request.client.host if request.client is not None else ""


def _told(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
