"""The office's own affairs: make a workspace, look after its keys."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecert.cli.arguments import Alg, read_alg, read_moment
from ecert.cli.command import DryRun, Yes, command, group
from ecert.cli.terminal import Terminal
from ecert.cli.words import told

if TYPE_CHECKING:
    from ecert.workspace.keyfiles import KeyEntry

Place = Annotated[
    Path, typer.Argument(metavar="DIR", help=told("新建的文件夹", "The folder to be made"))
]
Region = Annotated[
    str,
    typer.Option(
        "--region",
        metavar="CODE",
        help=told("行政区划代码，六位数字（GB/T 2260）", "Region code, six digits (GB/T 2260)"),
    ),
]
Name = Annotated[
    str, typer.Option("--name", help=told("机构或窗口名称", "Name of the authority or window"))
]
Code = Annotated[
    str | None,
    typer.Option(
        "--code",
        metavar="USCC",
        help=told(
            "机构的统一社会信用代码；不给则只能核验",
            "The authority's unified social credit code; without it, it only verifies",
        ),
    ),
]
Demo = Annotated[
    bool,
    typer.Option(
        "--demo",
        help=told(
            "演示：用公开的地区密钥，机构代码自动编造",
            "Demonstration: published region keys, invented code",
        ),
    ),
]
StatusBase = Annotated[
    str | None,
    typer.Option(
        "--status-base",
        metavar="URL",
        help=told("状态表的发布地址，只作比对", "Address of the status lists; only ever compared"),
    ),
]
Database = Annotated[
    str | None,
    typer.Option(
        "--database",
        metavar="URL",
        help=told(
            "空数据库的地址，如 postgresql://用户@主机/库名，不写口令；默认为文件夹里的 SQLite",
            "An empty database, such as postgresql://user@host/name, without a password; "
            "by default an SQLite file in the folder",
        ),
    ),
]
KeyName = Annotated[
    str,
    typer.Argument(
        metavar="KEY", help=told("密钥号的开头，或文件名", "Beginning of the key id, or the file")
    ),
]
From = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="TIME",
        help=told(
            "启用时间，默认立即；旧密钥到时停用",
            "When it begins, now by default; the old one ends then",
        ),
    ),
]
NewAlg = Annotated[
    str | None,
    typer.Option(
        "--alg",
        metavar="ES256|SM2",
        help=told(
            "新密钥的签名算法：ES256 或 SM2；默认与现有密钥相同",
            "Suite of the new key: ES256 or SM2; by default that of the newest key",
        ),
    ),
]


def declare(app: typer.Typer) -> None:
    """Add the office's commands to ``app``."""
    command(app, "init", zh="新建工作区", en="Make a workspace")(init)
    keys = group(app, "key", zh="密钥：查看、启用新密钥", en="Keys: look at them, roll over")
    command(keys, "list", zh="列出密钥", en="List the keys")(list_keys)
    command(keys, "show", zh="显示一把密钥的公钥", en="Show the public half of a key")(show_key)
    command(keys, "new", zh="启用新的签发密钥", en="Bring a new licence key into force")(new_key)


def init(
    terminal: Terminal,
    place: Place,
    region: Region,
    name: Name,
    code: Code = None,
    demo: Demo = False,
    status_base: StatusBase = None,
    alg: Alg = None,
    database: Database = None,
    dry_run: DryRun = False,
) -> None:
    """Make a workspace."""
    from ecert.clock import system_clock
    from ecert.workspace import Workspace, creation
    from ecert.workspace.keyfiles import require_suite

    settings = creation.new_settings(
        region=region, name=name, code=code, demo=demo, status_base=status_base,
        alg=read_alg(alg), database=database, at=system_clock(),
    )  # fmt: skip
    creation.require_place(place.resolve())
    creation.require_new_database(settings)
    if settings.code is not None:
        require_suite(settings.alg)
    if not dry_run:
        needed = settings.code is not None and not demo
        secret = terminal.passphrase(str(place), new=True) if needed else ""
        Workspace.init(
            place, region=region, name=name, code=code, demo=demo, status_base=status_base,
            passphrase=secret, alg=settings.alg, database=database,
        ).close()  # fmt: skip
    plain = {
        "workspace": str(place), "region": region, "name": name, "code": settings.code,
        "demo": demo, "alg": settings.alg, "database": database, "dry_run": dry_run,
    }  # fmt: skip
    kind = terminal.words("，演示" if demo else "", ", demonstration" if demo else "")
    done = terminal.words(
        "将新建" if dry_run else "√ 已新建", "Would make" if dry_run else "√ Made"
    )
    terminal.emit(plain, [terminal.words(
        f"{done}工作区 {place}：{name}（{region}{kind}）",
        f"{done} the workspace {place}: {name} ({region}{kind})",
    )])  # fmt: skip
    if demo:
        terminal.note(
            "  演示密钥是公开的，颁发的证照不得用于真实业务",
            "  Demonstration keys are published: nothing issued here is for real business",
        )
    elif code is None:
        terminal.note(
            "  没有给出 --code，此工作区只能核验", "  Without --code this workspace only verifies"
        )


# -- keys -------------------------------------------------------------------------------------

_ROLES_ZH = {
    "licence": "签发证照",
    "status": "签状态表",
    "roots": "地区根",
    "trust-list": "签可信名单",
    "catalogue": "签目录",
    "recognition-list": "签互认清单",
    "receipt": "签核验回执",
}
_STATES_ZH = {"planned": "待启用", "active": "在用", "ended": "已停用"}


def list_keys(terminal: Terminal) -> None:
    """List the keys."""
    from ecert.clock import system_clock

    at = system_clock()
    with terminal.workspace() as workspace:
        entries = workspace.keys.entries
    plain = [entry.to_dict() | {"state": entry.state(at)} for entry in entries]
    heads = (
        ("密钥号", "用途", "算法", "状态", "文件") if terminal.language == "zh"
        else ("key", "use", "suite", "state", "file")
    )  # fmt: skip
    rows = [
        (
            entry.public.kid[:16],
            terminal.words(_ROLES_ZH[entry.role], entry.role),
            entry.public.alg,
            terminal.words(_STATES_ZH[entry.state(at)], entry.state(at)),
            entry.file,
        )
        for entry in entries
    ]
    terminal.emit({"keys": plain}, terminal.table(heads, rows))


def show_key(terminal: Terminal, key: KeyName) -> None:
    """Show the public half of a key."""
    from ecert.errors import CustodyError

    with terminal.workspace() as workspace:
        found = [
            entry
            for entry in workspace.keys.entries
            if entry.public.kid.startswith(key) or entry.file in {key, f"{key}.pem"}
        ]
    if len(found) != 1:
        raise CustodyError(
            "没有这把密钥，或不止一把", "there is no such key, or several", where=key,
            fix_zh="请用 ecert key list 查看", fix_en="See ecert key list",
        )  # fmt: skip
    pem = found[0].public.to_pem().decode("ascii")
    terminal.emit(
        found[0].to_dict() | {"pem": pem}, [*_key_lines(terminal, found[0]), pem.rstrip()]
    )


def _key_lines(terminal: Terminal, entry: KeyEntry) -> list[str]:
    until = entry.valid_until
    end = terminal.words("不限", "no end") if until is None else until.isoformat()
    return [
        terminal.words(f"密钥号：{entry.public.kid}", f"Key: {entry.public.kid}"),
        terminal.words(f"用途：{_ROLES_ZH[entry.role]}", f"Use: {entry.role}"),
        terminal.words(f"算法：{entry.public.alg}", f"Suite: {entry.public.alg}"),
        terminal.words(
            f"有效：{entry.valid_from.isoformat()} 起，至 {end}",
            f"In force: from {entry.valid_from.isoformat()} to {end}",
        ),
    ]


def new_key(
    terminal: Terminal,
    valid_from: From = None,
    alg: NewAlg = None,
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """Bring a new licence key into force."""
    from ecert.clock import system_clock
    from ecert.workspace.keyfiles import require_suite

    start = system_clock() if valid_from is None else read_moment(valid_from, "--from")
    with terminal.workspace() as workspace:
        _ = workspace.issuer  # a window has none
        suite = read_alg(alg, workspace.keys.of("licence")[-1].public.alg)
        require_suite(suite)
        if not dry_run:
            when = start.isoformat(timespec="seconds")
            terminal.confirm(
                f"新密钥（{suite}）{when} 起签发，旧密钥到时停用。确认？",
                f"A new key ({suite}) signs from {when}, when the old one ends. Sure?",
                yes=yes,
            )
        # "Now" is when it is done: whoever answered may have taken their time.
        planned = None if valid_from is None else start
        new = None if dry_run else workspace.new_licence_key(valid_from=planned, alg=suite)
    begins = start if new is None else new.valid_from
    plain: dict[str, Any] = {"dry_run": dry_run, "alg": suite, "valid_from": begins.isoformat()}
    if new is None:
        terminal.emit(plain, [terminal.words("将启用新的签发密钥", "Would make a new licence key")])
        return
    terminal.emit(
        plain | {"key": new.to_dict()},
        [terminal.words("√ 已启用新的签发密钥", "√ New licence key"), *_key_lines(terminal, new)],
    )
    terminal.note(
        "  请重新导出可信名单（ecert trust export）并交给各地，否则新颁发的证照在外地认不出",
        "  Export the trust list again (ecert trust export) and hand it on, or partners will not "
        "know what the new key signs",
    )
