"""The API of the issuing office: issue, look up, and change what becomes of a licence."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Path, Request

from ecert.errors import FormatError
from ecert.issuers.granting import Changes
from ecert.issuers.queries import Wanted
from ecert.limits import MAX_NAME_CHARS
from ecert.model.calendar import office_day
from ecert.model.codes import last_four
from ecert.model.holders import Holder
from ecert.model.licence import LicenceState
from ecert.service.authentication import require
from ecert.service.register_bodies import (
    DismissOrder,
    IssueOrder,
    LicenceQuery,
    MoveOrder,
    OneLicence,
    UpholdOrder,
)
from ecert.store.tokens import AccessToken
from ecert.workspace.access import Role

if TYPE_CHECKING:
    from fastapi import FastAPI

    from ecert.issuers.issuer import Issuer
    from ecert.issuers.queries import Row
    from ecert.issuers.records import Objection
    from ecert.workspace import Workspace

router = APIRouter(
    prefix="/api/register", tags=["register"], dependencies=[Depends(require(Role.ISSUER))]
)
ObjectionId = Annotated[str, Path(min_length=1, max_length=MAX_NAME_CHARS)]
Official = Annotated[AccessToken, Depends(require(Role.ISSUER))]


def attach(app: FastAPI, workspace: Workspace) -> None:
    """Add the issuing office's API to the service."""
    # Made once, here: a cached property made by two threads at once would be made twice.
    app.state.issuer = workspace.issuer
    app.include_router(router)


def _issuer(request: Request) -> Issuer:
    issuer: Issuer = request.app.state.issuer
    return issuer


@router.post("/find")
def find(request: Request, query: LicenceQuery) -> dict[str, Any]:
    """Find licences, page by page; names and numbers are shown in part."""
    issuer, wanted = _issuer(request), Wanted()
    if query.number is not None:
        wanted["number"] = query.number
    if query.holder_number is not None:
        wanted["holder_number"] = query.holder_number
    if query.type is not None:
        wanted["type_code"] = issuer.catalogue.require(query.type).code
    if query.state is not None:
        wanted["state"] = _state(query.state)
    today = office_day(request.app.state.desk.now())
    page = issuer.archive.find(after=query.after, limit=query.limit, on=today, **wanted)
    return {
        "licences": [_line(one, today) for one in page.rows], "next_after": page.next_after,
    }  # fmt: skip


@router.post("/licence")
def licence(request: Request, asked: OneLicence) -> dict[str, Any]:
    """Tell one licence whole, with what happened to it and the objections that are open."""
    issuer = _issuer(request)
    found = issuer.licence(asked.licence)
    today = office_day(request.app.state.desk.now())
    return {
        "licence": found.to_dict(),
        "standing": found.standing(today).value,
        "events": [
            {
                "move": one.move.value, "at": one.at.isoformat(), "reason": one.reason,
                "document": one.document, "actor": one.actor,
            }
            for one in issuer.events(found.id)
        ],
        "credentials": len(issuer.credentials(found.id)),
        "objections": [
            _objection(one) for one in issuer.objections.of(found.id) if one.is_open
        ],
    }  # fmt: skip


@router.post("/issue")
def issue(request: Request, order: IssueOrder, by: Official) -> dict[str, Any]:
    """Issue a licence; the same request again gives the same licence."""
    made = _issuer(request).issue(
        order.type,
        number=order.number,
        holder=[Holder(one.name, one.number, one.number_type) for one in order.holders],
        fields=dict(order.fields),
        valid_until=_day(order.valid_until, "valid_until"),
        valid_from=_day(order.valid_from, "valid_from"),
        actor=by.name,
        request_id=order.request,
        at=request.app.state.desk.now(),
    )
    return {"licence": str(made.id), "state": made.state.value}


@router.post("/move")
def move(request: Request, order: MoveOrder, by: Official) -> dict[str, Any]:
    """Suspend, reinstate, cancel, withdraw or revoke; windows see it with the next publication."""
    act = getattr(_issuer(request), order.move)
    moved = act(
        order.licence, reason=order.reason, document=order.document, actor=by.name,
        request_id=order.request, at=request.app.state.desk.now(),
    )  # fmt: skip
    return {"licence": str(moved.id), "state": moved.state.value}


@router.get("/objections")
def objections(request: Request) -> dict[str, Any]:
    """Tell the objections (异议) that nobody has decided yet, the oldest first."""
    return {"objections": [_objection(one) for one in _issuer(request).objections.open()]}


@router.get("/objections/{objection}")
def objection(request: Request, objection: ObjectionId) -> dict[str, Any]:
    """Tell one objection, the licence that it is about, and what was made of it."""
    issuer = _issuer(request)
    found = issuer.objections.one(objection)
    corrected = issuer.licence(found.correction).to_dict() if found.correction else None
    return {
        "objection": _objection(found),
        "licence": issuer.licence(found.licence_id).to_dict(),
        "corrected": corrected,
    }


@router.post("/objections/{objection}/uphold")
def uphold(
    request: Request, objection: ObjectionId, order: UpholdOrder, by: Official
) -> dict[str, Any]:
    """Uphold an objection (异议成立): the licence is corrected (更正) by a new version.

    The version before is kept, superseded; the same request again gives the same correction.
    """
    issuer = _issuer(request)
    new = issuer.objections.uphold(
        objection, _changes(order), reason=order.reason, document=order.document, actor=by.name,
        request_id=order.request, at=request.app.state.desk.now(),
    )  # fmt: skip
    decided = issuer.objections.one(objection)
    return {
        "objection": _objection(decided), "licence": str(new.id), "state": new.state.value,
    }  # fmt: skip


@router.post("/objections/{objection}/dismiss")
def dismiss(
    request: Request, objection: ObjectionId, order: DismissOrder, by: Official
) -> dict[str, Any]:
    """Dismiss an objection (驳回), with the reason; the licence stays as it is."""
    decided = _issuer(request).objections.dismiss(
        objection, reason=order.reason, document=order.document, actor=by.name,
        request_id=order.request, at=request.app.state.desk.now(),
    )  # fmt: skip
    return {"objection": _objection(decided)}


def _changes(order: UpholdOrder) -> Changes:
    changes = Changes()
    if order.fields:
        changes["fields"] = dict(order.fields)
    if order.number is not None:
        changes["number"] = order.number
    if order.holders is not None:
        changes["holders"] = [
            Holder(one.name, one.number, one.number_type) for one in order.holders
        ]
    if (first := _day(order.valid_from, "valid_from")) is not None:
        changes["valid_from"] = first
    if "valid_until" in order.model_fields_set:
        changes["valid_until"] = _day(order.valid_until, "valid_until")
    return changes


def _line(row: Row, today: date) -> dict[str, Any]:
    one = row.licence
    return {
        "row": row.number,
        "licence": str(one.id),
        "type": one.type_name,
        "type_code": one.type_code,
        "number": f"***{last_four(one.number)}",
        "holders": [holder.masked_name for holder in one.holders],
        "standing": one.standing(today).value,
        "issued_on": one.issued_on.isoformat(),
        "valid_until": None if one.valid_until is None else one.valid_until.isoformat(),
    }


def _objection(one: Objection) -> dict[str, Any]:
    return {
        "id": one.id, "licence": one.licence_id, "fields": list(one.fields),
        "statement": one.statement, "evidence": one.evidence, "raised_by": one.raised_by,
        "raised_at": one.raised_at.isoformat(), "state": one.state.value,
        "decided_by": one.decided_by, "decision": one.decision, "correction": one.correction,
        "decided_at": None if one.decided_at is None else one.decided_at.isoformat(),
    }  # fmt: skip


def _state(text: str) -> LicenceState:
    try:
        return LicenceState(text)
    except ValueError:
        raise FormatError(
            "没有这种状态", "there is no such state", where="state",
            fix_zh=f"可用：{'、'.join(LicenceState)}",
            fix_en=f"There are: {', '.join(LicenceState)}",
        ) from None  # fmt: skip


def _day(text: str | None, where: str) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise FormatError(
            "没有这一天", "there is no such day", where=where,
            fix_zh="请写成 2031-06-01 的样子", fix_en="Write it like 2031-06-01",
        ) from None  # fmt: skip
