"""What a call comes to, before it is logged and handed out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ecert.issuers.sharing.numbers import ShareStatus, VerifyResult

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Protocol

    from ecert.issuers.sharing.access import ShareGrant
    from ecert.online.purpose import AccessPurpose
    from ecert.store.tokens import AccessToken
    from ecert.verify.verdict import Verdict
    from ecert.workspace.sharing.requests import ShareRefusal

    class Verify(Protocol):
        """Judges a licence file or a code as the window of this workspace does."""

        def __call__(self, scanned: str, *, clerk: str, matter: str | None) -> Verdict:
            """Return the verdict."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareAnswer:
    """What a caller is told, and what the access log keeps of it.

    Attributes:
        status: How the call went.
        data: What is told, plain values for JSON; None for nothing.
        message: What the status is told as, where that is not its own wording.
        result: What a verification said.
        missed: Whether what was asked for is not there.
        licences: Ids of the licences that were told of or looked at.
    """

    status: ShareStatus
    data: Any = None
    message: str = ""
    result: VerifyResult | None = None
    missed: bool = False
    licences: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the answer in its envelope."""
        head = {"status": int(self.status), "message": self.message or self.status.zh}
        return {"head": head, "data": self.data}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call on its way: who, when, under which grant, and what for.

    Attributes:
        at: When.
        token: The caller's token.
        grant: What the caller may ask of the type.
        purpose: The five words and the use cause; None where no licence is asked for.
        verify: Judges files and codes.
    """

    at: datetime
    token: AccessToken
    grant: ShareGrant
    purpose: AccessPurpose | None
    verify: Verify

    @property
    def cause(self) -> str:
        """The use cause (用证事由)."""
        return "" if self.purpose is None else self.purpose.use_cause


def refused(refusal: ShareRefusal) -> ShareAnswer:
    """Return a refusal as an answer."""
    said = "：".join(filter(None, (refusal.status.zh, refusal.where, refusal.detail)))
    return ShareAnswer(status=refusal.status, message=said)


def not_found() -> ShareAnswer:
    """Return the one answer for whatever is not there, or not the caller's to know of."""
    return ShareAnswer(status=ShareStatus.NOT_FOUND, missed=True)


def verified(result: VerifyResult, *, licences: tuple[str, ...] = (), **more: Any) -> ShareAnswer:
    """Return what a verification says."""
    data = {"result": str(int(result)), "message": result.zh} | more
    return ShareAnswer(status=ShareStatus.DONE, data=data, result=result, licences=licences)
