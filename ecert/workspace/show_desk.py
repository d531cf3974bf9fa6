"""Puts the show service (亮证服务) of a workspace together: its key, its store, its lists."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING, Final

from ecert.errors import CustodyError
from ecert.online.desk import ShowDesk
from ecert.online.locker import Locker
from ecert.online.storage import Rates
from ecert.sign.encryption import KEY_BYTES

if TYPE_CHECKING:
    from pathlib import Path

    from ecert.workspace.workspace import Workspace

FILE: Final = "show-service.key"
"""Without it nobody can find, let alone open, what the database holds."""


def service_key(folder: Path) -> bytes:
    """Return the key of the show service in ``folder``, made when it is first asked for.

    Raises:
        CustodyError: The file is damaged.
        OSError: It cannot be made or read.
    """
    path = folder / FILE
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        pass
    else:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{secrets.token_hex(KEY_BYTES)}\n")
            file.flush()
            os.fsync(file.fileno())
    try:
        key = bytes.fromhex(path.read_text("ascii"))
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise CustodyError(
            "亮证服务的密钥文件已损坏", "the show service's key file is damaged", where=str(path),
            fix_zh="请从备份恢复；确无备份可删除后重建，未用的在线码随之失效",
            fix_en="Use a backup; without one delete it, and open codes end with it",
        )  # fmt: skip
    return key


def show_desk(workspace: Workspace, *, rates: Rates | None = None) -> ShowDesk:
    """Return the desk of the show service that this workspace runs.

    Raises:
        CustodyError: Its key is damaged.
        StoreError: The database cannot be opened.
    """
    from ecert.store.show_service import SQLShowStore

    return ShowDesk(
        region=workspace.settings.region,
        store=SQLShowStore(workspace.engine),
        known=workspace.knowledge,
        locker=Locker(service_key(workspace.path)),
        rates=rates or Rates(),
    )
