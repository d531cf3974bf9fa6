"""A world with a show service in Guang'an, and a window in Chongqing that has a token there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import ecert
from ecert import limits
from ecert.online.answers import Caller, Handed, Refused
from ecert.online.consent import ConsentDesk
from ecert.online.desk import ShowDesk
from ecert.online.locker import Locker
from ecert.online.purpose import AccessPurpose
from ecert.online.storage import Rates
from ecert.online.verifiers import new_verifier
from ecert.show.online import OnlineCode, audience_of
from ecert.store.show_service import SQLShowStore
from tests.flows.world import MATTER, World

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from ecert.store.engine import Engine

REGION: Final = "511600"
WORDS: Final = {
    "orgName": "重庆市政务服务中心", "username": "李四", "itemName": MATTER,
    "itemCode": "500112001", "businessCode": "2026-0001", "useCause": "办理换证",
}  # fmt: skip
PURPOSE: Final = AccessPurpose.read(WORDS)
KEY: Final = b"k" * 32


@dataclass
class Office:
    """One show service and who uses it."""

    world: World
    engine: Engine
    rates: Rates = field(default_factory=Rates)
    token: str = ""

    def __post_init__(self) -> None:
        world = self.world
        known = ecert.Verifier(REGION, clock=world.clock).knowledge
        known.pin(ecert.demo_roots())
        known.accept(world.police.trust_list())
        known.accept(ecert.fixture("川渝互认清单"))
        self.known = known
        self.store = SQLShowStore(self.engine)
        self.desk = self.new_desk()
        self.consent = ConsentDesk(self.desk)
        self.token = self.verifier("500000")

    def new_desk(self, *, key: bytes = KEY) -> ShowDesk:
        """Return another process's desk on the same store."""
        return ShowDesk(
            region=REGION, store=self.store, known=self.known, locker=Locker(key),
            rates=self.rates,
        )  # fmt: skip

    @property
    def now(self) -> datetime:
        """What everybody's clock says."""
        return self.world.clock()

    def verifier(self, region: str, *, days: int = 30) -> str:
        """Add a verifier and return its token."""
        record, token = new_verifier(region=region, office="窗口", days=days, at=self.now)
        self.store.add_verifier(record)
        return token

    def deposit(
        self, *, life: timedelta = limits.ONLINE_CODE_LIFE, fields: tuple[str, ...] | None = None
    ) -> OnlineCode:
        """Deposit the licence behind a new code."""
        code = OnlineCode.new(REGION)
        self.desk.deposit(code.text, self.present(code, fields), life=life, at=self.now)
        return code

    def present(self, code: OnlineCode, fields: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """Return the licence, bound to a code."""
        return self.world.wallet.present(
            self.world.licence.id, fields=fields, audience=audience_of(REGION), nonce=code.nonce
        )

    def caller(self, token: str | None = None, address: str = "10.0.0.1") -> Caller:
        """Return the window in Chongqing, or whoever has ``token``."""
        return Caller(self.token if token is None else token, address, PURPOSE)

    def redeem(self, code: OnlineCode | str, **who: str) -> Handed | Refused:
        """Redeem a code at the window."""
        text = code if isinstance(code, str) else code.text
        return self.desk.redeem(text, self.caller(**who), at=self.now)

    def ask(self, act: str, about: str = "") -> str:
        """Sign a request of the holder."""
        return self.world.wallet.ask(act, audience_of(REGION), about=about)

    def log(self) -> tuple[dict[str, Any], ...]:
        """Return the holder's log."""
        return self.desk.log(self.ask("log"), at=self.now)
