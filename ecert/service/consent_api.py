"""The API by which a clerk asks a holder for licences: begun, looked at, settled like a scan."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Any, Final

import anyio
import anyio.to_thread
from fastapi import APIRouter, Query, Request, Response

from ecert import limits
from ecert.reasons import Reason
from ecert.service.asking import Settled, Wish
from ecert.service.bodies import answer
from ecert.service.entered import Entered
from ecert.service.seat import seat_of
from ecert.service.window_api import told_check
from ecert.service.window_bodies import AskedAgain, AskedFor, Matter, Wanted
from ecert.service.window_route import WindowRoute

if TYPE_CHECKING:
    from collections.abc import Callable

    from ecert.service.asking import AskedType
    from ecert.service.desk import Desk

# Threads that wait for show services: scans have their own, and do not wait behind them.
_AT_ONCE: Final = anyio.CapacityLimiter(16)
_LIFE: Final = int(limits.ONLINE_CODE_LIFE.total_seconds())

# Whoever includes it gives it its desk and says who may ask: see `ecert.service.seat`.
router = APIRouter(prefix="/api/consents", tags=["window"], route_class=WindowRoute)


def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


@router.get("/types")
def types(request: Request, matter: Annotated[Matter, Query()]) -> dict[str, Any]:
    """Tell which licence types a matter needs, or a recognition list names for it."""
    desk = _desk(request)
    return {"types": _plain(desk.counter.asking.types(matter, at=desk.now()))}


@router.post("", response_model=dict[str, Any])
async def begin(request: Request, asked: AskedFor) -> Response:
    """Ask the holder of a code for licences: how long it waits, or the verdict why nobody can."""

    def ask() -> dict[str, Any]:
        begun, desk = time.perf_counter(), _desk(request)
        wish, clerk = _wish(asked), seat_of(request).clerk
        done = desk.counter.asking.begin(wish, clerk=clerk, at=desk.now())
        if isinstance(done, Settled):
            return _told(request, done, begun, asked)
        return {"state": "waiting", "left_seconds": _LIFE, "types": _plain(done)}

    return await _run(ask)


@router.post("/answer", response_model=dict[str, Any])
async def look(request: Request, asked: AskedAgain) -> Response:
    """Look how the holder has answered: still waiting, or the verdict, as of a scan, once."""

    def ask() -> dict[str, Any]:
        begun, desk = time.perf_counter(), _desk(request)
        wish, clerk = _wish(asked), seat_of(request).clerk
        done = desk.counter.asking.answer(wish, clerk=clerk, last=asked.last, at=desk.now())
        if isinstance(done, Settled):
            told = _told(request, done, begun, asked)
            # Whoever waited in vain is told apart from whoever scanned a code that was used.
            return told | {"unanswered": done.said in {None, Reason.NOT_REDEEMABLE}}
        return {"state": "waiting", "reached": done is None}

    return await _run(ask)


async def _run(ask: Callable[[], dict[str, Any]]) -> Response:
    return answer(await anyio.to_thread.run_sync(ask, limiter=_AT_ONCE))


def _wish(asked: AskedFor) -> Wish:
    entered = Entered(asked.matter, asked.case)
    return Wish(asked.code, tuple(asked.types), entered, asked.cause)


def _told(request: Request, done: Settled, begun: float, asked: AskedFor) -> dict[str, Any]:
    wanted = Wanted(asked.screen, asked.copy_for_case)
    told = told_check(request, done.check, begun, wanted, again=done.again)
    if len(told["parts"]) == len(done.types):
        for plain, one in zip(told["parts"], done.types, strict=True):
            plain["asked"] = one.name
    return told


def _plain(types: tuple[AskedType, ...]) -> list[dict[str, str]]:
    return [one._asdict() for one in types]
