"""Recognition lists (互认清单): which are in force, and the commands about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ecert.cli import (
    recognition_import,
    recognition_sheets,
    recognition_signing,
    recognition_trials,
    recognition_withdrawal,
)
from ecert.cli.command import command, group
from ecert.cli.recognition_words import notice_lines
from ecert.cli.terminal import Terminal
from ecert.cli.words import told
from ecert.errors import FormatError

if TYPE_CHECKING:
    from ecert.interop.recognition import Entry, RecognitionList
    from ecert.model.catalogue import Catalogue

EntryName = Annotated[
    str | None,
    typer.Argument(metavar="ENTRY", help=told("条目编号，如 川-01", "An entry, such as 川-01")),
]


def declare(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    lists = group(
        app, "recognition", zh="互认清单：签名、导入、撤回、查看",
        en="Recognition lists: sign, import, withdraw, show",
    )  # fmt: skip
    for part in (recognition_signing, recognition_import, recognition_withdrawal):
        part.declare(lists)
    command(lists, "show", zh="查看现行互认清单", en="Show the lists in force")(show_lists)
    recognition_sheets.declare(lists)
    recognition_trials.declare(lists)


def show_lists(terminal: Terminal, entry: EntryName = None) -> None:
    """Show the recognition lists in force, or one entry."""
    with terminal.workspace() as workspace:
        lists = [held.document for held in workspace.knowledge.recognition.lists]
        catalogue = workspace.knowledge.catalogue
        notices = workspace.knowledge.recognition.notices
    withheld = {"notices": [one.model_dump(mode="json") for one in notices]} if notices else {}
    told_notices = [line for one in notices for line in notice_lines(terminal, one)]
    if entry is None:
        plain = {"lists": [one.model_dump(mode="json") for one in lists]}
        shown = [line for one in lists for line in _list_lines(terminal, one, catalogue)]
        terminal.emit(plain | withheld, [*shown, *told_notices])
        if not lists:
            terminal.note("  还没有互认清单", "  There is no recognition list yet")
        return
    found = [(one, line) for one in lists for line in one.entries if line.id == entry]
    if not found:
        raise FormatError(
            "现行互认清单没有这一条", "no list in force has this entry", where=entry,
            fix_zh="用 ecert recognition show 查看条目编号", fix_en="See: ecert recognition show",
        )  # fmt: skip
    terminal.emit(
        {
            "entries": [
                line.model_dump(mode="json") | {"list_id": one.list_id} for one, line in found
            ]
        }
        | withheld,
        [text for one, line in found for text in _entry_lines(terminal, one, line, catalogue)]
        + told_notices,
    )


def _named(terminal: Terminal, catalogue: Catalogue, code: str, name: str | None) -> str:
    known = catalogue.get(code)
    shown = name or (code if known is None else known.name)
    if known is not None and known.code_status != "official":
        return terminal.words(f"{shown}（代码暂定）", f"{shown} (provisional code)")
    return shown


def _list_lines(terminal: Terminal, one: RecognitionList, catalogue: Catalogue) -> list[str]:
    from ecert.model.regions import name_of

    sample = terminal.words("【样例】", "[sample] ") if one.sample else ""
    heads = (
        ("编号", "颁发地区", "认可地区", "证照", "事项") if terminal.language == "zh"
        else ("entry", "issued in", "recognised in", "licence", "matters")
    )  # fmt: skip
    rows = [
        (
            line.id,
            name_of(line.source.region),
            name_of(line.target.region),
            _named(terminal, catalogue, line.source.type, line.source.name),
            "、".join(line.matters) + _ended(terminal, line),
        )
        for line in one.entries
    ]
    return [
        terminal.words(
            f"{sample}{one.title}（{one.document_number}）第 {one.version} 版",
            f"{sample}{one.title} ({one.document_number}), version {one.version}",
        ),
        *_agreed_lines(terminal, one),
        *terminal.table(heads, rows),
    ]


def _ended(terminal: Terminal, line: Entry) -> str:
    if line.withdrawn is None:
        return ""
    day = line.withdrawn.on.isoformat()
    return terminal.words(f"（{day} 起撤回）", f" (withdrawn from {day})")


def _agreed_lines(terminal: Terminal, one: RecognitionList) -> list[str]:
    lines = []
    if one.notice_days is not None:
        lines.append(
            terminal.words(
                f"  变更提前通知：{one.notice_days} 天",
                f"  Notice of changes: {one.notice_days} days",
            )
        )
    for carried in one.types:
        told = terminal.words(
            f"{carried.name}（{carried.code}，第{carried.version}版）",
            f"{carried.name} ({carried.code}, version {carried.version})",
        )
        lines.append(terminal.words(f"  附带类型定义：{told}", f"  Type defined here: {told}"))
    return lines


def _entry_lines(
    terminal: Terminal, one: RecognitionList, line: Entry, catalogue: Catalogue
) -> list[str]:
    from ecert.model.regions import name_of

    words = terminal.words
    until = words("长期", "no end") if line.valid_until is None else line.valid_until.isoformat()
    rows = {
        words("清单", "List"): f"{one.title}（{one.document_number}）",
        words("颁发", "Issued"): f"{name_of(line.source.region)} "
        + _named(terminal, catalogue, line.source.type, line.source.name),
        words("认可", "Recognised"): f"{name_of(line.target.region)} "
        + _named(terminal, catalogue, line.target.type, line.target.name),
        words("颁发机构", "Issuers"): "、".join(line.issuers),
        words("事项", "Matters"): "、".join(line.matters),
        words("必备项", "Required"): "、".join(line.required) or "-",
        words("条件", "Conditions"): words("；", "; ").join(
            condition.told(terminal.language) for condition in line.conditions
        )
        or "-",
        words("期限", "In force"): f"{line.valid_from.isoformat()} – {until}".replace("–", "至"),
        words("牵头部门", "Lead department"): line.lead or "-",
        words("依据", "Basis"): line.basis,
        words("备注", "Note"): line.note or "-",
    }
    if (withdrawn := line.withdrawn) is not None:
        day, basis = withdrawn.on.isoformat(), withdrawn.basis
        note = withdrawn.note and words(f"；{withdrawn.note}", f"; {withdrawn.note}")
        rows[words("撤回", "Withdrawn")] = words(
            f"自 {day} 起不再认可（{basis}）{note}", f"from {day} on ({basis}){note}"
        )
    colon = words("：", ": ")
    return [line.id, *(f"  {name}{colon}{value}" for name, value in rows.items())]
