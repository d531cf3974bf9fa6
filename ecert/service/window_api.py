"""The API of a window: check a code, find a matter, tell how old the lists are."""

from __future__ import annotations

import time
from base64 import b64encode
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Body, Depends, Query, Request

from ecert.limits import MAX_SEARCH_CHARS
from ecert.service.authentication import require
from ecert.service.counter import Entered
from ecert.service.window_bodies import Case, Challenge, Matter, Objection, Scan
from ecert.workspace.access import Role

if TYPE_CHECKING:
    from ecert.service.desk import Desk
    from ecert.verify.verdict import Part
    from ecert.workspace.checking import Check

router = APIRouter(prefix="/api", tags=["window"], dependencies=[Depends(require(Role.CLERK))])


def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


@router.post("/verify")
def verify(request: Request, scan: Scan) -> dict[str, Any]:
    """Check a code (its digits) or a licence file (its text); tell the receipt where one is kept.

    An online code is fetched from its show service; it needs a matter and a case number.
    """
    begun = time.perf_counter()
    entered = Entered(scan.matter, scan.case, scan.challenge)
    check = _desk(request).check(scan.code, entered, clerk=request.state.token.name)
    return _told(request, check, begun, screen=scan.screen)


@router.post("/verify/picture")
def verify_picture(
    request: Request,
    picture: Annotated[bytes, Body(media_type="application/octet-stream")],
    matter: Annotated[Matter | None, Query()] = None,
    challenge: Annotated[Challenge | None, Query()] = None,
    case: Annotated[Case | None, Query()] = None,
    *,
    screen: Annotated[bool, Query()] = False,
) -> dict[str, Any]:
    """Check the code in a picture (PNG, JPEG, WebP, GIF or BMP)."""
    begun = time.perf_counter()
    entered = Entered(matter, case, challenge)
    check = _desk(request).check(picture, entered, clerk=request.state.token.name)
    return _told(request, check, begun, screen=screen)


def _told(request: Request, check: Check, begun: float, *, screen: bool) -> dict[str, Any]:
    verdict, told = check.verdict, check.verdict.to_dict()
    request.app.state.metrics.verdicts.labels(verdict.outcome.value, verdict.reason.value).inc()
    for part, plain in zip(verdict.parts, told["parts"], strict=True) if screen else ():
        plain["headline"] = {"zh": part.outcome.zh, "en": part.outcome.en}
        if part.accepted:
            plain["licence"] |= _for_the_screen(part)
    if check.receipt is not None:
        said = check.receipt.receipt
        told["receipt"] = {
            "window": said.window, "number": said.number, "sha256": check.receipt.digest,
        }  # fmt: skip
    if check.fault is not None:
        told["receipt_fault"] = {"zh": check.fault.zh, "en": check.fault.en}
    return told | {"took_ms": round((time.perf_counter() - begun) * 1000, 1)}


def _for_the_screen(part: Part) -> dict[str, Any]:
    picture = part.licence.portrait
    return {
        "licence_id": part.licence_id,
        "portrait_jpeg": None if picture is None else b64encode(picture).decode("ascii"),
    }


@router.post("/challenge")
def challenge(request: Request) -> dict[str, Any]:
    """Give out a number for this window to show; a code that names it answers it, once."""
    desk = _desk(request)
    at = desk.now()
    given = desk.counter.challenge(at=at)
    shown = given.challenge
    return {
        "challenge": shown.text,
        "window": shown.window,
        "number": shown.number,
        "qr_png": b64encode(shown.png()).decode("ascii"),
        "expires": given.expires.isoformat(),
        "left_seconds": int((given.expires - at).total_seconds()),
    }


@router.post("/objections")
def take_objection(request: Request, objection: Objection) -> dict[str, Any]:
    """Take an objection: into this office's register, or to be sent to the issuing office."""
    desk = _desk(request)
    taken = desk.counter.take_objection(
        objection.licence, objection.fields, raised_by=objection.raised_by,
        statement=objection.statement, evidence=objection.evidence,
        clerk=request.state.token.name, at=desk.now(),
    )  # fmt: skip
    return {"id": taken.id, "own": taken.own}


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
