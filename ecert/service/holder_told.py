"""What the holder's API answers: plain data, and no more of a licence than the page shows."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from fastapi.responses import JSONResponse

from ecert.limits import SHOW_CODE_LIFE
from ecert.model.regions import name_of
from ecert.show.online import region_of
from ecert.show.render import svg
from ecert.wallet.show_log import ONLINE
from ecert.workspace.holder_refusals import HolderFault

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ecert.model.catalogue import Catalogue
    from ecert.show.code import ShowCode
    from ecert.show.online import OnlineCode
    from ecert.show.suggestion import Suggestion
    from ecert.wallet.cards import Card
    from ecert.wallet.mandates import HeldMandate
    from ecert.wallet.show_groups import ShowGroup
    from ecert.workspace.holder_consents import ConsentRequest
    from ecert.workspace.holder_refusals import HolderRefusal

_STATUS = {HolderFault.TOO_OFTEN: 429}
_LIFE = int(SHOW_CODE_LIFE.total_seconds())


def card(one: Card) -> dict[str, Any]:
    """Return a licence as the list has it."""
    return {
        "id": one.id,
        "type_name": one.type_name,
        "issuer_name": one.issuer_name,
        "holders": list(one.holders),
        "number_end": one.number_end,
        "valid_until": None if one.valid_until is None else one.valid_until.isoformat(),
        "state": one.state.value,
        "key": one.key[:8],
        "profiles": [
            {
                "name": way.name, "zh": list(way.zh), "en": list(way.en),
                "online": None if way.fields is None else list(way.fields),
            }
            for way in one.profiles
        ],
    }  # fmt: skip


def show_code(code: ShowCode, made: datetime) -> dict[str, Any]:
    """Return a show code as it is drawn; how long it lives counts from ``made``."""
    return {"svg": svg(code.text, border=4), "made": made.isoformat(), "life_seconds": _LIFE}


def online_code(code: OnlineCode, until: str, made: datetime) -> dict[str, Any]:
    """Return an online code: its digits, and its picture; its life counts from ``made``."""
    return {
        "digits": code.grouped,
        "svg": svg(code.text, border=4),
        "made": made.isoformat(),
        "expires": until,
        "region_name": name_of(code.region),
    }


def group(one: ShowGroup) -> dict[str, Any]:
    """Return one showing of the log."""
    record = one.record
    region = region_of(record.to)
    return {
        "from": one.begun.isoformat(),
        "until": one.ended.isoformat(),
        "codes": one.count,
        "licences": [name for _, name in record.licences],
        "profile": record.profile,
        "online": record.profile == ONLINE,
        "challenge": record.challenge,
        "to": record.to if region is None else "",
        "service": None if region is None else name_of(region),
        "matter": record.matter,
        "pin": record.pin,
    }


def fetched(entry: Mapping[str, Any], catalogue: Catalogue) -> dict[str, Any]:
    """Return what a show service says that somebody has fetched; every value as text."""
    said = entry.get("purpose")
    purpose = said if isinstance(said, dict) else {}
    who = entry.get("verifier")
    verifier = who if isinstance(who, dict) else {}
    types = entry.get("types")
    return {
        "at": str(entry.get("at", "")),
        "outcome": str(entry.get("outcome", "")),
        "office": str(verifier.get("office") or ""),
        "matter": str(purpose.get("itemName", "")),
        "cause": str(purpose.get("useCause", "")),
        "licences": [_type_name(one, catalogue) for one in types or () if isinstance(one, str)],
    }


def consent(found: ConsentRequest, at: datetime) -> dict[str, Any]:
    """Return what a window asks, and what the wallet has of it; ``at`` is now."""
    said = found.purpose
    return {
        "state": found.state,
        "left_seconds": _left(found.expires, at),
        "office": found.office,
        "region_name": found.region_name,
        "organisation": said.get("orgName", ""),
        "clerk": said.get("username", ""),
        "matter": said.get("itemName", ""),
        "case": said.get("businessCode", ""),
        "cause": said.get("useCause", ""),
        "types": [
            {
                "name": one.name,
                "licences": [
                    card(held.card) | {"fields": list(held.fields), "portrait": held.portrait}
                    for held in one.licences
                ],
            }
            for one in found.types
        ],
    }  # fmt: skip


def mandate(one: HeldMandate, at: datetime, *, here: bool) -> dict[str, Any]:
    """Return a mandate; ``at`` is now, ``here`` whether it can be withdrawn at this office."""
    return {
        "id": one.id,
        "given": one.given,
        "agent": one.agent,
        "agent_number": one.agent_number,
        "licences": [held.type_name for held in one.licences],
        "matters": list(one.matters),
        "from": one.begins.isoformat(),
        "last": (one.ends - timedelta(microseconds=1)).isoformat(),
        "ended": at >= one.ends,
        "place": str(one.place),
        "here": here,
    }


def refused(refusal: HolderRefusal) -> JSONResponse:
    """Return why a holder does not get what was asked for."""
    plain = {"error": refusal.fault.value, "tries_left": refusal.tries_left}
    response = JSONResponse(plain, _STATUS.get(refusal.fault, 403))
    if refusal.retry_after is not None:
        response.headers["retry-after"] = str(refusal.retry_after)
    return response


def suggestion(found: Suggestion) -> dict[str, Any]:
    """Return what to show for a matter, and what does not do, and why."""
    return {
        "matter": found.matter.name,
        "shown": [
            {
                "id": one.licence_id, "profile": one.profile.name,
                "zh": list(one.tells()), "en": list(one.tells("en")),
            }
            for one in found.shown
        ],
        "obstacles": [
            {
                "id": one.licence_id,
                "zh": one.reason.wording.zh, "en": one.reason.wording.en,
                "fields": list(one.fields),
            }
            for need in found.needs for one in need.obstacles
        ],
        "codes": max(1, len(found.matters)),
    }  # fmt: skip


def _left(moment: str, at: datetime) -> int:
    """Return the seconds until a moment as a service tells it; 0 if it tells none."""
    try:
        ends = datetime.fromisoformat(moment)
    except ValueError:
        return 0
    return 0 if ends.tzinfo is None else max(0, int((ends - at).total_seconds()))


def _type_name(code: str, catalogue: Catalogue) -> str:
    known = catalogue.get(code)
    return code if known is None else known.name
