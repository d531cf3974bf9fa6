"""``ecert issue``: grant a licence, and put it into a holder's wallet."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ecert.cli.arguments import RequestId, read_day, read_fields
from ecert.cli.command import DryRun, command
from ecert.cli.grounds import Actor, this_user
from ecert.cli.portraits import PortraitFile, read_portrait
from ecert.cli.terminal import Terminal
from ecert.cli.words import told
from ecert.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecert.model.catalogue import LicenceType
    from ecert.model.holders import Holder
    from ecert.model.licence import Licence
    from ecert.wallet.wallet import Wallet
    from ecert.workspace import Workspace

TypeName = Annotated[
    str,
    typer.Argument(metavar="TYPE", help=told("证照类型的名称或代码", "Name or code of the type")),
]
HolderName = Annotated[
    str,
    typer.Option("--holder", metavar="NAME", help=told("持证主体姓名或名称", "The holder's name")),
]
Number = Annotated[
    str, typer.Option("--number", help=told("证照编号", "The number printed on the licence"))
]
HolderNumber = Annotated[
    str | None,
    typer.Option(
        "--holder-number",
        help=told(
            "持证主体代码；编号即为本人号码的证照可省略",
            "The holder's own number; may be left out where the licence's number is just that",
        ),
    ),
]
HolderType = Annotated[
    str | None,
    typer.Option(
        "--holder-type",
        metavar="CODE",
        help=told(
            "持证主体代码类型：111 公民身份号码，001 统一社会信用代码，……",
            "Kind of the holder's number: 111 resident id, 001 social credit code, …",
        ),
    ),
]
Enterprise = Annotated[
    bool,
    typer.Option(
        "--enterprise", help=told("持证主体是法人或其他组织", "The holder is a body, not a person")
    ),
]
Fields = Annotated[
    list[str] | None,
    typer.Option(
        "--field",
        "-f",
        metavar="NAME=VALUE",
        help=told("照面信息，可重复", "A field of the licence; may be repeated"),
    ),
]
Until = Annotated[
    str | None,
    typer.Option(
        "--until",
        metavar="DATE",
        help=told(
            "有效期截止日期（含当日），如 2031-06-01", "Last day, inclusive, such as 2031-06-01"
        ),
    ),
]
NoEnd = Annotated[bool, typer.Option("--no-end", help=told("长期有效", "Without end (长期)"))]
From = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="DATE",
        help=told("有效期起始日期，默认今天", "First day; today by default"),
    ),
]
Predecessor = Annotated[
    str | None,
    typer.Option(
        "--predecessor",
        metavar="ID",
        help=told(
            "转入：原地区那份证照的证照标识",
            "Transferred in: licence id in the region it comes from",
        ),
    ),
]
Into = Annotated[
    Path | None,
    typer.Option(
        "--wallet",
        metavar="FILE",
        help=told("送达到此卡包，没有则新建", "Deliver it into this wallet; made if absent"),
    ),
]


def declare(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    command(app, "issue", zh="颁发一份证照", en="Issue a licence")(issue)


def issue(
    terminal: Terminal,
    type_name: TypeName,
    holder: HolderName,
    number: Number,
    holder_number: HolderNumber = None,
    holder_type: HolderType = None,
    enterprise: Enterprise = False,
    field: Fields = None,
    until: Until = None,
    no_end: NoEnd = False,
    valid_from: From = None,
    predecessor: Predecessor = None,
    portrait: PortraitFile = None,
    actor: Actor = None,
    request_id: RequestId = None,
    wallet: Into = None,
    dry_run: DryRun = False,
) -> None:
    """Issue a licence, and deliver it into a wallet if one is named."""
    from ecert.issuers.memory import MemoryRegister
    from ecert.model.identifiers import LicenceId
    from ecert.workspace import handover

    fields = read_fields(field or ())
    last = _last_day(until, no_end=no_end)
    first = None if valid_from is None else read_day(valid_from, "--from")
    picture = None if portrait is None else read_portrait(portrait)
    before = None if predecessor is None else LicenceId.parse(predecessor)
    with terminal.workspace() as workspace:
        issuer = workspace.issuer_on(MemoryRegister()) if dry_run else workspace.issuer
        licence_type = issuer.catalogue.require(type_name)
        held_by = _holder(licence_type, holder, number, holder_number, holder_type, enterprise)

        def carry_out() -> Licence:
            return issuer.issue(
                licence_type.code, number=number, holder=held_by, fields=fields, valid_until=last,
                valid_from=first, predecessor=before, request_id=request_id, portrait=picture,
                actor=this_user() if actor is None else actor,
            )  # fmt: skip

        if dry_run:
            _tell_issued(terminal, licence_type, carry_out(), None, None)
            return
        if wallet is None:
            licence = carry_out()
        else:
            # A wrong passphrase is found before anything is recorded.
            workspace.unlock_licence_key()
            with receiving_wallet_at(terminal, workspace, wallet) as receiving:
                handover.require_welcome(receiving, licence_type.name, (held_by,))
                licence = carry_out()
                handover.deliver(issuer, licence, receiving)
        row = workspace.licences.row_of(licence)
    _tell_issued(terminal, licence_type, licence, row, wallet)


def _last_day(until: str | None, *, no_end: bool) -> date | None:
    if (until is None) is not no_end:
        raise FormatError(
            "请写明有效期", "the end of validity must be said", where="--until",
            fix_zh="--until 日期 和 --no-end（长期）须给出且只给出一个",
            fix_en="Give either --until DATE or --no-end",
        )  # fmt: skip
    return None if until is None else read_day(until, "--until")


def _holder(
    licence_type: LicenceType,
    name: str,
    number: str,
    holder_number: str | None,
    holder_type: str | None,
    enterprise: bool,
) -> Holder:
    from ecert.model.holders import Holder

    rule = licence_type.number_rule
    if holder_number is None and rule == "free":
        raise FormatError(
            "请给出持证主体代码", "the holder's number is needed", where="--holder-number",
            fix_zh=f"{licence_type.name}的编号不是本人号码，请加 --holder-number",
            fix_en="This type's number is not the holder's own: add --holder-number",
        )  # fmt: skip
    if enterprise and holder_type not in {None, "001"}:
        raise FormatError(
            "两个选项矛盾", "these options contradict each other",
            where="--enterprise, --holder-type",
            fix_zh="--enterprise 就是 --holder-type 001", fix_en="--enterprise means 001",
        )  # fmt: skip
    usual = "001" if enterprise or rule == "uscc" else "111"
    return Holder(name, number if holder_number is None else holder_number, holder_type or usual)


@contextmanager
def receiving_wallet_at(terminal: Terminal, workspace: Workspace, path: Path) -> Iterator[Wallet]:
    """Open the wallet in ``path`` for a delivery, or make it."""
    from ecert.workspace.handover import receiving_wallet

    secret = terminal.passphrase(str(path), new=not path.exists(), wallet=True)
    with ExitStack() as opened:
        with terminal.busy("正在打开卡包……", "Opening the wallet …"):
            made = receiving_wallet(path, secret, alg=workspace.alg)
            wallet = opened.enter_context(made)
        yield wallet


def _tell_issued(
    terminal: Terminal,
    licence_type: LicenceType,
    licence: Licence,
    row: int | None,
    wallet: Path | None,
) -> None:
    plain = {
        "row": row,
        "licence": licence.to_dict(),
        "code_status": licence_type.code_status,
        "wallet": None if wallet is None else str(wallet),
        "dry_run": row is None,
    }
    words = terminal.words
    ends = f"***{licence.holder.last_four}"
    head = (
        words(
            f"可以颁发：{licence.type_name}（{ends}）", f"Would issue {licence.type_name} ({ends})"
        )
        if row is None
        else words(
            f"√ 已颁发第 {row} 份：{licence.type_name}（{ends}），证照标识 {licence.id}",
            f"√ Issued as row {row}: {licence.type_name} ({ends}), licence id {licence.id}",
        )
    )
    lines = [head]
    if wallet is not None:
        lines.append(words(f"√ 已送达卡包 {wallet}", f"√ Delivered into the wallet {wallet}"))
    terminal.emit(plain, lines)
    if licence_type.code_status != "official":
        terminal.note(
            "  此证照类型的代码为暂定，待正式代码公布后更换",
            "  The code of this licence type is provisional, until an official one is published",
        )
