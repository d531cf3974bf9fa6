"""The columns of our own workbooks, with drop-down lists, and the template that offices fill in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecert.interop.workbook import explanation
from ecert.interop.workbook.layout import (
    AS_IS,
    BY_TABLE,
    CONDITION_KINDS,
    CONDITIONS,
    DATE_FORMS,
    ENTRIES,
    EXAMPLE_TITLE,
    EXPLANATION_TITLE,
    FIELDS,
    FORM,
    HEAD,
    INFO,
    MASK_NAMES,
    OPERATIONS,
    PARTS,
)
from ecert.interop.workbook.told import told_region
from ecert.sheets.book_writer import create_book
from ecert.sheets.page import PageLayout
from ecert.sheets.writing import Column

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from ecert.interop.workbook.layout import SheetPlan
    from ecert.model.catalogue import Catalogue
    from ecert.model.licence_type import LicenceType
    from ecert.sheets.book_writer import BookWriter

# By sheet and key: what a drop-down list offers.
_CHOICES: Final = {
    (ENTRIES.title, "fields"): (AS_IS, BY_TABLE),
    (ENTRIES.title, "direction"): ("单向", "双向"),
    (FIELDS.title, "op"): tuple(OPERATIONS.values()),
    (FIELDS.title, "form"): DATE_FORMS,
    (FIELDS.title, "mask"): tuple(MASK_NAMES.values()),
    (CONDITIONS.title, "op"): tuple(CONDITION_KINDS.values()),
}
_TYPE_NAMES: Final = {(ENTRIES.title, "source_name")}
# 互认地区 asks for what the two columns before it ask for, and 序号 is for offices' own lists.
_LEFT_OUT: Final = frozenset({"regions", "ignored"})


def columns_of(
    plan: SheetPlan, *, left_out: AbstractSet[str] = frozenset(), types: Iterable[str] = ()
) -> list[Column]:
    """Return the columns of a sheet as they are written: text, with hints and choices.

    Args:
        plan: The sheet.
        left_out: Keys of columns that are not written.
        types: Names of licence types to choose from.
    """
    names = tuple(types)
    return [
        Column(
            column.heading,
            width=column.width,
            hint=column.hint,
            wraps=column.wraps,
            choices=names
            if (plan.title, column.key) in _TYPE_NAMES
            else _CHOICES.get((plan.title, column.key), ()),
        )
        for column in plan.columns
        if column.key not in left_out
    ]


def write_template(
    path: Path, catalogue: Catalogue, *, source: str | None = None, target: str | None = None
) -> None:
    """Write the workbook that an office fills in.

    Args:
        path: The file (.xlsx); what stood there is replaced.
        catalogue: The licence types to choose from.
        source: The issuing region to begin with, which also is the owner.
        target: The accepting region.

    Raises:
        TableError: It cannot be written.
    """
    names = sorted({one.name for one in catalogue})
    with create_book(path) as book:
        _write_info(book, source, target)
        book.sheet(ENTRIES.title, columns_of(ENTRIES, left_out=_LEFT_OUT, types=names))
        for plan in PARTS:
            book.sheet(plan.title, columns_of(plan))
        _write_example(book)
        _write_explanation(book, sorted(catalogue, key=lambda one: one.name))


def _write_info(book: BookWriter, source: str | None, target: str | None) -> None:
    writer = book.sheet(INFO.title, columns_of(INFO))
    sides = [told_region(code) for code in (source, target) if code is not None]
    filled = {
        "form": FORM,
        "owner": sides[0] if source is not None else "",
        "parties": "、".join(sides),
        "retired": "否",
        "sample": "否",
    }
    for key, name, _, asked in HEAD:
        writer.write_marked([name, filled.get(key, ""), asked], {})


def _write_example(book: BookWriter) -> None:
    layout = PageLayout(("工作表", "列", "填写样例", "含义"), (14, 20, 34, 70))
    sheet = book.printed(EXAMPLE_TITLE, layout)
    sheet.title("填写样例（全部内容均为虚构）")
    sheet.headings()
    for row in explanation.EXAMPLE:
        sheet.row(row)


def _write_explanation(book: BookWriter, types: list[LicenceType]) -> None:
    layout = PageLayout(("证照名称", "证照类型代码", "代码", "照面信息"), (24, 26, 8, 80))
    sheet = book.printed(EXPLANATION_TITLE, layout)
    sheet.title("填写说明")
    for line in explanation.LINES:
        sheet.line(line)
    sheet.blank()
    sheet.headings()
    for one in types:
        status = "正式" if one.code_status == "official" else "暂定"
        fields = "、".join(spec.name for spec in one.fields)
        sheet.row((one.name, one.code, status, fields))
