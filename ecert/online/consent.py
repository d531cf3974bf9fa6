"""The consent flow: a verifier names what it wants, the holder agrees to it or to a part of it.

The states are those that Chinese provinces use (``verifyStatus``): 1 not yet, 2 agreed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from ecert import limits
from ecert.errors import FormatError, RegisterError
from ecert.online.answers import Caller, Handed, Refused, unserved
from ecert.online.consent_request import (
    another_purpose,
    nothing_awaited,
    outcome_of_nothing,
    read_transaction,
    require_types,
    state_of,
)
from ecert.online.coverage import ShownLicence, why_not_covered
from ecert.online.deposits import prove_deposit
from ecert.online.storage import AttemptOutcome, CodeUse, ConsentState, StoredCode
from ecert.reasons import Reason
from ecert.show.online import transaction_nonce
from ecert.sign.sdjwt import KeyBinding

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ecert.online.desk import ShowDesk
    from ecert.online.storage import VerifierRecord
    from ecert.show.online import OnlineCode


class Begun(NamedTuple):
    """A request for consent that the holder can now read."""

    transaction: str
    expires_at: datetime


class Awaited(NamedTuple):
    """A request for consent, as the holder reads it.

    Attributes:
        state: How far it has come; None while nobody has asked yet.
        transaction: Its number; what is handed over is bound to `transaction_nonce` of it.
        expires_at: Until when it can be answered.
        asked: The verifier's region and office, the types, and the purpose.
    """

    state: ConsentState | None
    transaction: str
    expires_at: datetime
    asked: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class ConsentDesk:
    """Requests for consent at one show service."""

    desk: ShowDesk

    # -- holders ------------------------------------------------------------------------------

    def open(self, digits: str, tokens: Sequence[str], *, at: datetime) -> datetime:
        """Let one verifier ask by this code; returns until when.

        Args:
            digits: The code that the wallet has drawn.
            tokens: Any one licence, bound to this code: shows that somebody of this region asks.
                Nothing of it is kept.
            at: Now.

        Raises:
            ProofError: The presentation does not hold.
            FormatError: Another service's code.
            RegisterError: The code is taken, or the holder has too many open codes.
        """
        desk, code = self.desk, self.desk.own_code(digits)
        binding = KeyBinding(desk.audience, code.nonce)
        shown = prove_deposit(tokens, binding, desk.known.trust, region=desk.region, at=at)
        wanted = StoredCode(
            tag=desk.locker.tag(code.transaction), use=CodeUse.CONSENT,
            holder=desk.locker.holder(shown.holder), digest=desk.locker.digest((code.text,)),
            made_at=at, expires_at=at + limits.ONLINE_CODE_LIFE,
        )  # fmt: skip
        return desk.keep(wanted, at).expires_at

    def pending(self, request: str, *, at: datetime) -> Awaited:
        """Return what a verifier asks by the holder's code.

        Raises:
            ProofError: The request does not hold.
            RegisterError: The holder has opened no such code.
        """
        code, kept = self._own("pending", request, at)
        asked = self.desk.locker.take(code.transaction, kept.asked) if kept.asked else None
        state = None if kept.used_at is None else state_of(kept, at)
        return Awaited(state, code.transaction, kept.expires_at, asked)

    def agree(self, request: str, tokens: Sequence[str], *, at: datetime) -> tuple[str, ...]:
        """Hand over what was asked for, or a part of it; returns the types.

        Args:
            request: The holder's request.
            tokens: One SD-JWT+KB for each type, bound to `transaction_nonce`.
            at: Now.

        Raises:
            ProofError: Request or presentations do not hold.
            FormatError: A type was not asked for, or stands twice.
            RegisterError: Nothing is awaited, or the lists do not cover the verifier's region.
        """
        desk = self.desk
        code, kept = self._own("agree", request, at)
        asked = desk.locker.take(code.transaction, kept.asked)
        if asked is None:
            raise nothing_awaited()
        binding = KeyBinding(desk.audience, transaction_nonce(code.transaction))
        shown = prove_deposit(tokens, binding, desk.known.trust, region=desk.region, at=at)
        types = tuple(one.type_code for one in shown.licences)
        if len(set(types)) < len(types) or not set(types) <= set(asked["types"]):
            raise FormatError(
                "出示的证照与核验方请求的不一致", "other types than were asked for", where="types",
                fix_zh="只能就所请求的种类各出示一份", fix_en="One of each type that was asked for",
            )  # fmt: skip
        region = asked["verifier"]["region"]
        reason = why_not_covered(shown.licences, region, desk.known.recognition, at=at)
        if reason is not None or desk.locker.holder(shown.holder) != kept.holder:
            zh, en = ("卡包不符", "another wallet") if reason is None else (reason.zh, reason.en)
            raise RegisterError(f"不能出示：{zh}", f"cannot be handed over: {en}")
        parts = {
            one.type_code: desk.locker.put(
                code.transaction, {"tokens": [token], "licences": [list(one)]}
            )
            for one, token in zip(shown.licences, tokens, strict=True)
        }
        until = at + limits.ONLINE_CODE_LIFE
        agreed = ConsentState.AGREED
        if not desk.store.answer(kept.tag, kept.holder, agreed, parts, at=at, until=until):
            raise nothing_awaited()
        return types

    def decline(self, request: str, *, at: datetime) -> None:
        """Refuse what was asked for.

        Raises:
            ProofError: The request does not hold.
            RegisterError: Nothing is awaited.
        """
        _, kept = self._own("decline", request, at)
        declined = ConsentState.DECLINED
        store = self.desk.store
        if not store.answer(kept.tag, kept.holder, declined, {}, at=at, until=kept.expires_at):
            raise nothing_awaited()

    def _own(self, act: str, request: str, at: datetime) -> tuple[OnlineCode, StoredCode]:
        desk = self.desk
        asked = desk.holder_request(request, act, at)
        code = desk.own_code(asked.about)
        kept = desk.store.code(desk.locker.tag(code.transaction))
        if kept is None or kept.holder != desk.locker.holder(asked.key):
            raise nothing_awaited()
        return code, kept

    # -- verifiers ----------------------------------------------------------------------------

    def begin(
        self, digits: str, types: Sequence[str], caller: Caller, *, at: datetime
    ) -> Begun | Refused:
        """Ask the holder of a code for licences of some types; uses the code up.

        The same request of the same verifier, sent again because an answer was lost, gets the same
        answer until it runs out.

        Raises:
            FormatError: No types, too many, or not type codes.
        """
        require_types(types)
        desk = self.desk
        verifier, address = desk.admit(caller, at)
        if isinstance(verifier, Refused):
            return verifier
        code = desk.asked_for(digits)
        found = desk.store.code(desk.locker.tag(code.transaction))
        licences = [ShownLicence(one, desk.region, "") for one in types]
        holder = None if found is None else found.holder
        attempt = desk.attempt(caller, verifier, address, holder, at, licences)
        missed = attempt(AttemptOutcome.MISSED)
        asked = {
            "verifier": {} if verifier is None
            else {"region": verifier.region, "office": verifier.office},
            "types": list(types),
            "purpose": _words(caller),
        }  # fmt: skip
        locked = desk.locker.put(code.transaction, asked)
        if verifier is not None and (begun := self._begun(found, code, verifier, asked, at)):
            again = desk.store.record(attempt(AttemptOutcome.ASKED), desk.rates)
            return begun if again is not None else unserved(None)
        if verifier is None or found is None or not found.is_open(at):
            return desk.miss(missed)
        until = at + limits.ONLINE_CODE_LIFE
        done = desk.store.use(
            found.tag, verifier.id, attempt(AttemptOutcome.ASKED), missed=missed,
            rates=desk.rates, asked=locked, until=until,
        )  # fmt: skip
        if done is AttemptOutcome.ASKED:
            return Begun(code.transaction, until)
        # Perhaps the same request was faster, by a moment.
        found = None if done is None else desk.store.code(found.tag)
        return self._begun(found, code, verifier, asked, at) or unserved(done)

    def _begun(
        self, kept: StoredCode | None, code: OnlineCode, verifier: VerifierRecord,
        asked: dict[str, Any], at: datetime,
    ) -> Begun | None:  # fmt: skip
        """Return what the same request of this verifier was answered, while it lasts."""
        if kept is None or kept.used_by != verifier.id or kept.cancelled_at is not None:
            return None
        same = self.desk.locker.take(code.transaction, kept.asked) == asked
        return Begun(code.transaction, kept.expires_at) if same and at < kept.expires_at else None

    def status(self, transaction: str, caller: Caller, *, at: datetime) -> ConsentState | Refused:
        """Say how far a verifier's own request has come."""
        found = self._own_request(transaction, caller, at)
        return found if isinstance(found, Refused) else state_of(found[0], at)

    def fetch(
        self, transaction: str, type_code: str, caller: Caller, *, at: datetime
    ) -> Handed | Refused:
        """Hand over what the holder agreed to, type by type, each once.

        Only a type that was not asked for, or asked for too early, is a miss: what the holder left
        out or declined, and what was fetched before, is no guess of the verifier's.

        Raises:
            FormatError: The purpose is another than the holder was asked with.
        """
        own = self._own_request(transaction, caller, at)
        if isinstance(own, Refused):
            return own
        desk, (found, verifier, address) = self.desk, own
        part = desk.store.part(found.tag, type_code)
        content = None if part is None else desk.locker.take(transaction, part.payload)
        asked = desk.locker.take(transaction, found.asked)
        meant = asked is not None and type_code in asked["types"]
        if content is not None:
            licences = [ShownLicence(*row) for row in content["licences"]]
        else:
            licences = [ShownLicence(type_code, desk.region, "")] if meant else []
        attempt = desk.attempt(caller, verifier, address, found.holder, at, licences)
        if asked is not None and asked["purpose"] != _words(caller):
            # The holder reads of it; it takes nothing, and the request is still good.
            refused = desk.refuse(attempt(AttemptOutcome.MISSED), Reason.NOT_REDEEMABLE)
            if refused.reason is Reason.NOT_REDEEMABLE:
                raise another_purpose()
            return refused
        if content is None or state_of(found, at) is not ConsentState.AGREED:
            outcome = outcome_of_nothing(found, part, at, meant=meant)
            declined = outcome is AttemptOutcome.DECLINED
            why = Reason.CONSENT_DECLINED if declined else Reason.NOT_REDEEMABLE
            return desk.refuse(attempt(outcome), why)
        reason = why_not_covered(licences, verifier.region, desk.known.recognition, at=at)
        if reason is not None:
            return desk.refuse(attempt(AttemptOutcome.NOT_COVERED), reason)
        done = desk.store.take(
            found.tag, type_code, verifier.id, attempt(AttemptOutcome.SERVED),
            missed=attempt(AttemptOutcome.GONE), rates=desk.rates,
        )  # fmt: skip
        if done is not AttemptOutcome.SERVED:
            return unserved(done)
        return Handed(tuple(content["tokens"]), desk.audience, transaction_nonce(transaction))

    def _own_request(
        self, transaction: str, caller: Caller, at: datetime
    ) -> tuple[StoredCode, VerifierRecord, bytes] | Refused:
        desk = self.desk
        verifier, address = desk.admit(caller, at)
        if isinstance(verifier, Refused):
            return verifier
        found = desk.store.code(desk.locker.tag(read_transaction(transaction)))
        if verifier is None or found is None or found.used_by != verifier.id:
            # Another verifier's request is none at all.
            attempt = desk.attempt(caller, verifier, address, None, at)
            return desk.miss(attempt(AttemptOutcome.MISSED))
        return found, verifier, address


def _words(caller: Caller) -> dict[str, Any]:
    return {} if caller.purpose is None else caller.purpose.plain()
