"""Licence types (证照类型): which there are, and what their licences say."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ecert.cli.command import DryRun, command, group
from ecert.cli.terminal import Terminal
from ecert.cli.words import told

if TYPE_CHECKING:
    from ecert.model.catalogue import Catalogue, LicenceType

TypeName = Annotated[
    str,
    typer.Argument(metavar="TYPE", help=told("证照类型的名称或代码", "Name or code of the type")),
]


TypeFiles = Annotated[
    list[Path],
    typer.Argument(metavar="FILE…", help=told("证照类型定义（JSON）", "Definitions, as JSON")),
]


def declare(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    types = group(app, "type", zh="证照类型：查看", en="Licence types: look them up")
    command(types, "list", zh="列出证照类型", en="List the licence types")(list_types)
    command(types, "add", zh="登记本机构使用的证照类型定义", en="Add definitions of types")(add)
    command(types, "show", zh="显示一种证照类型", en="Show one licence type")(show_type)


def _catalogue(terminal: Terminal) -> Catalogue:
    from ecert.model.catalogue import builtin
    from ecert.workspace.settings import FILE

    if not (terminal.folder / FILE).exists():
        return builtin()
    with terminal.workspace() as workspace:
        return workspace.catalogue


def add(terminal: Terminal, files: TypeFiles, dry_run: DryRun = False) -> None:
    """Give the workspace definitions of licence types: all of them, or none."""
    from ecert.workspace.own_types import add_types, read_type

    with terminal.workspace() as workspace:
        if dry_run:
            workspace.catalogue.with_types(map(read_type, files))
            added = [read_type(path) for path in files]
        else:
            added = add_types(workspace.path, workspace.catalogue, files)
    plain = [{"code": one.code, "name": one.name, "version": one.version} for one in added]
    done = terminal.words(
        "可以登记" if dry_run else "√ 已登记", "Would add" if dry_run else "√ Added"
    )
    terminal.emit(
        {"types": plain, "dry_run": dry_run},
        [f"{done} {one.name} {one.code} v{one.version}" for one in added],
    )


def code_status(terminal: Terminal, licence_type: LicenceType) -> str:
    """Return the mark that goes with a type's code wherever it is listed."""
    if licence_type.code_status == "official":
        return terminal.words("正式", "official")
    return terminal.words("暂定", "provisional")


def list_types(terminal: Terminal) -> None:
    """List the licence types."""
    types = list(_catalogue(terminal))
    plain = [
        {"code": one.code, "code_status": one.code_status, "name": one.name, "version": one.version}
        for one in types
    ]
    heads = (
        ("名称", "类型代码", "代码状态") if terminal.language == "zh"
        else ("name", "type code", "code status")
    )  # fmt: skip
    rows = [(one.name, one.code, code_status(terminal, one)) for one in types]
    terminal.emit({"types": plain}, terminal.table(heads, rows))


def show_type(terminal: Terminal, name: TypeName) -> None:
    """Show one licence type."""
    found = _catalogue(terminal).require(name)
    terminal.emit(found.model_dump(mode="json"), _type_lines(terminal, found))


def _type_lines(terminal: Terminal, one: LicenceType) -> list[str]:
    words = terminal.words
    heads = (
        ("照面信息", "短名", "必填", "种类", "取值") if terminal.language == "zh"
        else ("field", "short", "required", "kind", "values")
    )  # fmt: skip
    rows = [
        (
            spec.name,
            spec.short,
            words("必填" if spec.required else "", "required" if spec.required else ""),
            spec.kind,
            " ".join(spec.values or ()),
        )
        for spec in one.fields
    ]
    profiles = [
        f"  {profile.name}: {'、'.join(field.name for field in profile.fields)}"
        for profile in one.profiles
    ]
    return [
        f"{one.name}  {one.code}  {code_status(terminal, one)}",
        f"  {one.code_source}",
        words(f"  编号：{one.number_label}", f"  Number: {one.number_label}"),
        *terminal.table(heads, rows),
        words("亮证方式：", "Profiles:"),
        *profiles,
    ]
