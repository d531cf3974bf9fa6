"""The comparison sheet for approval (会签对照表): every entry in words, to be signed on paper.

It shows the digest of the bytes that will be signed, so that each party can compare what is on
the paper with what its own machine is about to sign.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecert.interop.change import ChangedEntry, compare
from ecert.interop.mapping import Constant, Copy, DateForm, Masking, ValueTable
from ecert.interop.workbook.layout import DATE_FORMS, MASK_NAMES
from ecert.interop.workbook.told import told_moment, told_region
from ecert.model.regions import name_of
from ecert.sheets.book_writer import create_book
from ecert.sheets.page import PageLayout

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ecert.interop.change import Change
    from ecert.interop.decision import ListInForce
    from ecert.interop.draft import DraftSource
    from ecert.interop.entry import Entry, Side
    from ecert.interop.mapping import FieldMap
    from ecert.interop.recognition import RecognitionList
    from ecert.model.catalogue import Catalogue
    from ecert.sheets.page import TableSheet

APPROVAL_TITLE: Final = "会签对照表"
_HEADINGS: Final = (
    "编号", "变化", "颁发地区、证照", "认可地区、认可为", "颁发机构", "适用事项",
    "照面信息、必备项", "条件", "期限", "牵头部门", "依据、备注",
)  # fmt: skip
_WIDTHS: Final = (8, 7, 18, 18, 13, 18, 24, 14, 12, 11, 20)
_BOXES: Final = 3
_BOX_LINES: Final = 7
_DATE_FORM_NAMES: Final = dict(zip(DATE_FORMS, ("2026-01-01", "20260101", "2026年01月01日"),
                                   strict=True))  # fmt: skip


def write_approval(
    path: Path,
    document: RecognitionList,
    *,
    digest: str,
    catalogue: Catalogue,
    held: ListInForce | None = None,
    source: DraftSource | None = None,
) -> Change:
    """Write the sheet, A4 across, and return what the list would change.

    Args:
        path: The file (.xlsx); what stood there is replaced.
        document: The list that is to be approved.
        digest: SHA-256 of the bytes that are signed.
        catalogue: Where names of types are looked up.
        held: The version in force, if there is one.
        source: What the draft was made of, if that is known.

    Raises:
        DocumentRefusedError: The list contradicts itself.
        TableError: It cannot be written.
    """
    document.check_content()
    with create_book(path) as book:
        sheet = book.printed(APPROVAL_TITLE, approval_layout(document, digest))
        return fill_approval(
            sheet, document, digest=digest, catalogue=catalogue, held=held, source=source
        )


def approval_layout(document: RecognitionList, digest: str) -> PageLayout:
    """Return the columns of the sheet, and what stands at the foot of each page."""
    footer = f"{document.title} 第{document.version}版 摘要 {digest[:16]}…"
    return PageLayout(_HEADINGS, _WIDTHS, footer)


def fill_approval(
    sheet: TableSheet,
    document: RecognitionList,
    *,
    digest: str,
    catalogue: Catalogue,
    held: ListInForce | None,
    source: DraftSource | None,
) -> Change:
    """Write the contents of the sheet, whatever it is drawn on: see `write_approval`.

    Raises:
        DocumentRefusedError: The list contradicts itself.
    """
    document.check_content()
    change = compare(None if held is None else held.document, document, digest=digest)
    known = catalogue.with_carried(document.types) if document.types else catalogue
    sheet.title(f"{document.title}{APPROVAL_TITLE}")
    for line in _head_lines(document, digest, held, source, change):
        sheet.line(line)
    sheet.headings()
    for row in _rows(change, known):
        sheet.row(row)
    sheet.blank()
    _sign(sheet, document)
    return change


def _head_lines(
    document: RecognitionList,
    digest: str,
    held: ListInForce | None,
    source: DraftSource | None,
    change: Change,
) -> Iterator[str]:
    if document.sample:
        yield "【样例】内容均为虚构，不得作为办理依据。"
    parties = "、".join(told_region(code) for code in document.parties)
    notice = "没有约定" if document.notice_days is None else f"{document.notice_days}天"
    yield (
        f"文号：{document.document_number}　清单标识：{document.list_id}　"
        f"版本：第{document.version}版　发布地区：{told_region(document.owner)}　"
        f"缔约地区：{parties}"
    )
    yield (
        f"制作时间：{told_moment(document.issued)}　失效时间：{told_moment(document.expires)}　"
        f"变更提前通知：{notice}　条目：{len(document.entries)}条"
    )
    yield f"待签内容摘要（SHA-256）：{digest}"
    if source is None:
        yield "来源文件：没有记录"
    else:
        yield f"来源文件：{source.file}（{source.rows}行，SHA-256：{source.sha256}）"
        for note in source.notes:
            yield f"　说明：{note}"
    if held is None:
        yield "对照：本机没有现行版本，按首版列出全部条目。"
    else:
        counts = (len(change.added), len(change.removed), len(change.changed), change.unchanged)
        told = "新增{}条，删除{}条，修改{}条，不变{}条".format(*counts)
        yield f"对照：现行第{held.document.version}版（摘要 {held.digest}）。{told}。"
        if document.previous != held.digest:
            yield "△ 上一版摘要与现行版本不符，签名后不能接续现行版本，请核对。"
    for one in document.types:
        yield f"附带证照类型定义：{one.name}（{one.code}，第{one.version}版）"


def _rows(change: Change, catalogue: Catalogue) -> Iterator[tuple[str, ...]]:
    changed = {pair.new.id: pair for pair in change.changed}
    added = {entry.id for entry in change.added}
    for entry in change.incoming.entries:
        cells = _cells(entry, catalogue)
        if entry.id in changed:
            yield (entry.id, "修改", *_both(cells, changed[entry.id], catalogue))
        else:
            is_new = entry.id in added and change.current is not None
            yield (entry.id, "新增" if is_new else _state(entry, change), *cells)
    for entry in change.removed:
        yield (entry.id, "删除", *_cells(entry, catalogue))


def _state(entry: Entry, change: Change) -> str:
    if entry.withdrawn is not None:
        return "已撤回"
    return "不变" if change.current is not None else ""


def _both(cells: tuple[str, ...], pair: ChangedEntry, catalogue: Catalogue) -> Iterator[str]:
    for new, old in zip(cells, _cells(pair.old, catalogue), strict=True):
        yield new if new == old else f"{new or '（无）'}\n【原】{old or '（无）'}"


def _cells(entry: Entry, catalogue: Catalogue) -> tuple[str, ...]:
    until = "长期" if entry.valid_until is None else entry.valid_until.isoformat()
    period = f"{entry.valid_from.isoformat()}\n至 {until}"
    if (withdrawn := entry.withdrawn) is not None:
        period += f"\n{withdrawn.on.isoformat()}起撤回（{withdrawn.basis}）{withdrawn.note}"
    required = f"\n必备：{'、'.join(entry.required)}" if entry.required else ""
    return (
        _side(entry.source, catalogue),
        _side(entry.target, catalogue),
        "全部" if entry.issuers == ("*",) else "\n".join(entry.issuers),
        "全部" if entry.matters == ("*",) else "、".join(entry.matters),
        _fields(entry) + required,
        "；".join(condition.told() for condition in entry.conditions),
        period,
        entry.lead or "",
        entry.basis + (f"\n{entry.note}" if entry.note else ""),
    )


def _side(side: Side, catalogue: Catalogue) -> str:
    known = catalogue.get(side.type)
    name = side.name or ("" if known is None else known.name)
    provisional = known is not None and known.code_status != "official"
    mark = "（代码暂定）" if provisional else "（目录中没有）" if known is None else ""
    return f"{name_of(side.region)}\n{name}\n{side.type}{mark}"


def _fields(entry: Entry) -> str:
    if entry.fields is None:
        return "照面信息原样"
    copied = [field.source for field in entry.fields if isinstance(field, Copy)]
    told = [f"照录：{'、'.join(copied)}"] if copied else []
    return "\n".join([*told, *(one for field in entry.fields if (one := _field(field)))]) or "无"


def _field(field: FieldMap) -> str:
    if isinstance(field, Copy):
        return ""
    if isinstance(field, Constant):
        return f"{field.target}：固定为“{field.value}”"
    pair = field.source if field.source == field.target else f"{field.source}→{field.target}"
    if isinstance(field, ValueTable):
        values = "，".join(f"{old}→{new}" for old, new in field.values.items())
        other = "" if field.default is None else f"，其他→{field.default}"
        return f"{pair}：值表（{values}{other}）"
    if isinstance(field, DateForm):
        return f"{pair}：日期写成 {_DATE_FORM_NAMES[field.form]}"
    if isinstance(field, Masking):
        return f"{pair}：脱敏（{MASK_NAMES[field.mask]}）"
    return pair


def _sign(sheet: TableSheet, document: RecognitionList) -> None:
    sheet.line("各缔约地区核对以上内容及摘要无误后签字盖章：")
    parties = list(document.parties)
    for first in range(0, len(parties), _BOXES):
        boxes = [
            f"{told_region(code)}\n\n经办人：　　　　　　审核人：\n\n"
            "负责人：　　　　　　（盖章）\n\n　　　　　　年　　月　　日"
            for code in parties[first : first + _BOXES]
        ]
        sheet.boxes(boxes, lines=_BOX_LINES)
