"""The API of the hall's manager: checks of a day, windows that live, and ages of lists."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request, Response

from ecert.limits import HALL_DAYS, WINDOW_SILENT_MINUTES
from ecert.service.authentication import require
from ecert.service.hall_bodies import Day, Form, Language, SignReport, Silent, TokenId
from ecert.store.hall import WindowSign
from ecert.store.tokens import AccessToken
from ecert.workspace.access import Role
from ecert.workspace.hall_words import plain_figures, plain_window

if TYPE_CHECKING:
    from ecert.service.desk import Desk
    from ecert.service.pulse import Pulse
    from ecert.workspace.hall import HallDesk

router = APIRouter(prefix="/api/hall", tags=["hall"], dependencies=[Depends(require(Role.AUDITOR))])
reports = APIRouter(prefix="/api/hall", tags=["hall"])
_MEDIA: Final = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


def _hall(request: Request) -> HallDesk:
    hall: HallDesk = request.app.state.workspace.hall
    pulse: Pulse = request.app.state.pulse
    # What this process has counted belongs to the answer; others' come within seconds.
    pulse.flush()
    return hall


@router.get("/day")
def day(
    request: Request,
    day: Annotated[Day | None, Query()] = None,
    token: Annotated[TokenId | None, Query()] = None,
) -> dict[str, Any]:
    """Tell the checks of one of the last 90 days, today by default: of one token, or of all."""
    hall = _hall(request)
    return plain_figures(hall.figures(day, token=token)) | {
        "today": hall.today.isoformat(),
        "first_day": hall.first_day.isoformat(),
        "hall": request.app.state.desk.window(),
    }


@router.get("/days")
def days(request: Request) -> dict[str, Any]:
    """Tell on which of the last days there were checks, and how many."""
    found = _hall(request).days()
    return {
        "kept_days": HALL_DAYS,
        "days": [{"day": one.isoformat(), "checks": checks} for one, checks in found],
    }


@router.get("/windows")
def windows(
    request: Request, silent_minutes: Annotated[Silent, Query()] = WINDOW_SILENT_MINUTES
) -> dict[str, Any]:
    """Tell how every window stands, those first that somebody has to look after."""
    desk: Desk = request.app.state.desk
    found = _hall(request).windows(timedelta(minutes=silent_minutes))
    return {
        "at": desk.now().isoformat(),
        "silent_minutes": silent_minutes,
        "windows": [plain_window(one) for one in found],
    }


@router.get("/lists")
def lists(request: Request) -> dict[str, Any]:
    """Tell the age of every list in force here, those that end first before the others."""
    desk: Desk = request.app.state.desk
    at = desk.now()
    return {
        "at": at.isoformat(),
        "lists": [
            {
                "list": one.slot,
                "version": one.version,
                "issued": one.issued.isoformat(),
                "expires": one.expires.isoformat(),
                "age_seconds": int((at - one.issued).total_seconds()),
                "left_seconds": int((one.expires - at).total_seconds()),
                "state": one.state,
            }
            for one in desk.known()
        ],
    }


@router.get("/export", response_class=Response)
def export(
    request: Request,
    day: Annotated[Day | None, Query()] = None,
    token: Annotated[TokenId | None, Query()] = None,
    form: Annotated[Form, Query()] = "xlsx",
    language: Annotated[Language, Query()] = "zh",
) -> Response:
    """Hand out the tallies of one day as a workbook or as CSV for Excel."""
    hall = _hall(request)
    day = day or hall.today
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"ecert-hall-{day.isoformat()}.{form}"
        hall.write_table(path, day, token=token, chinese=language == "zh")
        data = path.read_bytes()
    headers = {"content-disposition": f'attachment; filename="{path.name}"'}
    return Response(data, media_type=_MEDIA[form], headers=headers)


@reports.post("/sign")
def sign(
    request: Request,
    report: SignReport,
    token: Annotated[AccessToken, Depends(require(Role.CLERK))],
) -> dict[str, Any]:
    """Take the sign of life of a window with a database of its own; each token has one."""
    desk: Desk = request.app.state.desk
    # The hall's clock: another machine's may be wrong.
    at = desk.now()
    hall: HallDesk = request.app.state.workspace.hall
    hall.store.sign(
        WindowSign(
            id=f"token:{token.id}", window=report.window, machine=report.machine,
            software=report.software, token=token.id, started=at, seen=at, lists=report.lists,
            synced=report.synced, expires=report.expires,
        )
    )  # fmt: skip
    return {"at": at.isoformat()}
