"""Whoever runs an app's hosted wallets: two holders, an enterprise, and the service before them."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import ecert
from ecert.online.answers import Caller
from ecert.online.desk import ShowDesk
from ecert.online.locker import Locker
from ecert.online.purpose import AccessPurpose
from ecert.online.verifiers import new_verifier
from ecert.service.holder_service import holder_application
from ecert.service.show import make_app
from ecert.store.engine import open_engine
from ecert.store.hosted import SQLHostedRows
from ecert.store.show_service import SQLShowStore
from ecert.wallet.content import WalletKind
from ecert.wallet.custodian import MemoryCustodian
from ecert.wallet.hosted import HostedWallets
from ecert.workspace import Workspace
from ecert.workspace.holder_access import HolderAccess
from ecert.workspace.holder_desk import HolderDesk
from ecert.workspace.holder_matters import HolderMatters
from ecert.workspace.show_services import ShowServiceAddress, ShowServices
from tests.online.office import WORDS
from tests.online.server import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastapi import FastAPI

AT = datetime(2026, 11, 22, 2, tzinfo=UTC)
PIN = "482913"
NUMBERS = {"zhang": "510681199003071237", "li": "510104199001010019"}
NAMES = {"zhang": "张伟", "li": "李秀英"}
COMPANY = ecert.Holder("四川样例食品有限公司", "91510100MA6CGU5N1T", "001")


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
class Office:
    """What many tests begin with: a folder with wallets, their issuer, their custody."""

    folder: Path
    police: ecert.Issuer
    custodian: MemoryCustodian
    licences: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def make(cls, folder: Path) -> Office:
        """Make the workspace and the wallets."""
        clock = Clock()
        police = ecert.Issuer.demo("四川省广安市公安局", region="511600", clock=clock)
        made = cls(folder, police, MemoryCustodian())
        with Workspace.init(
            folder / "app", region="510000", name="某政务服务平台", demo=True, clock=clock
        ) as app:
            app.knowledge.pin(ecert.demo_roots())
            app.knowledge.accept(ecert.fixture("川渝互认清单"))
            wallets = HostedWallets.set_up(SQLHostedRows(app.engine), made.custodian)
            for account, name in NAMES.items():
                owner = ecert.Holder(name, NUMBERS[account])
                wallet = wallets.create(account, owner=owner, clock=clock)
                made.licences[account] = [
                    made.give(wallet, "机动车驾驶证", owner, date(2031, 6, 1), 准驾车型="C1"),
                    made.give(wallet, "社会保障卡", owner, None, 社会保障卡卡号="SC12345678"),
                ]
            wallets.create("company", kind=WalletKind.ENTERPRISE, owner=COMPANY, clock=clock)
        return made

    def give(
        self,
        wallet: ecert.Wallet,
        type_name: str,
        holder: ecert.Holder,
        until: date | None,
        **fields: Any,
    ) -> str:
        """Issue a licence into a wallet; returns its id."""
        licence = self.police.issue(
            type_name, number=holder.number, holder=holder, fields=fields, valid_until=until
        )
        proof = wallet.request(self.police.nonce())
        wallet.add(self.police.deliver(licence.id, proof))
        return str(licence.id)


class Operator:
    """An app back end over a copy of an office's folder."""

    def __init__(self, office: Office, folder: Path) -> None:
        shutil.copytree(office.folder, folder, dirs_exist_ok=True)
        self.clock = Clock()
        self.police, self.licences = office.police, office.licences
        self.workspace = Workspace.open(folder / "app", clock=self.clock)
        self.wallets = HostedWallets(SQLHostedRows(self.workspace.engine), office.custodian)
        self.desk = HolderDesk(
            wallets=self.wallets, clock=self.clock, catalogue=self.workspace.catalogue,
            matters=HolderMatters(self.workspace),
        )  # fmt: skip
        self.access = HolderAccess(self.workspace.engine, self.wallets)

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
        for document in (self.police.trust_list(), ecert.fixture("川渝互认清单")):
            window.knowledge.accept(document)
        # Mandates have places in lists of their own.
        for status_list in self.police.status_lists():
            window.knowledge.accept(status_list)
        return window


@contextmanager
def show_service(operator: Operator, path: Path) -> Iterator[ShowDesk]:
    """Run a show service in Guang'an that the operator knows."""
    known = ecert.Verifier("511600", clock=operator.clock).knowledge
    known.pin(ecert.demo_roots())
    known.accept(operator.police.trust_list())
    known.accept(ecert.fixture("川渝互认清单"))
    with open_engine(path) as engine:
        desk = ShowDesk(
            region="511600", store=SQLShowStore(engine), known=known, locker=Locker(b"k" * 32)
        )
        with serving(make_app(desk, clock=operator.clock)) as address:
            service = ShowServiceAddress(region="511600", url=address, allow_http=True)
            operator.desk = replace(operator.desk, services=ShowServices((service,)))
            yield desk


def caller_at(desk: ShowDesk) -> Caller:
    """Return a window in Chongqing that has a token at a show service."""
    record, token = new_verifier(region="500000", office="窗口", days=30, at=AT)
    desk.store.add_verifier(record)
    return Caller(token, "10.0.0.1", AccessPurpose.read(WORDS))
