"""``ecert wallet create`` and ``owner``: a wallet, and whose it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ecert.cli.arguments import Alg, WalletFile, read_alg
from ecert.cli.command import DryRun, command
from ecert.cli.terminal import Terminal
from ecert.cli.wallet_secrets import open_wallet
from ecert.cli.words import told
from ecert.errors import FormatError

if TYPE_CHECKING:
    from ecert.model.holders import Holder
    from ecert.wallet.wallet import Wallet

Enterprise = Annotated[
    bool,
    typer.Option("--enterprise", help=told("企业卡包（一企一码）", "An enterprise's wallet")),
]
OwnerName = Annotated[
    str | None,
    typer.Option(
        "--owner",
        metavar="NAME",
        help=told(
            "卡包所有人的姓名或名称；设置后不收他人证照",
            "Whose wallet it is; it then refuses licences of others",
        ),
    ),
]
OwnerNumber = Annotated[
    str | None, typer.Option("--owner-number", help=told("所有人的号码", "The owner's number"))
]
NoOwner = Annotated[
    bool, typer.Option("--none", help=told("不登记所有人", "Let the wallet know no owner"))
]


def declare(wallets: typer.Typer) -> None:
    """Add the commands to the group ``wallet``."""
    command(wallets, "create", zh="新建卡包", en="Make a wallet")(create)
    command(wallets, "owner", zh="登记卡包所有人", en="Tell a wallet whose it is")(set_owner)


def create(
    terminal: Terminal,
    file: WalletFile,
    alg: Alg = None,
    owner: OwnerName = None,
    owner_number: OwnerNumber = None,
    enterprise: Enterprise = False,
    dry_run: DryRun = False,
) -> None:
    """Make a wallet."""
    from ecert.wallet.wallet import Wallet
    from ecert.workspace.keyfiles import require_suite

    suite = read_alg(alg)
    kind, holder = read_owner(owner, owner_number, enterprise=enterprise)
    if file.exists():
        raise FormatError(
            "文件已存在，不会覆盖", "the file exists and is not overwritten", where=str(file),
            fix_zh="请换一个文件名", fix_en="Choose another name",
        )  # fmt: skip
    require_suite(suite)
    if not dry_run:
        secret = terminal.passphrase(str(file), new=True, wallet=True)
        with terminal.busy("正在新建卡包……", "Making the wallet …"):
            Wallet.create(file, secret, alg=suite, kind=kind, owner=holder)
    done = terminal.words(
        "将新建" if dry_run else "√ 已新建", "Would make" if dry_run else "√ Made"
    )
    terminal.emit(
        {"wallet": str(file), "alg": suite, "kind": kind, "dry_run": dry_run},
        [terminal.words(f"{done}卡包 {file}", f"{done} the wallet {file}")],
    )


def set_owner(
    terminal: Terminal,
    file: WalletFile,
    owner: OwnerName = None,
    owner_number: OwnerNumber = None,
    enterprise: Enterprise = False,
    none: NoOwner = False,
    dry_run: DryRun = False,
) -> None:
    """Tell a wallet whose it is; it then refuses licences of others."""
    kind, holder = read_owner(owner, owner_number, enterprise=enterprise)
    if (holder is None) is not none:
        raise FormatError(
            "请写明所有人，或用 --none", "say whose it is, or --none", where="--owner, --none"
        )
    wallet, _ = open_wallet(terminal, file)
    if not dry_run:
        wallet.set_owner(holder, kind=wallet.kind if none else kind)
    _tell_owner(terminal, file, wallet, holder, dry_run=dry_run)


def _tell_owner(
    terminal: Terminal, file: Path, wallet: Wallet, holder: Holder | None, *, dry_run: bool
) -> None:
    ends = "" if holder is None else f"***{holder.last_four}"
    plain = {"wallet": str(file), "kind": wallet.kind.value, "owner": ends, "dry_run": dry_run}
    done_zh, done_en = ("将登记", "Would note") if dry_run else ("√ 已登记", "√ Noted")
    terminal.emit(plain, [terminal.words(
        f"{done_zh}：{wallet.kind.zh}，{f'所有人 {ends}' if ends else '不登记所有人'}",
        f"{done_en}: {wallet.kind.value}, {f'owner {ends}' if ends else 'no owner'}",
    )])  # fmt: skip


def read_owner(
    name: str | None, number: str | None, *, enterprise: bool
) -> tuple[str, Holder | None]:
    """Return the kind of wallet and its owner, as the options say.

    Raises:
        FormatError: Only one of name and number was given, or one does not have its form.
    """
    from ecert.model.holders import Holder

    if (name is None) is not (number is None):
        raise FormatError(
            "姓名和号码须同时给出", "name and number belong together",
            where="--owner, --owner-number",
        )  # fmt: skip
    kind = "enterprise" if enterprise else "personal"
    if name is None or number is None:
        return kind, None
    return kind, Holder(name, number, "001" if enterprise else "111")
