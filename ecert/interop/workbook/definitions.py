"""Definitions of licence types in a sheet: readable columns, and the whole as JSON beside them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

import orjson

from ecert.errors import CatalogueError, FormatError
from ecert.limits import MAX_CARRIED_TYPES
from ecert.model.licence_type import LicenceType
from ecert.sheets.values import damage_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ecert.interop.workbook.rows import SheetRows
    from ecert.interop.workbook.sheet_row import SheetRow

# Characters of a definition in one cell; the rest stands in the rows below.
_CHUNK: Final = 16_000
_READABLE: Final = ("name", "version", "fields")
_CLOSER_LOOK: Final = re.compile(r"[^ -~\u4e00-\u9fff]")


def definition_rows(types: Iterable[LicenceType]) -> Iterator[tuple[str, str, str, str, str]]:
    """Yield the rows of the sheet: code, name, version, fields, and a part of the definition."""
    for one in types:
        for place, chunk in enumerate(_chunks(_json(one))):
            readable = _told(one) if not place else dict.fromkeys(_READABLE, "")
            yield one.code, readable["name"], readable["version"], readable["fields"], chunk


def read_definitions(rows: SheetRows) -> tuple[LicenceType, ...]:
    """Return the types that a sheet defines; what is wrong is noted."""
    chunks: dict[str, list[str]] = {}
    first: dict[str, SheetRow] = {}
    for row in rows:
        code = row.number_text("code")
        text = row.text("definition")
        if not code or not text:
            for key, given in (("code", code), ("definition", text)):
                if not given:
                    row.miss(key)
            continue
        first.setdefault(code, row)
        chunks.setdefault(code, []).append(text)
    if len(first) > MAX_CARRIED_TYPES:
        most = f"{MAX_CARRIED_TYPES:,}"
        rows.fault(rows.table.header.row, None, "证照类型定义", FormatError(
            f"最多{most}种", f"at most {most} types",
        ))  # fmt: skip
        return ()
    found = [_read(code, "".join(parts), first[code]) for code, parts in chunks.items()]
    return tuple(one for one in found if one is not None)


def _read(code: str, text: str, row: SheetRow) -> LicenceType | None:
    try:
        one = LicenceType.read(text)
    except CatalogueError as error:
        row.fault("definition", error)
        return None
    told = {"code": one.code, **_told(one)}
    for key, value in {"code": code, **{key: row.text(key) for key in _READABLE}}.items():
        if value and value != told[key]:
            row.fault(key, FormatError(
                "与定义不一致，这一列只供阅读", "differs from the definition",
                fix_zh="请改类型定义后重新导出", fix_en="Change the definition, export again",
            ))  # fmt: skip
    return one


def _told(one: LicenceType) -> dict[str, str]:
    """Return the readable columns; what cannot stand in a cell as it is stays blank."""
    told = {
        "name": one.name,
        "version": str(one.version),
        "fields": "、".join(spec.name for spec in one.fields),
    }
    return {key: text if _is_plain(text) else "" for key, text in told.items()}


def _is_plain(text: str) -> bool:
    return (
        text == text.strip()
        and text.isprintable()
        and not text.startswith('"')
        and damage_of(text) is None
    )


def _json(one: LicenceType) -> str:
    plain: dict[str, Any] = one.model_dump(mode="json", exclude_none=True)
    text = json.dumps(orjson.loads(orjson.dumps(plain)), ensure_ascii=False, separators=(",", ":"))
    # What a sheet cannot hold, or a reader of it would strip, is written as JSON escapes it.
    return _CLOSER_LOOK.sub(
        lambda found: found[0] if found[0].isprintable() else json.dumps(found[0])[1:-1], text
    )


def _chunks(text: str) -> Iterator[str]:
    """Yield parts that lose nothing as cells: no space at an end, no quotation mark first."""
    while len(text) > _CHUNK:
        place = _CHUNK
        while text[place - 1] == " " or text[place] in ' "':
            place -= 1
        yield text[:place]
        text = text[place:]
    yield text
