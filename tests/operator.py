"""Whoever runs an app's hosted wallets: two holders, an enterprise, and the service before them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import ecert
from ecert.service.holder_service import holder_application
from ecert.store.hosted import SQLHostedRows
from ecert.wallet.custodian import MemoryCustodian
from ecert.wallet.hosted import HostedWallets
from ecert.workspace import Workspace
from ecert.workspace.holder_access import HolderAccess
from ecert.workspace.holder_desk import HolderDesk
from ecert.workspace.holder_matters import HolderMatters
from ecert.workspace.show_services import ShowServices

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi import FastAPI

AT = datetime(2026, 11, 22, 2, tzinfo=UTC)
NUMBERS = {"zhang": "510681199003071237", "li": "510104199001010019"}
NAMES = {"zhang": "张伟", "li": "李秀英"}
PIN = "482913"


@dataclass
class Clock:
    """The time; tests move it."""

    now: datetime = AT

    def __call__(self) -> datetime:
        return self.now

    def go(self, **how: float) -> None:
        """Let time pass."""
        self.now += timedelta(**how)


@dataclass
class Operator:
    """An app back end: its workspace, its hosted wallets, and an issuer."""

    folder: Path
    services: ShowServices = field(default_factory=ShowServices)
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.workspace = Workspace.init(
            self.folder / "app", region="510000", name="某政务服务平台", demo=True, clock=self.clock
        )
        self.police = ecert.Issuer.demo("四川省广安市公安局", region="511600", clock=self.clock)
        self.workspace.knowledge.pin(ecert.demo_roots())
        self.workspace.knowledge.accept(ecert.fixture("川渝互认清单"))
        self.custodian = MemoryCustodian()
        self.wallets = HostedWallets.set_up(SQLHostedRows(self.workspace.engine), self.custodian)
        self.licences: dict[str, list[str]] = {}
        for account, name in NAMES.items():
            owner = ecert.Holder(name, NUMBERS[account])
            self.wallets.create(account, owner=owner, clock=self.clock)
            self.licences[account] = [
                self.give(account, "机动车驾驶证", owner, {"准驾车型": "C1"}, date(2031, 6, 1)),
                self.give(account, "社会保障卡", owner, {"社会保障卡卡号": "SC12345678"}, None),
            ]
        self.desk = HolderDesk(
            wallets=self.wallets, clock=self.clock, catalogue=self.workspace.catalogue,
            services=self.services, matters=HolderMatters(self.workspace),
        )  # fmt: skip
        self.access = HolderAccess(self.workspace.engine, self.wallets)

    def give(
        self,
        account: str,
        type_name: str,
        holder: ecert.Holder,
        fields: dict[str, Any],
        until: date | None,
    ) -> str:
        """Issue a licence into a wallet; returns its id."""
        licence = self.police.issue(
            type_name, number=holder.number, holder=holder, fields=fields, valid_until=until
        )
        wallet = self.wallets.open(account, clock=self.clock)
        proof = wallet.request(self.police.nonce())
        wallet.add(self.police.deliver(licence.id, proof), of_another=True)
        return str(licence.id)

    def app(self) -> FastAPI:
        """Return the service."""
        return holder_application(self.desk, self.access, secure=False, clock=self.clock)

    def wallet(self, account: str) -> ecert.Wallet:
        """Open a holder's wallet, as the back end does."""
        return self.wallets.open(account, clock=self.clock)

    def link(self, account: str) -> str:
        """Make a link for one holder."""
        return self.access.link(account, self.clock()).secret

    def window(self) -> ecert.Verifier:
        """Return a window in Chongqing that has all lists."""
        window = ecert.Verifier(region="500000", clock=self.clock)
        window.knowledge.pin(ecert.demo_roots())
        for document in (
            self.police.trust_list(), self.police.status_list(), ecert.fixture("川渝互认清单"),
        ):  # fmt: skip
            window.knowledge.accept(document)
        return window
