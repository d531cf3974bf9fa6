"""``ecert online``: online codes, their log, and licences handed over on request."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from ecert import limits
from ecert.cli.command import command, group
from ecert.cli.failures import OUTCOME_CODES
from ecert.cli.handing_out import hand_out
from ecert.cli.held_options import HeldSome, WalletOption
from ecert.cli.online_words import BusinessCode, Clerk, Fields, ItemCode, UseCause, read_purpose
from ecert.cli.showing_options import AskPIN
from ecert.cli.terminal import Terminal
from ecert.cli.wallet_secrets import pin_for_showing
from ecert.cli.wallet_suggest import only_one, open_wallet
from ecert.cli.window import Matter
from ecert.cli.words import told

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ecert.cli.receipt_kept import Kept
    from ecert.show.online import OnlineCode
    from ecert.verify.verdict import Verdict
    from ecert.wallet.wallet import Wallet
    from ecert.workspace.online_holder import OnlineHolder

Code = Annotated[
    str, typer.Argument(metavar="CODE", help=told("在线码的 32 位数字", "The 32 digits"))
]
Region = Annotated[
    str,
    typer.Argument(
        metavar="REGION", help=told("颁发地区，6 位数字", "The issuing region, six digits")
    ),
]
Types = Annotated[
    list[str],
    typer.Option(
        "--type",
        metavar="TYPE",
        help=told("要求出示的证照类型", "A licence type that is asked for"),
    ),
]
Wait = Annotated[
    int,
    typer.Option(
        "--wait", metavar="SECONDS", min=1, max=300,
        help=told("等候持证人答复的秒数", "How long to wait for the holder's answer"),
    ),
]  # fmt: skip
_POLL_SECONDS: Final = 2.0
_LIFE: Final = int(limits.ONLINE_CODE_LIFE.total_seconds())
_OUTCOMES: Final = {
    "served": ("已提供", "handed over"),
    "missed": ("未提供", "not handed over"),
    "not-covered": ("不在互认范围，未提供", "not covered, not handed over"),
    "asked": ("请求出示", "asked for consent"),
    "declined": ("未同意出示，未提供", "not agreed to, not handed over"),
    "gone": ("已取走或已过期，未再提供", "fetched before or run out, not handed over again"),
    "until": ("前可答复其出示请求：", "is the last time to answer"),
}


def declare(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    online = group(
        app, "online", zh="在线码：取消、查看记录、按请求出示",
        en="Online codes: cancel, read the log, answer requests",
    )  # fmt: skip
    command(online, "cancel", zh="取消未用的在线码", en="Cancel a code not used yet")(cancel)
    command(online, "log", zh="查看谁调用过我的证照", en="See who fetched what")(log)
    command(online, "open", zh="生成供窗口请求出示的在线码", en="Make a code to be asked by")(
        open_code
    )
    command(online, "request", zh="查看窗口请求出示什么", en="See what a window asks for")(request)
    command(online, "agree", zh="同意出示（全部或一部分）", en="Agree, in whole or part")(agree)
    command(online, "decline", zh="不同意出示", en="Decline")(decline)
    command(online, "ask", zh="窗口：请求持证人出示", en="A window asks a holder")(ask)


def show_online(
    terminal: Terminal,
    wallet: Wallet,
    licence_ids: Sequence[str],
    fields: Sequence[str] | None,
    output: Path | None,
    *,
    pin: str | None = None,
) -> None:
    """Deposit licences, and show the code for them."""
    code, _ = _holder(terminal, wallet).deposit(licence_ids, fields=fields, pin=pin)
    _show(terminal, code, output)
    terminal.note(
        f"  在线码 32 位数字，{_LIFE} 秒内有效，只能用一次；取消：ecert online cancel",
        f"  32 digits, good for {_LIFE} seconds and one use; to cancel: ecert online cancel",
    )


def open_code(
    terminal: Terminal, wallet: WalletOption, licence: HeldSome = None, pin: AskPIN = False
) -> None:
    """Make a code by which one window may ask."""
    opened = open_wallet(terminal, wallet)
    (held,) = _ids(opened, (licence or only_one(opened))[:1])
    typed = pin_for_showing(terminal, opened, wallet, asked=pin)
    code, _ = _holder(terminal, opened).open(held, pin=typed)
    _show(terminal, code, None)
    terminal.note(
        "  请窗口扫此码，然后查看其请求：ecert online request",
        "  Let the window scan it, then see what it asks: ecert online request",
    )


def cancel(terminal: Terminal, code: Code, wallet: WalletOption) -> None:
    """Cancel a code not used yet."""
    done = _holder(terminal, open_wallet(terminal, wallet)).cancel(code)
    words = ("√ 已取消", "√ Cancelled") if done else ("× 已被使用或已过时限", "× Used or run out")
    terminal.emit({"cancelled": done}, [terminal.words(*words)])
    if not done:
        raise typer.Exit(1)


def log(terminal: Terminal, region: Region, wallet: WalletOption) -> None:
    """See who fetched or tried to fetch what."""
    entries = _holder(terminal, open_wallet(terminal, wallet)).log(region)
    lines = [line for entry in entries for line in _entry(terminal, entry)]
    none = [terminal.words("没有调用记录", "Nobody has fetched anything")]
    terminal.emit({"entries": entries}, lines or none)


def request(terminal: Terminal, code: Code, wallet: WalletOption) -> None:
    """See what a window asks for."""
    found = _holder(terminal, open_wallet(terminal, wallet)).pending(code)
    asked = found.get("asked")
    lines = [terminal.words("还没有窗口请求出示", "No window has asked yet")]
    if isinstance(asked, dict):
        lines = _entry(terminal, {**asked, "at": found.get("expires", ""), "outcome": "until"})
    terminal.emit(dict(found), lines)


def agree(
    terminal: Terminal,
    code: Code,
    wallet: WalletOption,
    licence: HeldSome = None,
    fields: Fields = None,
    pin: AskPIN = False,
) -> None:
    """Hand over licences that a window asked for."""
    opened = open_wallet(terminal, wallet)
    ids = _ids(opened, licence or only_one(opened))
    typed = pin_for_showing(terminal, opened, wallet, asked=pin)
    types = _holder(terminal, opened).agree(code, ids, fields=fields, pin=typed)
    terminal.emit(
        {"types": types},
        [terminal.words(f"√ 已同意出示 {len(types)} 份", f"√ Agreed to {len(types)}")],
    )


def decline(terminal: Terminal, code: Code, wallet: WalletOption) -> None:
    """Decline what a window asked for."""
    _holder(terminal, open_wallet(terminal, wallet)).decline(code)
    terminal.emit({"declined": True}, [terminal.words("√ 已拒绝", "√ Declined")])


def ask(
    terminal: Terminal,
    code: Code,
    types: Types,
    matter: Matter = None,
    clerk: Clerk = None,
    item_code: ItemCode = None,
    case: BusinessCode = None,
    cause: UseCause = None,
    wait: Wait = 120,
) -> None:
    """Ask a holder for licences, and check what comes; the exit code tells the outcome."""
    from ecert.cli import receipt_kept
    from ecert.clock import system_clock
    from ecert.workspace.online_window import OnlineWindow

    with terminal.workspace() as workspace:
        purpose = read_purpose(workspace.settings.name, matter, clerk, item_code, case, cause)
        codes = [workspace.catalogue.require(one).code for one in types]
        terminal.note("等候持证人同意……", "Waiting for the holder's answer …")
        window = OnlineWindow(workspace, workspace.verifier, at=system_clock())
        verdicts: list[Verdict] = []

        def fetch() -> Verdict:
            if not verdicts:
                asked = window.ask(code, codes, purpose, matter=matter, wait=_waiting(wait))
                verdicts.extend(asked)
            return verdicts[len(kept)]

        kept: list[Kept] = []
        # Where the settings want receipts: one for each licence, before any answer is told.
        settled = workspace.settings.receipts != "off"
        while not verdicts or len(kept) < len(verdicts):
            kept.append(
                receipt_kept.check(
                    workspace, code, copy=None, matter=matter, clerk=clerk if settled else None,
                    case=case if settled else None, challenge=None,
                    verifier=workspace.verifier, fetch=fetch,
                )
            )  # fmt: skip
    lines = [verdict.explain(terminal.language) for verdict in verdicts]
    lines += [line for one in kept for line in one.lines(terminal)]
    plain = [one.verdict.to_dict() | one.plain() for one in kept]
    terminal.emit({"verdicts": plain}, lines)
    for one in kept:
        one.tell_faults(terminal)
    worst = max((verdict.outcome for verdict in verdicts), key=lambda outcome: outcome.badness)
    if status := OUTCOME_CODES[worst]:
        raise typer.Exit(status)


def _waiting(seconds: int) -> Any:
    end = time.monotonic() + seconds

    def wait() -> bool:
        time.sleep(_POLL_SECONDS)
        return time.monotonic() < end

    return wait


def _holder(terminal: Terminal, wallet: Wallet) -> OnlineHolder:
    from ecert.clock import system_clock
    from ecert.workspace.online_holder import OnlineHolder
    from ecert.workspace.show_services import ShowServices

    return OnlineHolder(wallet, ShowServices.read(terminal.folder), system_clock())


def _ids(wallet: Wallet, names: Sequence[str]) -> list[str]:
    from ecert.workspace.handover import find_held

    return list(dict.fromkeys(find_held(wallet, name).id for name in names))


def _show(terminal: Terminal, code: OnlineCode, output: Path | None) -> None:
    from ecert.show.code import ShowCode

    hand_out(terminal, ShowCode(code.text), output, life=_LIFE, shown=code.grouped)


def _entry(terminal: Terminal, entry: Mapping[str, Any]) -> list[str]:
    said = entry.get("purpose") or {}
    verifier = entry.get("verifier") or {}
    outcome = str(entry.get("outcome", ""))
    office = verifier.get("office") or terminal.words("（未经认可的核验方）", "(unknown verifier)")
    words = terminal.words(*_OUTCOMES.get(outcome, (outcome, outcome)))
    names = terminal.words(
        "单位 操作人员 事项 事项编码 办件编号 事由", "office clerk matter code case cause"
    ).split()
    colon = terminal.words("：", ": ")
    keys = ("orgName", "username", "itemName", "itemCode", "businessCode", "useCause")
    return [
        f"{_moment(terminal, str(entry.get('at', '')))}  {words}  {office}",
        *(
            f"  {name}{colon}{said[key]}"
            for name, key in zip(names, keys, strict=True)
            if key in said
        ),
        *(f"  {_type_name(one)}" for one in entry.get("types", ())),
    ]


def _moment(terminal: Terminal, text: str) -> str:
    try:
        return terminal.moment(datetime.fromisoformat(text))
    except ValueError:
        return text


def _type_name(code: str) -> str:
    from ecert.model.catalogue import builtin

    known = builtin().get(code)
    return code if known is None else f"{known.name}（{code}）"
