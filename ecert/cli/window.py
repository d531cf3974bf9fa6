"""What a window clerk does: check a code."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecert.cli.arguments import read_day_end
from ecert.cli.command import command
from ecert.cli.failures import OUTCOME_CODES
from ecert.cli.online_words import ItemCode, UseCause, read_purpose
from ecert.cli.portraits import PortraitOutput
from ecert.cli.scanned import read_scanned
from ecert.cli.terminal import Terminal, require_place, write_whole
from ecert.cli.words import told
from ecert.show.online import is_online

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from ecert.online.purpose import AccessPurpose
    from ecert.verify.verdict import Verdict
    from ecert.verify.verifier import Verifier
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
        "--challenge", help=told("本窗口给出的数字", "The number that this window showed")
    ),
]
Window = Annotated[
    int | None,
    typer.Option(
        "--window",
        metavar="NUMBER",
        help=told(
            "本窗口在大厅中的编号，默认见 ecert.toml",
            "This window's number in its hall; that of ecert.toml by default",
        ),
    ),
]
Rules = Annotated[
    str | None,
    typer.Option(
        "--policy",
        metavar="counter|terminal",
        help=told(
            "窗口规则：counter 人工窗口，terminal 自助终端（须有窗口数字和亮证密码，不收纸质码）",
            "Rules: counter, or terminal, which is unattended (number and PIN needed, no paper)",
        ),
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

Case = Annotated[
    str | None,
    typer.Option(
        "--case", metavar="NUMBER",
        help=told("办件编号；写了就留存回执", "The case number (办件编号); a receipt is then kept"),
    ),
]  # fmt: skip
Clerk = Annotated[
    str | None,
    typer.Option(
        "--clerk", metavar="NAME",
        help=told("核验人；写了就留存回执", "Who checks; a receipt is then kept"),
    ),
]  # fmt: skip
Copy = Annotated[
    Path | None,
    typer.Option(
        "--copy", metavar="FILE",
        help=told(
            "予以认可时写出存卷件（含个人信息，要有 --case）",
            "If accepted, write the case copy here: it holds personal data, and needs --case",
        ),
    ),
]  # fmt: skip


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
    window: Window = None,
    policy: Rules = None,
    at: At = None,
    explain: Explain = False,
    portrait: PortraitOutput = None,
    case: Case = None,
    clerk: Clerk = None,
    copy: Copy = None,
    item_code: ItemCode = None,
    cause: UseCause = None,
) -> None:
    """Check a code; the exit code tells the outcome."""
    from ecert.cli import receipt_kept
    from ecert.workspace.window import window_verifier

    if at is not None:
        receipt_kept.require_none(case, clerk, copy)
    receipt_kept.require_copy_fits(case, copy)
    require_place(portrait)
    moment = None if at is None else read_day_end(at, "--at")
    what = read_scanned(scanned)
    with terminal.workspace() as workspace:
        if moment is None:
            verifier = window_verifier(workspace, policy=policy, window=window)
            fetch: Callable[[], Verdict] | None = None
            if isinstance(what, str) and is_online(what) and challenge is None:
                purpose = partial(
                    read_purpose, workspace.settings.name, matter, clerk, item_code, case, cause
                )
                fetch = partial(verify_online, workspace, what, purpose, matter, verifier)
            kept = receipt_kept.check(
                workspace, what, copy=copy, matter=matter, case=case, clerk=clerk,
                challenge=challenge, verifier=verifier, fetch=fetch,
            )  # fmt: skip
            verdict = kept.verdict
        else:
            verdict, kept = _look_back(workspace, what, matter, challenge, policy, moment), None
    _write_portrait(terminal, verdict, portrait)
    lines = [verdict.explain(terminal.language)]
    lines += _facts(terminal, verdict) if explain else []
    plain = verdict.to_dict()
    if kept is not None:
        plain |= kept.plain()
        lines += kept.lines(terminal)
    terminal.emit(plain, lines)
    if kept is not None:
        kept.tell_faults(terminal)
    if code := OUTCOME_CODES[verdict.outcome]:
        raise typer.Exit(code)


def _write_portrait(terminal: Terminal, verdict: Verdict, output: Path | None) -> None:
    if output is None or not verdict.accepted or len(verdict.parts) != 1:
        return
    picture = verdict.licence.portrait
    if picture is None:
        terminal.note("  没有照片", "  There is no portrait")
    else:
        write_whole(output, picture)


def _look_back(
    workspace: Workspace,
    what: str | bytes | Path,
    matter: str | None,
    challenge: str | None,
    policy: str | None,
    moment: datetime,
) -> Verdict:
    verifier = workspace.verifier_at(moment, policy=policy)
    if isinstance(what, (bytes, Path)):
        return verifier.verify_picture(what, matter=matter, challenge=challenge, at=moment)
    if "~" in what:
        return verifier.verify_file(what, matter=matter, challenge=challenge, at=moment)
    return verifier.verify(what, matter=matter, challenge=challenge, at=moment)


def verify_online(
    workspace: Workspace,
    digits: str,
    purpose: Callable[[], AccessPurpose],
    matter: str | None,
    verifier: Verifier,
) -> Verdict:
    """Fetch what an online code stands for, if its show service is set, and judge it."""
    from ecert.clock import system_clock
    from ecert.show.online import OnlineCode
    from ecert.workspace.online_window import OnlineWindow
    from ecert.workspace.show_services import ShowServices

    known = ShowServices.read(workspace.path).get(OnlineCode.parse(digits).region)
    if known is None:
        # Nothing can be asked for, so nobody has to say what for.
        return verifier.verify(digits, matter=matter)
    return OnlineWindow(workspace, verifier, at=system_clock()).verify(
        digits, purpose(), matter=matter
    )


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
