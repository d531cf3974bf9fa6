"""``ecert sharing``: what platforms may ask through the sharing interface, and what they asked."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecert import limits
from ecert.cli.arguments import read_moment
from ecert.cli.command import DryRun, Yes, command, group
from ecert.cli.finding import Limit
from ecert.cli.terminal import Terminal
from ecert.cli.words import told
from ecert.errors import FormatError, WorkspaceError

if TYPE_CHECKING:
    from ecert.issuers.sharing.access import Access, ShareGrant
    from ecert.store.tokens import AccessToken
    from ecert.workspace import Workspace

TokenId = Annotated[
    str, typer.Argument(metavar="TOKEN", help=told("令牌的编号（partner）", "The token's id"))
]
TypeName = Annotated[
    str,
    typer.Argument(metavar="TYPE", help=told("证照类型的名称或代码", "Name or code of the type")),
]
Services = Annotated[
    list[str] | None,
    typer.Option(
        "--service",
        help=told(
            "可调用的服务，可写多次：query 检索、data 信息、verify 验证、download 下载；默认全部",
            "What may be called, may be repeated: query, data, verify, download; all by default",
        ),
    ),
]
Fields = Annotated[
    list[str] | None,
    typer.Option(
        "--field",
        help=told(
            "可提供的照面信息，可写多次；* 为全部，默认不提供",
            "A field that may be told, may be repeated; * for all, none by default",
        ),
    ),
]
Daily = Annotated[
    int,
    typer.Option(
        "--daily", min=1, max=limits.MAX_SHARE_DAILY,
        help=told("每日调用次数上限", "Most calls of one day"),
    ),
]  # fmt: skip
Misses = Annotated[
    int,
    typer.Option(
        "--misses", min=1, max=limits.MAX_SHARE_MISSES,
        help=told("每小时查无结果的次数上限", "Most calls of one hour that find nothing"),
    ),
]  # fmt: skip
Days = Annotated[
    int,
    typer.Option(
        "--days", min=1, max=limits.MAX_GRANT_DAYS, help=told("有效天数", "Days that it lasts")
    ),
]
ByLicence = Annotated[
    str | None, typer.Option("--licence", help=told("只看涉及此证照标识的", "Of this licence id"))
]
ByToken = Annotated[
    str | None, typer.Option("--token", help=told("只看此令牌的", "With this token"))
]
Since = Annotated[
    str | None, typer.Option("--since", help=told("此时或以后的", "At this time or later"))
]
Until = Annotated[str | None, typer.Option("--until", help=told("此时以前的", "Before this time"))]
Before = Annotated[
    int | None,
    typer.Option(
        "--before", min=1, help=told("此号之前的（翻页）", "Before this number, for pages")
    ),
]


def declare(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    sharing = group(
        app,
        "sharing",
        zh="共享接口：授权、调用记录",
        en="The sharing interface: grants, access log",
    )
    command(sharing, "grant", zh="授权调用方查询一种证照", en="Let a caller ask for a type")(grant)
    command(sharing, "grants", zh="列出授权", en="List the grants")(grants)
    command(sharing, "end", zh="收回授权", en="Take a grant away")(end)
    command(
        sharing, "log", zh="列出调用记录：谁、为何、查了什么", en="List the calls: who, why, what"
    )(log)


def grant(
    terminal: Terminal,
    token: TokenId,
    type_name: TypeName,
    service: Services = None,
    field: Fields = None,
    daily: Daily = limits.SHARE_DAILY,
    misses: Misses = limits.SHARE_MISSES,
    days: Days = 365,
    dry_run: DryRun = False,
) -> None:
    """Let the holder of a token ask for one licence type; what was granted before is replaced."""
    from ecert.clock import system_clock
    from ecert.issuers.sharing.access import ShareGrant, ShareService
    from ecert.issuers.sharing.catalogue import ALL_FIELDS
    from ecert.store.sharing import SQLShareStore

    unknown = sorted(set(service or ()) - set(ShareService))
    if unknown:
        raise FormatError(
            "没有这种服务", "there is no such service", where=unknown[0][:20],
            fix_zh=f"可用：{'、'.join(ShareService)}",
            fix_en=f"There are: {', '.join(ShareService)}",
        )  # fmt: skip
    at = system_clock()
    with terminal.workspace() as workspace:
        caller = _partner(workspace, token)
        known = workspace.catalogue.require(type_name)
        for name in field or ():
            if name != ALL_FIELDS and name not in {one.name for one in known.fields}:
                raise FormatError(
                    f"{known.name}没有这一项", f"{known.name} has no such field", where=name[:20],
                    fix_zh=f"可用：{'、'.join(one.name for one in known.fields)}",
                    fix_en="See them with: ecert type show",
                )  # fmt: skip
        made = ShareGrant(
            token=caller.id, type_code=known.code,
            services=frozenset(map(ShareService, service or ShareService)),
            fields=frozenset(field or ()), daily=daily, misses=misses, created=at,
            expires=at + timedelta(days=days),
        )  # fmt: skip
        if not dry_run:
            SQLShareStore(workspace.engine).set_grant(made)
    plain = _plain_grant(made) | {"caller": caller.name, "dry_run": dry_run}
    services = "、".join(one.zh for one in sorted(made.services))
    done_zh, done_en = ("将授权", "Would let") if dry_run else ("√ 已授权", "√ Lets")
    terminal.emit(plain, [terminal.words(
        f"{done_zh} {caller.name}：{known.name}（{services}）",
        f"{done_en} {caller.name} ask for {known.code}: {', '.join(sorted(made.services))}",
    )])  # fmt: skip


def grants(terminal: Terminal) -> None:
    """List what has been granted."""
    from ecert.clock import system_clock
    from ecert.store.sharing import SQLShareStore
    from ecert.store.tokens import SQLTokens

    at = system_clock()
    with terminal.workspace() as workspace:
        found = SQLShareStore(workspace.engine).grants()
        names = {one.id: one.name for one in SQLTokens(workspace.engine).all()}
    plain = [
        _plain_grant(one) | {"caller": names.get(one.token, ""), "good": one.is_good(at)}
        for one in found
    ]
    heads = (
        ("令牌", "调用方", "证照类型", "服务", "照面信息", "每日", "到期", "可用")
        if terminal.language == "zh"
        else ("token", "caller", "type", "services", "fields", "daily", "expires", "good")
    )
    rows = [
        (
            one.token, names.get(one.token, ""), one.type_code, " ".join(sorted(one.services)),
            " ".join(sorted(one.fields)) or "—", str(one.daily), one.expires.date().isoformat(),
            "√" if one.is_good(at) else "×",
        )
        for one in found
    ]  # fmt: skip
    terminal.emit({"grants": plain}, terminal.table(heads, rows) if rows else ())


def end(
    terminal: Terminal, token: TokenId, type_name: TypeName, dry_run: DryRun = False,
    yes: Yes = False,
) -> None:  # fmt: skip
    """Take a grant away: from the next call on it opens nothing."""
    from ecert.store.sharing import SQLShareStore

    with terminal.workspace() as workspace:
        store = SQLShareStore(workspace.engine)
        known = workspace.catalogue.get(type_name)
        code = type_name if known is None else known.code
        if all(one.type_code != code for one in store.grants(token)):
            raise WorkspaceError(
                "没有这项授权", "there is no such grant", where=token[:20],
                fix_zh="请用 ecert sharing grants 查看", fix_en="See them: ecert sharing grants",
            )  # fmt: skip
        if not dry_run:
            terminal.confirm(f"收回对{type_name}的授权？", f"Take {code} away?", yes=yes)
            store.end_grant(token, code)
    done = terminal.words(
        "将收回" if dry_run else "√ 已收回", "Would end" if dry_run else "√ Ended"
    )
    terminal.emit({"token": token, "type_code": code, "dry_run": dry_run}, [f"{done} {code}"])


def log(
    terminal: Terminal,
    licence: ByLicence = None,
    token: ByToken = None,
    since: Since = None,
    until: Until = None,
    before: Before = None,
    limit: Limit = 100,
) -> None:
    """List calls, newest first: who asked for what, and what for."""
    from ecert.issuers.sharing.access import AccessQuery
    from ecert.store.sharing import SQLShareStore

    query = AccessQuery(
        licence=licence, token=token,
        since=None if since is None else read_moment(since, "--since"),
        before=None if until is None else read_moment(until, "--until"),
    )  # fmt: skip
    with terminal.workspace() as workspace:
        found = SQLShareStore(workspace.engine).find(query, before=before, limit=limit + 1)
    shown = found[:limit]
    next_before = shown[-1].number if len(found) > limit else None
    heads = (
        ("号", "时间", "调用方", "接口", "结果", "单位", "人员", "事项", "办件编号", "事由")
        if terminal.language == "zh"
        else ("no", "time", "caller", "call", "result", "org", "user", "item", "case", "cause")
    )
    rows = [_row(terminal, one) for one in shown]
    terminal.emit(
        {"calls": [_plain_access(one) for one in shown], "next_before": next_before},
        terminal.table(heads, rows) if rows else (),
    )
    if next_before is not None:
        terminal.note(f"  还有更多，请加 --before {next_before}", f"  More: --before {next_before}")


def _row(terminal: Terminal, one: Access) -> tuple[str, ...]:
    said = one.purpose
    outcome = one.status.zh if one.result is None else one.result.zh
    word = terminal.words(outcome, one.status.en if one.result is None else one.result.en)
    names = ("orgName", "username", "itemName", "businessCode", "useCause")
    purpose = (said.get(name, "—") for name in names)
    return str(one.number), terminal.moment(one.at), one.caller, one.service, word, *purpose


def _partner(workspace: Workspace, token_id: str) -> AccessToken:
    from ecert.store.tokens import SQLTokens
    from ecert.workspace.access import Role

    kept = SQLTokens(workspace.engine).get(token_id)
    if kept is None or kept.withdrawn is not None or kept.role != Role.PARTNER:
        raise WorkspaceError(
            "没有这个共享调用方的令牌，或已收回", "there is no such partner's token",
            where=token_id[:20], fix_zh="请先发令牌：ecert token add partner 名称",
            fix_en="Make one: ecert token add partner NAME",
        )  # fmt: skip
    return kept


def _plain_grant(one: ShareGrant) -> dict[str, Any]:
    return {
        "token": one.token, "type_code": one.type_code, "services": sorted(one.services),
        "fields": sorted(one.fields), "daily": one.daily, "misses": one.misses,
        "created": one.created.isoformat(), "expires": one.expires.isoformat(),
    }  # fmt: skip


def _plain_access(one: Access) -> dict[str, Any]:
    return {
        "number": one.number, "at": one.at.isoformat(), "token": one.token, "caller": one.caller,
        "service": one.service, "status": int(one.status),
        "result": None if one.result is None else int(one.result), "missed": one.missed,
        "type_code": one.type_code, "licences": list(one.licences), "subject": one.subject,
        "purpose": dict(one.purpose),
    }  # fmt: skip
