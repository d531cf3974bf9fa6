"""Downloads: the signed file or the sheet of a licence, as a copy for the stated cause (加注件)."""

from __future__ import annotations

import base64
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from ecert import limits
from ecert.errors import (
    EcertError,
    ExtraMissingError,
    ForbiddenMoveError,
    PlotterMissingError,
    StoreError,
)
from ecert.issuers.purpose import Purpose
from ecert.issuers.requests import request_digest
from ecert.issuers.sharing import catalogue
from ecert.issuers.sharing.numbers import ShareStatus, numbers_of
from ecert.model.calendar import office_day
from ecert.sign import sdjwt
from ecert.workspace.sharing.answers import ShareAnswer, refused
from ecert.workspace.sharing.looking import Meant, status_of
from ecert.workspace.sharing.requests import DownloadUrlRequest, ShareRefusal

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from ecert.issuers.issuer import Issuer
    from ecert.model.licence import Licence
    from ecert.show.fonts import FontChain
    from ecert.sign.disclosure import Path
    from ecert.workspace.sharing.answers import Call
    from ecert.workspace.sharing.requests import (
        DownloadByHolderRequest,
        DownloadByIdRequest,
    )

FILE: Final = "sd-jwt"
SHEET: Final = "pdf"
# The profile of a printed sheet: it is handed on, so that it tells the least.
_PROFILE: Final = "minimal"


class Downloads:
    """Makes what is downloaded.

    Args:
        issuer: Who signs.
        fonts: Gives the fonts that a sheet is drawn with.
    """

    def __init__(self, issuer: Issuer, fonts: Callable[[], FontChain]) -> None:
        self._issuer = issuer
        self._fonts = fonts

    def answer(
        self,
        meant: Meant,
        request: DownloadByIdRequest | DownloadByHolderRequest,
        call: Call,
    ) -> ShareAnswer:
        """Return the files, or what a link for one of them would give."""
        if isinstance(request, DownloadUrlRequest):
            return self.offered(meant, request, call)
        return self.files(meant, request, call)

    def offered(self, meant: Meant, request: DownloadUrlRequest, call: Call) -> ShareAnswer:
        """Return what one link would give; nothing is made yet.  Of a licence not in force, that.

        The desk adds the link itself, once the call is written down.
        """
        on = office_day(call.at)
        wanted = _wanted(request, on)
        if isinstance(wanted, ShareRefusal):
            return refused(wanted)
        (licence,) = meant.licences
        if (status := numbers_of(licence, on).status) is not ShareStatus.DONE:
            state = {"certIdentifier": str(licence.id)} | catalogue.state(licence, on)
            return ShareAnswer(status=status, data=state, licences=meant.ids)
        kind, last_day = wanted
        data = {
            "certIdentifier": str(licence.id), "fileType": kind,
            "expiryTime": _written(_until(licence, last_day, call.at)),
        }  # fmt: skip
        return ShareAnswer(status=ShareStatus.DONE, data=data, licences=meant.ids)

    def files(
        self,
        meant: Meant,
        request: DownloadByIdRequest | DownloadByHolderRequest,
        call: Call,
    ) -> ShareAnswer:
        """Return the files of the licences in force; of others only that they are not."""
        on = office_day(call.at)
        wanted = _wanted(request, on)
        if isinstance(wanted, ShareRefusal):
            return refused(wanted)
        kind, last_day = wanted
        current = [one for one in meant.licences if numbers_of(one, on).status is ShareStatus.DONE]
        if not current:
            states = [
                {"certIdentifier": str(one.id)} | catalogue.state(one, on) for one in meant.licences
            ]
            told: Any = states if meant.holder is not None else states[0]
            return ShareAnswer(status=status_of(meant, on), data=told, licences=meant.ids)
        if len(current) > limits.MAX_SHARE_FILES:
            return ShareAnswer(status=ShareStatus.TOO_MANY, licences=meant.ids)
        made = []
        for one in current:
            file = self._file(one, kind, last_day, meant, call)
            if isinstance(file, ShareAnswer):
                return file
            made.append(file)
        return ShareAnswer(
            status=ShareStatus.DONE, data=made if meant.holder is not None else made[0],
            licences=tuple(str(one.id) for one in current),
        )  # fmt: skip

    def _file(
        self, licence: Licence, kind: str, last_day: date | None, meant: Meant, call: Call
    ) -> dict[str, Any] | ShareAnswer:
        try:
            until = _until(licence, last_day, call.at)
            make = self._sd_jwt if kind == FILE else self._pdf
            content = make(licence, until, meant, call)
        except ForbiddenMoveError as error:
            return refused(ShareRefusal(ShareStatus.WRONG_VALUE, "expiryTime", error.zh))
        except (ExtraMissingError, PlotterMissingError) as error:
            return refused(ShareRefusal(ShareStatus.NOT_OFFERED, "fileType", error.zh))
        except StoreError:
            raise  # nothing of it is the caller's fault, and the call could not be logged either
        except EcertError as error:
            return refused(ShareRefusal(ShareStatus.NOT_SIGNED, "", error.zh))
        return {
            "contentType": "base64", "certIdentifier": str(licence.id), "fileType": kind,
            "expiryTime": _written(until),
            "content": base64.b64encode(content).decode("ascii"),
        }  # fmt: skip

    def _sd_jwt(self, licence: Licence, until: date, meant: Meant, call: Call) -> bytes:
        purpose = Purpose(call.cause.strip(), call.token.name, until)
        token = self._issuer.purpose_copy(
            licence.id, purpose, request_id=_request_id(FILE, licence, until, call), at=call.at
        )
        told = catalogue.granted(licence, call.grant.fields)
        places = _places(licence, meant)

        def reveal(path: Path) -> bool:
            if path[0] == "fields":
                return len(path) < 2 or path[1] in told
            # Of several holders only the one who was asked for.
            return path[0] != "holders" or len(path) < 2 or path[1] in places

        return sdjwt.present(token, reveal).encode("ascii")

    def _pdf(self, licence: Licence, until: date, meant: Meant, call: Call) -> bytes:  # noqa: ARG002
        from ecert.show import sheet

        # Fonts first: nothing is signed that cannot be drawn.
        fonts = self._fonts()
        what: dict[str, Any] = {
            "profile": _PROFILE, "purpose": call.cause.strip(), "valid_until": until,
            "at": call.at,
        }  # fmt: skip
        preview = self._issuer.print_preview(licence.id, **what)
        sheet.require_drawable(preview, fonts, missing="mark")
        request_id = _request_id(SHEET, licence, until, call)
        copy = self._issuer.print_copy(licence.id, request_id=request_id, **what)
        return sheet.pdf(copy, fonts, missing="mark")


def _wanted(
    request: DownloadByIdRequest | DownloadByHolderRequest, on: date
) -> tuple[str, date | None] | ShareRefusal:
    kind = (request.file_type or FILE).lower()
    if kind not in {FILE, SHEET}:
        return ShareRefusal(ShareStatus.WRONG_VALUE, "fileType", f"可用{FILE}、{SHEET}，不提供OFD")
    if request.expiry_time is None:
        return kind, None
    text = request.expiry_time
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    # Python also reads week numbers.
    forms = set() if day is None else {day.isoformat(), day.isoformat().replace("-", "")}
    if day is None or text not in forms:
        return ShareRefusal(ShareStatus.WRONG_VALUE, "expiryTime", "应写成yyyymmdd")
    if day > on + timedelta(days=limits.MAX_SHARE_COPY_DAYS):
        most = limits.MAX_SHARE_COPY_DAYS
        return ShareRefusal(ShareStatus.WRONG_VALUE, "expiryTime", f"最长{most}天")
    return kind, day


def _until(licence: Licence, last_day: date | None, at: datetime) -> date:
    """Return the copy's last day: as asked, else a month on or the licence's own end."""
    if last_day is not None:
        return last_day
    day = office_day(at) + timedelta(days=limits.SHARE_COPY_DAYS)
    return day if licence.valid_until is None else min(day, licence.valid_until)


def _written(day: date) -> str:
    return day.isoformat().replace("-", "")


def _request_id(kind: str, licence: Licence, until: date, call: Call) -> str:
    # The same call again gives the same copy: a repeated request takes no status index.
    digest = request_digest({
        "kind": kind, "token": call.token.id, "licence": str(licence.id), "cause": call.cause,
        "until": until.isoformat(),
    })  # fmt: skip
    return f"share:{digest}"


def _places(licence: Licence, meant: Meant) -> frozenset[int]:
    asked = meant.holder
    return frozenset(
        place
        for place, one in enumerate(licence.holders)
        if asked is None or catalogue.is_same(one, asked)
    )
