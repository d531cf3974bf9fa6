"""A window's way with online codes: fetch from the configured show service, then judge off line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecert.errors import FetchError
from ecert.reasons import Reason
from ecert.show.online import OnlineCode, audience_of, transaction_nonce
from ecert.verify.proof import unproven
from ecert.verify.verdict import Verdict
from ecert.workspace.show_services import ShowServices, client_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from ecert.client.show_service import Redeemed, ShowServiceClient
    from ecert.online.purpose import AccessPurpose
    from ecert.verify.verifier import Verifier
    from ecert.workspace.workspace import Workspace

_WAITING: Final = "1"
_AGREED: Final = "2"
_DECLINED: Final = "3"


class OnlineWindow:
    """Redeems online codes for the window of a workspace.

    Args:
        workspace: Whose settings name the show services.
        verifier: Who judges.
        at: The time of the check.
    """

    def __init__(self, workspace: Workspace, verifier: Verifier, *, at: datetime) -> None:
        self._workspace = workspace
        self._verifier = verifier
        self._at = at

    def verify(self, digits: str, purpose: AccessPurpose, *, matter: str | None) -> Verdict:
        """Fetch what lies behind a code, once, and judge it.

        Args:
            digits: What was scanned or typed.
            purpose: What the holder will read about it.
            matter: The service matter or scene (事项或应用场景).

        Raises:
            ParseError: Not an online code.
            FormatError: The show service finds the purpose incomplete.
        """
        code = OnlineCode.parse(digits)
        client = self._client(code)
        if client is None:
            return self._nothing(Reason.SERVICE_UNREACHABLE, _none_set(code), matter)
        try:
            fetched = client.redeem(code.text, purpose.plain())
        except FetchError as error:
            return self._nothing(Reason.SERVICE_UNREACHABLE, error.message("en"), matter)
        return self._judge(fetched, code, code.nonce, matter)

    def ask(
        self,
        digits: str,
        types: Sequence[str],
        purpose: AccessPurpose,
        *,
        matter: str | None,
        wait: Callable[[], bool],
    ) -> tuple[Verdict, ...]:
        """Ask a holder for licences, wait for the answer, fetch what was agreed to and judge it.

        Args:
            digits: The code that the holder opened.
            types: The licence types, by code.
            purpose: What the holder reads before answering.
            matter: The service matter or scene.
            wait: Waits a moment; False when it has been long enough.

        Returns:
            One verdict for each type; a single one where nothing came.

        Raises:
            ParseError: Not an online code.
            FormatError: The show service finds types or purpose wrong.
        """
        code = OnlineCode.parse(digits)
        client = self._client(code)
        if client is None:
            return (self._nothing(Reason.SERVICE_UNREACHABLE, _none_set(code), matter),)
        try:
            begun = client.begin(code.text, types, purpose.plain())
            if isinstance(begun, Reason):
                return (self._nothing(begun, "", matter),)
            answered = _await(client, begun, wait)
            if answered is not None:
                return (self._nothing(answered, "", matter),)
            fetched = [client.fetch(begun, one, purpose.plain()) for one in types]
        except FetchError as error:
            return (self._nothing(Reason.SERVICE_UNREACHABLE, error.message("en"), matter),)
        # What there is nothing of, the holder has left out: to agree to a part is a right.
        nonce = transaction_nonce(code.transaction)
        return tuple(
            self._judge(
                Reason.CONSENT_DECLINED if one is Reason.NOT_REDEEMABLE else one,
                code,
                nonce,
                matter,
            )
            for one in fetched
        )

    def _client(self, code: OnlineCode) -> ShowServiceClient | None:
        from ecert.client.fetching import Way

        workspace = self._workspace
        service = ShowServices.read(workspace.path).get(code.region)
        settings = workspace.settings
        way = Way(proxy=settings.proxy, ca_file=settings.ca_file)
        return None if service is None else client_of(service, way)

    def _judge(
        self, fetched: Redeemed | Reason, code: OnlineCode, nonce: str, matter: str | None
    ) -> Verdict:
        if isinstance(fetched, Reason):
            return self._nothing(fetched, "", matter)
        # For whom, and for which code, is known here; what the service says of it does not count.
        return self._verifier.verify_presentation(
            fetched.tokens, audience=audience_of(code.region), nonce=nonce, matter=matter,
            at=self._at,
        )  # fmt: skip

    def _nothing(self, reason: Reason, detail: str, matter: str | None) -> Verdict:
        part = unproven("show-service", reason, detail)
        region = self._workspace.settings.region
        return Verdict(parts=(part,), at=self._at, region=region, matter=matter)


def _await(client: ShowServiceClient, transaction: str, wait: Callable[[], bool]) -> Reason | None:
    """Wait for the holder's answer; None if it is yes."""
    while wait():
        said = client.status(transaction)
        if isinstance(said, Reason):
            return said
        if said == _AGREED:
            return None
        if said != _WAITING:
            return Reason.CONSENT_DECLINED if said == _DECLINED else Reason.NOT_REDEEMABLE
    return Reason.NOT_REDEEMABLE


def _none_set(code: OnlineCode) -> str:
    return f"no show service is set for region {code.region}: ecert show-service use"
