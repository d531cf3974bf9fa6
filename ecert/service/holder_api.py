"""The API of the holder's page; it may stand in any application that knows who its holder is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Depends, HTTPException, Query
from fastapi.responses import JSONResponse

from ecert.errors import NotHeldError
from ecert.limits import MAX_SEARCH_CHARS
from ecert.model import masks
from ecert.service import holder_told, pages
from ecert.service.holder_bodies import (
    Cancelling,
    Deposit,
    MatterAsked,
    NewPIN,
    OldPIN,
    Showing,
)
from ecert.service.holder_consent_api import add_consents
from ecert.service.holder_mandate_api import add_mandates
from ecert.service.holder_route import HolderRoute
from ecert.service.holder_told import refused
from ecert.wallet.content import WalletKind
from ecert.workspace.holder_consents import HolderConsents
from ecert.workspace.holder_desk import ShowWish
from ecert.workspace.holder_refusals import HolderRefusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from ecert.wallet.content import WalletKind
    from ecert.wallet.wallet import Wallet
from ecert.workspace.holder_desk import HolderDesk

PREFIX: Final = "/api/wallet"
"""Where the page looks for its API, seen from its own folder."""
HOLDER_FILES: Final = frozenset({
    "base.css", "words.js", "api.js", "icon.svg", "holder.css", "holder_words.js", "holder_view.js",
    "holder_code.js", "holder_show.js", "holder_consent.js", "holder_log.js", "holder_pin.js",
    "holder_mandate.js", "holder.js",
})  # fmt: skip
"""The page's files; an application that serves this page alone serves no others."""
_NO_MATTER: Final = {
    "error": "no-matter",
    "zh": "该地区没有这个事项或应用场景",
    "en": "no such matter or scene there",
}
Region = Annotated[str, Query(pattern=r"^[0-9]{6}$")]
Words = Annotated[str, Query(max_length=MAX_SEARCH_CHARS)]


def account_router(desk: HolderDesk, account: Callable[..., str]) -> APIRouter:
    """Return the holder's API for an application with a sign-in of its own.

    Args:
        desk: The wallets.
        account: A FastAPI dependency that returns the account of whoever is signed in, and raises
            `HTTPException` 401 if nobody is.
    """

    def holder(name: str = Depends(account)) -> bytes:
        return desk.wallets.handle(name)

    return holder_router(desk, holder)


def holder_pages() -> APIRouter:
    """Return the page, at ``/wallet``, and its files, at ``/static``."""
    return pages.router_of({"/wallet": "holder.html"}, HOLDER_FILES)


def holder_router(desk: HolderDesk, holder: Callable[..., bytes]) -> APIRouter:
    """Return the holder's API, under `PREFIX`.

    Args:
        desk: The wallets.
        holder: A dependency that returns the handle of whoever is signed in, or raises 401.
    """
    made = APIRouter(prefix=PREFIX, tags=["wallet"], route_class=HolderRoute)
    _add_looking(made, desk, Depends(holder))
    _add_showing(made, desk, Depends(holder))
    add_consents(made, desk, Depends(holder))
    add_mandates(made, desk, Depends(holder))
    _add_log(made, desk, Depends(holder))
    _add_pin(made, desk, Depends(holder))
    return made


def _add_looking(made: APIRouter, desk: HolderDesk, who: Any) -> None:
    @made.get("")
    def wallet(holder: bytes = who) -> dict[str, Any]:
        """Tell what is in the holder's wallet, and what may be done with it."""
        return _wallet(desk, desk.open(holder))

    @made.get("/matters")
    def matters(region: Region, q: Words = "", _: bytes = who) -> dict[str, Any]:
        """Find matters and scenes for which licences may be shown in a region."""
        return {"matters": [] if desk.matters is None else list(desk.matters.find(q, region))}

    @made.post("/suggest")
    def suggest(asked: MatterAsked, holder: bytes = who) -> dict[str, Any]:
        """Tell the least that has to be shown for a matter."""
        found = desk.suggest(holder, asked.licences, asked.matter, asked.region)
        if found is None:
            raise HTTPException(404, _NO_MATTER)
        return holder_told.suggestion(found)


def _add_showing(made: APIRouter, desk: HolderDesk, who: Any) -> None:
    @made.post("/show", response_model=None)
    def show(asked: Showing, holder: bytes = who) -> dict[str, Any] | JSONResponse:
        """Make a show code of the holder's licences."""
        wish = ShowWish(
            licences=tuple(asked.licences), profiles=asked.profiles, challenge=asked.challenge,
            pin=asked.pin, matter=asked.matter, to=asked.to,
        )  # fmt: skip
        done = desk.show(holder, wish)
        return refused(done) if isinstance(done, HolderRefusal) else holder_told.show_code(*done)

    @made.post("/online", response_model=None)
    def online(asked: Deposit, holder: bytes = who) -> dict[str, Any] | JSONResponse:
        """Deposit a licence behind an online code."""
        fields = _fields(desk, desk.open(holder), asked)
        made = desk.clock()
        done = desk.deposit(holder, asked.licence, fields, asked.pin)
        if isinstance(done, HolderRefusal):
            return refused(done)
        return holder_told.online_code(*done, made)

    @made.post("/online/cancel")
    def cancel(asked: Cancelling, holder: bytes = who) -> dict[str, Any]:
        """Cancel an online code that was not used yet."""
        return {"cancelled": desk.cancel(holder, asked.code)}


def _add_log(made: APIRouter, desk: HolderDesk, who: Any) -> None:
    @made.get("/log")
    def log(holder: bytes = who) -> dict[str, Any]:
        """Tell what was shown, newest first."""
        wallet = desk.open(holder)
        return {
            "shown": [holder_told.group(one) for one in desk.log(wallet)],
            "dropped": wallet.log.dropped,
        }

    @made.delete("/log")
    def clear(holder: bytes = who) -> dict[str, Any]:
        """Forget what was shown."""
        desk.clear_log(holder)
        return {}

    @made.post("/log/online")
    def fetched(holder: bytes = who) -> dict[str, Any]:
        """Ask the show services who fetched or tried to fetch what."""
        found = desk.fetched(holder)
        return {"fetched": [holder_told.fetched(one, desk.catalogue) for one in found]}


def _add_pin(made: APIRouter, desk: HolderDesk, who: Any) -> None:
    @made.put("/pin", response_model=None)
    def set_pin(asked: NewPIN, holder: bytes = who) -> dict[str, Any] | JSONResponse:
        """Set the show PIN, or change it."""
        done = desk.set_pin(holder, asked.new, asked.current)
        return {} if done is None else refused(done)

    @made.delete("/pin", response_model=None)
    def remove_pin(asked: OldPIN, holder: bytes = who) -> dict[str, Any] | JSONResponse:
        """Do without a show PIN."""
        done = desk.remove_pin(holder, asked.current)
        return {} if done is None else refused(done)


def _wallet(desk: HolderDesk, wallet: Wallet) -> dict[str, Any]:
    regions = {} if desk.matters is None else desk.matters.regions()
    mask = "none" if wallet.kind is WalletKind.ENTERPRISE else "name"
    return {
        "kind": wallet.kind.value,
        "owner": None if wallet.owner is None else masks.apply(mask, wallet.owner.name),
        "cards": [holder_told.card(one) for one in desk.cards(wallet)],
        "pin": {"set": wallet.pin.is_set, "tries_left": wallet.pin.tries_left},
        "online": bool(desk.services.services),
        "services": [
            {"region": region, "name": name}
            for region, name in HolderConsents(desk).services(wallet).items()
        ],
        "regions": [{"code": code, "name": name} for code, name in regions.items()],
    }


def _fields(desk: HolderDesk, wallet: Wallet, asked: Deposit) -> tuple[str, ...] | None:
    """Return the fields that an online code hands over: those that the profile names.

    Raises:
        NotHeldError: The licence, or this profile of it, is not in the wallet.
    """
    card = next((one for one in desk.cards(wallet) if one.id == asked.licence), None)
    profile = None if card is None else card.profile(asked.profile)
    if profile is None:
        raise NotHeldError("卡包中没有这份证照或亮证方式", "no such licence or profile here")
    if profile.fields is None:
        raise NotHeldError(
            "不了解此证照类型，不能在线出示", "the type is not known here: not shown on line"
        )
    held = wallet.fields(asked.licence)
    inside = held.get("fields")
    known = {*(inside if isinstance(inside, dict) else ()), "number"}
    return tuple(one for one in profile.fields if one in known)
