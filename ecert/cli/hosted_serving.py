"""``ecert wallets serve``: the holder's page; ``link``: who may come in; ``unlock-pin``."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from ecert.cli.command import DryRun, command
from ecert.cli.hosted_options import Account, KeyFile, read_account
from ecert.cli.terminal import Terminal
from ecert.cli.words import told
from ecert.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecert.wallet.hosted import HostedWallets
    from ecert.workspace import Workspace

Host = Annotated[
    str,
    typer.Option(
        "--host",
        help=told("监听地址；默认只有本机能连", "Address to listen at; by default this machine's"),
    ),
]
Port = Annotated[int, typer.Option("--port", min=1, max=65535, help=told("端口", "Port"))]
Certificate = Annotated[
    Path | None,
    typer.Option("--certificate", metavar="FILE", help=told("TLS 证书", "TLS certificate")),
]
CertificateKey = Annotated[
    Path | None,
    typer.Option("--certificate-key", metavar="FILE", help=told("证书的私钥", "Its key")),
]
BehindProxy = Annotated[
    bool,
    typer.Option(
        "--behind-proxy",
        help=told("前面另有 TLS 反向代理", "A proxy in front of it ends TLS"),
    ),
]
Page = Annotated[
    str,
    typer.Option(
        "--page", metavar="URL",
        help=told("持证人打开的网址", "The address at which holders open the page"),
    ),
]  # fmt: skip
_LOCAL: Final = frozenset({"127.0.0.1", "::1", "localhost"})


def declare(wallets: typer.Typer) -> None:
    """Add the commands to the group ``wallets``."""
    command(wallets, "serve", zh="服务：持证人页面（我的证照）",
            en="Serve the holder's page")(serve)  # fmt: skip
    command(wallets, "link", zh="给一个账户的持证人一次性登录链接",
            en="Make a link that signs one holder in, once")(link)  # fmt: skip
    command(wallets, "unlock-pin", zh="核实本人后，解锁一个账户的亮证密码",
            en="Unlock the show PIN of a holder who was proven")(unlock_pin)  # fmt: skip


def serve(
    terminal: Terminal,
    key: KeyFile = None,
    host: Host = "127.0.0.1",
    port: Port = 8310,
    certificate: Certificate = None,
    certificate_key: CertificateKey = None,
    behind_proxy: BehindProxy = False,
) -> None:
    """Serve the holder's page until stopped (Ctrl+C, or SIGTERM)."""
    from ecert.service.holder_service import holder_application
    from ecert.service.running import run
    from ecert.workspace.holder_access import HolderAccess
    from ecert.workspace.holder_desk import HolderDesk
    from ecert.workspace.holder_matters import HolderMatters
    from ecert.workspace.show_services import ShowServices

    _require_tls(host, certificate, certificate_key, behind_proxy=behind_proxy)
    with _hosted(terminal, key) as (workspace, wallets):
        desk = HolderDesk(
            wallets=wallets, catalogue=workspace.catalogue,
            services=ShowServices.read(workspace.path), matters=HolderMatters(workspace),
            issuer=None if workspace.settings.code is None else workspace.issuer,
        )  # fmt: skip
        app = holder_application(
            desk, HolderAccess(workspace.engine, wallets),
            secure=certificate is not None or behind_proxy, logs=True,
        )  # fmt: skip
        scheme = "http" if certificate is None else "https"
        terminal.note(
            f"{scheme}://{host}:{port}/wallet（持证人凭链接登录：ecert wallets link）",
            f"{scheme}://{host}:{port}/wallet (holders come in by: ecert wallets link)",
        )
        run(app, host=host, port=port, certificate=certificate, key=certificate_key)


def link(
    terminal: Terminal,
    account: Account,
    key: KeyFile = None,
    page: Page = "http://127.0.0.1:8310",
    dry_run: DryRun = False,
) -> None:
    """Make a link; its text is told this once."""
    from ecert.clock import system_clock
    from ecert.wallet import hosted_faults
    from ecert.workspace.holder_access import HolderAccess

    name = read_account(account)
    with _hosted(terminal, key) as (workspace, wallets):
        if dry_run:
            if not wallets.has(name):
                raise hosted_faults.absent(terminal.words("托管卡包", "hosted wallets"))
            terminal.emit({"link": None, "dry_run": True}, [
                terminal.words("将给出登录链接", "Would make a link"),
            ])  # fmt: skip
            return
        made = HolderAccess(workspace.engine, wallets).link(name, system_clock())
    address = made.address(page)
    terminal.emit(
        {"link": address, "expires": made.expires.isoformat(), "dry_run": False}, [address]
    )
    terminal.note(
        "  只能用一次，两分钟内有效；只可交给该账户本人，不要写入日志",
        "  Good for one use and two minutes; for this holder alone, and for no log",
    )


def unlock_pin(
    terminal: Terminal, account: Account, key: KeyFile = None, dry_run: DryRun = False
) -> None:
    """Unlock a show PIN after too many wrong tries."""
    name = read_account(account)
    with _hosted(terminal, key) as (_, wallets):
        wallet = wallets.open(name)
        if not dry_run:
            wallet.pin.unlock(proven=True)
    terminal.emit({"unlocked": not dry_run, "dry_run": dry_run}, [
        terminal.words("将解锁亮证密码", "Would unlock the show PIN") if dry_run
        else terminal.words("√ 已解锁亮证密码", "√ The show PIN is unlocked"),
    ])  # fmt: skip


@contextmanager
def _hosted(terminal: Terminal, key: Path | None) -> Iterator[tuple[Workspace, HostedWallets]]:
    from ecert.workspace import hosting

    path = hosting.custody_path(terminal.folder, key)
    hosting.count_wallets(terminal.folder)  # tells what is not set up before it asks
    secret = terminal.passphrase(str(path))
    with terminal.workspace() as workspace:
        yield workspace, hosting.wallets_in(workspace, secret, key_file=key)


def _require_tls(
    host: str, certificate: Path | None, key: Path | None, *, behind_proxy: bool
) -> None:
    if (certificate is None) != (key is None):
        raise FormatError(
            "证书和私钥须一起给出", "certificate and key come together", where="--certificate",
            fix_zh="请同时给出 --certificate 和 --certificate-key",
            fix_en="Give --certificate and --certificate-key",
        )  # fmt: skip
    if certificate is None and host not in _LOCAL and not behind_proxy:
        raise FormatError(
            "没有 TLS 时只能监听本机地址", "without TLS it listens on this machine only",
            where="--host",
            fix_zh="请给 --certificate 和 --certificate-key；前面有 TLS 代理的，加 --behind-proxy",
            fix_en="Give --certificate and --certificate-key, or --behind-proxy",
        )  # fmt: skip
