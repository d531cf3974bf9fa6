"""The API of a window: check a code, find a matter, tell how old the lists are."""

from __future__ import annotations

import time
from base64 import b64encode
from typing import TYPE_CHECKING, Annotated, Any, Final

import anyio
import anyio.to_thread
from fastapi import APIRouter, Body, Query, Request, Response

from ecert.errors import EcertError, PictureError
from ecert.limits import MAX_SEARCH_CHARS
from ecert.reasons import Reason
from ecert.service.bodies import answer
from ecert.service.entered import Entered
from ecert.service.seat import seat_of
from ecert.service.window_bodies import Case, Challenge, Matter, Scan, Wanted
from ecert.service.window_route import WindowRoute

if TYPE_CHECKING:
    from ecert.service.plain_desk import PlainCheck
    from ecert.service.seat import WindowDesk
    from ecert.verify.verdict import Part
    from ecert.workspace.checking import Check

# Codes that a process checks at once: their commits are made together, so that some more share
# one; still more would wait for the interpreter, and who came first would wait longest.
_AT_ONCE: Final = anyio.CapacityLimiter(16)
# A picture takes memory and the processor, and shares nothing.
_PICTURES_AT_ONCE: Final = anyio.CapacityLimiter(4)

_NOTHING_IN_FRAME: Final[dict[str, Any]] = {
    "outcome": Reason.UNREADABLE.outcome.value, "reason": Reason.UNREADABLE.value,
    "number": Reason.UNREADABLE.number, "parts": [],
}  # fmt: skip

# Whoever includes it gives it its desk and says who may ask: see `ecert.service.seat`.
router = APIRouter(prefix="/api", tags=["window"], route_class=WindowRoute)


def _desk(request: Request) -> WindowDesk:
    return seat_of(request).desk


@router.post("/verify", response_model=dict[str, Any])
async def verify(request: Request, scan: Scan) -> Response:
    """Check a code (its digits) or a licence file (its text); tell the receipt where one is kept.

    An online code is fetched from its show service; it needs a matter and a case number.
    `copy_for_case` asks for the case copy too, as text; it holds personal data.
    """
    entered = Entered(scan.matter, scan.case, scan.challenge)
    wanted = Wanted(scan.screen, scan.copy_for_case)
    return await _checked(request, scan.code, entered, wanted)


@router.post("/verify/picture", response_model=dict[str, Any])
async def verify_picture(
    request: Request,
    picture: Annotated[bytes, Body(media_type="application/octet-stream")],
    matter: Annotated[Matter | None, Query()] = None,
    challenge: Annotated[Challenge | None, Query()] = None,
    case: Annotated[Case | None, Query()] = None,
    *,
    screen: Annotated[bool, Query()] = False,
    copy_for_case: Annotated[bool, Query()] = False,
    frame: Annotated[bool, Query()] = False,
) -> Response:
    """Check the code in a picture (PNG, JPEG, WebP, GIF or BMP).

    Of a camera that goes on looking each picture is a ``frame``: while nothing can be read in it
    there is no check, and so no receipt, no tally and no name.
    """
    entered = Entered(matter, case, challenge)
    wanted = Wanted(screen, copy_for_case)
    return await _checked(request, picture, entered, wanted, frame=frame)


async def _checked(
    request: Request,
    scanned: str | bytes,
    entered: Entered,
    wanted: Wanted,
    *,
    frame: bool = False,
) -> Response:
    def check() -> Response:
        begun = time.perf_counter()
        shown = _in_frame(scanned) if frame and isinstance(scanned, bytes) else scanned
        if shown is None:
            return answer(_NOTHING_IN_FRAME)
        checked = _desk(request).check(shown, entered, clerk=seat_of(request).clerk)
        # Written here: what a verdict holds is known, and need not be looked through once more.
        return answer(told_check(request, checked, begun, wanted))

    limiter = _PICTURES_AT_ONCE if isinstance(scanned, bytes) else _AT_ONCE
    return await anyio.to_thread.run_sync(check, limiter=limiter)


def _in_frame(frame: bytes) -> str | bytes | None:
    """Return the code in a frame; the frame, if more can be told of it; None if nothing can."""
    from ecert.show import scan  # noqa: PLC0415 - the decoder is loaded when used

    try:
        return scan.read(frame)
    except PictureError as error:
        return None if error.reason is Reason.UNREADABLE else frame


def told_check(
    request: Request,
    check: Check | PlainCheck,
    begun: float,
    wanted: Wanted,
    *,
    again: bool = False,
) -> dict[str, Any]:
    """Return a check as it is told, and count its verdict.

    Args:
        request: Whose place counts.
        check: The answer, and what was kept of it.
        begun: When it was asked for, by `time.perf_counter`.
        wanted: What is told beside it.
        again: Whether it was told, and counted, before.
    """
    verdict, told = check.verdict, check.verdict.to_dict()
    if not again:
        seat_of(request).count(verdict)
    for part, plain in zip(verdict.parts, told["parts"], strict=True) if wanted.screen else ():
        plain["headline"] = {"zh": part.outcome.zh, "en": part.outcome.en}
        if part.accepted:
            plain["licence"] |= _for_the_screen(part)
    if check.receipt is not None:
        said = check.receipt.receipt
        told["receipt"] = {
            "window": said.window, "number": said.number, "sha256": check.receipt.digest,
        }  # fmt: skip
    elif check.named is not None:
        told["check"] = check.named
    if check.fault is not None:
        told["receipt_fault"] = {"zh": check.fault.zh, "en": check.fault.en}
    if wanted.copy and verdict.accepted:
        told |= _case_copy(request, check)
    return told | {"took_ms": round((time.perf_counter() - begun) * 1000, 1)}


def _case_copy(request: Request, check: Check | PlainCheck) -> dict[str, Any]:
    # The code is used up by now: an answer without a copy is told all the same.
    try:
        return {"case_copy": _desk(request).case_copy(check)}
    except EcertError as error:
        return {"copy_fault": {"zh": error.zh, "en": error.en}}


def _for_the_screen(part: Part) -> dict[str, Any]:
    picture = part.licence.portrait
    return {"portrait_jpeg": None if picture is None else b64encode(picture).decode("ascii")}


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
