"""The API of the list keeper's page: check a workbook, propose it, accept, sign, bring in force."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Any, Final

import anyio
import anyio.to_thread
from fastapi import APIRouter, Body, Depends, Path, Query, Request

from ecert.service import lists_files
from ecert.service.authentication import require
from ecert.service.lists_answers import told_check, told_list, told_proposal, told_whole
from ecert.service.lists_given import CheckedList, Chosen, Seen, UploadedList
from ecert.service.lists_state import Lists, ToldRoute, lists_of
from ecert.store.tokens import AccessToken
from ecert.workspace.access import Role
from ecert.workspace.lists.checking import ListChecking
from ecert.workspace.lists.deciding import ListDesk
from ecert.workspace.passphrases import given_passphrase
from ecert.workspace.recognition_choices import made_choices, read_choices, write_choices

if TYPE_CHECKING:
    from fastapi import FastAPI

    from ecert.clock import Clock
    from ecert.workspace import Workspace

PASSPHRASE_VARIABLE: Final = "ECERT_LIST_PASSPHRASE"  # noqa: S105 - the variable's name
"""Of the workspace's keys for recognition lists; without it only people sign them, off line."""

# Workbooks are looked through one by one; those that wait take no thread from anybody meanwhile.
_CHECKS_AT_ONCE: Final = anyio.CapacityLimiter(1)

router = APIRouter(
    prefix="/api/lists", tags=["lists"], route_class=ToldRoute,
    dependencies=[Depends(require(Role.LIST_KEEPER))],
)  # fmt: skip
Keeper = Annotated[AccessToken, Depends(require(Role.LIST_KEEPER))]
Workbook = Annotated[bytes, Body(media_type="application/octet-stream")]
Key = Annotated[str, Path(pattern="^[0-9a-f]{16}$")]


def attach(app: FastAPI, workspace: Workspace, clock: Clock) -> None:
    """Add the list keeper's API to the service."""
    desk = ListDesk(workspace, clock, passphrase=given_passphrase(os.environ, PASSPHRASE_VARIABLE))
    app.state.lists = Lists(workspace, clock, ListChecking(workspace), desk)
    app.include_router(router)
    app.include_router(lists_files.router)


@router.get("")
def overview(request: Request, by: Keeper) -> dict[str, Any]:
    """Tell which lists are in force, what waits, and what was."""
    lists = lists_of(request)
    desk, settings = lists.desk, lists.workspace.settings
    desk.look_up()
    known = lists.workspace.catalogue
    return {
        "office": {"name": settings.name, "region": settings.region, "demo": settings.demo},
        "me": by.name,
        "signs": desk.signs,
        "lists": [told_list(one) for one in lists.workspace.knowledge.recognition.lists],
        "proposals": [told_proposal(desk, one, by) for one in desk.newest()],
        "types": [{"code": one.code, "name": one.name} for one in known],
        "choices": [
            {"name": one.name, "type": one.type, "by": one.by, "at": one.at.isoformat()}
            for one in read_choices(lists.workspace.path).choices
        ],
    }


@router.post("/check")
async def check(
    request: Request, data: Workbook, given: Annotated[UploadedList, Query()]
) -> dict[str, Any]:
    """Look a workbook through: every finding at its cell, and what it would change."""
    lists = lists_of(request)

    def look() -> dict[str, Any]:
        return told_check(lists.check(data, given, lists.clock()), lists.workspace.catalogue)

    return await anyio.to_thread.run_sync(look, limiter=_CHECKS_AT_ONCE)


@router.post("/choices")
def choose(request: Request, by: Keeper, chosen: Chosen) -> dict[str, Any]:
    """Remember which licence type a name stands for; the last word counts."""
    lists = lists_of(request)
    folder = lists.workspace.path
    with lists.one:
        made = made_choices(
            {chosen.name: chosen.type}, lists.workspace.catalogue, by=by.name, at=lists.clock()
        )
        write_choices(folder, read_choices(folder).with_choices(made))
    return {"name": made[0].name, "type": made[0].type}


@router.post("/proposals")
def propose(
    request: Request, by: Keeper, data: Workbook, given: Annotated[CheckedList, Query()]
) -> dict[str, Any]:
    """Propose the list that a workbook gives, as it was checked; a second person decides."""
    lists = lists_of(request)
    checked = lists.check(data, given, given.moment(lists.clock()))
    kept = lists.desk.propose(
        checked, by, digest=given.digest, base=given.base, file=given.shown_name
    )
    return told_proposal(lists.desk, kept, by)


@router.get("/proposals/{key}")
def proposal(request: Request, by: Keeper, key: Key) -> dict[str, Any]:
    """Tell a proposal, and what it would change now."""
    lists = lists_of(request)
    lists.desk.look_up()
    return told_whole(lists.desk, lists.desk.get(key), by, lists.workspace.catalogue)


@router.post("/proposals/{key}/accept")
def accept(request: Request, by: Keeper, key: Key, seen: Seen) -> dict[str, Any]:
    """Accept what somebody else has proposed; it is signed then, if the service signs."""
    desk = lists_of(request).desk
    desk.look_up()
    return told_proposal(desk, desk.accept(key, by, digest=seen.digest, base=seen.base), by)


@router.post("/proposals/{key}/sign")
def sign(request: Request, by: Keeper, key: Key) -> dict[str, Any]:
    """Sign an accepted list with the workspace's key, where that has not been done."""
    desk = lists_of(request).desk
    desk.look_up()
    return told_proposal(desk, desk.sign(key, by), by)


@router.post("/proposals/{key}/signed")
def take_signed(request: Request, by: Keeper, key: Key, data: Workbook) -> dict[str, Any]:
    """Take a signed list back in; when all parties have signed, it is in force."""
    desk = lists_of(request).desk
    desk.look_up()
    return told_proposal(desk, desk.take_signed(key, data, by), by)


@router.post("/proposals/{key}/end")
def end(request: Request, by: Keeper, key: Key) -> dict[str, Any]:
    """Withdraw one's own proposal, or reject another's."""
    desk = lists_of(request).desk
    return told_proposal(desk, desk.end(key, by), by)
