"""The API of a window: check a code, find a matter, tell how old the lists are."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Body, Depends, Query, Request

from ecert.limits import MAX_SEARCH_CHARS
from ecert.service.authentication import require
from ecert.service.window_bodies import Challenge, Matter, Scan
from ecert.workspace.access import Role

if TYPE_CHECKING:
    from ecert.service.desk import Desk
    from ecert.verify.verdict import Verdict

router = APIRouter(prefix="/api", tags=["window"], dependencies=[Depends(require(Role.CLERK))])


def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


@router.post("/verify")
def verify(request: Request, scan: Scan) -> dict[str, Any]:
    """Check a code (its digits) or a licence file (its text)."""
    begun = time.perf_counter()
    verdict = _desk(request).verify(
        scan.code, clerk=request.state.token.name, matter=scan.matter, challenge=scan.challenge
    )
    return _told(request, verdict, begun)


@router.post("/verify/picture")
def verify_picture(
    request: Request,
    picture: Annotated[bytes, Body(media_type="application/octet-stream")],
    matter: Annotated[Matter | None, Query()] = None,
    challenge: Annotated[Challenge | None, Query()] = None,
) -> dict[str, Any]:
    """Check the code in a picture (PNG, JPEG, WebP, GIF or BMP)."""
    begun = time.perf_counter()
    verdict = _desk(request).verify(
        picture, clerk=request.state.token.name, matter=matter, challenge=challenge
    )
    return _told(request, verdict, begun)


def _told(request: Request, verdict: Verdict, begun: float) -> dict[str, Any]:
    request.app.state.metrics.verdicts.labels(verdict.outcome.value, verdict.reason.value).inc()
    request.app.state.pulse.count(request.state.token.id, verdict)
    return verdict.to_dict() | {"took_ms": round((time.perf_counter() - begun) * 1000, 1)}


@router.get("/window")
def window(request: Request) -> dict[str, Any]:
    """Tell whose window this is, and how old what it knows is."""
    desk = _desk(request)
    known = desk.known()
    at = desk.now()
    worst = max((one.state for one in known), key=_STATES.index, default="expired")
    return {
        "window": desk.window(),
        "at": at.isoformat(),
        "state": worst,
        "lists": [
            {
                "kind": _kind(one.slot),
                "list": one.slot,
                "version": one.version,
                "age_seconds": int((at - one.issued).total_seconds()),
                "left_seconds": int((one.expires - at).total_seconds()),
                "state": one.state,
            }
            for one in known
        ],
    }


_STATES = ("fresh", "old", "expired")


def _kind(slot: str) -> str:
    """Return the kind of a document as the design names it, such as ``status-list``."""
    kind = slot.partition(":")[0].partition("+")[0].removeprefix("ecert-")
    return "status-list" if kind == "statuslist" else kind


@router.get("/matters")
def matters(
    request: Request, q: Annotated[str, Query(min_length=1, max_length=MAX_SEARCH_CHARS)]
) -> dict[str, Any]:
    """Find matters by words, by part of a code or by pinyin initials; scenes stand beside them."""
    desk = _desk(request)
    return {
        "matters": [
            {"code": one.code, "name": one.name, "department": one.department}
            for one in desk.matters(q)
        ],
        "scenes": desk.scenes(q),
    }
