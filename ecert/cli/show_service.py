"""``ecert show-service``: run an issuing region's show service, and say which ones to use."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ecert import limits
from ecert.cli.command import DryRun, Yes, command, group
from ecert.cli.terminal import Terminal, read_bounded
from ecert.cli.words import told
from ecert.errors import EcertError, FormatError

if TYPE_CHECKING:
    from ecert.online.storage import VerifierRecord

Region = Annotated[
    str, typer.Option("--region", help=told("核验方的地区，6 位数字", "Its region, six digits"))
]
Office = Annotated[
    str,
    typer.Option("--office", help=told("核验方的名称，持证人可见", "Its name, as holders read it")),
]
Days = Annotated[
    int,
    typer.Option(
        "--days", min=1, max=limits.MAX_VERIFIER_DAYS,
        help=told("令牌有效天数", "Days that the token is good"),
    ),
]  # fmt: skip
VerifierId = Annotated[
    str, typer.Argument(metavar="ID", help=told("核验方编号（list 可查）", "Its id, see list"))
]
Host = Annotated[str, typer.Option("--host", help=told("监听地址", "Address to listen on"))]
Port = Annotated[int, typer.Option("--port", min=1, max=65535, help=told("端口", "Port"))]
Certificate = Annotated[
    Path | None,
    typer.Option("--tls-cert", help=told("TLS 证书文件（PEM）", "TLS certificate (PEM)")),
]
CertificateKey = Annotated[
    Path | None, typer.Option("--tls-key", help=told("证书的私钥文件", "The certificate's key"))
]
AnyPlainText = Annotated[
    bool,
    typer.Option(
        "--behind-proxy",
        help=told(
            "前面有终止 TLS 的反向代理，允许监听非本机地址",
            "A proxy in front ends TLS: allow other addresses than this machine's",
        ),
    ),
]
ServiceRegion = Annotated[
    str, typer.Argument(metavar="REGION", help=told("亮证服务的地区", "The service's region"))
]
ServiceURL = Annotated[
    str, typer.Argument(metavar="URL", help=told("地址，如 https://…", "Its address, https://…"))
]
TokenFile = Annotated[
    Path | None,
    typer.Option(
        "--token-file",
        help=told(
            "本窗口的令牌文件；- 为标准输入；持证人不需要",
            "File with this window's token, - is stdin; holders need none",
        ),
    ),
]
AllowHTTP = Annotated[
    bool,
    typer.Option("--allow-http", help=told("允许不加密（仅供试用）", "Without TLS, for trials")),
]
_LOCAL = frozenset({"127.0.0.1", "::1", "localhost"})
_MAX_TOKEN_CHARS = 128


def declare(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    service = group(
        app, "show-service", zh="亮证服务：运行、核验方令牌、使用哪些",
        en="Show services: run one, its verifiers' tokens, which to use",
    )  # fmt: skip
    command(service, "run", zh="运行本地区的亮证服务", en="Run this region's show service")(run)
    command(service, "purge", zh="清除过期内容", en="Delete what has run out")(purge)
    command(service, "use", zh="设置某地区亮证服务的地址", en="Set a region's show service")(use)
    command(service, "list", zh="列出已设置的亮证服务", en="List those that are set")(list_services)
    verifier = group(service, "verifier", zh="核验方的令牌", en="Verifiers and their tokens")
    command(verifier, "add", zh="登记核验方，令牌只显示一次", en="Add one; its token is told once")(
        add
    )
    command(verifier, "list", zh="列出核验方", en="List them")(list_verifiers)
    command(verifier, "remove", zh="停用核验方", en="End one's token")(remove)


def run(
    terminal: Terminal,
    host: Host = "127.0.0.1",
    port: Port = 8090,
    tls_cert: Certificate = None,
    tls_key: CertificateKey = None,
    behind_proxy: AnyPlainText = False,
) -> None:
    """Run the show service until it is told to stop."""
    from importlib import import_module

    from ecert.clock import system_clock
    from ecert.workspace.show_desk import show_desk

    if (tls_cert is None) != (tls_key is None):
        raise FormatError(
            "证书和私钥要一起给", "certificate and key go together", where="--tls-key",
            fix_zh="请加 --tls-cert 和 --tls-key", fix_en="Give --tls-cert and --tls-key",
        )  # fmt: skip
    if tls_cert is None and host not in _LOCAL and not behind_proxy:
        raise FormatError(
            "没有 TLS 时只能监听本机地址", "without TLS it listens on this machine only",
            where="--host",
            fix_zh="请给 --tls-cert 和 --tls-key；前面另有 TLS 反向代理的，加 --behind-proxy",
            fix_en="Give --tls-cert and --tls-key, or --behind-proxy where a proxy ends TLS",
        )  # fmt: skip
    # Loaded by name: the extra `service` is for those who run one.
    app, running = import_module("ecert.service.show"), import_module("ecert.service.running")
    with terminal.workspace() as workspace:
        desk = show_desk(workspace)

        def upkeep() -> None:
            desk.store.purge(at=system_clock())
            workspace.knowledge.reload()

        terminal.note(
            f"亮证服务（{desk.region}）：{host}:{port}，Ctrl-C 停止",
            f"Show service of {desk.region} at {host}:{port}; Ctrl-C stops it",
        )
        made = app.make_app(desk, upkeep=upkeep)
        running.run(made, host=host, port=port, certificate=tls_cert, key=tls_key)


def purge(terminal: Terminal) -> None:
    """Delete what has run out; a running service does it by itself."""
    from ecert.clock import system_clock
    from ecert.workspace.show_desk import show_desk

    with terminal.workspace() as workspace:
        count = show_desk(workspace).store.purge(at=system_clock())
    terminal.emit({"purged": count}, [terminal.words(f"√ 已清除 {count} 个", f"√ Deleted {count}")])


# -- verifiers ------------------------------------------------------------------------------------


def add(terminal: Terminal, region: Region, office: Office, days: Days = 90) -> None:
    """Add a verifier; its token is told once."""
    from ecert.clock import system_clock
    from ecert.online.verifiers import new_verifier
    from ecert.workspace.show_desk import show_desk

    record, token = new_verifier(region=region, office=office, days=days, at=system_clock())
    with terminal.workspace() as workspace:
        show_desk(workspace).store.add_verifier(record)
    plain = {"id": record.id, "token": token, "expires": record.expires_at.isoformat()}
    terminal.emit(plain, [token])
    terminal.note(
        f"√ 已登记 {record.id}：{office}。令牌只显示这一次，请当面或加密转交",
        f"√ Added {record.id}: {office}. The token is not shown again: hand it over safely",
    )


def list_verifiers(terminal: Terminal) -> None:
    """List the verifiers."""
    from ecert.clock import system_clock
    from ecert.workspace.show_desk import show_desk

    at = system_clock()
    with terminal.workspace() as workspace:
        records = show_desk(workspace).store.verifiers()
    plain = [
        {
            "id": one.id, "region": one.region, "office": one.office,
            "expires": one.expires_at.isoformat(), "in_force": one.in_force(at),
        }
        for one in records
    ]  # fmt: skip
    heads = (
        ("编号", "地区", "名称", "到期", "状态") if terminal.language == "zh"
        else ("id", "region", "office", "expires", "state")
    )  # fmt: skip

    def row(one: VerifierRecord) -> tuple[str, ...]:
        good = terminal.words("有效", "in force")
        state = good if one.in_force(at) else terminal.words("停用", "ended")
        return one.id, one.region, one.office, terminal.moment(one.expires_at), state

    terminal.emit({"verifiers": plain}, terminal.table(heads, [row(one) for one in records]))


def remove(
    terminal: Terminal, verifier: VerifierId, dry_run: DryRun = False, yes: Yes = False
) -> None:
    """End a verifier's token."""
    from ecert.clock import system_clock
    from ecert.workspace.show_desk import show_desk

    with terminal.workspace() as workspace:
        store = show_desk(workspace).store
        at = system_clock()
        known = [one for one in store.verifiers() if one.id == verifier and one.in_force(at)]
        if not known:
            raise FormatError(
                "没有这个有效的核验方", "no such verifier is in force", where=verifier[:40],
                fix_zh="请用 ecert show-service verifier list 查看", fix_en="See verifier list",
            )  # fmt: skip
        if not dry_run:
            office = known[0].office
            terminal.confirm(f"停用 {office}？", f"End the token of {office}?", yes=yes)
            if not store.remove_verifier(verifier, at=at):
                raise EcertError(
                    "已被他人停用", "it was ended meanwhile",
                    fix_zh="可用 ecert show-service verifier list 查看",
                    fix_en="See them with: ecert show-service verifier list",
                )  # fmt: skip
    words = ("将停用", "Would end") if dry_run else ("√ 已停用", "√ Ended")
    terminal.emit(
        {"removed": verifier, "dry_run": dry_run}, [f"{terminal.words(*words)} {verifier}"]
    )


# -- which to use ---------------------------------------------------------------------------------


def use(
    terminal: Terminal,
    region: ServiceRegion,
    url: ServiceURL,
    token_file: TokenFile = None,
    allow_http: AllowHTTP = False,
) -> None:
    """Set a region's show service."""
    from ecert.workspace.show_services import ShowServiceAddress, ShowServices

    token = None if token_file is None else _read_token(token_file)
    service = ShowServiceAddress(
        region=region, url=url.rstrip("/"), token=token, allow_http=allow_http
    )
    ShowServices.read(terminal.folder).using(service).write(terminal.folder)
    terminal.emit(
        {"region": region, "url": service.url, "token": token is not None},
        [terminal.words(f"√ {region} 的亮证服务：{service.url}", f"√ {region}: {service.url}")],
    )


def list_services(terminal: Terminal) -> None:
    """List the show services that are set; tokens are not told."""
    from ecert.workspace.show_services import ShowServices

    services = ShowServices.read(terminal.folder).services
    plain = [
        {"region": one.region, "url": one.url, "token": one.token is not None} for one in services
    ]
    rows = [
        (one.region, one.url, terminal.words("有", "yes") if one.token else "-")
        for one in services
    ]  # fmt: skip
    heads = (
        ("地区", "地址", "令牌") if terminal.language == "zh" else ("region", "address", "token")
    )
    terminal.emit({"services": plain}, terminal.table(heads, rows))


def _read_token(path: Path) -> str:
    text = read_bounded(path, _MAX_TOKEN_CHARS).decode("ascii", "replace")
    token = text.strip()
    if not token or len(text) > _MAX_TOKEN_CHARS or not token.isascii() or not token.isprintable():
        raise FormatError(
            "不是令牌", "not a token", where=str(path),
            fix_zh="文件中应只有亮证服务给的令牌一行",
            fix_en="The file has one line: the token that the show service gave",
        )  # fmt: skip
    return token
