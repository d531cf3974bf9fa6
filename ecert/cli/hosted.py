"""What the operator of an app's back end does: hosted wallets, their custody keys, erasure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from ecert.cli import failures, hosted_serving
from ecert.cli.command import DryRun, Yes, command, group
from ecert.cli.hosted_options import Account, KeyFile, read_account
from ecert.cli.terminal import Terminal

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    from ecert.workspace.hosting import HostedDesk


def declare(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    wallets = group(
        app, "wallets", zh="托管卡包：设置、计数、换钥、删除、核对",
        en="Hosted wallets of an app: set up, count, rotate keys, remove, check",
    )  # fmt: skip
    command(wallets, "init", zh="在工作区的数据库中设置托管卡包",
            en="Make the workspace's database ready for hosted wallets")(init)  # fmt: skip
    command(wallets, "count", zh="有多少卡包，各用哪把保管密钥",
            en="How many wallets there are, under which custody key")(count)  # fmt: skip
    command(wallets, "check", zh="逐个打开核对，不显示内容",
            en="Open each to see whether it is whole; nothing of it is shown")(check)  # fmt: skip
    command(wallets, "rotate", zh="更换保管密钥；中断后再运行即接着办",
            en="Change the custody key; run again after an interruption")(rotate)  # fmt: skip
    command(wallets, "retire", zh="销毁已不用的旧保管密钥",
            en="Destroy custody keys that are not in use any more")(retire)  # fmt: skip
    command(wallets, "renew-key", zh="更换一个卡包自己的数据密钥",
            en="Change the data key of one wallet")(renew_key)  # fmt: skip
    command(wallets, "remove", zh="彻底删除一个账户的卡包",
            en="Erase the wallet of one account")(remove)  # fmt: skip
    hosted_serving.declare(wallets)


def init(terminal: Terminal, key: KeyFile = None, dry_run: DryRun = False) -> None:
    """Make the workspace's database ready for hosted wallets."""
    from ecert.workspace import hosting

    path = hosting.custody_path(terminal.folder, key)
    hosting.require_not_set_up(terminal.folder)
    if not dry_run:
        secret = terminal.passphrase(str(path), new=not path.exists())
        with terminal.busy("正在设置……", "Setting up …"):
            hosting.set_up_wallets(terminal.folder, secret, key_file=key)
    done = terminal.words(
        "将设置" if dry_run else "√ 已设置", "Would set up" if dry_run else "√ Set up"
    )
    terminal.emit({"custody_file": str(path), "dry_run": dry_run}, [
        terminal.words(f"{done}托管卡包，保管密钥文件为 {path}",
                       f"{done} hosted wallets; the custody keys' file is {path}"),
    ])  # fmt: skip
    if not dry_run:
        terminal.note(
            "  没有它和口令，任何卡包都打不开：请另行备份，不要与数据库备份放在一起",
            "  Without it and its passphrase no wallet opens: back it up, apart from the database",
        )


def count(terminal: Terminal) -> None:
    """Tell how many wallets there are; asks for no passphrase."""
    from ecert.workspace.hosting import count_wallets

    found = count_wallets(terminal.folder)
    total = sum(found.values())
    terminal.emit(
        {"count": total, "custody": {one.hex(): number for one, number in found.items()}},
        [terminal.words(f"托管卡包 {total:,} 个", f"Hosted wallets: {total:,}"),
         *_by_custody(terminal, found)],
    )  # fmt: skip


def check(terminal: Terminal, key: KeyFile = None) -> None:
    """Open every wallet; ends with 1 if any is damaged."""
    with _desk(terminal, key) as desk, terminal.busy("正在核对……", "Checking …"):
        found = desk.wallets.check()
    plain = {"sound": found.sound, "damaged": [one.hex() for one in found.damaged]}
    words = terminal.words
    bad = len(found.damaged)
    lines = [
        words(f"√ {found.sound:,} 个卡包完好", f"√ {found.sound:,} wallets are whole") if not bad
        else words(f"× {bad:,} 个卡包已损坏或被改动，{found.sound:,} 个完好",
                   f"× {bad:,} wallets are damaged or altered, {found.sound:,} are whole"),
        *(f"  {one.hex()}" for one in found.damaged),
    ]  # fmt: skip
    terminal.emit(plain, lines)
    if bad:
        raise typer.Exit(failures.REFUSED)


def rotate(
    terminal: Terminal, key: KeyFile = None, dry_run: DryRun = False, yes: Yes = False
) -> None:
    """Change the custody key, or finish what was interrupted."""
    with _desk(terminal, key) as desk:
        goes_on = not desk.is_moved
        todo = desk.unfinished if goes_on else desk.wallets.count
        if not dry_run:
            terminal.confirm(
                f"将更换保管密钥并重新包裹 {todo:,} 个卡包的数据密钥？",
                f"Change the custody key and wrap {todo:,} data keys anew?", yes=yes,
            )  # fmt: skip
            with terminal.busy("正在更换……", "Rotating …"):
                todo = desk.rotate()
        custody = None if dry_run and not goes_on else desk.custody.newest.hex()
    plain = {"rewrapped": todo, "resumed": goes_on, "custody": custody, "dry_run": dry_run}
    words = terminal.words
    if dry_run:
        line = words(f"将重新包裹 {todo:,} 个卡包的数据密钥", f"Would wrap {todo:,} data keys anew")
    else:
        line = words(f"√ 已更换保管密钥，重新包裹 {todo:,} 个卡包的数据密钥",
                     f"√ The custody key is changed, {todo:,} data keys wrapped anew")  # fmt: skip
    terminal.emit(plain, [line])
    if not dry_run:
        terminal.note(
            "  请备份保管密钥文件。旧密钥仍在其中，供旧的数据库备份使用；"
            "不再需要时运行 ecert wallets retire",
            "  Back the file up. The old key is still in it, for backups of the database; when "
            "they are not needed any more: ecert wallets retire",
        )


def retire(
    terminal: Terminal, key: KeyFile = None, dry_run: DryRun = False, yes: Yes = False
) -> None:
    """Destroy custody keys that are not in use any more."""
    with _desk(terminal, key) as desk:
        gone = desk.unused
        if gone and not dry_run:
            terminal.confirm(
                f"将销毁 {len(gone)} 把旧保管密钥，更换前的数据库备份从此打不开？",
                f"Destroy {len(gone)} custody keys? Backups from before can never be opened again",
                yes=yes,
            )
            gone = desk.retire()
    words = terminal.words
    if not gone:
        line = words("没有可销毁的旧保管密钥", "There is no custody key to destroy")
    elif dry_run:
        line = words(f"将销毁 {len(gone)} 把旧保管密钥", f"Would destroy {len(gone)} custody keys")
    else:
        line = words(f"√ 已销毁 {len(gone)} 把旧保管密钥", f"√ Destroyed {len(gone)} custody keys")
    terminal.emit({"retired": [one.hex() for one in gone], "dry_run": dry_run}, [line])


def renew_key(
    terminal: Terminal, account: Account, key: KeyFile = None, dry_run: DryRun = False
) -> None:
    """Change the data key of one wallet."""
    name = read_account(account)
    with _desk(terminal, key) as desk:
        desk.wallets.vault(name).read()
        if not dry_run:
            desk.wallets.renew_key(name)
    terminal.emit({"renewed": not dry_run, "dry_run": dry_run}, [
        terminal.words("将更换该卡包的数据密钥", "Would change the wallet's data key") if dry_run
        else terminal.words("√ 已更换该卡包的数据密钥", "√ The wallet's data key is changed"),
    ])  # fmt: skip


def remove(
    terminal: Terminal, account: Account, key: KeyFile = None, dry_run: DryRun = False,
    yes: Yes = False,
) -> None:  # fmt: skip
    """Erase the wallet of one account."""
    from ecert.wallet import hosted_faults

    name = read_account(account)
    with _desk(terminal, key) as desk:
        # Not opened: one that is damaged must be erased as well.
        if not desk.wallets.has(name):
            raise hosted_faults.absent(terminal.words("托管卡包", "hosted wallets"))
        if not dry_run:
            terminal.confirm(
                "彻底删除该账户的卡包？删除后无法恢复", "Erase this account's wallet for good?",
                yes=yes,
            )  # fmt: skip
            desk.wallets.remove(name)
    terminal.emit({"removed": not dry_run, "dry_run": dry_run}, [
        terminal.words("将彻底删除该账户的卡包", "Would erase this account's wallet") if dry_run
        else terminal.words("√ 已彻底删除该账户的卡包", "√ This account's wallet is erased"),
    ])  # fmt: skip
    if not dry_run:
        terminal.note(
            "  数据库的旧备份中仍有它，请按保存期限销毁旧备份",
            "  Older backups of the database still hold it: destroy them when their time is up",
        )


def _desk(terminal: Terminal, key: Path | None) -> AbstractContextManager[HostedDesk]:
    from ecert.workspace import hosting

    path = hosting.custody_path(terminal.folder, key)
    secret = terminal.passphrase(str(path))
    return hosting.open_wallets(terminal.folder, secret, key_file=key)


def _by_custody(terminal: Terminal, found: dict[bytes, int]) -> list[str]:
    plain: list[tuple[Any, int]] = sorted(found.items())
    return [
        terminal.words(f"  保管密钥 {one.hex()}：{number:,} 个",
                       f"  Custody key {one.hex()}: {number:,}")
        for one, number in plain
    ]  # fmt: skip
