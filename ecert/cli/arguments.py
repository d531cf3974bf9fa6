"""Arguments that several commands take, and how their text is read."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from ecert.cli.words import told
from ecert.errors import FormatError
from ecert.model.calendar import SHANGHAI

if TYPE_CHECKING:
    from collections.abc import Iterable

LicenceName = Annotated[
    str,
    typer.Argument(
        metavar="LICENCE",
        help=told(
            "证照：序号（颁发时显示，从1起）、证照编号或证照标识",
            "The licence: its row (told when issued, from 1), number or licence id",
        ),
    ),
]
WalletFile = Annotated[
    Path, typer.Argument(metavar="FILE", help=told("卡包文件", "The wallet's file"))
]

RequestId = Annotated[
    str | None,
    typer.Option(
        "--request-id",
        help=told(
            "申请号：同号同内容重试不会重复办理",
            "Makes a retry safe: the same id is carried out once",
        ),
    ),
]

Alg = Annotated[
    str | None,
    typer.Option(
        "--alg",
        metavar="ES256|SM2",
        help=told(
            "签名算法：ES256 或 SM2（即 SGD_SM3_SM2）；在我国正式使用应选 SM2",
            "Signature suite: ES256, or SM2 (SGD_SM3_SM2), the documented choice for production "
            "in China",
        ),
    ),
]
_SUITES: Final = {"ES256": "ES256", "SM2": "SGD_SM3_SM2", "SGD_SM3_SM2": "SGD_SM3_SM2"}


def read_alg(text: str | None, default: str = "ES256") -> str:
    """Return the suite that ``text`` names; ``default`` if it was left out.

    Raises:
        FormatError: There is no such suite.
    """
    if text is None:
        return default
    if text.upper() not in _SUITES:
        raise FormatError(
            "没有这种签名算法", "there is no such signature suite", where="--alg",
            fix_zh="可用：ES256、SM2", fix_en="There are: ES256, SM2",
        )  # fmt: skip
    return _SUITES[text.upper()]


def read_day(text: str, where: str) -> date:
    """Read a day, ``YYYY-MM-DD``.

    Raises:
        FormatError: It is written otherwise, or there is no such day.
    """
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    # fromisoformat also takes 20240101 and week dates.
    if day is None or day.isoformat() != text:
        raise FormatError(
            "日期写法不对，或没有这一天", "not a date, or no such day", where=where,
            fix_zh="请写成 2031-06-01", fix_en="Write it like 2031-06-01",
        )  # fmt: skip
    return day


def read_moment(text: str, where: str) -> datetime:
    """Read a moment with its zone (RFC 3339), or a day, which begins at midnight in Shanghai.

    Raises:
        FormatError: It is written otherwise, or has no zone.
    """
    with suppress(ValueError, OverflowError):  # at its ends the calendar has no place in UTC
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
        if len(text) == len("2031-06-01"):
            return datetime.combine(moment.date(), time.min, SHANGHAI).astimezone(UTC)
    raise FormatError(
        "时间写法不对，或没有写时区", "not a moment, or it has no zone", where=where,
        fix_zh="请写成 2026-11-22T10:00:00+08:00", fix_en="Write it like 2026-11-22T10:00:00+08:00",
    )  # fmt: skip


def read_day_end(text: str, where: str) -> datetime:
    """Read a moment with its zone (RFC 3339), or a day, which counts to its end in Shanghai.

    Raises:
        FormatError: It is written otherwise, or has no zone.
    """
    moment = read_moment(text, where)
    is_day = len(text) == len("2031-06-01")
    return moment + timedelta(days=1, microseconds=-1) if is_day else moment


def read_fields(texts: Iterable[str]) -> dict[str, str]:
    """Read fields of a licence, each ``name=value``.

    Raises:
        FormatError: There is no ``=``, or a name stands twice.
    """
    fields: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise FormatError(
                "应写成“名称=值”", "it is written name=value", where="--field",
                fix_zh="例如 -f 准驾车型=C1，等号用半角",
                fix_en="Such as -f 准驾车型=C1, with an ASCII equals sign",
            )  # fmt: skip
        if name in fields:
            raise FormatError("同一项填了两次", "this field is given twice", where=name)
        fields[name] = value
    return fields


def require_file(path: Path) -> Path:
    """Require that ``path`` is a file, or ``-`` for stdin.

    Raises:
        FormatError: It is not.
    """
    if str(path) != "-" and not path.is_file():
        raise FormatError(
            "没有这个文件", "there is no such file", where=str(path),
            fix_zh="请检查路径", fix_en="Check the path",
        )  # fmt: skip
    return path
