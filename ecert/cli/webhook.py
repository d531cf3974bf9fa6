"""``ecert webhook``: other systems that are told of events."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from ecert.cli.command import DryRun, Yes, command, group
from ecert.cli.terminal import Terminal
from ecert.cli.words import told
from ecert.limits import MAX_WEBHOOK_DAYS, WEBHOOK_DAYS

Address = Annotated[
    str, typer.Argument(metavar="URL", help=told("接收地址（https）", "Where to (https)"))
]
Kinds = Annotated[
    list[str] | None,
    typer.Option(
        "--event",
        metavar="KIND",
        help=told("只通知这种事件，可多次给出；默认全部", "Only this kind; may be repeated"),
    ),
]
WebhookId = Annotated[str, typer.Argument(metavar="ID", help=told("编号", "Its id"))]
Once = Annotated[bool, typer.Option("--once", help=told("送一轮就结束", "One round, then end"))]
Every = Annotated[
    int,
    typer.Option("--every", min=1, max=3600, metavar="SECONDS", help=told("间隔秒数", "Seconds")),
]
Days = Annotated[
    int,
    typer.Option(
        "--days",
        min=1,
        max=MAX_WEBHOOK_DAYS,
        help=told("几天送不到就放弃", "Days until a delivery is given up"),
    ),
]
Dead = Annotated[
    bool, typer.Option("--dead", help=told("只列出已放弃的", "Only those that were given up"))
]
Again = Annotated[
    bool, typer.Option("--again", help=told("把已放弃的重新送", "Try those given up once more"))
]


def declare(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    hooks = group(
        app,
        "webhook",
        zh="事件通知：吊销、名单变动时告知其他系统",
        en="Webhooks: tell other systems",
    )
    command(hooks, "add", zh="登记一个接收地址", en="Add a receiver")(add)
    command(hooks, "list", zh="列出接收地址", en="List the receivers")(list_webhooks)
    command(hooks, "test", zh="立即送一条测试通知", en="Send a test now")(test)
    command(hooks, "withdraw", zh="收回一个接收地址", en="Withdraw a receiver")(withdraw)
    command(hooks, "deliveries", zh="列出已送、待送和已放弃的", en="List deliveries")(deliveries)
    command(hooks, "run", zh="送出到期的通知", en="Send what is due")(run)


def add(terminal: Terminal, url: Address, event: Kinds = None, dry_run: DryRun = False) -> None:
    """Add a receiver; its secret is told this once."""
    from ecert.webhooks.event import KINDS, require_kinds
    from ecert.workspace.webhooks import WebhookDesk

    kinds = require_kinds(tuple(event or KINDS))
    with terminal.workspace() as workspace:
        desk = WebhookDesk(workspace)
        desk.require_receiver(url)
        made, secret = None, None
        if not dry_run:
            made, secret = desk.add(url, kinds)
    plain = {
        "id": None if made is None else made.id, "url": url, "events": list(kinds),
        "secret": secret, "dry_run": dry_run,
    }  # fmt: skip
    terminal.emit(plain, [] if made is None else [f"{made.id} {secret}"])
    terminal.note(
        "将登记这个地址" if dry_run else "密钥只显示这一次，请交给接收方核对签名",
        "Would add it" if dry_run else "The secret is told this once: the receiver proves with it",
    )


def list_webhooks(terminal: Terminal) -> None:
    """List the receivers."""
    from ecert.workspace.webhooks import WebhookDesk

    with terminal.workspace() as workspace:
        found = WebhookDesk(workspace).store.all()
    plain = [
        {
            "id": one.id, "url": one.url, "events": list(one.kinds),
            "created": one.created.isoformat(),
            "withdrawn": None if one.withdrawn is None else one.withdrawn.isoformat(),
        }
        for one in found
    ]  # fmt: skip
    heads = (
        ("编号", "地址", "事件", "可用") if terminal.language == "zh"
        else ("id", "address", "events", "good")
    )  # fmt: skip
    rows = [
        (one.id, one.url, " ".join(one.kinds), "√" if one.withdrawn is None else "×")
        for one in found
    ]
    terminal.emit({"webhooks": plain}, terminal.table(heads, rows))


def test(terminal: Terminal, webhook: WebhookId) -> None:
    """Send a test event now."""
    from ecert.workspace.webhooks import WebhookDesk

    with terminal.workspace() as workspace:
        found = WebhookDesk(workspace).test(webhook)
    done = terminal.words("√ 已送达", "√ Taken by")
    terminal.emit({"tested": found.id, "url": found.url}, [f"{done} {found.url}"])


def withdraw(
    terminal: Terminal, webhook: WebhookId, dry_run: DryRun = False, yes: Yes = False
) -> None:
    """Withdraw a receiver; what is on its way to it ends too."""
    from ecert.workspace.webhooks import WebhookDesk

    with terminal.workspace() as workspace:
        desk = WebhookDesk(workspace)
        found = desk.require(webhook)
        if not dry_run:
            terminal.confirm(f"不再通知 {found.url}？", f"Tell {found.url} no more?", yes=yes)
            desk.withdraw(webhook)
    done = terminal.words(
        "将收回" if dry_run else "√ 已收回", "Would withdraw" if dry_run else "√ Withdrawn"
    )
    terminal.emit({"withdrawn": webhook, "dry_run": dry_run}, [f"{done} {found.url}"])


def deliveries(terminal: Terminal, dead: Dead = False, again: Again = False) -> None:
    """List deliveries, the newest first; or try again those that were given up."""
    from ecert.workspace.webhooks import WebhookDesk

    with terminal.workspace() as workspace:
        store = WebhookDesk(workspace).store
        opened = store.again(workspace.clock()) if again else 0
        found = store.deliveries(state="dead" if dead else None)
    plain = [
        {
            "number": one.number, "webhook": one.webhook, "event": one.event.id,
            "type": one.event.kind, "subject": one.event.subject, "at": one.event.at.isoformat(),
            "state": one.state, "attempts": one.attempts, "due": one.due.isoformat(),
            "said": one.said,
        }
        for one in found
    ]  # fmt: skip
    heads = (
        ("序号", "接收方", "事件", "状态", "次数", "末次结果") if terminal.language == "zh"
        else ("number", "webhook", "event", "state", "attempts", "last answer")
    )  # fmt: skip
    rows = [
        (str(one.number), one.webhook, one.event.kind, one.state, str(one.attempts), one.said)
        for one in found
    ]
    terminal.emit({"deliveries": plain, "opened": opened}, terminal.table(heads, rows))
    if again:
        terminal.note(f"重新送 {opened} 条", f"{opened} to be tried again")


def run(
    terminal: Terminal, once: Once = False, every: Every = 5, days: Days = WEBHOOK_DAYS
) -> None:
    """Send what is due, until stopped (Ctrl+C, or SIGTERM)."""
    from ecert.workspace.webhooks import WebhookDesk

    sums = {"delivered": 0, "failed": 0, "dead": 0}
    with terminal.workspace() as workspace:
        desk = WebhookDesk(workspace, days=days)
        while True:
            done = desk.run_once()
            for name in sums:
                sums[name] += getattr(done, name)
            for one in done.refused:
                terminal.note(f"× 拒绝发送 {one.message('zh')}", f"× Not sent: {one.message('en')}")
            if done.delivered or done.failed or done.dead:
                terminal.note(
                    f"送达 {done.delivered}，待重试 {done.failed}，放弃 {done.dead}",
                    f"delivered {done.delivered}, to retry {done.failed}, given up {done.dead}",
                )
            elif once:
                break
            else:
                desk.prune()
                time.sleep(every)
            if once and not done.delivered:
                break
    terminal.emit(sums, [" ".join(f"{name} {count}" for name, count in sums.items())])
