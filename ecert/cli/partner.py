"""What partner regions hand each other in one file: roots, trust list, catalogue, status lists."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecert.cli.arguments import require_file
from ecert.cli.command import DryRun, Yes, command, group
from ecert.cli.terminal import Terminal, read_bounded, write_whole
from ecert.cli.words import told
from ecert.errors import TrustError
from ecert.reasons import Reason

if TYPE_CHECKING:
    from ecert.trust.roots import RootSet
    from ecert.workspace import Workspace
    from ecert.workspace.bundle import Addition

ExportTo = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help=told("写入文件，默认标准输出", "Into this file; stdout by default"),
    ),
]
BundleFile = Annotated[
    Path,
    typer.Argument(
        metavar="FILE", help=told("对方用 trust export 导出的文件", "What the partner exported")
    ),
]
Fingerprint = Annotated[
    str | None,
    typer.Option(
        "--fingerprint",
        metavar="HEX",
        help=told("向对方核对过的根密钥指纹", "The fingerprint as the partner read it out"),
    ),
]
AllowDemo = Annotated[
    bool,
    typer.Option(
        "--allow-demo",
        help=told(
            "正式工作区也认定演示根密钥（仅供查看清单，其签发的码一律不认）",
            "Pin demonstration roots in a real workspace (to look at lists; codes stay refused)",
        ),
    ),
]


def declare(app: typer.Typer) -> None:
    """Add the partners' commands to ``app``."""
    trust = group(app, "trust", zh="可信名单：导出、加入、查看", en="Trust: export, add, list")
    command(trust, "export", zh="导出本机构的可信名单等", en="Export what partners need")(export)
    command(trust, "add", zh="加入对方的导出文件", en="Add what a partner exported")(add)
    command(trust, "list", zh="列出已认定的地区和机构", en="List who is trusted")(list_trusted)


def export(terminal: Terminal, output: ExportTo = None) -> None:
    """Export roots, trust list, catalogue and status lists in one file."""
    with terminal.workspace() as workspace:
        bundle = workspace.bundle()
        data = bundle.to_bytes()
        roots = workspace.knowledge.trust.roots_for(workspace.settings.region)
    if output is None or str(output) == "-":
        print(data.decode("utf-8"), end="")
    else:
        write_whole(output, data)
        plain = {"file": str(output), "bytes": len(data), "status_lists": len(bundle.status_lists)}
        terminal.emit(plain, [terminal.words(f"√ 已导出到 {output}", f"√ Exported into {output}")])
    if roots is not None:
        terminal.note(
            f"  请把指纹当面或电话告知对方：\n  {_grouped(roots)}",
            f"  Tell the partner the fingerprint in person or by telephone:\n  {_grouped(roots)}",
        )


def add(
    terminal: Terminal,
    file: BundleFile,
    fingerprint: Fingerprint = None,
    allow_demo: AllowDemo = False,
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """Pin a partner's roots, after a person has compared them, and accept what they prove."""
    data = read_bounded(require_file(file))
    with terminal.workspace() as workspace:
        addition = workspace.propose_bundle(data, allow_demo=allow_demo)
        if addition.pins:
            _tell_roots(terminal, addition.roots)
        if not dry_run:
            _consent(terminal, addition, fingerprint, yes=yes)
            addition = workspace.accept_bundle(data, allow_demo=allow_demo)
    plain = addition.to_dict() | {"dry_run": dry_run}
    roots = addition.roots
    head = terminal.words(
        f"{'可以加入' if dry_run else '√ 已加入'} {roots.name}（{roots.owner}）"
        f"{'，新认定根密钥' if addition.pins else '，根密钥早已认定'}",
        f"{'Would add' if dry_run else '√ Added'} {roots.name} ({roots.owner}), "
        f"{'roots newly pinned' if addition.pins else 'roots were pinned before'}",
    )
    lines = [
        terminal.words(f"  {one.slot} 第 {one.version} 版", f"  {one.slot} version {one.version}")
        for one in addition.accepted
    ]
    terminal.emit(plain, [head, *lines])


def _tell_roots(terminal: Terminal, roots: RootSet) -> None:
    demo = terminal.words("  【演示密钥，不得用于真实业务】\n", "  [demonstration keys]\n")
    terminal.note(
        f"对方地区：{roots.name}（{roots.owner}）\n{demo if roots.demo else ''}"
        f"根密钥指纹：\n  {_grouped(roots)}",
        f"Region: {roots.name} ({roots.owner})\n{demo if roots.demo else ''}"
        f"Fingerprint of its roots:\n  {_grouped(roots)}",
    )


def _grouped(roots: RootSet) -> str:
    groups = roots.fingerprint.split()
    return " ".join(groups[:8]) + "\n  " + " ".join(groups[8:])


def _consent(terminal: Terminal, addition: Addition, fingerprint: str | None, *, yes: bool) -> None:
    ours = addition.roots.fingerprint.replace(" ", "")
    if fingerprint is not None:
        if "".join(fingerprint.split()).lower() != ours:
            raise TrustError(
                "the fingerprint is another: do not trust this file", reason=Reason.SIGNATURE,
                where="--fingerprint",
            )  # fmt: skip
        return
    if addition.pins:
        terminal.confirm(
            "指纹已与对方当面或电话核对，一致，认定？",
            "Has the fingerprint been compared with them in person or by telephone? Pin it?",
            yes=yes,
        )


def list_trusted(terminal: Terminal) -> None:
    """List pinned roots, and the issuers that they vouch for."""
    with terminal.workspace() as workspace:
        plain = _trusted(workspace)
    heads = (
        ("地区", "机构", "代码", "密钥", "状态表截至") if terminal.language == "zh"
        else ("region", "issuer", "code", "keys", "status until")
    )  # fmt: skip
    lines = []
    for region in plain["roots"]:
        known = not region["demo"] or "演示" in region["name"]
        demo = "" if known else terminal.words("（演示）", " (demonstration)")
        lines.append(f"{region['owner']}  {region['name']}{demo}  {region['fingerprint'][:19]}…")
    rows = [
        (
            issuer["region"],
            issuer["name"],
            issuer["code"],
            str(issuer["keys"]),
            issuer["status_expires"] or terminal.words("无", "none"),
        )
        for issuer in plain["issuers"]
    ]
    terminal.emit(plain, [*lines, *(terminal.table(heads, rows) if rows else ())])


def _trusted(workspace: Workspace) -> dict[str, Any]:
    trust = workspace.knowledge.trust
    owners = dict.fromkeys(slot.rpartition(":")[2] for slot in trust.documents)
    roots = [found for owner in owners if (found := trust.roots(owner)) is not None]
    lists = [listed for owner in owners if (listed := trust.trust_list(owner)) is not None]
    return {
        "roots": [
            {"owner": one.owner, "name": one.name, "demo": one.demo, "version": one.version,
             "expires": one.expires.isoformat(), "fingerprint": one.fingerprint}
            for one in roots
        ],
        "trust_lists": [
            {"owner": one.owner, "version": one.version, "issued": one.issued.isoformat(),
             "expires": one.expires.isoformat(), "issuers": len(one.issuers)}
            for one in lists
        ],
        "issuers": [
            {"code": issuer.code, "name": issuer.name, "region": issuer.region,
             "keys": len(issuer.keys),
             "status_expires": _status_expires(workspace, [r.uri for r in issuer.status_lists])}
            for one in lists
            for issuer in one.issuers
        ],
    }  # fmt: skip


def _status_expires(workspace: Workspace, uris: list[str]) -> str | None:
    held = [workspace.knowledge.status_list(uri) for uri in uris]
    moments = [one.expires for one in held if one is not None]
    return min(moments).isoformat() if moments else None
