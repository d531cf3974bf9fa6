"""A window's way with online codes: fetch from the configured show service, then judge off line."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import orjson

from ecert import limits
from ecert.errors import FetchError, FormatError
from ecert.reasons import Reason
from ecert.show.online import OnlineCode, audience_of, transaction_nonce
from ecert.verify.proof import unproven
from ecert.verify.verdict import Finding, Verdict
from ecert.workspace.show_services import ShowServices, client_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from ecert.client.show_service import Redeemed, ShowServiceClient
    from ecert.online.purpose import AccessPurpose
    from ecert.verify.verifier import Verifier
    from ecert.workspace.workspace import Workspace

_SETTLED: Final = "ecert-consent-settled"
# What ``verifyStatus`` says; anything else has run out.
_ANSWERS: Final = {"1": None, "2": Reason.OK, "3": Reason.CONSENT_DECLINED}


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
        refused = self.begin(digits, types, purpose, matter=matter)
        if refused is not None:
            return (refused,)
        said: Reason | None = None
        while said is None and wait():
            said = self.look(digits)
        return self.settle(digits, types, purpose, matter=matter, said=said)

    def begin(
        self, digits: str, types: Sequence[str], purpose: AccessPurpose, *, matter: str | None
    ) -> Verdict | None:
        """Ask a holder for licences; None once the holder can read it, else why nobody can.

        Args:
            digits: The code that the holder opened; it is used up.
            types: The licence types, by code.
            purpose: What the holder reads before answering.
            matter: The service matter or scene.

        Raises:
            ParseError: Not an online code.
            FormatError: The show service finds types or purpose wrong.
        """
        code = OnlineCode.parse(digits)
        client = self._client(code)
        if client is None:
            return self._nothing(Reason.SERVICE_UNREACHABLE, _none_set(code), matter)
        try:
            begun = client.begin(code.text, types, purpose.plain())
        except FetchError as error:
            return self._nothing(Reason.SERVICE_UNREACHABLE, error.message("en"), matter)
        return self._nothing(begun, "", matter) if isinstance(begun, Reason) else None

    def look(self, digits: str) -> Reason | None:
        """Look how the holder has answered what was begun with a code; fetches nothing.

        Returns:
            `Reason.OK` for yes, None while there is no answer, and otherwise why there is none:
            among them `Reason.SERVICE_UNREACHABLE` and `Reason.SERVICE_BUSY`, which may pass.

        Raises:
            ParseError: Not an online code.
        """
        code = OnlineCode.parse(digits)
        client = self._client(code)
        if client is None:
            return Reason.SERVICE_UNREACHABLE
        try:
            state = client.status(code.transaction)
        except FetchError:
            return Reason.SERVICE_UNREACHABLE
        if isinstance(state, Reason):
            return state
        return _ANSWERS.get(state, Reason.NOT_REDEEMABLE)

    def settle(
        self,
        digits: str,
        types: Sequence[str],
        purpose: AccessPurpose,
        *,
        matter: str | None,
        said: Reason | None,
    ) -> tuple[Verdict, ...]:
        """Fetch what was agreed to, each type once, and judge it.

        What the holder has said is settled once for one purpose, whoever of this window's processes
        is asked: the window's database remembers it before anything is fetched.

        Args:
            digits: The code that was asked by.
            types: As they were asked for.
            purpose: As it was told.
            matter: The service matter or scene.
            said: What `look` told; None if it was not waited for any longer.

        Returns:
            One verdict for each type; a single one where there is no yes.

        Raises:
            ParseError: Not an online code.
            FormatError: It was settled before, or the purpose is another than was asked with.
            StoreError: The database refuses; nothing is fetched then.
        """
        code = OnlineCode.parse(digits)
        client = self._client(code)
        if client is not None and said in {Reason.OK, Reason.CONSENT_DECLINED}:
            self._claim(code.transaction, purpose)
        if client is None or said is not Reason.OK:
            reason = Reason.SERVICE_UNREACHABLE if said is Reason.OK else said
            return (self._nothing(reason or Reason.NOT_REDEEMABLE, "", matter),)
        fetched = [_fetch(client, code.transaction, one, purpose) for one in types]
        nonce = transaction_nonce(code.transaction)
        return tuple(
            self._as_asked(type_code, self._judge(one, code, nonce, matter))
            for type_code, one in zip(types, fetched, strict=True)
        )

    def _claim(self, transaction: str, purpose: AccessPurpose) -> None:
        from ecert.store.replay import SQLReplay

        words = orjson.dumps([_SETTLED, transaction, purpose.plain()], option=orjson.OPT_SORT_KEYS)
        # The show service forgets request and answer before that.
        until = self._at + 2 * limits.ONLINE_CODE_LIFE
        replay = SQLReplay(self._workspace.engine)
        if not replay.claim(hashlib.sha256(words).digest(), until=until, at=self._at):
            raise FormatError(
                "这次申请的答复已经取过，不再重复取得",
                "the answer to this request was settled before", where="code",
                fix_zh="结果见当时的回执；如需再看，请持证人重新生成申请码",
                fix_en="See its receipt; to look again, ask by a new code of the holder's",
            )  # fmt: skip

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

    def _as_asked(self, type_code: str, verdict: Verdict) -> Verdict:
        """Refuse what was handed over in the place of what was asked for."""
        if len(verdict.parts) > 1:
            return self._nothing(Reason.OTHER_TYPE, "several licences", verdict.matter)
        (part,) = verdict.parts
        if part.about is None or part.about.type_code == type_code:
            return verdict
        facts = {"asked": type_code, "shown": part.about.type_code}
        found = Finding("asked", Reason.OTHER_TYPE, facts)
        refused = replace(part, findings=(*part.findings, found), _licence=None)
        return replace(verdict, parts=(refused,))

    def _nothing(self, reason: Reason, detail: str, matter: str | None) -> Verdict:
        part = unproven("show-service", reason, detail)
        region = self._workspace.settings.region
        return Verdict(parts=(part,), at=self._at, region=region, matter=matter)


def _fetch(
    client: ShowServiceClient, transaction: str, type_code: str, purpose: AccessPurpose
) -> Redeemed | Reason:
    """Fetch one type; a network that breaks off takes nothing from the types before it."""
    try:
        return client.fetch(transaction, type_code, purpose.plain())
    except FetchError:
        return Reason.SERVICE_UNREACHABLE


def as_one(verdicts: Sequence[Verdict]) -> Verdict:
    """Return verdicts of one moment, about one holder's answer, as one: as good as its worst."""
    parts = tuple(part for one in verdicts for part in one.parts)
    return replace(verdicts[0], parts=parts, demo=any(one.demo for one in verdicts))


def _none_set(code: OnlineCode) -> str:
    return f"no show service is set for region {code.region}: ecert show-service use"
