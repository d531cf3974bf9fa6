"""``ecert deliver``: put an issued licence into a holder's wallet."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ecert.cli.arguments import LicenceName
from ecert.cli.command import DryRun, command
from ecert.cli.issuer import receiving_wallet_at
from ecert.cli.terminal import Terminal
from ecert.cli.wallet_keys import find_key_id
from ecert.cli.words import told

WalletOption = Annotated[
    Path,
    typer.Option(
        "--wallet", metavar="FILE", help=told("卡包文件，没有则新建", "The wallet; made if absent")
    ),
]
BoundTo = Annotated[
    str | None,
    typer.Option(
        "--key", metavar="KEY",
        help=told(
            "绑定到卡包的哪个密钥（序号或编号前8位），默认为其默认密钥",
            "Which key of the wallet it is bound to (row, or 8 characters of the id)",
        ),
    ),
]  # fmt: skip
OfAnother = Annotated[
    bool,
    typer.Option(
        "--of-another",
        help=told(
            "代为保管他人的证照（如未成年子女）", "Keep somebody else's licence, such as a child's"
        ),
    ),
]


def declare(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    command(
        app, "deliver", zh="把已颁发的证照送达卡包", en="Deliver an issued licence into a wallet"
    )(deliver)


def deliver(
    terminal: Terminal,
    licence: LicenceName,
    wallet: WalletOption,
    key: BoundTo = None,
    of_another: OfAnother = False,
    dry_run: DryRun = False,
) -> None:
    """Deliver a licence that was issued before; what the wallet had of it is replaced."""
    from ecert.clock import system_clock
    from ecert.issuers.credentials import require_in_force
    from ecert.workspace import handover

    with terminal.workspace() as workspace:
        issuer = workspace.issuer  # a window has none
        found = workspace.licences.find(licence)
        require_in_force(found, system_clock())
        if not dry_run:
            workspace.unlock_licence_key()
            with receiving_wallet_at(terminal, workspace, wallet) as receiving:
                bound = None if key is None else find_key_id(receiving, key)
                handover.deliver(issuer, found, receiving, key=bound, of_another=of_another)
    plain = {"licence": str(found.id), "wallet": str(wallet), "dry_run": dry_run}
    what = f"{found.type_name}（***{found.holder.last_four}）"
    terminal.emit(plain, [terminal.words(
        f"{'可以送达' if dry_run else '√ 已送达'}卡包 {wallet}：{what}",
        f"{'Would deliver' if dry_run else '√ Delivered'} into the wallet {wallet}: {what}",
    )])  # fmt: skip
