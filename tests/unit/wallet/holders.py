"""What the wallet's tests share: a vault in memory, an issuer, licences delivered."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import ecert

if TYPE_CHECKING:
    from ecert.show.delivery import Delivery

AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
NUMBER = "510681199003071237"
ZHANG = ecert.Holder("张伟", NUMBER)
CHILD = ecert.Holder("张小雨", "510681201805200029")
PASSPHRASE = "川渝通办-2026"


class Drawer:
    """A vault in memory, without a passphrase, which keeps whatever was written."""

    def __init__(self, payload: bytes = b"") -> None:
        self.written = [payload] if payload else []

    @property
    def payload(self) -> bytes:
        return self.written[-1] if self.written else b""

    def read(self) -> bytes:
        return self.payload

    def write(self, payload: bytes) -> None:
        self.written.append(payload)


class LockedDrawer(Drawer):
    """The same, with a passphrase."""

    def opens_with(self, passphrase: str) -> bool:
        return passphrase == PASSPHRASE


def office() -> ecert.Issuer:
    """An issuer in memory."""
    return ecert.Issuer.demo("四川省广安市公安局", region="511600", clock=lambda: AT)


def issue(issuer: ecert.Issuer, **changes: object) -> ecert.Licence:
    """Issue a driving licence to Zhang Wei, but for the changes."""
    application: dict[str, object] = {
        "number": NUMBER,
        "holder": ZHANG,
        "fields": {"准驾车型": "C1"},
        "valid_until": date(2031, 6, 1),
    }
    return issuer.issue("机动车驾驶证", **(application | changes))  # type: ignore[arg-type]


def delivered(
    issuer: ecert.Issuer, wallet: ecert.Wallet, licence: ecert.Licence, key: str | None = None
) -> Delivery:
    """Sign a licence for a wallet, without putting it there."""
    return issuer.deliver(licence.id, wallet.request(issuer.nonce(), key=key))


def wallet_in(vault: Drawer, **how: object) -> ecert.Wallet:
    """Make a wallet in a vault."""
    return ecert.Wallet.found(vault, clock=lambda: AT, **how)  # type: ignore[arg-type]
