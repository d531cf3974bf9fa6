"""How ``ecert serve`` runs: the table ``[service]`` of ``ecert.toml``, and what goes over it.

A command-line option goes over the variable ``ECERT_SERVE_…``, and that over the file.
"""

from __future__ import annotations

import ipaddress
import json
import os
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from ecert.errors import FormatError
from ecert.limits import MAX_SERVICE_WORKERS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PREFIX: Final = "ECERT_SERVE_"
"""How the variables of the environment begin: ``ECERT_SERVE_PORT`` is ``port``."""
WINDOW: Final = "window"
LISTS: Final = "lists"
HALL: Final = "hall"
SHARING: Final = "sharing"
REGISTER: Final = "register"
PUBLICATION: Final = "publication"
SHOW: Final = "show"
PARTS: Final = (WINDOW, LISTS, HALL, REGISTER, SHARING, PUBLICATION, SHOW)
"""What can be served: the pages of windows, of the list keeper, of the hall's manager and the
auditor, the issuing office's API, the sharing interface, what is published, the show service."""
BEHIND: Final = ("https", "http")
TABLE: Final = "service"
_PUBLISHED: Final = "published"
_PATHS: Final = ("certificate", "certificate_key", "client_ca", "published")
_NUMBERS: Final = {"port": 65_535, "workers": MAX_SERVICE_WORKERS}
_LISTS: Final = ("parts", "trusted_proxies")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSettings:
    """How the service runs.

    Attributes:
        host: The address to listen at; by default only the machine itself can connect.
        port: The port.
        workers: Processes.
        certificate: File of the TLS certificate; plain HTTP without one.
        certificate_key: File of its key.
        client_ca: File with the authorities whose client certificates are looked at.
        parts: What is served, see `PARTS`.
        published: Folder of ``ecert status publish``.
        behind: What browsers speak with the web server in front, ``https`` or ``http``; None if
            there is none.
        trusted_proxies: Addresses or networks of the web servers in front, whose word about a
            caller's address is taken.

    Raises:
        FormatError: A value does not have its form, or two do not go together.
    """

    host: str = "127.0.0.1"
    port: int = 8300
    workers: int = 1
    certificate: str | None = None
    certificate_key: str | None = None
    client_ca: str | None = None
    parts: tuple[str, ...] = (WINDOW, LISTS, HALL, REGISTER, SHARING, PUBLICATION)
    published: str = _PUBLISHED
    behind: str | None = None
    trusted_proxies: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for spec in fields(self):
            _require(spec.name, getattr(self, spec.name))
        _require_together(self)

    @classmethod
    def from_table(cls, plain: Mapping[str, Any]) -> Self:
        """Return the settings of the table ``[service]``.

        Raises:
            FormatError: A value is wrong; ``where`` names it as the file does.
        """
        return cls(**_checked(plain, lambda name: f"[{TABLE}] {name}"))

    def to_toml(self) -> str:
        """Return the table, without what is as by default; empty if everything is."""
        lines = [
            f"{spec.name} = {json.dumps(getattr(self, spec.name), ensure_ascii=False)}\n"
            for spec in fields(self)
            if getattr(self, spec.name) != spec.default
        ]
        return f"\n[{TABLE}]\n{''.join(lines)}" if lines else ""

    def to_environment(self) -> dict[str, str]:
        """Return the variables that say all of this to another process."""
        found = {}
        for spec in fields(self):
            value = getattr(self, spec.name)
            text = ",".join(value) if isinstance(value, tuple) else str(value or "")
            found[f"{PREFIX}{spec.name.upper()}"] = text
        return found

    def in_folder(self, folder: Path) -> Self:
        """Return them with paths that do not depend on where a program is started."""
        paths: dict[str, Any] = {name: getattr(self, name) for name in _PATHS}
        found = {name: str(folder / path) for name, path in paths.items() if path is not None}
        return replace(self, **found)  # type: ignore[arg-type]


def effective(
    settings: ServiceSettings | None,
    folder: Path,
    environment: Mapping[str, str],
    options: Mapping[str, Any],
) -> ServiceSettings:
    """Return how the service is to run.

    Args:
        settings: What the file says.
        folder: The workspace; paths in the file are meant from there.
        environment: The variables; paths in them and in options are meant from here.
        options: Of the command line, by setting; what is None was not given.

    Raises:
        FormatError: A value is wrong; ``where`` names the variable, the option or the setting.
    """
    base = (settings or ServiceSettings()).in_folder(folder.resolve())
    given = {name: text for name, text in environment.items() if name.startswith(PREFIX)}
    read = {name.removeprefix(PREFIX).lower(): text for name, text in given.items()}
    over = _checked(
        {name: _parsed(name, text) for name, text in read.items()},
        lambda name: f"{PREFIX}{name.upper()}",
    )
    over |= _checked(
        {name: value for name, value in options.items() if value is not None},
        lambda name: f"--{name.replace('_', '-')}",
    )
    here = Path.cwd()
    over |= {name: str(here / over[name]) for name in _PATHS if over.get(name) is not None}
    return replace(base, **over)


def require_files(settings: ServiceSettings) -> None:
    """Require that the files for TLS are there and can be read, before anything listens.

    Raises:
        FormatError: One is not.
    """
    for name in ("certificate", "certificate_key", "client_ca"):
        path: str | None = getattr(settings, name)
        if path is not None and not (Path(path).is_file() and os.access(path, os.R_OK)):
            raise FormatError(
                f"{path} 不存在或不可读", f"{path} is not there or cannot be read", where=name,
                fix_zh="请核对路径和权限", fix_en="Check the path and the rights",
            )  # fmt: skip


def _parsed(name: str, text: str) -> Any:
    """Return a variable's value in the kind that the file has it in."""
    if name in _LISTS:
        return [part.strip() for part in text.split(",") if part.strip()]
    if name in _NUMBERS and text.isascii() and text.isdigit() and len(text) < 10:
        return int(text)
    # An empty variable takes away what the file says.
    return text or None


def _checked(plain: Mapping[str, Any], told: Callable[[str], str]) -> dict[str, Any]:
    """Return the values by setting, each by itself in order."""
    known = {spec.name: spec.default for spec in fields(ServiceSettings)}
    found: dict[str, Any] = {}
    for name, told_value in plain.items():
        if name not in known:
            raise FormatError(
                "没有这个设置", "there is no such setting", where=told(name),
                fix_zh=f"可用：{'、'.join(map(told, known))}",
                fix_en=f"There are: {', '.join(map(told, known))}",
            )  # fmt: skip
        value = known[name] if told_value is None else told_value
        value = tuple(value) if isinstance(value, list) else value
        try:
            _require(name, value)
        except FormatError as error:
            error.where = told(name)
            raise
        found[name] = value
    return found


def _require(name: str, value: Any) -> None:
    """Require the form of one value."""
    if name in _NUMBERS:
        if type(value) is not int or not 1 <= value <= _NUMBERS[name]:
            most = _NUMBERS[name]
            raise _wrong(name, f"应为 1 至 {most} 的整数", f"A whole number from 1 to {most}")
    elif name in _LISTS:
        if type(value) is not tuple or not all(type(one) is str for one in value):
            raise _wrong(name, '应为一列文字，如 ["a", "b"]', 'A list of texts, ["a", "b"]')
        if name == "parts":
            _require_parts(value)
        else:
            proxy_networks(value)
    elif value is None and name in {*_PATHS, "behind"}:
        return
    elif type(value) is not str or not value or "\0" in value:
        raise _wrong(name, "应为文字", "A text")
    elif name == "behind" and value not in BEHIND:
        raise _wrong(name, f"可用：{'、'.join(BEHIND)}", f"There are: {', '.join(BEHIND)}")


def _require_parts(parts: tuple[str, ...]) -> None:
    if not parts or set(parts) - set(PARTS) or len(set(parts)) != len(parts):
        raise _wrong(
            "parts",
            f"可用：{'、'.join(PARTS)}；各写一次",
            f"There are: {', '.join(PARTS)}; each once",
        )


def proxy_networks(
    texts: tuple[str, ...],
) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    """Return addresses and networks that are written as ``10.0.0.5`` or ``10.0.0.0/24``.

    Raises:
        FormatError: One is not written so.
    """
    try:
        return tuple(ipaddress.ip_network(text) for text in texts)
    except ValueError as error:
        raise _wrong(
            "trusted_proxies", "请写成 10.0.0.5 或 10.0.0.0/24", "Write 10.0.0.5 or 10.0.0.0/24"
        ) from error


def _require_together(settings: ServiceSettings) -> None:
    if (settings.certificate is None) != (settings.certificate_key is None):
        raise FormatError(
            "证书和私钥须一起给出", "certificate and key come together", where="certificate",
            fix_zh="请同时给出 certificate 和 certificate_key",
            fix_en="Give both certificate and certificate_key",
        )  # fmt: skip
    if settings.client_ca is not None and settings.certificate is None:
        raise FormatError(
            "没有 TLS 就没有客户端证书", "without TLS there are no client certificates",
            where="client_ca", fix_zh="请同时给出 certificate 和 certificate_key",
            fix_en="Give certificate and certificate_key too",
        )  # fmt: skip
    if settings.client_ca is not None and settings.behind is not None:
        raise FormatError(
            "反向代理之后看不到客户端证书，请求头又可以伪造",
            "behind a proxy client certificates cannot be seen, and a header can be forged",
            where="client_ca", fix_zh="请去掉 client_ca，改用令牌；或不经代理直接连接",
            fix_en="Leave client_ca out and use tokens, or connect without the proxy",
        )  # fmt: skip
    if settings.trusted_proxies and settings.behind is None:
        raise FormatError(
            "没有说明前面有反向代理", "nothing says that a proxy stands in front", where="behind",
            fix_zh='请加 behind = "https"，或去掉 trusted_proxies',
            fix_en='Add behind = "https", or leave trusted_proxies out',
        )  # fmt: skip
    if SHOW in settings.parts and settings.behind is not None and not settings.trusted_proxies:
        raise FormatError(
            "亮证服务按来源地址防猜码，须知道代理的地址",
            "the show service counts tries by address, and must know the proxy's",
            where="trusted_proxies", fix_zh='请写明代理的地址，如 trusted_proxies = ["127.0.0.1"]',
            fix_en='Name the proxy, such as trusted_proxies = ["127.0.0.1"]',
        )  # fmt: skip


def _wrong(name: str, zh: str, en: str) -> FormatError:
    return FormatError("设置的写法不对", "not a value for this", where=name, fix_zh=zh, fix_en=en)
