"""The show service's desk: deposit, cancel, redeem, and the holder's log.

A verifier's token that is not in force, and a code that there is not, that was used, has run out
or was cancelled, get one and the same answer after about the same work.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ecert import limits
from ecert.errors import FormatError, ParseError, ProofError, RegisterError
from ecert.model.calendar import SHANGHAI
from ecert.online.answers import Caller, Handed, PendingAttempt, Refused, unserved
from ecert.online.coverage import ShownLicence, why_not_covered
from ecert.online.deposits import prove_deposit
from ecert.online.storage import (
    Attempt,
    AttemptOutcome,
    CodeUse,
    Rates,
    StoredCode,
    VerifierRecord,
)
from ecert.online.verifiers import hash_of
from ecert.reasons import Reason
from ecert.show.holder_request import HolderRequest, open_request
from ecert.show.online import OnlineCode, audience_of
from ecert.sign.sdjwt import KeyBinding

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Protocol

    from ecert.interop.book import RecognitionBook
    from ecert.online.locker import Locker
    from ecert.online.storage import ShowStore
    from ecert.trust.book import TrustBook

    class Known(Protocol):
        """The lists that the service has in force."""

        @property
        def trust(self) -> TrustBook:
            """Whose signatures are believed."""

        @property
        def recognition(self) -> RecognitionBook:
            """Which regions are covered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowDesk:
    """One show service (亮证服务), in one process; several may share a store.

    Attributes:
        region: Its region, six digits.
        store: Where codes and log are kept.
        known: The lists in force here.
        locker: Made from the service's key.
        rates: How much may be tried within a minute.
    """

    region: str
    store: ShowStore
    known: Known
    locker: Locker
    rates: Rates = field(default_factory=Rates)

    @property
    def audience(self) -> str:
        """What this service is called in proofs made for it."""
        return audience_of(self.region)

    # -- holders ------------------------------------------------------------------------------

    def deposit(
        self, digits: str, tokens: Sequence[str], *, life: timedelta, at: datetime
    ) -> datetime:
        """Keep presentations behind a code that the wallet has drawn; returns when it runs out.

        What is sent again, because an answer was lost, is kept once.

        Args:
            digits: The code.
            tokens: SD-JWT+KB, bound to this code.
            life: At most `limits.ONLINE_CODE_LIFE`.
            at: Now.

        Raises:
            ProofError: The presentations do not hold.
            FormatError: Another service's code, or ``life`` is out of range.
            RegisterError: The code is taken, or the holder has too many open codes.
        """
        code = self.own_code(digits)
        if not timedelta(seconds=1) <= life <= limits.ONLINE_CODE_LIFE:
            most = int(limits.ONLINE_CODE_LIFE.total_seconds())
            raise FormatError(
                "时限不在范围内", "the life is out of range", where="life",
                fix_zh=f"应为 1 至 {most} 秒", fix_en=f"1 to {most} seconds",
            )  # fmt: skip
        binding = KeyBinding(self.audience, code.nonce)
        deposit = prove_deposit(tokens, binding, self.known.trust, region=self.region, at=at)
        content = {"tokens": list(tokens), "licences": [list(one) for one in deposit.licences]}
        wanted = StoredCode(
            tag=self.locker.tag(code.text), use=CodeUse.DEPOSIT,
            holder=self.locker.holder(deposit.holder), digest=self.locker.digest(tuple(tokens)),
            made_at=at, expires_at=min(at + life, _moment(deposit.made) + limits.ONLINE_CODE_LIFE),
            payload=self.locker.put(code.text, content),
        )  # fmt: skip
        return self.keep(wanted, at).expires_at

    def keep(self, wanted: StoredCode, at: datetime) -> StoredCode:
        """Keep a new code.

        Raises:
            RegisterError: It is taken, or the holder has too many open codes.
        """
        kept = self.store.put(wanted, most_open=limits.MAX_OPEN_CODES)
        if kept is None:
            raise RegisterError(
                f"同时有效的在线码不得超过 {limits.MAX_OPEN_CODES} 个",
                f"a holder has at most {limits.MAX_OPEN_CODES} open codes",
                fix_zh="请先取消不用的在线码", fix_en="Cancel those that are not needed",
            )  # fmt: skip
        same = (kept.holder, kept.digest, kept.use) == (wanted.holder, wanted.digest, wanted.use)
        if not same or not kept.is_open(at):
            raise RegisterError(
                "此在线码已被占用", "the code is taken", fix_zh="请重新生成", fix_en="Draw another",
            )  # fmt: skip
        return kept

    def cancel(self, request: str, *, at: datetime) -> bool:
        """Cancel a holder's own code; False if it was used already, or there is none.

        Raises:
            ProofError: The request does not hold.
            FormatError: It names no code of this service.
        """
        asked = self.holder_request(request, "cancel", at)
        code, holder = self.own_code(asked.about), self.locker.holder(asked.key)
        tags = [self.locker.tag(code.text), self.locker.tag(code.transaction)]
        return any(self.store.cancel(tag, holder, at=at) for tag in tags)

    def log(self, request: str, *, at: datetime) -> tuple[dict[str, Any], ...]:
        """Return who fetched or tried to fetch what of a holder, newest first.

        Raises:
            ProofError: The request does not hold.
        """
        holder = self.locker.holder(self.holder_request(request, "log", at).key)
        rows = self.store.attempts_of(holder, most=limits.MAX_LOG_ROWS)
        return tuple(
            self.locker.take_entry(holder, row.entry)
            | {
                "at": row.at.astimezone(SHANGHAI).isoformat(timespec="seconds"),
                "outcome": row.outcome.name.lower().replace("_", "-"),
            }
            for row in rows
            if row.entry is not None
        )

    def holder_request(self, request: str, act: str, at: datetime) -> HolderRequest:
        """Open a holder's request, which is taken once.

        Raises:
            ProofError: It does not hold, or was taken before.
        """
        opened = open_request(request, act, self.audience, at=int(at.timestamp()))
        until = at + 2 * limits.ONLINE_CODE_SKEW
        if not self.store.claim(opened.key.thumbprint + opened.id, until=until, at=at):
            raise ProofError(
                "此请求已处理过", "the request was taken before",
                fix_zh="请在卡包中重新操作", fix_en="Repeat it in the wallet",
            )  # fmt: skip
        return opened

    def own_code(self, digits: str) -> OnlineCode:
        """Read the digits of a code of this service.

        Raises:
            FormatError: They are none, or another service's.
        """
        code = OnlineCode.parse(digits)
        if code.region != self.region:
            raise FormatError(
                "不是本亮证服务的在线码", "another show service's code", where="code",
                fix_zh=f"本服务属 {self.region}；请核对亮证服务的设置",
                fix_en=f"This is the service of {self.region}: check how it is set",
            )  # fmt: skip
        return code

    # -- verifiers ----------------------------------------------------------------------------

    def redeem(self, digits: str, caller: Caller, *, at: datetime) -> Handed | Refused:
        """Hand over what lies behind a code: to a verifier whom the lists cover, once.

        Args:
            digits: The code.
            caller: Who asks, and what for.
            at: Now.
        """
        # (1) Who asks, and may they ask now?
        verifier, address = self.admit(caller, at)
        if isinstance(verifier, Refused):
            return verifier
        # (2) What lies behind the code?  Nothing costs as much as something.
        code = self.asked_for(digits)
        found = self.store.code(self.locker.tag(code.text))
        content = self.locker.take(code.text, found.payload if found is not None else None)
        holder = None if found is None else found.holder
        licences = _licences(content)
        attempt = self.attempt(caller, verifier, address, holder, at, licences)
        missed = attempt(AttemptOutcome.MISSED)
        if verifier is None or found is None or content is None or not found.is_open(at):
            return self.miss(missed)
        # (3) Do the lists cover the verifier's region?  If not, the code is still good.
        reason = why_not_covered(licences, verifier.region, self.known.recognition, at=at)
        if reason is not None:
            return self.refuse(attempt(AttemptOutcome.NOT_COVERED), reason)
        # (4) One caller, and only one, uses it up.
        served = attempt(AttemptOutcome.SERVED)
        done = self.store.use(found.tag, verifier.id, served, missed=missed, rates=self.rates)
        if done is not AttemptOutcome.SERVED:
            return unserved(done)
        return Handed(tuple(content["tokens"]), self.audience, code.nonce)

    def admit(self, caller: Caller, at: datetime) -> tuple[VerifierRecord | Refused | None, bytes]:
        """Return the verifier, None for a token that is not in force, or why it must wait."""
        known = self.store.verifier(hash_of(caller.token))
        verifier = known if known is not None and known.in_force(at) else None
        address = self.locker.address(caller.address)
        name = None if verifier is None else verifier.id
        if self.is_busy(name, address, at):
            return unserved(None), address
        return verifier, address

    def is_busy(self, verifier: str | None, address: bytes, at: datetime) -> bool:
        """Tell whether a verifier or an address must wait."""
        tally = self.store.tally(verifier, address, since=at - limits.SHOW_WINDOW)
        return self.rates.exceeded_by(tally)

    def note_failure(self, address: str, at: datetime) -> None:
        """Count a request without a verifier that did not hold against its address."""
        missed = Attempt(
            at=at, outcome=AttemptOutcome.MISSED, verifier=None,
            address=self.locker.address(address),
        )  # fmt: skip
        self.store.record(missed, self.rates)

    def miss(self, missed: Attempt) -> Refused:
        """Write a miss, and give the one answer for all of them."""
        return self.refuse(missed, Reason.NOT_REDEEMABLE)

    def refuse(self, attempt: Attempt, reason: Reason) -> Refused:
        """Write an attempt that comes to nothing."""
        written = self.store.record(attempt, self.rates)
        return Refused(reason) if written is not None else unserved(None)

    def attempt(
        self,
        caller: Caller,
        verifier: VerifierRecord | None,
        address: bytes,
        holder: bytes | None,
        at: datetime,
        licences: Sequence[ShownLicence] = (),
    ) -> PendingAttempt:
        """Return what makes the entry of the log, whatever the outcome."""
        entry = {
            "verifier": None if verifier is None
            else {"id": verifier.id, "region": verifier.region, "office": verifier.office},
            "types": [one.type_code for one in licences],
            "purpose": {} if caller.purpose is None else caller.purpose.plain(),
        }  # fmt: skip
        # Encrypted for nobody where there is no holder: a miss costs what a hit does.
        locked = self.locker.put_entry(holder or address, entry)
        return PendingAttempt(
            at, None if verifier is None else verifier.id, address, holder,
            None if holder is None else locked,
        )  # fmt: skip

    def asked_for(self, digits: str) -> OnlineCode:
        """Read the digits that a verifier sent; of no code of ours, one that stands for nothing."""
        try:
            return self.own_code(digits)
        except (FormatError, ParseError):
            # Not a code of ours is a code that there is not: one that was just drawn.
            return OnlineCode.new(self.region)


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, SHANGHAI)


def _licences(content: dict[str, Any] | None) -> tuple[ShownLicence, ...]:
    rows = [] if content is None else content["licences"]
    return tuple(ShownLicence(*row) for row in rows)
