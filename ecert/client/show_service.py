"""Speaks with show services: for holders and for windows, at configured addresses only.

Which address is decided by the region in a code, never by anything else in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from ecert import limits
from ecert.client.posting import post
from ecert.errors import EcertError, FetchError, FormatError, ProofError, RegisterError
from ecert.faults import FetchFault
from ecert.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import timedelta

    from ecert.client.fetching import Way
    from ecert.client.posting import Answered

_T = TypeVar("_T")
_OK = 200
_ERRORS: dict[int, type[EcertError]] = {400: FormatError, 403: ProofError, 409: RegisterError}


class Redeemed(NamedTuple):
    """What a show service handed over: nothing in it is proven yet."""

    tokens: tuple[str, ...]
    audience: str
    nonce: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowServiceClient:
    """One show service.

    Attributes:
        url: Its address, without a slash at the end.
        way: How it is reached.
        token: The verifier's token; holders need none.
    """

    url: str
    way: Way
    token: str | None = None

    # -- verifiers ----------------------------------------------------------------------------

    def redeem(self, code: str, purpose: Mapping[str, str]) -> Redeemed | Reason:
        """Fetch what lies behind a code, once; or why not.

        Raises:
            FetchError: The service was not reached, or answered nothing usable.
            FormatError: The purpose is incomplete.
        """
        return self._redeemed(self._post("/v1/redeem", {"code": code, "purpose": dict(purpose)}))

    def begin(self, code: str, types: Sequence[str], purpose: Mapping[str, str]) -> str | Reason:
        """Ask the holder of a code for licences; returns the transaction.

        Raises:
            FetchError: The service was not reached, or answered nothing usable.
            FormatError: Types or purpose are not as they must be.
        """
        body = {"code": code, "types": list(types), "purpose": dict(purpose)}
        answered = self._post("/v1/consents/begin", body)
        return self._refused(answered) or self._value(answered, "trxId", str)

    def status(self, transaction: str) -> str | Reason:
        """Return how far a request for consent has come: the text of ``verifyStatus``.

        Raises:
            FetchError: The service was not reached, or answered nothing usable.
        """
        answered = self._post("/v1/consents/status", {"trxId": transaction})
        return self._refused(answered) or self._value(answered, "verifyStatus", str)

    def fetch(
        self, transaction: str, type_code: str, purpose: Mapping[str, str]
    ) -> Redeemed | Reason:
        """Fetch one type of what the holder agreed to, once; or why not.

        Raises:
            FetchError: The service was not reached, or answered nothing usable.
            FormatError: The purpose is incomplete.
        """
        body = {"trxId": transaction, "certTypeCode": type_code, "purpose": dict(purpose)}
        return self._redeemed(self._post("/v1/consents/fetch", body))

    # -- holders ------------------------------------------------------------------------------

    def deposit(
        self, code: str, tokens: Sequence[str], *, life: timedelta = limits.ONLINE_CODE_LIFE
    ) -> str:
        """Deposit presentations behind a code; returns until when.

        Raises:
            EcertError: The service refuses, was not reached, or asks to wait.
        """
        seconds = int(life.total_seconds())
        return self._ask("/v1/codes", "expires", str, code=code, tokens=list(tokens), life=seconds)

    def open(self, code: str, tokens: Sequence[str]) -> str:
        """Let one verifier ask by this code; returns until when.

        Raises:
            EcertError: The service refuses, was not reached, or asks to wait.
        """
        return self._ask("/v1/consents", "expires", str, code=code, tokens=list(tokens))

    def cancel(self, request: str) -> bool:
        """Cancel a code.

        Raises:
            EcertError: The service refuses, was not reached, or asks to wait.
        """
        return self._ask("/v1/codes/cancel", "cancelled", bool, request=request)

    def log(self, request: str) -> list[dict[str, Any]]:
        """Return who fetched or tried to fetch what.

        Raises:
            EcertError: The service refuses, was not reached, or asks to wait.
        """
        return self._ask("/v1/log", "entries", list, request=request)

    def pending(self, request: str) -> Mapping[str, Any]:
        """Return what a verifier asks.

        Raises:
            EcertError: The service refuses, was not reached, or asks to wait.
        """
        return self._accepted(self._post("/v1/consents/pending", {"request": request}))

    def agree(self, request: str, tokens: Sequence[str]) -> list[str]:
        """Hand over what was asked for, or a part of it; returns the types.

        Raises:
            EcertError: The service refuses, was not reached, or asks to wait.
        """
        body = {"request": request, "tokens": list(tokens)}
        return self._ask("/v1/consents/agree", "types", list, **body)

    def decline(self, request: str) -> None:
        """Refuse what was asked for.

        Raises:
            EcertError: The service refuses, was not reached, or asks to wait.
        """
        self._ask("/v1/consents/decline", "declined", bool, request=request)

    # -- answers ------------------------------------------------------------------------------

    def _post(self, path: str, body: Mapping[str, Any]) -> Answered:
        return post(f"{self.url}{path}", body, token=self.token, way=self.way)

    def _ask(self, path: str, name: str, kind: type[_T], **body: Any) -> _T:
        answered = self._post(path, body)
        self._accepted(answered)
        return self._value(answered, name, kind)

    def _accepted(self, answered: Answered) -> Mapping[str, Any]:
        if answered.status == _OK:
            return answered.plain
        kind = _ERRORS.get(answered.status)
        if kind is None:
            raise FetchError(FetchFault.BUSY, where=self.url)
        raise _told(kind, answered.plain)

    def _redeemed(self, answered: Answered) -> Redeemed | Reason:
        if (reason := self._refused(answered)) is not None:
            return reason
        tokens = self._value(answered, "tokens", list)
        if not all(type(one) is str for one in tokens):
            raise FetchError(FetchFault.BROKEN, where=self.url)
        audience, nonce = (self._value(answered, name, str) for name in ("audience", "nonce"))
        return Redeemed(tuple(tokens), audience, nonce)

    def _refused(self, answered: Answered) -> Reason | None:
        if answered.status == _OK:
            return None
        if answered.status == 400:
            raise _told(FormatError, answered.plain)
        said = answered.plain.get("reason")
        if said in {Reason.NOT_REDEEMABLE, Reason.CONSENT_DECLINED}:
            return Reason(said)
        # Whatever else it says, it says of its own lists: nothing of the licence.
        return Reason.SERVICE_BUSY if answered.status == 429 else Reason.SERVICE_REFUSED

    def _value(self, answered: Answered, name: str, kind: type[_T]) -> _T:
        value = answered.plain.get(name)
        if type(value) is not kind:
            raise FetchError(FetchFault.BROKEN, where=self.url)
        return value


def _told(kind: type[EcertError], plain: Mapping[str, Any]) -> EcertError:
    """Return a service's refusal in its own words, shortened."""
    error = plain.get("error")
    said = error if isinstance(error, dict) else {}
    zh, en, where, fix_zh, fix_en = (
        _printable(said.get(name, "")) for name in ("zh", "en", "where", "fix_zh", "fix_en")
    )
    return kind(
        zh or "亮证服务不受理", en or "the show service refuses", where=where, fix_zh=fix_zh,
        fix_en=fix_en,
    )  # fmt: skip


def _printable(words: object) -> str:
    # A server's words may be long, and are anyone's.
    return "".join(one if one.isprintable() else "�" for one in str(words)[:200])
