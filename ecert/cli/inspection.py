"""``ecert inspect``: what is in a file or a code, never whether it is true."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from ecert import limits
from ecert.cli import diagnosis, unproven_codes, unproven_documents
from ecert.cli.command import command
from ecert.cli.scanned import PICTURES, is_code
from ecert.cli.terminal import Terminal, read_bounded
from ecert.cli.unproven import unknown
from ecert.cli.words import told
from ecert.errors import FormatError, ParseError
from ecert.model.identifiers import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecert.cli.unproven import Unproven

Anything = Annotated[
    str,
    typer.Argument(
        metavar="ANYTHING",
        help=told(
            "亮证码、图片、证照标识、电子证照文件、状态表、名单、送达件、卡包；文件路径、文字或 -",
            "A show code, picture, licence id, credential, status list, list, delivery or wallet: "
            "a path, the text itself, or -",
        ),
    ),
]
ShowPersonal = Annotated[
    bool,
    typer.Option(
        "--show-personal", help=told("也显示持证人的信息", "Show the holder's data as well")
    ),
]
Diagnose = Annotated[
    bool,
    typer.Option(
        "--diagnose",
        help=told(
            "签名为何核验不通过、签名方如何改正（需要 --key）",
            "Why the signature does not verify, and how its signer mends it (needs --key)",
        ),
    ),
]
KeyFile = Annotated[
    Path | None,
    typer.Option(
        "--key", metavar="FILE",
        help=told("签名方的公钥，JWK 或 PEM", "The signer's public key, JWK or PEM"),
    ),
]  # fmt: skip
_NOTICE: Final = "未核验 / UNVERIFIED"
_VAULT: Final = b"ECVAULT\x1a"


def declare(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    command(
        app, "inspect", zh="查看内容（不核验）", en="Look at what something says (checks nothing)"
    )(inspect)  # fmt: skip


def inspect(
    terminal: Terminal,
    anything: Anything,
    show_personal: ShowPersonal = False,
    diagnose: Diagnose = False,
    key: KeyFile = None,
) -> None:
    """Tell what something says, without proving any of it."""
    if diagnose:
        diagnosis.tell(terminal, _read(anything), key, _NOTICE)
        return
    if key is not None:
        raise FormatError(
            "--key 只和 --diagnose 一起用", "--key goes with --diagnose only", where="--key",
            fix_zh="查看内容不核验签名；核验请用 ecert verify",
            fix_en="inspect checks no signature; ecert verify does",
        )  # fmt: skip
    found = take_apart(_read(anything))
    plain: dict[str, Any] = {
        "verified": False, "notice": _NOTICE, "kind": found.kind, "facts": found.facts,
    }  # fmt: skip
    lines = [
        f"? {_NOTICE}",
        terminal.words(
            "  没有检验签名和状态，以下内容不能作为依据",
            "  Neither signatures nor status were checked: this is no basis for anything",
        ),
        terminal.words(f"种类：{found.zh}", f"Kind: {found.en}"),
        *_lines(found.facts),
    ]
    if found.personal and show_personal:
        plain["personal"] = found.personal
        lines += [terminal.words("持证人信息：", "The holder's data:"), *_lines(found.personal)]
    terminal.emit(plain, lines)
    if found.personal and not show_personal:
        terminal.note(
            "  持证人信息未显示；确有需要请加 --show-personal",
            "  The holder's data is not shown; where it is needed add --show-personal",
        )


def _read(text: str) -> bytes:
    if text == "-":
        return read_bounded(Path("-"), limits.MAX_PICTURE_BYTES)
    path = Path(text)
    # A long text is no path, and asking the file system about it would fail.
    if len(text) <= 255 and path.is_file():
        return read_bounded(path, limits.MAX_VAULT_BYTES)
    if len(text) <= 255 and path.suffix and "/" in text:
        raise FormatError("没有这个文件", "there is no such file", where=text)
    return text.encode("utf-8", "surrogateescape")


def _lines(facts: dict[str, Any], indent: str = "  ") -> Iterator[str]:
    for name, value in facts.items():
        if isinstance(value, dict):
            yield f"{indent}{name}:"
            yield from _lines(value, f"{indent}  ")
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for number, item in enumerate(value, start=1):
                yield f"{indent}{name} [{number}]:"
                yield from _lines(item, f"{indent}  ")
        elif isinstance(value, list):
            yield f"{indent}{name}: {', '.join(map(str, value)) or '-'}"
        else:
            yield f"{indent}{name}: {'-' if value is None else value}"


def take_apart(data: bytes) -> Unproven:
    """Say what ``data`` claims to be.

    Raises:
        FormatError: It is nothing that this library knows, or damaged.
        EcertError: It contradicts itself.
    """
    if data.startswith(_VAULT):
        return unproven_codes.vault(data)
    if data.startswith(PICTURES):
        from ecert.show import scan

        return unproven_codes.code(scan.read(data))
    try:
        text = data.decode("utf-8").strip()
    except UnicodeDecodeError:
        raise unknown() from None
    try:
        return _text(text)
    except ParseError as error:
        zh = f"内容损坏或不完整：{error.reason.zh}" if is_code(text) else "内容损坏或不完整"
        raise FormatError(zh, f"damaged or incomplete: {error.en}", where=error.where) from error


def _text(text: str) -> Unproven:
    if is_code(text):
        return unproven_codes.code(text)
    if text.startswith(ROOT):
        return unproven_codes.licence_id(text)
    if text.startswith("{"):
        return unproven_documents.json_document(text.encode("utf-8"))
    if "~" in text:
        return unproven_documents.sd_jwt(text)
    if text.count(".") == 2 and text.startswith("ey"):
        return unproven_documents.token(text)
    raise unknown()
