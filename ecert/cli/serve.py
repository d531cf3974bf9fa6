"""``ecert serve``: the clerk's page and the JSON API; and ``ecert token``: who may use them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final

import typer

from ecert.cli.command import DryRun, Yes, command, group
from ecert.cli.terminal import Terminal
from ecert.cli.words import told
from ecert.errors import ExtraMissingError, FormatError, WorkspaceError
from ecert.limits import MAX_NAME_CHARS, MAX_TOKEN_DAYS

Host = Annotated[
    str,
    typer.Option(
        "--host",
        help=told("监听地址；默认只有本机能连", "Address to listen at; by default this machine's"),
    ),
]
Port = Annotated[int, typer.Option("--port", min=1, max=65535, help=told("端口", "Port"))]
Workers = Annotated[int, typer.Option("--workers", min=1, max=64, help=told("进程数", "Processes"))]
Certificate = Annotated[
    Path | None,
    typer.Option("--certificate", metavar="FILE", help=told("TLS 证书", "TLS certificate")),
]
CertificateKey = Annotated[
    Path | None,
    typer.Option("--certificate-key", metavar="FILE", help=told("证书的私钥", "Its key")),
]
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
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


def declare(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    command(
        app, "serve", zh="服务：窗口核验页面和 JSON 接口", en="Serve the clerk's page and the API"
    )(serve)
    tokens = group(app, "token", zh="令牌：谁可使用服务", en="Tokens: who may use the service")
    command(tokens, "add", zh="发一个令牌", en="Make a token")(add)
    command(tokens, "list", zh="列出令牌", en="List the tokens")(list_tokens)
    command(tokens, "withdraw", zh="收回一个令牌", en="Withdraw a token")(withdraw)


def serve(
    terminal: Terminal,
    host: Host = "127.0.0.1",
    port: Port = 8300,
    workers: Workers = 1,
    certificate: Certificate = None,
    certificate_key: CertificateKey = None,
) -> None:
    """Serve until stopped (Ctrl+C, or SIGTERM)."""
    try:
        from ecert.service.window_running import run
    except ImportError as error:
        raise ExtraMissingError(
            "本机未安装服务组件", "the service's packages are not installed",
            where=str(error.name), fix_zh="请安装：pip install 'ecert[service]'",
            fix_en="Install them: pip install 'ecert[service]'",
        ) from error  # fmt: skip
    if (certificate is None) != (certificate_key is None):
        raise FormatError(
            "证书和私钥须一起给出", "certificate and key come together", where="--certificate",
            fix_zh="请同时给出 --certificate 和 --certificate-key",
            fix_en="Give --certificate and --certificate-key",
        )  # fmt: skip
    with terminal.workspace() as workspace:
        workspace.engine.close()  # a wrong folder or database is told before anything listens
        folder = workspace.path
    if host not in _LOOPBACK and certificate is None:
        terminal.note(
            "△ 未启用 TLS：其他机器的页面不能用摄像头，令牌也会明文传输。"
            "请用 --certificate 或反向代理",
            "△ Without TLS other machines' pages have no camera, and tokens travel in the clear: "
            "use --certificate or a reverse proxy",
        )
    scheme = "http" if certificate is None else "https"
    terminal.note(f"{scheme}://{host}:{port}/", f"{scheme}://{host}:{port}/")
    run(
        folder, host=host, port=port, workers=workers,
        certificate=certificate, key=certificate_key,
    )  # fmt: skip


def add(
    terminal: Terminal, role: RoleName, name: TokenName, days: Days = 365, dry_run: DryRun = False
) -> None:
    """Make a token; its text is told this once."""
    from ecert.clock import system_clock
    from ecert.store.tokens import SQLTokens
    from ecert.workspace.access import Role, new_token

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
    text, kept = new_token(Role(role), name, created=at, expires=at + timedelta(days=days))
    with terminal.workspace() as workspace:
        if not dry_run:
            SQLTokens(workspace.engine).add(kept)
    plain = {
        "id": kept.id, "role": role, "name": name, "expires": kept.expires.isoformat(),
        "token": None if dry_run else text, "dry_run": dry_run,
    }  # fmt: skip
    terminal.emit(plain, ["" if dry_run else text])
    terminal.note(
        "令牌只显示这一次，请立即交给使用人" if not dry_run else "将发一个令牌",
        "The token is told this once: hand it over now" if not dry_run else "Would make a token",
    )


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
        }
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
