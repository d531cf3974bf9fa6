"""``ecert doctor``: what this machine can do, and how old the lists are that it relies on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import typer

from ecert.cli import doctor_fonts
from ecert.cli.command import command, group, own_command
from ecert.cli.failures import UNDETERMINED
from ecert.cli.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from ecert.workspace import Workspace
    from ecert.workspace.ages import Age

# Beyond them an age is told in days.
_HOURS_AS_HOURS: Final = 72


def declare(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    from ecert.cli.scanner import scanner

    checks = group(
        app,
        "doctor",
        zh="体检：SM2、组件、时钟、名单新旧；扫码枪、字体",
        en="Check-up: SM2, components, the clock, the age of lists; scanner, fonts",
        bare=True,
    )
    own_command(checks)(doctor)
    command(
        checks,
        "scanner",
        zh="测试扫码枪一次能发送多少位，是否受输入法、前后缀影响",
        en="Find out how many digits a scanner can send, and what stands in its way",
    )(scanner)
    doctor_fonts.declare(checks)


def doctor(terminal: Terminal) -> None:
    """Tell what can be done here; the exit code is 3 where verdicts would be undetermined."""
    from pathlib import Path

    from ecert.clock import system_clock
    from ecert.workspace.settings import FILE

    at = system_clock()
    plain = _machine() | {
        "clock": {"now": at.isoformat(timespec="seconds"), "newest_signed": None,
                  "doubtful": False},
        "workspace": None,
    }  # fmt: skip
    # Elsewhere than in a workspace the machine alone is looked at; a folder that was named is one.
    if terminal.folder != Path() or (terminal.folder / FILE).exists():
        with terminal.workspace() as workspace:
            plain["clock"] |= _clock_doubts(workspace, at)
            plain["workspace"] = _workspace(workspace, at)
    terminal.emit(plain, _lines(terminal, plain, at))
    lists = plain["workspace"]["lists"] if plain["workspace"] else ()
    if plain["clock"]["doubtful"] or any(one["expired"] for one in lists):
        raise typer.Exit(UNDETERMINED)


def _machine() -> dict[str, Any]:
    import platform
    import ssl
    from importlib.metadata import version
    from importlib.util import find_spec

    from ecert import __version__
    from ecert.sign import sm2

    return {
        "ecert": __version__,
        "python": platform.python_version(),
        "sm2": {"backend": sm2.backend(), "can_sign": sm2.can_sign()},
        # The wheel of cryptography has an OpenSSL of its own, as old as that release.
        "openssl": {"python": ssl.OPENSSL_VERSION, "cryptography": version("cryptography")},
        "scan": find_spec("zxingcpp") is not None,
    }


def _clock_doubts(workspace: Workspace, at: datetime) -> dict[str, Any]:
    from ecert.limits import LIST_CLOCK_SKEW

    newest = workspace.knowledge.newest_signed
    return {
        "newest_signed": None if newest is None else newest.isoformat(),
        # As `ecert.verify.checks.clock` doubts it.
        "doubtful": newest is not None and at < newest - LIST_CLOCK_SKEW,
    }


# -- the workspace ----------------------------------------------------------------------------


def _workspace(workspace: Workspace, at: datetime) -> dict[str, Any]:
    from ecert.workspace.ages import ages

    settings = workspace.settings
    return {
        "folder": str(workspace.path),
        "name": settings.name,
        "region": settings.region,
        "demo": settings.demo,
        "alg": workspace.alg,
        "lists": [_told(one, at) for one in ages(workspace.knowledge)],
    }


def _told(one: Age, at: datetime) -> dict[str, Any]:
    return {
        "slot": one.slot,
        "version": one.version,
        "issued": one.issued.isoformat(),
        "expires": one.expires.isoformat(),
        "age_hours": round((at - one.issued).total_seconds() / 3600, 1),
        "expired": one.expires <= at,
    }


# -- telling ----------------------------------------------------------------------------------


def _lines(terminal: Terminal, plain: dict[str, Any], at: datetime) -> Iterator[str]:
    words, workspace = terminal.words, plain["workspace"]
    colon = words("：", ": ")
    for good, what, found in _found(terminal, plain, at):
        yield f"{'√' if good else '!'} {what}{colon}{found}"
    if workspace is None:
        yield words("- 不在工作区中", "- Not in a workspace")
        return
    for one in workspace["lists"]:
        yield _list_line(terminal, one)


def _found(
    terminal: Terminal, plain: dict[str, Any], at: datetime
) -> Iterator[tuple[bool, str, str]]:
    from ecert.model.calendar import SHANGHAI

    words, sm2, doubtful = terminal.words, plain["sm2"], plain["clock"]["doubtful"]
    openssl, workspace = plain["openssl"], plain["workspace"]
    yield True, "ecert", f"{plain['ecert']}, Python {plain['python']}"
    yield sm2["can_sign"], "SM2", sm2["backend"]
    yield True, "OpenSSL", f"{openssl['python']}, cryptography {openssl['cryptography']}"
    installed = words("已安装", "installed") if plain["scan"] else "pip install 'ecert[scan]'"
    yield plain["scan"], words("识别图片", "Reading pictures"), installed
    now = f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S} +08:00"
    doubt = words("；比收到的名单还早，请校准", "; older than a list received: set it")
    yield not doubtful, words("时钟", "Clock"), f"{now}{doubt if doubtful else ''}"
    if workspace is not None:
        demo = words("，演示", ", demonstration") if workspace["demo"] else ""
        name, region, alg = workspace["name"], workspace["region"], workspace["alg"]
        yield (
            True,
            words("工作区", "Workspace"),
            words(f"{name}（{region}{demo}，{alg}）", f"{name} ({region}{demo}, {alg})"),
        )


def _list_line(terminal: Terminal, one: dict[str, Any]) -> str:
    words, day, hours = terminal.words, one["expires"][:10], one["age_hours"]
    # Status lists are made anew every few hours, the others every few weeks.
    old = (
        words(f"{hours} 小时", f"{hours} h") if hours < _HOURS_AS_HOURS
        else words(f"{hours / 24:.0f} 天", f"{hours / 24:.0f} days")
    )  # fmt: skip
    ends = words("已过期，请更新", "expired: get a new one") if one["expired"] else words(
        f"至 {day}", f"until {day}"
    )  # fmt: skip
    return f"{'!' if one['expired'] else '√'}   {one['slot']}  " + words(
        f"{old}前签发，{ends}", f"issued {old} ago, {ends}"
    )
