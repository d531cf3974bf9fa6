"""A demonstration world: an issuer in Sichuan, a holder, a window in Chongqing, on one clock."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final, Self

from ecert.demo import demo_roots, fixture
from ecert.issuers.issuer import Issuer
from ecert.model.holders import Holder
from ecert.verify.verifier import Verifier
from ecert.wallet.vault import CHEAPEST
from ecert.wallet.wallet import Wallet

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ecert.model.licence import Licence
    from ecert.workspace import Workspace

REGION: Final = "500000"
MATTER: Final = "机动车业务"
"""The matter for which the driving licence is recognised."""
_NUMBER: Final = "510681199003071237"
HOLDER: Final = Holder("张伟", _NUMBER)
DRIVING: Final = "机动车驾驶证"
_PASSPHRASE: Final = "nothing secret here"  # noqa: S105 - of a demonstration
_OF: Final = {
    DRIVING: {"准驾车型": "C1"},
    "居民身份证": {
        "性别": "男", "民族": "汉", "出生日期": "1990-03-07",
        "住址": "四川省广安市广安区样例路1号",
    },
    "营业执照": {
        "类型": "个体工商户", "法定代表人": "张伟", "成立日期": "2026-01-05",
        "住所": "四川省广安市广安区样例路2号",
    },
}  # fmt: skip
SHOP: Final = Holder("广安区张记理发店（样例）", "92511602MA0000000H", "001")


class DemoClock:
    """The time that everybody in the world reads; tests move it.

    Attributes:
        now: The time.
    """

    def __init__(self, now: datetime | None = None) -> None:
        self.now = now or datetime(2026, 11, 22, 2, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Return the time."""
        return self.now

    def advance(self, **step: float) -> None:
        """Let time pass, as in ``advance(minutes=5)``."""
        self.now += timedelta(**step)


@dataclass(slots=True)
class DemoWorld:
    """Everybody who takes part; all under demonstration keys.

    Attributes:
        folder: A folder of its own.
        clock: Everybody's time.
        issuer: 四川省广安市公安局.
        wallet: The wallet of 张伟.
        verifier: The window in Chongqing.
        workspace: The same window as a workspace, if it was asked for.
        licences: What the wallet holds, by type.
    """

    folder: Path
    clock: DemoClock
    issuer: Issuer
    wallet: Wallet
    verifier: Verifier
    workspace: Workspace | None = None
    licences: dict[str, Licence] = field(default_factory=dict)

    @classmethod
    @contextmanager
    def make(
        cls, folder: Path, *, workspace: bool = False, clock: DemoClock | None = None
    ) -> Iterator[Self]:
        """Make a world in which the good code is accepted.

        Args:
            folder: An empty folder.
            workspace: Whether the window is a workspace.
            clock: Its time.
        """
        clock = clock or DemoClock()
        issuer = Issuer.demo("四川省广安市公安局", region="511600", clock=clock)
        wallet = Wallet.create(folder / "zhang.wallet", _PASSPHRASE, kdf=CHEAPEST, clock=clock)
        opened = _window(folder, clock) if workspace else None
        verifier = Verifier(REGION, clock=clock) if opened is None else opened.verifier
        world = cls(folder, clock, issuer, wallet, verifier, opened)
        try:
            verifier.knowledge.pin(demo_roots())
            for name in _OF:
                world.issue(name)
            world.sync()
            verifier.knowledge.accept(fixture("川渝互认清单"))
            yield world
        finally:
            if opened is not None:
                opened.close()

    def issue(
        self,
        type_name: str = DRIVING,
        *,
        valid_until: date | None = date(2031, 6, 1),
        fields: dict[str, str] | None = None,
        issuer: Issuer | None = None,
    ) -> Licence:
        """Issue a licence to 张伟, or to his shop, and deliver it to the wallet."""
        issuer = issuer or self.issuer
        holder = SHOP if type_name == "营业执照" else HOLDER
        licence = issuer.issue(
            type_name, number=holder.number, holder=holder, valid_until=valid_until,
            fields=_OF.get(type_name, {}) if fields is None else fields,
        )  # fmt: skip
        self.wallet.add(issuer.deliver(licence.id, self.wallet.request(issuer.nonce())))
        self.licences[type_name] = licence
        return licence

    def sync(self) -> None:
        """Bring the window's lists up to date with the issuer's."""
        self.verifier.knowledge.accept(self.issuer.trust_list())
        for status_list in self.issuer.status_lists():
            self.verifier.knowledge.accept(status_list)

    def code(self, *type_names: str, challenge: str | None = None) -> str:
        """Make a fresh code of one licence, or of several together."""
        chosen = [self.licences[name].id for name in type_names or (DRIVING,)]
        return self.wallet.show(*chosen, challenge=challenge).text

    def require_workspace(self) -> Workspace:
        """Return the window's workspace.

        Raises:
            ValueError: The world was made without one.
        """
        if self.workspace is None:
            raise ValueError("this world's window is a verifier alone")
        return self.workspace


def _window(folder: Path, clock: DemoClock) -> Workspace:
    from ecert.workspace import Workspace  # noqa: PLC0415 - a database only where asked for

    made = Workspace.init(
        folder / "window", region=REGION, name="重庆市政务服务中心", demo=True, clock=clock
    )
    if not made.receipts.keys:
        made.receipts.new_key(lambda: "")
    return made
