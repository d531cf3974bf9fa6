"""The file that keeps an office's matters: JSON, checked whole whenever it is read.

Matters need the same few things again and again, so that needs stand once, in a table of their
own, and each matter names its needs by their places in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from ecert.errors import FormatError, MatterError
from ecert.interop.matters.matter import LicenceChoice, Matter, Need, PaperChoice
from ecert.limits import MAX_MATTERS, MAX_MATTERS_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ecert.interop.matters.matter import Choice

FORM: Final = "ecert-matters"
VERSION: Final = 1
_WHERE: Final = "事项清单文件"
_CHOICE_KEYS: Final = frozenset({"type", "own_region", "fields"})
_MATTER_KEYS: Final = frozenset({"code", "name", "region", "department", "needs", "aliases"})


def write_matters(matters: Iterable[Matter]) -> bytes:
    """Return the bytes of the file.

    Raises:
        MatterError: They would be too many to be read again.
    """
    places: dict[Need, int] = {}
    rows = [_matter_row(one, places) for one in matters]
    if len(rows) > MAX_MATTERS:
        raise _too_large()
    plain = {
        "form": FORM,
        "version": VERSION,
        "needs": [[_choice_row(choice) for choice in need.choices] for need in places],
        "matters": rows,
    }
    data = orjson.dumps(plain) + b"\n"
    if len(data) > MAX_MATTERS_BYTES:
        raise _too_large()
    return data


def read_matters(data: bytes) -> tuple[Matter, ...]:
    """Return the matters in a file.

    Raises:
        MatterError: It is not such a file, is of a newer program, or is damaged.
    """
    if len(data) > MAX_MATTERS_BYTES:
        raise _too_large()
    try:
        plain = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise _damaged("not JSON") from error
    if not isinstance(plain, dict) or plain.get("form") != FORM:
        raise _damaged("not a file of matters")
    if plain.get("version") != VERSION:
        raise MatterError(
            "由其他版本的程序写成", "another version of the program has written it", where=_WHERE,
            fix_zh="请更新程序，或重新导入", fix_en="Update the program, or import them again",
        )  # fmt: skip
    if plain.keys() != {"form", "version", "needs", "matters"}:
        raise _damaged("parts are missing or unknown")
    rows = _list(plain["matters"])
    if len(rows) > MAX_MATTERS:
        raise _too_large()
    try:
        needs = [_need(row) for row in _list(plain["needs"])]
        return tuple(_matter(row, needs) for row in rows)
    except FormatError as error:
        if error.where == _WHERE:
            raise
        raise MatterError(error.zh, error.en, where=f"{_WHERE} {error.where}") from error


def _matter_row(matter: Matter, places: dict[Need, int]) -> dict[str, Any]:
    row: dict[str, Any] = {
        "code": matter.code,
        "name": matter.name,
        "region": matter.region,
        "department": matter.department,
        "needs": [places.setdefault(need, len(places)) for need in matter.needs],
    }
    return row | ({"aliases": list(matter.aliases)} if matter.aliases else {})


def _choice_row(choice: Choice) -> dict[str, Any]:
    if isinstance(choice, PaperChoice):
        return {"paper": choice.name}
    row: dict[str, Any] = {"type": choice.type}
    if choice.own_region:
        row["own_region"] = True
    if choice.fields:
        row["fields"] = list(choice.fields)
    return row


def _matter(row: Any, needs: list[Need]) -> Matter:
    if not isinstance(row, dict) or not row.keys() <= _MATTER_KEYS:
        raise _damaged("a matter has unknown parts")
    places = _list(row.get("needs"))
    if not all(type(place) is int and 0 <= place < len(needs) for place in places):
        raise _damaged("a matter needs what is not there")
    return Matter(
        _text(row.get("code")),
        _text(row.get("name")),
        _text(row.get("region")),
        _text(row.get("department")),
        tuple([needs[place] for place in places]),
        tuple(map(_text, _list(row.get("aliases", [])))),
    )


def _need(row: Any) -> Need:
    return Need(tuple(map(_choice, _list(row))))


def _choice(row: Any) -> Choice:
    if isinstance(row, dict) and row.keys() == {"paper"}:
        return PaperChoice(_text(row["paper"]))
    if not isinstance(row, dict) or not row.keys() <= _CHOICE_KEYS:
        raise _damaged("a choice has unknown parts")
    own = row.get("own_region", False)
    if not isinstance(own, bool):
        raise _damaged("own_region is true or false")
    return LicenceChoice(
        _text(row.get("type")), own, tuple(map(_text, _list(row.get("fields", []))))
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _damaged("text was meant")
    return value


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise _damaged("a list was meant")
    return value


def _damaged(en: str) -> MatterError:
    return MatterError(
        "不是事项清单文件，或已损坏", f"not a file of matters, or a damaged one ({en})",
        where=_WHERE, fix_zh="请重新导入事项清单", fix_en="Import the matters again",
    )  # fmt: skip


def _too_large() -> MatterError:
    return MatterError(
        f"事项超过{MAX_MATTERS:,}项，或文件过大",
        f"more than {MAX_MATTERS:,} matters, or too large a file",
        where=_WHERE,
    )
