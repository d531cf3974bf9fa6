"""A police office that serves the sharing interface, and the platform of another province."""

from __future__ import annotations

import base64
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import ecert
from ecert.issuers.sharing.access import Access, AccessQuery, ShareGrant, ShareService
from ecert.service.serve import application
from ecert.store.sharing import SQLShareStore
from ecert.store.tokens import SQLTokens
from ecert.workspace import Workspace
from ecert.workspace.access import Role, new_token

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi import FastAPI

    from ecert.store.tokens import AccessToken

AT = datetime(2026, 11, 22, 2, tzinfo=UTC)
NUMBER = "510681199003071237"
ZHANG = ecert.Holder("张伟", NUMBER)
WORDS = {
    "orgName": "重庆市政务服务中心", "username": "3号窗口", "itemName": "机动车业务",
    "itemCode": "500000-0001", "businessCode": "渝办〔2026〕1号", "useCause": "办理驾驶证换证",
}  # fmt: skip
ALL = frozenset(ShareService)


class Clock:
    """The time; tests move it."""

    now = AT

    def __call__(self) -> datetime:
        return self.now


class SharingOffice:
    """The office, its service, and one partner's token."""

    def __init__(self, folder: Path) -> None:
        self.clock, self.folder = Clock(), folder
        self.workspace = Workspace.init(
            folder / "police", region="511600", name="四川省广安市公安局", demo=True,
            clock=self.clock,
        )  # fmt: skip
        self.workspace.bundle()
        self.issuer = self.workspace.issuer
        self.licence = self.issue()
        self.tokens = SQLTokens(self.workspace.engine)
        self.store = SQLShareStore(self.workspace.engine)
        self.text, self.partner = self.token()
        self.grant()

    @property
    def type_code(self) -> str:
        """The type that the partner may ask for."""
        return self.licence.type_code

    @property
    def who(self) -> dict[str, str]:
        """The holder, as a platform asks for one."""
        return {
            "holder": "张伟", "holderCode": NUMBER, "holderTypeCode": "111",
            "certTypeCode": self.type_code,
        }  # fmt: skip

    def issue(self, type_name: str = "机动车驾驶证", **changes: Any) -> ecert.Licence:
        """Issue a licence."""
        what: dict[str, Any] = {
            "number": NUMBER, "holder": ZHANG, "fields": {"准驾车型": "C1", "住址": "滨河路1号"},
            "valid_until": date(2031, 6, 1),
        }  # fmt: skip
        return self.issuer.issue(type_name, **what | changes)

    def app(self) -> FastAPI:
        """Return the service."""
        return application(self.workspace, clock=self.clock)

    def token(
        self, role: Role = Role.PARTNER, *, days: int = 30, name: str = "重庆市政务服务平台"
    ) -> tuple[str, AccessToken]:
        """Make a token."""
        text, kept = new_token(role, name, created=AT, expires=AT + timedelta(days=days))
        self.tokens.add(kept)
        return text, kept

    def grant(self, token: str | None = None, **changes: Any) -> None:
        """Let the partner, or another token, ask for the type."""
        parts: dict[str, Any] = {
            "token": token or self.partner.id, "type_code": self.type_code, "services": ALL,
            "fields": frozenset({"准驾车型"}), "created": AT, "expires": AT + timedelta(days=30),
        }  # fmt: skip
        self.store.set_grant(ShareGrant(**parts | changes))

    def message(self, **data: Any) -> dict[str, Any]:
        """Return a message of the partner's platform; None takes a word away."""
        said = {name: value for name, value in (WORDS | data).items() if value is not None}
        return {"head": {"accessId": self.partner.id, "accessToken": self.text}, "data": said}

    def log(self) -> tuple[Access, ...]:
        """Return the access log, newest first."""
        return tuple(self.store.find(AccessQuery(), before=None, limit=1_000))


def content_of(file: dict[str, Any]) -> bytes:
    """Return the bytes of a downloaded file."""
    return base64.b64decode(file["content"], validate=True)
