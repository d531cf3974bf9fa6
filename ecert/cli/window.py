"""What a window clerk does: check a code."""

from __future__ import annotations

import unicodedata
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecert import limits
from ecert.cli.arguments import read_day_end
from ecert.cli.command import command
from ecert.cli.failures import OUTCOME_CODES
from ecert.cli.online_words import BusinessCode, Clerk, ItemCode, UseCause, read_purpose
from ecert.cli.terminal import Terminal, read_bounded
from ecert.cli.words import told
from ecert.errors import FormatError
from ecert.show.online import is_online

if TYPE_CHECKING:
    from collections.abc import Callable

    from ecert.online.purpose import AccessPurpose
    from ecert.verify.verdict import Verdict
    from ecert.workspace import Workspace

Scanned = Annotated[
    str,
    typer.Argument(
        metavar="CODE|FILE|-",
        help=told(
            "亮证码的数字，或图片、数字、电子证照文件的路径；- 为标准输入",
            "The digits of a show code, or the path of a picture, of digits or of a licence file; "
            "- is stdin",
        ),
    ),
]
Matter = Annotated[
    str | None,
    typer.Option(
        "--for",
        metavar="MATTER",
        help=told("事项或应用场景，如 机动车业务", "The matter or scene, such as 机动车业务"),
    ),
]
Challenge = Annotated[
    str | None,
    typer.Option(
        "--challenge", help=told("本窗口给出的随机数", "The number that this window showed")
    ),
]
At = Annotated[
    str | None,
    typer.Option(
        "--at",
        metavar="TIME",
        help=told(
            "按过去某时（带时区）或某日日终核验，用本窗口当时的名单",
            "Check as of a moment (RFC 3339) or the end of a day, with the lists that this window "
            "had then",
        ),
    ),
]
Explain = Annotated[
    bool,
    typer.Option(
        "--explain",
        help=told(
            "列出每项检查的事实和所用名单", "Tell the facts of each check and the lists used"
        ),
    ),
]

# What stands between digits, from people, scanners and input methods.
_BETWEEN = frozenset(" \t\r\n-_\u2013\u2014\u3000\ufeff")
PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"RIFF", b"GIF8", b"BM")


def declare(app: typer.Typer) -> None:
    """Add the window's command to ``app``."""
    command(app, "verify", zh="核验亮证码或电子证照文件", en="Check a show code or a licence file")(
        verify
    )


def verify(
    terminal: Terminal,
    scanned: Scanned,
    matter: Matter = None,
    challenge: Challenge = None,
    at: At = None,
    explain: Explain = False,
    clerk: Clerk = None,
    item_code: ItemCode = None,
    case: BusinessCode = None,
    cause: UseCause = None,
) -> None:
    """Check a code; the exit code tells the outcome."""
    moment = None if at is None else read_day_end(at, "--at")
    what = read_scanned(scanned)
    with terminal.workspace() as workspace:
        verifier = workspace.verifier if moment is None else workspace.verifier_at(moment)
        if isinstance(what, (bytes, Path)):
            verdict = verifier.verify_picture(what, matter=matter, challenge=challenge, at=moment)
        elif is_online(what) and moment is None and challenge is None:
            purpose = partial(
                read_purpose, workspace.settings.name, matter, clerk, item_code, case, cause
            )
            verdict = verify_online(workspace, what, purpose, matter)
        elif "~" in what:
            verdict = verifier.verify_file(what, matter=matter, at=moment)
        else:
            verdict = verifier.verify(what, matter=matter, challenge=challenge, at=moment)
    lines = [verdict.explain(terminal.language)]
    terminal.emit(verdict.to_dict(), lines + (_facts(terminal, verdict) if explain else []))
    if code := OUTCOME_CODES[verdict.outcome]:
        raise typer.Exit(code)


def verify_online(
    workspace: Workspace, digits: str, purpose: Callable[[], AccessPurpose], matter: str | None
) -> Verdict:
    """Fetch what an online code stands for, if its show service is set, and judge it."""
    from ecert.clock import system_clock
    from ecert.show.online import OnlineCode
    from ecert.workspace.online_window import OnlineWindow
    from ecert.workspace.show_services import ShowServices

    known = ShowServices.read(workspace.path).get(OnlineCode.parse(digits).region)
    if known is None:
        # Nothing can be asked for, so nobody has to say what for.
        return workspace.verifier.verify(digits, matter=matter)
    return OnlineWindow(workspace, at=system_clock()).verify(digits, purpose(), matter=matter)


def is_code(text: str) -> bool:
    """Tell whether ``text`` is a code's digits, and so no path."""
    plain = unicodedata.normalize("NFKC", text)
    # The symbology identifier that some scanners put in front.
    rest = plain[3:] if plain.startswith("]Q") else plain
    digits = [character for character in rest if character not in _BETWEEN]
    return bool(digits) and all(c.isascii() and c.isdigit() for c in digits)


def read_scanned(text: str) -> str | bytes | Path:
    """Return what is to be checked: text as it is, a picture as its path or bytes.

    Raises:
        FormatError: Neither digits nor an existing file.
    """
    if text == "-":
        return _content(read_bounded(Path("-"), limits.MAX_PICTURE_BYTES))
    if is_code(text):
        return text
    path = Path(text)
    if len(text) > limits.MAX_SCAN_CHARS or not path.is_file():
        raise FormatError(
            "不是亮证码的数字，也没有这个文件", "neither the digits of a code nor a file",
            where=text[:40],
            fix_zh="扫码请关闭中文输入法；图片请检查路径",
            fix_en="Switch the input method off for a scanner; check the path of a picture",
        )  # fmt: skip
    with path.open("rb") as file:
        head = file.read(limits.MAX_TOKEN_CHARS + 1)
    content = _content(head)
    return path if isinstance(content, bytes) else content


def _content(data: bytes) -> str | bytes:
    """Return ``data`` as text if it is some, otherwise as the bytes of a picture."""
    if data.startswith(PICTURES) or len(data) > limits.MAX_TOKEN_CHARS:
        return data
    try:
        return data.decode("utf-8").strip()
    except UnicodeDecodeError:
        return data


def _facts(terminal: Terminal, verdict: Verdict) -> list[str]:
    plain: dict[str, Any] = verdict.to_dict()
    lines = [
        f"  [{finding['number']}] {finding['check']}: "
        + (", ".join(f"{name}={value}" for name, value in finding["facts"].items()) or "-")
        for part in plain["parts"]
        for finding in part["findings"]
    ]
    lines += [
        f"  {use['kind']} {use['name']} v{use['version']} {use['issued']} sha256:{use['digest']}"
        for use in plain["lists_used"]
    ]
    return [terminal.words("检查所据：", "What the checks rest on:"), *lines]
