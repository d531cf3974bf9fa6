"""What goes wrong, as the command line tells it: one message, one exit code, never a traceback."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from ecert.errors import (
    CustodyError,
    EcertError,
    ExtraMissingError,
    FetchError,
    FormatError,
    PlotterMissingError,
    ScannerMissingError,
    StoreError,
    VaultError,
    WorkspaceError,
)
from ecert.reasons import Outcome

if TYPE_CHECKING:
    from ecert.reasons import Language

DONE: Final = 0
REFUSED: Final = 1
USAGE: Final = 2
UNDETERMINED: Final = 3
KEY: Final = 4
REJECTED: Final = 5
INTERRUPTED: Final = 130

OUTCOME_CODES: Final = {
    Outcome.ACCEPTED: DONE,
    Outcome.NOT_RECOGNISED: REFUSED,
    Outcome.REFUSED: REFUSED,
    Outcome.UNDETERMINED: UNDETERMINED,
}
# The first that fits.  A broken database says nothing about a licence: it is not a refusal.
_ERROR_CODES: Final[tuple[tuple[type[EcertError], int], ...]] = (
    (CustodyError, KEY),
    (VaultError, KEY),
    (StoreError, UNDETERMINED),
    (FetchError, UNDETERMINED),
    (ScannerMissingError, UNDETERMINED),
    (PlotterMissingError, UNDETERMINED),
    (ExtraMissingError, UNDETERMINED),
    (FormatError, USAGE),
    (WorkspaceError, USAGE),
    (EcertError, REFUSED),
)


_EXTRAS: Final = {
    "openpyxl": "excel", "python_calamine": "excel", "fastapi": "service", "uvicorn": "service",
    "prometheus_client": "service",
}  # fmt: skip


def exit_code(error: EcertError) -> int:
    """Return the exit code of an error."""
    return next(code for kind, code in _ERROR_CODES if isinstance(error, kind))


def as_dict(error: EcertError) -> dict[str, Any]:
    """Return an error as plain values for JSON."""
    told = {
        "kind": type(error).__name__,
        "zh": error.zh,
        "en": error.en,
        "where": error.where,
        "fix_zh": error.fix_zh,
        "fix_en": error.fix_en,
    }
    for name in ("reason", "fault"):
        if hasattr(error, name):
            told[name] = getattr(error, name).value
    return {"error": told, "exit_code": exit_code(error)}


def from_import(error: ImportError) -> EcertError | None:
    """Return a component that is missing as an error of ours; None if it belongs to no extra."""
    extra = _EXTRAS.get((error.name or "").partition(".")[0])
    if extra is None:
        return None
    if extra == "service":
        return ExtraMissingError(
            "缺少运行网络服务的组件", "the components that run a service are not installed",
            where=error.name or "", fix_zh='请安装：pip install "ecert[service]"',
            fix_en='Install them: pip install "ecert[service]"',
        )  # fmt: skip
    return ExtraMissingError(
        "缺少读写表格文件的组件", "a component for spreadsheets is not installed",
        where=error.name or "", fix_zh=f'请安装：pip install "ecert[{extra}]"；或改用 .csv',
        fix_en=f'Install it: pip install "ecert[{extra}]"; or use .csv',
    )  # fmt: skip


def from_os(error: OSError) -> EcertError:
    """Return what the operating system refuses as an error of ours, naming the file."""
    where = str(error.filename or "")
    if isinstance(error, PermissionError):
        return CustodyError(
            "没有权限", f"permission denied ({error.strerror})", where=where,
            fix_zh="请检查文件和文件夹的权限", fix_en="Check the permissions",
        )  # fmt: skip
    return FormatError(
        f"文件读写不成（{error.strerror}）", f"the file cannot be used ({error.strerror})",
        where=where, fix_zh="请检查路径和磁盘空间", fix_en="Check the path and free space",
    )  # fmt: skip


# What the argument parser says, in Chinese; it has no translations of its own.
_USAGE_ZH: Final = (
    (r"Missing (?:option|argument) (.+?)\.(?:\s.*)?", "缺少 {0}"),
    (r"Missing command\.", "缺少命令"),
    (r"No such command (.+?)\.?(?: .*)?", "没有命令 {0}"),
    (r"No such option:? (\S+?)(?: .*)?", "没有选项 {0}"),
    (r"Got unexpected extra argument\S* \((.+)\)", "多出了参数 {0}"),
    (r"Option (\S+) requires an argument\.?", "选项 {0} 后面要有值"),
    (r"Invalid value for (.+?): Input should be less than or equal to (\S+)", "{0} 不得大于 {1}"),
    (
        r"Invalid value for (.+?): Input should be greater than or equal to (\S+)",
        "{0} 不得小于 {1}",
    ),
    (r"Invalid value for (.+?): Input should be a valid integer.*", "{0} 应为整数"),
    (r"Invalid value for (.+?): Input should be a valid number.*", "{0} 应为数字"),
    (r"Invalid value for (.+?): (.+)", "{0} 的值不对：{1}"),
)


def usage_message(message: str, language: Language) -> str:
    """Return what the argument parser says, in ``language``."""
    text = " ".join(message.split())
    if language == "en":
        return f"Usage: {text}"
    for pattern, wording in _USAGE_ZH:
        if match := re.fullmatch(pattern, text):
            return f"用法不对：{wording.format(*match.groups())}"
    return f"用法不对：{text}"
