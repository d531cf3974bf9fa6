"""A passphrase that nobody types: a variable, a file that a variable names, or systemd's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from ecert.errors import CustodyError
from ecert.limits import MAX_PASSPHRASE_FILE_BYTES

if TYPE_CHECKING:
    from collections.abc import Mapping

PASSPHRASE: Final = "ECERT_PASSPHRASE"  # noqa: S105 - the variable's name
"""The variable with the passphrase of a workspace's keys."""
CREDENTIALS: Final = "CREDENTIALS_DIRECTORY"
"""The variable with which systemd names the folder of a unit's credentials."""


def given_passphrase(environment: Mapping[str, str], name: str = PASSPHRASE) -> str | None:
    """Return the passphrase that the environment gives; None if it gives none.

    The variable ``name`` itself; else the first line of the file that ``name_FILE`` names; else
    that of the systemd credential of this name in small letters with hyphens, such as
    ``ecert-passphrase``.

    Raises:
        CustodyError: Both the variable and a file are named, or the file cannot be read.
    """
    file = environment.get(f"{name}_FILE")
    if (given := environment.get(name)) is not None:
        if file is not None:
            raise CustodyError(
                "口令给了两处", "the passphrase is given twice", where=f"{name}_FILE",
                fix_zh=f"请去掉 {name}", fix_en=f"Take {name} away",
            )  # fmt: skip
        return given
    if file is not None:
        return _read(Path(file), f"{name}_FILE")
    folder = environment.get(CREDENTIALS)
    if folder:
        path = Path(folder) / name.lower().replace("_", "-")
        if path.is_file():
            return _read(path, CREDENTIALS)
    return None


def _read(path: Path, variable: str) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_PASSPHRASE_FILE_BYTES + 1)
        text = data.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        told = getattr(error, "strerror", None) or "UTF-8"
        raise CustodyError(
            f"读不了口令文件：{told}", f"the passphrase's file cannot be read: {told}",
            where=f"{variable}={path}", fix_zh="请核对路径和权限", fix_en="Check path and rights",
        ) from error  # fmt: skip
    secret = text.partition("\n")[0].removesuffix("\r")
    if not secret or len(data) > MAX_PASSPHRASE_FILE_BYTES:
        raise CustodyError(
            "口令文件是空的或过大", "the passphrase's file is empty or too large",
            where=f"{variable}={path}", fix_zh="口令写在第一行", fix_en="It is the first line",
        )  # fmt: skip
    return secret
