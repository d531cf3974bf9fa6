"""What every reader of an office's table says about its columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecert.errors import TableError
from ecert.quoting import shown_name
from ecert.sheets.values import column_letters

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ecert.reasons import Language
    from ecert.sheets.table import Header


def told_unknown(
    column: int, heading: str, near: Sequence[str] = (), language: Language = "zh"
) -> str:
    """Return the line for a column that nothing is made of.

    Args:
        column: Its place, counted from 0.
        heading: Its heading, as it stands in the file.
        near: Known headings much like it.
        language: Of the line.
    """
    place = f"{column_letters(column)} {heading}"
    if language == "zh":
        perhaps = f"，是否为“{'”或“'.join(near)}”？" if near else ""
        return f"{place} → 不认识，不使用{perhaps}"
    perhaps = f"; perhaps {' or '.join(near)}?" if near else ""
    return f"{place} → not known, not used{perhaps}"


def told_ignored(column: int, heading: str, language: Language = "zh") -> str:
    """Return the line for a column that is known and not used."""
    return f"{column_letters(column)} {heading} → {'不使用' if language == 'zh' else 'not used'}"


def told_meant(column: int, heading: str, meaning: str) -> str:
    """Return the line for a column that is taken for ``meaning``."""
    return f"{column_letters(column)} {heading} → {meaning}"


def twice(header: Header, earlier: int, place: int, what: str, where: str) -> TableError:
    """Return the error for two columns that are one thing.

    Args:
        header: The row of headings.
        earlier: The first of them, counted from 0.
        place: The second.
        what: What both are.
        where: What messages call the file.
    """
    one, other = header.headings[earlier], header.headings[place]
    return TableError(
        f"“{shown_name(one)}”和“{shown_name(other)}”两列都是{what}",
        f"columns {header.reference(earlier)} and {header.reference(place)} are one thing",
        where=where, fix_zh="请删去或改名其中一列", fix_en="Remove or rename one of them",
    )  # fmt: skip


def missing(columns: Iterable[str], unknown: Iterable[str], where: str) -> TableError:
    """Return the error for columns that must be there and are not.

    Args:
        columns: What they are called.
        unknown: The headings that are not known: one of them may be meant.
        where: What messages call the file.
    """
    names, others = list(columns), "、".join(shown_name(one) for one in unknown)
    return TableError(
        f"缺少列：{'、'.join(names)}", f"columns are missing: {', '.join(names)}", where=where,
        fix_zh=f"请补上，或改表头的写法（不认识的列：{others or '无'}）",
        fix_en=f"Add them, or rename what stands for them (not known: {others or 'none'})",
    )  # fmt: skip
