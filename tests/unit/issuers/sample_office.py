"""An office for the tests of issuing: an issuer on any register, and a clock that tests move."""

from __future__ import annotations

import base64
import zlib
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypedDict

import orjson

from ecert.issuers.application import Application
from ecert.issuers.demonstration import demo_issuer
from ecert.model.holders import Holder

if TYPE_CHECKING:
    from ecert.issuers.issuer import Issuer
    from ecert.issuers.register import Register
    from ecert.model.licence import Licence

NUMBER = "510681199003071237"
ZHANG = Holder("张伟", NUMBER)
LAST_DAY = date(2031, 6, 1)


class Why(TypedDict, total=False):
    """Why, by which decision, by whom: the part of an order that the tests' moves share."""

    reason: str
    document: str
    actor: str


WHY: Why = {"reason": "测试", "document": "测〔2026〕1号", "actor": "王警官"}


class OfficeClock:
    """The time that the office reads; tests move it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **step: float) -> None:
        self.now += timedelta(**step)


def an_issuer(register: Register, clock: OfficeClock) -> Issuer:
    """Return an issuer of Guang'an on this register."""
    return demo_issuer("四川省广安市公安局", region="511600", clock=clock, register=register)


def an_application(**changes: Any) -> Application:
    asked: dict[str, Any] = {
        "type_name": "机动车驾驶证",
        "number": NUMBER,
        "holders": (ZHANG,),
        "fields": {"准驾车型": "C1", "住址": "四川省德阳市什邡市示例路1号"},
        "valid_until": LAST_DAY,
    }
    return Application(**(asked | changes))


def granted(issuer: Issuer, **changes: Any) -> Licence:
    """Issue one licence."""
    return issuer.issue_together([an_application(**changes)])[0]


def published(issuer: Issuer) -> dict[str, int]:
    """Return what the published status lists say, by credential id; read by code of our own."""
    said: dict[str, int] = {}
    for token in issuer.status_lists():
        payload = token.split(".")[1]
        claims = orjson.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        packed = claims["status_list"]["lst"]
        data = zlib.decompress(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
        number = claims["sub"].rsplit("/", 1)[1]
        for place, byte in enumerate(data):
            if byte:
                said[f"{number}-{2 * place}"] = byte & 15
                said[f"{number}-{2 * place + 1}"] = byte >> 4
    return {place: value for place, value in said.items() if value}
