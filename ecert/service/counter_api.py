"""The API of a window that is more than a check: its number, and objections."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Depends, Request

from ecert.service.authentication import require
from ecert.service.window_bodies import Objection
from ecert.workspace.access import Role
from ecert.workspace.named_checks import NamedCheck

if TYPE_CHECKING:
    from ecert.service.desk import Desk

router = APIRouter(prefix="/api", tags=["window"], dependencies=[Depends(require(Role.CLERK))])


def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


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
    """Take an objection: into this office's register, or to be sent to the issuing office.

    It names a check that this clerk made here of late, and a licence that it accepted.
    The same ``request`` again is the same objection.
    """
    desk = _desk(request)
    named = NamedCheck(objection.receipt, objection.check, objection.part)
    taken = desk.counter.take_objection(
        named, objection.fields, raised_by=objection.raised_by,
        statement=objection.statement, evidence=objection.evidence,
        clerk=request.state.token.name, request=objection.request, at=desk.now(),
    )  # fmt: skip
    return {"id": taken.id, "own": taken.own}
