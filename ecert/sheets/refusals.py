"""Why a file cannot be used as a table, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecert.errors import TableError

if TYPE_CHECKING:
    from collections.abc import Iterable

_SAVE_AGAIN = ("请用Excel或WPS重新另存为.xlsx", "Save it again as .xlsx with Excel or WPS")


def not_a_table(name: str, detail: str = "") -> TableError:
    """Say that the bytes are not those of a table of that kind."""
    return TableError(
        "不是可读的表格文件，或文件已损坏",
        "not a readable table, or a damaged one" + (f" ({detail})" if detail else ""),
        where=name,
        fix_zh=_SAVE_AGAIN[0],
        fix_en=_SAVE_AGAIN[1],
    )


def unknown_kind(name: str) -> TableError:
    """Say that files of this kind are not read or written."""
    return TableError(
        "不支持这种文件",
        "a file of this kind is not supported",
        where=name,
        fix_zh="请使用.csv、.xlsx、.xls或.ods",
        fix_en="Use .csv, .xlsx, .xls or .ods",
    )


def unreadable(name: str, error: OSError) -> TableError:
    """Say that the operating system refuses to read it."""
    why = error.strerror or type(error).__name__
    return TableError(
        f"无法读取（{why}）",
        f"cannot be read ({why})",
        where=name,
        fix_zh="请检查路径和权限",
        fix_en="Check the path and its permissions",
    )


def empty(name: str) -> TableError:
    """Say that nothing is in it."""
    return TableError(
        "表格是空的", "the table is empty", where=name, fix_zh="请核对文件", fix_en="Check the file"
    )


def too_large(name: str, zh: str, en: str) -> TableError:
    """Say that a bound is passed; ``zh`` and ``en`` say which."""
    return TableError(
        zh, en, where=name, fix_zh="请分成几个文件，并删去表外内容", fix_en="Split it, and remove "
        "whatever stands beside the table",
    )  # fmt: skip


def protected(name: str) -> TableError:
    """Say that a password is needed."""
    return TableError(
        "工作簿设有打开密码",
        "the workbook is protected by a password",
        where=name,
        fix_zh="请在Excel中取消密码后另存",
        fix_en="Remove the password in Excel and save it again",
    )


def active_content(name: str, zh: str, en: str) -> TableError:
    """Say that the workbook holds more than cells: ``zh`` and ``en`` say what."""
    return TableError(
        f"工作簿含有{zh}，不予读取",
        f"the workbook holds {en}, and is not read",
        where=name,
        fix_zh="请新建工作簿，只粘贴数值，另存为.xlsx",
        fix_en="Paste the values alone into a new workbook and save it as .xlsx",
    )


def wrong_encoding(name: str, place: int, wanted: str = "UTF-8或GB18030") -> TableError:
    """Say at which byte, counted from 0, the text is not in its encoding."""
    return TableError(
        f"从第{place}个字节起不是{wanted}编码的文本",
        f"from byte {place} on this is not text in {wanted.replace('或', ' or ')}",
        where=name,
        fix_zh="请另存为“CSV UTF-8（逗号分隔）”",
        fix_en='Save it as "CSV UTF-8 (Comma delimited)"',
    )


def changed(name: str) -> TableError:
    """Say that the file is no longer what it was."""
    return TableError(
        "读取期间文件被改动",
        "the file was changed while it was read",
        where=name,
        fix_zh="请关闭正在编辑它的程序后重试",
        fix_en="Close the program that edits it and try again",
    )


def no_header(name: str, wanted: Iterable[str]) -> TableError:
    """Say that no row is a heading, and name the headings that were looked for."""
    listed = "、".join(wanted)
    return TableError(
        "没有找到表头",
        "no row of headings was found",
        where=name,
        fix_zh=f"表头应在前几行，并含有：{listed}",
        fix_en=f"It must stand in the first rows and hold: {listed}",
    )


def ragged(where: str, zh: str, en: str) -> TableError:
    """Say that a row does not fit the heading."""
    return TableError(
        zh,
        en,
        where=where,
        fix_zh="请核对：单元格内的逗号、换行和引号是否完整",
        fix_en="Check commas, line breaks and quotation marks inside the cells",
    )
