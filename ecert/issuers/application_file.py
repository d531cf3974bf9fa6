"""Several applications of one event (一件事) in one JSON file.

``{"applications": [{"type", "number", "holders": [{"name", "number", "number_type"}], "fields",
"valid_from", "valid_until", "issued_on"}]}``; a day is ``YYYY-MM-DD``, and ``valid_until`` null
is 长期.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from ecert import limits
from ecert.errors import FormatError, ParseError
from ecert.issuers.application import Application
from ecert.model.holders import Holder
from ecert.sign.strict import parse_json_object

MAX_TOGETHER: Final = 100
_NEEDED: Final = frozenset({"type", "number", "holders", "fields", "valid_until"})
_ALLOWED: Final = _NEEDED | {"valid_from", "issued_on"}


def read_applications(data: bytes) -> tuple[Application, ...]:
    """Read the applications in a file.

    Raises:
        FormatError: It is not such a file, or an application does not have its form.
    """
    if len(data) > limits.MAX_ENVELOPE_BYTES:
        raise _fault("文件", "文件过大", "the file is too large")
    try:
        plain = parse_json_object(data)
    except ParseError as error:
        raise _fault("文件", "不是有效的 JSON 文件", f"not valid JSON: {error.en}") from error
    listed = plain.get("applications")
    if plain.keys() != {"applications"} or not isinstance(listed, list):
        raise _fault(
            "文件", "只应有 applications 一项，内容是列表", "it has one key, applications, a list"
        )
    if not 1 <= len(listed) <= MAX_TOGETHER:
        raise _fault(
            "applications", f"应为1至{MAX_TOGETHER}份申请", f"1 to {MAX_TOGETHER} are needed"
        )
    return tuple(_application(one, number) for number, one in enumerate(listed, start=1))


def _application(plain: Any, number: int) -> Application:
    where = f"第{number}份申请"
    if not isinstance(plain, dict):
        raise _fault(where, "应为键值结构", "it must be an object")
    missing, strange = sorted(_NEEDED - plain.keys()), sorted(plain.keys() - _ALLOWED)
    if missing:
        raise _fault(where, f"缺少 {missing[0]}", f"{missing[0]} is missing")
    if strange:
        raise _fault(where, f"有未知项 {strange[0][:40]!r}", f"unknown key {strange[0][:40]!r}")
    fields = plain["fields"]
    if not isinstance(fields, dict):
        raise _fault(where, "fields 应为键值结构", "fields must be an object")
    return Application(
        type_name=_text(plain, "type", where),
        number=_text(plain, "number", where),
        holders=tuple(_holder(one, where) for one in _list(plain, "holders", where)),
        fields=fields,
        valid_until=_day(plain, "valid_until", where),
        valid_from=_day(plain, "valid_from", where),
        issued_on=_day(plain, "issued_on", where),
    )


def _holder(plain: Any, where: str) -> Holder:
    known = {"name", "number", "number_type"}
    if not isinstance(plain, dict) or not {"name", "number"} <= plain.keys() <= known:
        raise _fault(
            where, "持证主体应有 name、number，可有 number_type",
            "a holder has name and number, and may have number_type",
        )  # fmt: skip
    return Holder(**{key: _text(plain, key, where) for key in plain})


def _list(plain: dict[str, Any], key: str, where: str) -> list[Any]:
    value = plain[key]
    if not isinstance(value, list) or not value:
        raise _fault(where, f"{key} 应为列表，且不为空", f"{key} must be a list, and not empty")
    return value


def _text(plain: dict[str, Any], key: str, where: str) -> str:
    value = plain[key]
    if not isinstance(value, str):
        raise _fault(where, f"{key} 应为文字", f"{key} must be text")
    return value


def _day(plain: dict[str, Any], key: str, where: str) -> date | None:
    value = plain.get(key)
    if value is None:
        return None
    try:
        day = date.fromisoformat(value)
    except (TypeError, ValueError):
        day = None
    if day is None or day.isoformat() != value:
        raise _fault(where, f"{key} 应写成 2031-06-01", f"{key} is written like 2031-06-01")
    return day


def _fault(where: str, zh: str, en: str) -> FormatError:
    return FormatError(
        zh, en, where=where, fix_zh="格式见命令行说明中的 issue-together",
        fix_en="See issue-together in the guide to the command line",
    )  # fmt: skip
