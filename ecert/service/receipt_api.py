"""The API of the auditor: find receipts, look at one, check chains, replay, export."""

from __future__ import annotations

import threading
from datetime import datetime, time, timedelta
from typing import IO, TYPE_CHECKING, Annotated, Any, Final, cast

import orjson
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse

from ecert.errors import EcertError, FormatError, TrustError
from ecert.model.calendar import SHANGHAI
from ecert.model.identifiers import LicenceId
from ecert.reasons import Outcome
from ecert.service.authentication import require
from ecert.service.hall_bodies import Day
from ecert.service.piping import Pipe
from ecert.service.receipt_bodies import (
    After,
    CaseNumber,
    ChainCheck,
    LicenceText,
    ReceiptNumber,
    ReceiptReplay,
    WindowName,
)
from ecert.service.receipt_words import plain_receipt, plain_replay, plain_report, plain_row
from ecert.verify.receipts import ReceiptQuery
from ecert.workspace.access import Role
from ecert.workspace.receipts_file import write_keys, write_receipts

if TYPE_CHECKING:
    from datetime import date

    from ecert.workspace import Workspace
    from ecert.workspace.receipts import ReceiptDesk

router = APIRouter(
    prefix="/api/receipts", tags=["receipts"], dependencies=[Depends(require(Role.AUDITOR))]
)
_PAGE: Final = 50
_LINES: Final = "application/x-ndjson"
_BUSY: Final = {
    "zh": "另一次核对正在进行，请稍后再试",
    "en": "another check is under way: try again later",
}
# Checking a million receipts takes minutes of one processor: one at a time.
_CHECKING: Final = threading.Lock()


def _workspace(request: Request) -> Workspace:
    workspace: Workspace = request.app.state.workspace
    return workspace


def _desk(request: Request) -> ReceiptDesk:
    workspace = _workspace(request)
    # The receipt key is rolled over by another program while this one runs.
    workspace.keys.refresh()
    return workspace.receipts


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)


def _end(day: date) -> datetime | None:
    """Return the end of a day; None for the last day there is, which bounds nothing."""
    return None if day == day.max else _begin(day) + timedelta(days=1)


@router.get("")
def find(
    request: Request,
    case: Annotated[CaseNumber | None, Query()] = None,
    licence: Annotated[LicenceText | None, Query()] = None,
    window: Annotated[WindowName | None, Query()] = None,
    outcome: Annotated[Outcome | None, Query()] = None,
    since: Annotated[Day | None, Query()] = None,
    until: Annotated[Day | None, Query()] = None,
    after_window: Annotated[WindowName | None, Query()] = None,
    after_number: Annotated[After, Query()] = 0,
    limit: Annotated[int, Query(ge=1, le=_PAGE * 4)] = _PAGE,
) -> dict[str, Any]:
    """Find receipts, by window and number; the last day counts to its end."""
    query = ReceiptQuery(
        case=case, window=window, outcome=None if outcome is None else outcome.value,
        licence=None if licence is None else _standard_id(licence),
        since=None if since is None else _begin(since),
        until=None if until is None else _end(until),
        after=(after_window or "", after_number), limit=limit,
    )  # fmt: skip
    found = _desk(request).find(query)
    last = found[-1] if len(found) == limit else None
    return {
        "receipts": [plain_row(one) for one in found],
        # There may be more behind it.
        "next": None if last is None else {"window": last.window, "number": last.number},
    }


def _standard_id(text: str) -> str:
    # Receipts write the standard's check character, whatever stands on the licence.
    read = LicenceId.parse(text)
    return str(LicenceId.make(read.type_code, read.issuer, read.serial, read.version))


@router.get("/windows")
def windows(request: Request) -> dict[str, Any]:
    """Tell the windows that have receipts, and where each chain ends."""
    return {
        "own": _desk(request).window,
        "heads": [head._asdict() for head in _desk(request).heads()],
    }


@router.get("/one")
def one(
    request: Request,
    window: Annotated[WindowName, Query()],
    number: Annotated[ReceiptNumber, Query()],
) -> dict[str, Any]:
    """Tell all that one receipt says, and whether its signature is proven."""
    desk = _desk(request)
    signed = desk.require(number, window).open()
    fault: EcertError | None = None
    try:
        desk.prove(signed)
    except TrustError as error:
        fault = error
    return plain_receipt(signed, _workspace(request).knowledge.catalogue, fault)


@router.get("/export", response_class=Response)
def export(
    request: Request,
    window: Annotated[WindowName, Query()],
    number: Annotated[ReceiptNumber, Query()],
) -> Response:
    """Hand out one receipt as it was signed."""
    stored = _desk(request).require(number, window)
    headers = {"content-disposition": f'attachment; filename="receipt-{number}.jwt"'}
    return Response(stored.token, media_type="application/jwt", headers=headers)


@router.get("/chain", response_class=StreamingResponse)
def chain(request: Request, window: Annotated[WindowName, Query()]) -> StreamingResponse:
    """Hand out the whole chain of one window, for an auditor elsewhere (JSON lines)."""
    desk = _desk(request)
    if window not in {head.window for head in desk.heads()}:
        raise FormatError("这个窗口没有回执", "this window has no receipts", where="window")

    def write(pipe: Pipe) -> None:
        with desk.store.view() as view:
            write_receipts(view, window, cast("IO[bytes]", pipe))

    headers = {"content-disposition": 'attachment; filename="receipts.jsonl"'}
    return StreamingResponse(iter(Pipe(write)), media_type=_LINES, headers=headers)


@router.get("/keys", response_class=Response)
def keys(request: Request) -> Response:
    """Hand out the public halves of the keys that sign receipts here."""
    headers = {"content-disposition": 'attachment; filename="receipt-keys.json"'}
    data = write_keys(_desk(request).keys)
    return Response(data, media_type="application/json", headers=headers)


@router.post("/check", response_class=StreamingResponse)
def check(request: Request, asked: ChainCheck) -> StreamingResponse:
    """Check chains; lines of JSON: ``checked`` while it goes on, at the end the ``report``."""
    desk = _desk(request)

    def run(pipe: Pipe) -> None:
        def tell(plain: dict[str, Any]) -> None:
            pipe.write(orjson.dumps(plain, option=orjson.OPT_APPEND_NEWLINE))

        # Here, where it is also let go: an answer that nobody reads begins no work.
        if not _CHECKING.acquire(blocking=False):
            tell({"error": _BUSY})
            return
        try:
            report = desk.verify(
                window=asked.window, noted=asked.noted, progress=lambda n: tell({"checked": n})
            )
            tell({"report": plain_report(report)})
        except EcertError as error:
            tell({"error": {"zh": error.zh, "en": error.en}})
        finally:
            _CHECKING.release()

    return StreamingResponse(iter(Pipe(run)), media_type=_LINES)


@router.post("/replay")
def replay(request: Request, asked: ReceiptReplay) -> dict[str, Any]:
    """Verify the same presentation again with the lists of that day.

    The presentation is the code or file that was shown then, or is in the case copy (存卷件);
    the window's database does not keep it.
    """
    desk = _desk(request)
    signed = desk.require(asked.number, asked.window).open()
    receipt, shown = desk.prove(signed), asked.shown
    if asked.copy_text is not None:
        proven = desk.prove_copy(asked.copy_text.strip())
        if proven.receipt.digest != signed.digest:
            raise FormatError(
                "这份存卷件属于另一份回执", "this case copy belongs to another receipt",
                where="copy_text",
            )  # fmt: skip
        shown = proven.copy.presentation
    if shown is None:
        raise FormatError(
            "还要给出当时出示的码、文件或存卷件", "what was shown then is needed too",
            where="shown",
        )  # fmt: skip
    return plain_replay(desk.replay(receipt, shown))
