"""``ecert mandate``: acting for another (代办): asked for, entered, made, added, withdrawn."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ecert import limits
from ecert.cli.arguments import LicenceName, read_day_end, read_moment
from ecert.cli.command import DryRun, Yes, command, group
from ecert.cli.grounds import Why
from ecert.cli.held_options import HeldSome, WalletOption
from ecert.cli.lifecycle import tell_to_publish
from ecert.cli.mandate_options import (
    AgentFile,
    From,
    LastFour,
    MandateFile,
    MandateRow,
    Matters,
    Name,
    OutFile,
    Place,
    Profiles,
    Until,
)
from ecert.cli.showing_options import AskPIN
from ecert.cli.terminal import Terminal, read_bounded, require_place, write_whole
from ecert.cli.wallet_secrets import pin_for_showing
from ecert.cli.wallet_suggest import only_one, open_wallet
from ecert.errors import FormatError, ParseError

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    import typer

    from ecert.show.mandate_package import MandatePackage
    from ecert.wallet.mandates import HeldMandate
    from ecert.wallet.wallet import Wallet


def declare(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    mandates = group(
        app, "mandate", zh="委托他人代办：申请、登记、制作、接收、撤回",
        en="Acting for another: ask, enter, make, add, withdraw",
    )  # fmt: skip
    command(mandates, "ask", zh="代办人：申请委托", en="Agent: ask for a mandate")(ask)
    command(
        mandates, "enter", zh="颁发机构：给委托登记，以便撤回",
        en="Issuer: give a mandate its place, where it can be withdrawn",
    )(enter)  # fmt: skip
    command(mandates, "make", zh="委托人：制作委托书", en="Principal: make a mandate")(make)
    command(mandates, "add", zh="代办人：收下委托书", en="Agent: take a mandate in")(take_in)
    command(mandates, "list", zh="列出卡包中的委托", en="List a wallet's mandates")(list_kept)
    command(mandates, "remove", zh="从卡包中删除委托（不是撤回）", en="Forget a mandate")(remove)
    command(
        mandates, "withdraw", zh="撤回委托（委托人），或交回（代办人）",
        en="Withdraw a mandate (principal), or give it back (agent)",
    )(withdraw)  # fmt: skip


def ask(
    terminal: Terminal, wallet: WalletOption, name: Name, last_four: LastFour, output: OutFile
) -> None:
    """Ask for a mandate."""
    token = open_wallet(terminal, wallet).ask_mandate(name, last_four)
    write_whole(output, f"{token}\n".encode("ascii"))
    terminal.emit({"file": str(output)}, [terminal.words(
        f"√ 申请已写入 {output}，请交给委托人",
        f"√ The request is in {output}: give it to the principal",
    )])  # fmt: skip


def _ends(text: str | None, begins: datetime) -> datetime:
    if text is None:
        return begins + limits.MANDATE_LIFE
    end = read_day_end(text, "--until")
    # A day counts to its end: the first second that is too late is the next day's first.
    return end + timedelta(microseconds=1) if end.microsecond else end


def enter(
    terminal: Terminal,
    licence: LicenceName,
    wallet: WalletOption,
    until: Until = None,
    dry_run: DryRun = False,
) -> None:
    """Give a mandate that is to be made its place in the status lists."""
    from ecert.clock import system_clock
    from ecert.issuers.credentials import require_in_force
    from ecert.workspace.entrusting import key_of_licence

    ends = _ends(until, system_clock())
    with terminal.workspace() as workspace:
        issuer = workspace.issuer  # a window has none
        found = workspace.licences.find(licence)
        require_in_force(found, system_clock())
        opened = open_wallet(terminal, wallet)
        place = None
        if not dry_run:
            proof = opened.request(issuer.nonce(), key=key_of_licence(opened, found.id))
            place = issuer.mandates.enter(found.id, proof, ends=ends)
    plain = {
        "licence": str(found.id), "place": None if place is None else str(place),
        "until": ends.isoformat(), "dry_run": dry_run,
    }  # fmt: skip
    what = f"{found.type_name}（***{found.holder.last_four}）"
    if place is None:
        line = terminal.words(f"可以登记委托：{what}", f"Would enter a mandate of {what}")
    else:
        line = terminal.words(
            f"√ 已登记委托：{what}，登记号 {place}", f"√ Entered a mandate of {what}: {place}"
        )
    terminal.emit(plain, [line])


def make(
    terminal: Terminal,
    wallet: WalletOption,
    agent: AgentFile,
    place: Place,
    output: OutFile,
    licence: HeldSome = None,
    matter: Matters = None,
    profile: Profiles = None,
    since: From = None,
    until: Until = None,
    yes: Yes = False,
    pin: AskPIN = False,
) -> None:
    """Make a mandate."""
    from ecert.clock import system_clock
    from ecert.show.agent import open_request
    from ecert.show.mandate import MandatePlace
    from ecert.workspace.handover import find_held

    if not matter:
        raise FormatError(
            "请写明委托事项", "say what the mandate is for", where="--for",
            fix_zh="如 --for 机动车业务；所有事项用 --for '*'",
            fix_en="Such as --for 机动车业务; for all matters --for '*'",
        )  # fmt: skip
    require_place(output)
    named = open_request(_text(agent))
    where = MandatePlace.parse(place)
    begins = system_clock() if since is None else read_moment(since, "--from")
    opened = open_wallet(terminal, wallet)
    ids = [find_held(opened, row).id for row in licence or only_one(opened)]
    terminal.confirm(
        f"委托 {named.name}（号码后四位 {named.number}）代办“{'、'.join(matter)}”？",
        f"Let {named.name} (number ends in {named.number}) act for “{', '.join(matter)}”?",
        yes=yes,
    )  # fmt: skip
    package = opened.give_mandate(
        *ids, agent=named, place=where, matters=matter, profiles=profile or ("minimal",),
        begins=begins, ends=_ends(until, begins),
        pin=pin_for_showing(terminal, opened, wallet, asked=pin),
    )  # fmt: skip
    write_whole(output, package.to_bytes())
    terminal.emit(
        {"file": str(output), "mandate": package.id, "place": str(where)},
        [terminal.words(
            f"√ 委托书已写入 {output}，请只交给代办人",
            f"√ The mandate is in {output}: give it to the agent and to nobody else",
        )],
    )  # fmt: skip


def take_in(terminal: Terminal, file: MandateFile, wallet: WalletOption) -> None:
    """Take a mandate into the agent's wallet."""
    held = open_wallet(terminal, wallet).add_mandate(_package(file))
    names = "、".join(one.type_name for one in held.licences)
    terminal.emit(_plain(held), [terminal.words(
        f"√ 已收下委托：{names}，至 {terminal.moment(held.ends)}",
        f"√ Took the mandate in: {names}, until {terminal.moment(held.ends)}",
    )])  # fmt: skip


def list_kept(terminal: Terminal, wallet: WalletOption) -> None:
    """List the mandates given and received."""
    kept = open_wallet(terminal, wallet).mandates
    heads = (
        ("序号", "方向", "代办人", "证照", "事项", "至", "登记号") if terminal.language == "zh"
        else ("row", "direction", "agent", "licences", "matters", "until", "place")
    )  # fmt: skip
    given, received = terminal.words("发出", "given"), terminal.words("收到", "received")
    rows = [
        (
            str(row), given if held.given else received, f"{held.agent} {held.agent_number}",
            " ".join(one.type_name for one in held.licences), " ".join(held.matters),
            terminal.moment(held.ends), str(held.place),
        )
        for row, held in enumerate(kept, start=1)
    ]  # fmt: skip
    plain = [{"row": row} | _plain(held) for row, held in enumerate(kept, start=1)]
    terminal.emit({"mandates": plain}, terminal.table(heads, rows))


def remove(terminal: Terminal, mandate: MandateRow, wallet: WalletOption, yes: Yes = False) -> None:
    """Forget a mandate; it stays in force until it ends or is withdrawn."""
    opened, held = _find(terminal, wallet, mandate)
    terminal.confirm(
        "从卡包删除这份委托？删除不等于撤回", "Remove it? That does not withdraw it", yes=yes
    )
    opened.remove_mandate(held.id)
    terminal.emit({"removed": held.id}, [terminal.words("√ 已删除委托", "√ Removed the mandate")])


def withdraw(
    terminal: Terminal,
    mandate: MandateRow,
    wallet: WalletOption,
    reason: Why = "",
    dry_run: DryRun = False,
) -> None:
    """Withdraw a mandate at the issuer, at the word of the wallet that gave or received it."""
    from ecert.workspace.entrusting import key_of_mandate

    with terminal.workspace() as workspace:
        issuer = workspace.issuer  # a window has none
        opened, held = _find(terminal, wallet, mandate)
        if not dry_run:
            proof = opened.request(issuer.nonce(), key=key_of_mandate(opened, held))
            issuer.mandates.withdraw(opened.mandate(held.id).mandate, proof, reason=reason)
    plain = {"mandate": held.id, "place": str(held.place), "dry_run": dry_run}
    terminal.emit(plain, [terminal.words(
        f"{'可以' if dry_run else '√ 已'}撤回委托 {held.place}",
        f"{'Would withdraw' if dry_run else '√ Withdrew'} the mandate {held.place}",
    )])  # fmt: skip
    if not dry_run:
        tell_to_publish(terminal)


def _find(terminal: Terminal, path: Path, text: str) -> tuple[Wallet, HeldMandate]:
    from ecert.workspace.entrusting import find_mandate

    opened = open_wallet(terminal, path)
    return opened, find_mandate(opened, text)


def _text(path: Path) -> str:
    data = read_bounded(path, limits.MAX_TOKEN_CHARS)
    try:
        return data.decode("ascii").strip()
    except UnicodeDecodeError:
        raise FormatError(
            "不是代办人的申请", "not an agent's request", where=str(path),
            fix_zh="请代办人用 ecert mandate ask 重新生成",
            fix_en="Ask the agent to make it again: ecert mandate ask",
        ) from None  # fmt: skip


def _package(path: Path) -> MandatePackage:
    from ecert.show.mandate_package import MandatePackage

    try:
        return MandatePackage.from_bytes(read_bounded(path))
    except ParseError as error:
        raise FormatError(
            "不是委托书文件，或已损坏", f"not a mandate's file, or damaged: {error.en}",
            where=str(path), fix_zh="请委托人重新发送", fix_en="Ask the principal to send it again",
        ) from error  # fmt: skip


def _plain(held: HeldMandate) -> dict[str, Any]:
    return {
        "id": held.id,
        "given": held.given,
        "agent": held.agent,
        "agent_number": held.agent_number,
        "licences": [
            {"id": one.licence_id, "type_name": one.type_name, "profiles": list(one.compact)}
            for one in held.licences
        ],
        "matters": list(held.matters),
        "from": held.begins.isoformat(),
        "until": held.ends.isoformat(),
        "place": str(held.place),
    }
