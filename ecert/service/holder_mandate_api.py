"""The part of the holder's API about mandates (委托): looked at, made, withdrawn."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any

from ecert.errors import FormatError, ProofError
from ecert.service import holder_told
from ecert.service.holder_bodies import AgentAsked, MandateGiven, MandateNamed
from ecert.workspace.holder_mandates import HolderMandates, MandateWish
from ecert.workspace.holder_refusals import HolderRefusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import APIRouter
    from fastapi.responses import JSONResponse

    from ecert.workspace.holder_desk import HolderDesk


def add_mandates(made: APIRouter, desk: HolderDesk, who: Any) -> None:
    """Add the paths to the holder's API.

    Args:
        made: The router.
        desk: The wallets.
        who: The dependency that gives the handle of whoever is signed in.
    """
    mandates = HolderMandates(desk)

    @made.get("/mandates")
    def kept(holder: bytes = who) -> dict[str, Any]:
        """Tell what was entrusted, by the holder and to them."""
        now = desk.clock()
        return {
            "mandates": [
                holder_told.mandate(one, now, here=mandates.is_here(one.place))
                for one in mandates.kept(holder)
            ],
            "enters": desk.issuer is not None,
        }

    @made.post("/mandates/agent")
    def agent(asked: AgentAsked, _: bytes = who) -> dict[str, Any]:
        """Tell whom an agent's request names."""
        with _own_mistake():
            named = mandates.agent(asked.agent)
        return {"name": named.name, "number": named.number}

    @made.post("/mandates", response_model=None)
    def give(asked: MandateGiven, holder: bytes = who) -> dict[str, Any] | JSONResponse:
        """Sign a mandate; what comes back is for the agent alone."""
        wish = MandateWish(
            agent=asked.agent, licences=tuple(dict.fromkeys(asked.licences)),
            matters=tuple(asked.matters), until=_day(asked.until), place=asked.place,
            pin=asked.pin,
        )  # fmt: skip
        with _own_mistake():
            done = mandates.give(holder, wish)
        if isinstance(done, HolderRefusal):
            return holder_told.refused(done)
        return {"id": done.id, "package": done.to_bytes().decode("utf-8")}

    @made.post("/mandates/withdraw")
    def withdraw(asked: MandateNamed, holder: bytes = who) -> dict[str, Any]:
        """Withdraw a mandate that was entered at this office."""
        mandates.withdraw(holder, asked.id)
        return {}


@contextmanager
def _own_mistake() -> Iterator[None]:
    """Tell a request that does not hold as what it is: a mistake of whoever pasted it."""
    try:
        yield
    except ProofError as error:
        raise FormatError(
            error.zh, error.en, where="agent", fix_zh=error.fix_zh, fix_en=error.fix_en
        ) from error


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise FormatError("没有这一天", "there is no such day", where="until") from error
