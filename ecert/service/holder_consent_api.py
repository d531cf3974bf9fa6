"""The part of the holder's API by which windows ask, and holders agree or refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi.responses import JSONResponse

from ecert.service import holder_told
from ecert.service.holder_bodies import Agreement, ConsentCode, ConsentOpening
from ecert.workspace.holder_consents import HolderConsents
from ecert.workspace.holder_refusals import HolderRefusal

if TYPE_CHECKING:
    from fastapi import APIRouter

    from ecert.workspace.holder_desk import HolderDesk


def add_consents(made: APIRouter, desk: HolderDesk, who: Any) -> None:
    """Add the paths to the holder's API.

    Args:
        made: The router.
        desk: The wallets.
        who: The dependency that gives the handle of whoever is signed in.
    """
    consents = HolderConsents(desk)

    @made.post("/consent", response_model=None)
    def open_code(asked: ConsentOpening, holder: bytes = who) -> dict[str, Any] | JSONResponse:
        """Open a code by which one window may ask for licences."""
        begun = desk.clock()
        done = consents.open(holder, asked.region, asked.pin)
        if isinstance(done, HolderRefusal):
            return holder_told.refused(done)
        return holder_told.online_code(*done, begun)

    @made.post("/consent/pending")
    def pending(asked: ConsentCode, holder: bytes = who) -> dict[str, Any]:
        """Tell who asks by a code, for what, and what the wallet has of it."""
        return holder_told.consent(consents.pending(holder, asked.code), desk.clock())

    @made.post("/consent/agree", response_model=None)
    def agree(asked: Agreement, holder: bytes = who) -> dict[str, Any] | JSONResponse:
        """Hand over what was asked for, or a part of it."""
        done = consents.agree(holder, asked.code, asked.licences, asked.pin)
        if isinstance(done, HolderRefusal):
            return holder_told.refused(done)
        return {"types": len(done)}

    @made.post("/consent/decline")
    def decline(asked: ConsentCode, holder: bytes = who) -> dict[str, Any]:
        """Refuse what was asked for."""
        consents.decline(holder, asked.code)
        return {}
