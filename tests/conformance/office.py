"""A day between Guang'an and Chongqing, as documents and codes for the door's questions."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

import ecert
from ecert.wallet.vault_header import CHEAPEST

if TYPE_CHECKING:
    from pathlib import Path

MATTER = "机动车业务"
CHONGQING = "500000"


def b64(data: bytes | str) -> str:
    """Base64, as the door takes bytes."""
    return base64.b64encode(data.encode() if isinstance(data, str) else data).decode()


@dataclass(frozen=True, slots=True)
class Office:
    """One issuer, one wallet and one driving licence."""

    issuer: ecert.Issuer
    wallet: ecert.Wallet
    licence: ecert.Licence
    at: datetime

    @property
    def seconds(self) -> int:
        """The day's time, as the door takes it."""
        return int(self.at.timestamp())

    def knowledge(self) -> list[str]:
        """What a Chongqing window knows, in order: roots, trust, status, recognition list."""
        return [
            *(b64(roots) for roots in ecert.demo_roots()),
            b64(self.issuer.trust_list(at=self.at)),
            b64(self.issuer.status_list(at=self.at)),
            b64(ecert.fixture("川渝互认清单")),
        ]

    def code(self, profile: str = "minimal", challenge: str | None = None) -> str:
        """A fresh show code."""
        shown = self.wallet.show(self.licence.id, profile=profile, challenge=challenge, at=self.at)
        return shown.text


def open_office(folder: Path, at: datetime) -> Office:
    """Issue a licence to a new wallet."""
    issuer = ecert.Issuer.demo("四川省广安市公安局", region="511600", clock=lambda: at)
    wallet = ecert.Wallet.create(
        folder / "zhang.wallet", "correct horse 电池", kdf=CHEAPEST, clock=lambda: at
    )
    licence = issuer.issue(
        "机动车驾驶证",
        number="510681199003071237",
        holder=ecert.Holder("张伟", "510681199003071237"),
        fields={"准驾车型": "C1"},
        valid_until=date(2031, 6, 1),
    )
    wallet.add(issuer.deliver(licence.id, wallet.request(issuer.nonce())))
    return Office(issuer, wallet, licence, at)
