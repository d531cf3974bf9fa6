"""An office whose service keeps receipts, for the tests of the hall's and the auditor's pages."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ecert.workspace.access import Role
from tests.unit.service.test_api import MATTER, Office

if TYPE_CHECKING:
    from pathlib import Path


class KeepingOffice(Office):
    """An office with ``receipts = "on"``, whose windows are two tokens."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.workspace.settings = replace(self.workspace.settings, receipts="on")
        self.one, self.two = self.token(), self.token()

    def token(self, role: Role = Role.CLERK, days: int = 200) -> str:
        """Make a token that outlives the tallies."""
        return super().token(role, days)

    def check(self, token: str, *, matter: str = MATTER, code: str | None = None) -> Any:
        """Check a fresh code at one of the windows."""
        return self.client.post(
            "/api/verify", json={"code": code or self.code(), "matter": matter},
            headers={"authorization": f"Bearer {token}"},
        ).json()  # fmt: skip
