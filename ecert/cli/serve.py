"""``ecert serve``: the clerk's page, the JSON API, what is published, and the show service."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from ecert.cli import tokens
from ecert.cli.command import command
from ecert.cli.terminal import Terminal
from ecert.cli.words import told
from ecert.limits import MAX_SERVICE_WORKERS

if TYPE_CHECKING:
    from ecert.workspace.service_settings import ServiceSettings

Host = Annotated[
    str | None,
    typer.Option(
        "--host",
        help=told(
            "监听地址，默认 127.0.0.1（只有本机能连）",
            "Address to listen at; by default 127.0.0.1, this machine's",
        ),
    ),
]
Port = Annotated[
    int | None, typer.Option("--port", min=1, max=65535, help=told("端口，默认 8300", "Port, 8300"))
]
Workers = Annotated[
    int | None,
    typer.Option("--workers", min=1, max=MAX_SERVICE_WORKERS, help=told("进程数", "Processes")),
]
Certificate = Annotated[
    Path | None,
    typer.Option("--certificate", metavar="FILE", help=told("TLS 证书", "TLS certificate")),
]
CertificateKey = Annotated[
    Path | None,
    typer.Option("--certificate-key", metavar="FILE", help=told("证书的私钥", "Its key")),
]
ClientCA = Annotated[
    Path | None,
    typer.Option(
        "--client-ca", metavar="FILE",
        help=told("客户端证书由谁签发（PEM）", "Authorities of client certificates (PEM)"),
    ),
]  # fmt: skip
ServedParts = Annotated[
    list[str] | None,
    typer.Option(
        "--part",
        metavar="window|lists|hall|register|sharing|publication|show",
        help=told(
            "提供什么，可多次给出；默认除亮证服务 show 外全部",
            "What is served, again for more; by default all but show",
        ),
    ),
]
Behind = Annotated[
    str | None,
    typer.Option(
        "--behind",
        metavar="https|http",
        help=told("前面的反向代理对外用什么", "What the proxy in front speaks with browsers"),
    ),
]
TrustedProxies = Annotated[
    list[str] | None,
    typer.Option(
        "--trusted-proxy",
        metavar="ADDRESS",
        help=told(
            "反向代理的地址或网段，可多次给出", "The proxy's address or network, again for more"
        ),
    ),
]
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


def declare(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    command(
        app, "serve", zh="服务：窗口核验页面和 JSON 接口", en="Serve the clerk's page and the API"
    )(serve)
    tokens.declare(app)


def serve(
    terminal: Terminal,
    host: Host = None,
    port: Port = None,
    workers: Workers = None,
    certificate: Certificate = None,
    certificate_key: CertificateKey = None,
    client_ca: ClientCA = None,
    part: ServedParts = None,
    behind: Behind = None,
    trusted_proxy: TrustedProxies = None,
) -> None:
    """Serve until stopped (Ctrl+C, or SIGTERM)."""
    from ecert.service.window_running import run
    from ecert.workspace.passphrases import given_passphrase
    from ecert.workspace.service_settings import effective, require_files

    paths = {"certificate": certificate, "certificate_key": certificate_key, "client_ca": client_ca}
    options: dict[str, Any] = {
        "host": host, "port": port, "workers": workers, "parts": part, "behind": behind,
        "trusted_proxies": trusted_proxy,
    }  # fmt: skip
    options |= {name: None if path is None else str(path) for name, path in paths.items()}
    with terminal.workspace() as workspace:
        workspace.engine.close()  # a wrong folder or database is told before anything listens
        folder, own = workspace.path, workspace.settings
    settings = effective(own.service, folder, os.environ, options)
    require_files(settings)
    # Of what nobody can be asked for later.
    given_passphrase(os.environ)
    _note(terminal, settings, issues=own.code is not None)
    run(folder, settings)


def _note(terminal: Terminal, settings: ServiceSettings, *, issues: bool) -> None:
    """Tell where it listens, and what a careful person would want to know."""
    from ecert.workspace.service_settings import PUBLICATION

    plain = settings.certificate is None and settings.behind != "https"
    if settings.host not in _LOOPBACK and plain:
        terminal.note(
            "△ 未启用 TLS：其他机器的页面不能用摄像头，令牌也会明文传输。"
            "请用 --certificate 或反向代理",
            "△ Without TLS other machines' pages have no camera, and tokens travel in the clear: "
            "use --certificate or a reverse proxy",
        )
    if PUBLICATION in settings.parts and issues and not Path(settings.published).is_dir():
        terminal.note(
            "△ 还没有可发布的文件。请运行 ecert status publish --all",
            "△ Nothing is published yet. Run: ecert status publish --all",
        )
    scheme = "http" if settings.certificate is None else "https"
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    address = f"{scheme}://{host}:{settings.port}/"
    terminal.note(address, address)
