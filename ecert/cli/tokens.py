"""``ecert token``: who may use the service, by a token or by a client certificate."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecert.cli.command import DryRun, Yes, command, group
from ecert.cli.terminal import Terminal, read_bounded
from ecert.cli.words import told
from ecert.errors import FormatError, WorkspaceError
from ecert.limits import MAX_CERTIFICATE_BYTES, MAX_NAME_CHARS, MAX_TOKEN_DAYS

if TYPE_CHECKING:
    from datetime import datetime

    from ecert.sign.certificates import ClientCertificate
    from ecert.store.tokens import AccessToken, SQLTokens

RoleName = Annotated[
    str,
    typer.Argument(
        metavar="ROLE",
        help=told(
            "角色：clerk 窗口、issuer 签发、auditor 审计、list-keeper 清单、partner 共享调用、"
            "administrator 管理",
            "clerk, issuer, auditor, list-keeper, partner or administrator",
        ),
    ),
]
TokenName = Annotated[
    str, typer.Argument(metavar="NAME", help=told("给谁用，如 3号窗口", "Whose, such as a window"))
]
TokenId = Annotated[str, typer.Argument(metavar="ID", help=told("令牌的编号", "The token's id"))]
Days = Annotated[
    int,
    typer.Option("--days", min=1, max=MAX_TOKEN_DAYS, help=told("有效天数", "Days that it lasts")),
]
ClientCertificateFile = Annotated[
    Path | None,
    typer.Option(
        "--certificate",
        metavar="FILE",
        help=told(
            "不发令牌，登记此客户端证书", "Make no token: give the role to this client certificate"
        ),
    ),
]


def declare(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    tokens = group(app, "token", zh="令牌：谁可使用服务", en="Tokens: who may use the service")
    command(tokens, "add", zh="发一个令牌", en="Make a token")(add)
    command(tokens, "list", zh="列出令牌", en="List the tokens")(list_tokens)
    command(tokens, "withdraw", zh="收回一个令牌", en="Withdraw a token")(withdraw)


def add(
    terminal: Terminal,
    role: RoleName,
    name: TokenName,
    days: Days = 365,
    certificate: ClientCertificateFile = None,
    dry_run: DryRun = False,
) -> None:
    """Make a token, whose text is told this once; or give a role to a client certificate."""
    from ecert.clock import system_clock
    from ecert.store.tokens import SQLTokens
    from ecert.workspace.access import Role, new_certificate, new_token

    if role not in set(Role):
        raise FormatError(
            "没有这种角色", "there is no such role", where=role[:20],
            fix_zh=f"可用：{'、'.join(Role)}", fix_en=f"There are: {', '.join(Role)}",
        )  # fmt: skip
    if not 1 <= len(name) <= MAX_NAME_CHARS:
        raise FormatError(
            f"应为1至{MAX_NAME_CHARS}个字符", f"1 to {MAX_NAME_CHARS} characters", where="NAME"
        )
    at = system_clock()
    until = at + timedelta(days=days)
    text = None
    if certificate is None:
        text, kept = new_token(Role(role), name, created=at, expires=until)
    else:
        read = _read_certificate(certificate)
        kept = new_certificate(Role(role), name, read, created=at, expires=until)
    with terminal.workspace() as workspace:
        tokens = SQLTokens(workspace.engine)
        if certificate is not None:
            _require_free(tokens, kept, at)
        _require_own_name(tokens, kept, at)
        if not dry_run:
            tokens.add(kept)
    plain = {
        "id": kept.id, "role": role, "name": name, "expires": kept.expires.isoformat(),
        "token": None if dry_run else text, "dry_run": dry_run,
    } | _fingerprint(kept)  # fmt: skip
    if certificate is not None:
        done = terminal.words(
            "将登记" if dry_run else "√ 已登记", "Would note" if dry_run else "√ Noted"
        )
        until_day = kept.expires.date().isoformat()
        line = terminal.words(
            f"{done} {kept.id}：{name} 的证书，至 {until_day}",
            f"{done} {kept.id}: the certificate of {name}, until {until_day}",
        )
        terminal.emit(plain, [line])
        return
    terminal.emit(plain, ["" if dry_run else str(text)])
    terminal.note(
        "令牌只显示这一次，请立即交给使用人" if not dry_run else "将发一个令牌",
        "The token is told this once: hand it over now" if not dry_run else "Would make a token",
    )


def _read_certificate(path: Path) -> ClientCertificate:
    from ecert.sign.certificates import read_certificate

    try:
        return read_certificate(read_bounded(path, MAX_CERTIFICATE_BYTES))
    except FormatError as error:
        error.where = str(path)
        raise


def _require_free(tokens: SQLTokens, kept: AccessToken, at: datetime) -> None:
    """Require that the certificate stands for nobody yet: it has one role."""
    for one in tokens.with_certificate(kept.digest):
        if one.is_good(at):
            raise WorkspaceError(
                "这张证书已经登记", "this certificate is noted already", where=one.id,
                fix_zh=f"先收回：ecert token withdraw {one.id}",
                fix_en=f"Withdraw it first: ecert token withdraw {one.id}",
            )  # fmt: skip


def _require_own_name(tokens: SQLTokens, kept: AccessToken, at: datetime) -> None:
    """Require a name that stands for nobody else: checks, objections and audits name by it.

    A platform that calls is known by its token, and may have its next one before the last ends.
    """
    from ecert.workspace.access import Role

    for one in tokens.all():
        platforms = {one.role, kept.role} == {Role.PARTNER}
        if one.name == kept.name and one.is_good(at) and not platforms:
            raise WorkspaceError(
                "这个名称已有可用的令牌", "a token that is still good has this name", where=one.id,
                fix_zh=f"请换一个名称；换发的请先收回：ecert token withdraw {one.id}",
                fix_en="Choose another name; to renew it, withdraw the old one first: "
                f"ecert token withdraw {one.id}",
            )  # fmt: skip


def _fingerprint(kept: AccessToken) -> dict[str, Any]:
    return {"certificate": kept.digest.hex(":").upper() if kept.is_certificate else None}


def list_tokens(terminal: Terminal) -> None:
    """List the tokens; their texts are not kept."""
    from ecert.clock import system_clock
    from ecert.store.tokens import SQLTokens

    at = system_clock()
    with terminal.workspace() as workspace:
        tokens = SQLTokens(workspace.engine).all()
    plain = [
        {
            "id": one.id, "role": one.role, "name": one.name,
            "expires": one.expires.isoformat(),
            "withdrawn": None if one.withdrawn is None else one.withdrawn.isoformat(),
            "good": one.is_good(at),
        } | _fingerprint(one)
        for one in tokens
    ]  # fmt: skip
    heads = (
        ("编号", "角色", "使用人", "到期", "可用") if terminal.language == "zh"
        else ("id", "role", "name", "expires", "good")
    )  # fmt: skip
    rows = [
        (
            one.id, one.role, one.name, one.expires.date().isoformat(),
            "√" if one.is_good(at) else "×",
        )
        for one in tokens
    ]  # fmt: skip
    terminal.emit({"tokens": plain}, terminal.table(heads, rows))


def withdraw(terminal: Terminal, token: TokenId, dry_run: DryRun = False, yes: Yes = False) -> None:
    """Withdraw a token: from the next request on it opens nothing."""
    from ecert.clock import system_clock
    from ecert.store.tokens import SQLTokens

    with terminal.workspace() as workspace:
        tokens = SQLTokens(workspace.engine)
        kept = tokens.get(token)
        if kept is None or kept.withdrawn is not None:
            raise WorkspaceError(
                "没有这个令牌，或已收回", "there is no such token, or it is withdrawn already",
                where=token[:20], fix_zh="请用 ecert token list 查看",
                fix_en="See them with: ecert token list",
            )  # fmt: skip
        if not dry_run:
            terminal.confirm(
                f"收回 {kept.name} 的令牌？", f"Withdraw the token of {kept.name}?", yes=yes
            )
            tokens.withdraw(token, system_clock())
    done = terminal.words(
        "将收回" if dry_run else "√ 已收回", "Would withdraw" if dry_run else "√ Withdrawn"
    )
    terminal.emit({"withdrawn": token, "dry_run": dry_run}, [f"{done} {kept.name}"])
