"""Mandates (委托) at the issuer: each has a place of its own in the status lists.

The issuer sees neither the agent nor what the mandate is for: it keeps the place, the licence and
the principal's key, so that the mandate can be withdrawn like any other credential.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecert import limits
from ecert.errors import ForbiddenMoveError, ParseError, ProofError, TrustError
from ecert.issuers.changes import Order, withdraw_credential
from ecert.issuers.credentials import digest_of_nonce, require_in_force, stale_nonce
from ecert.issuers.records import CredentialKind, CredentialRecord
from ecert.model.calendar import office_day
from ecert.show import mandate as mandates
from ecert.show import possession
from ecert.show.mandate import MandatePlace
from ecert.sign.keys import PublicKey
from ecert.status.values import StatusValue

if TYPE_CHECKING:
    from datetime import datetime

    from ecert.clock import Clock
    from ecert.issuers.register import Register, RegisterTransaction
    from ecert.model.identifiers import LicenceId
    from ecert.show.possession import Possession


class Mandates:
    """The places of mandates in one issuer's status lists.

    Args:
        code: The issuer's code.
        register: Where they are recorded.
        clock: Where ``at`` comes from when it is left out.
    """

    def __init__(self, code: str, register: Register, clock: Clock) -> None:
        self._code = code
        self._register = register
        self._clock = clock

    def enter(
        self,
        licence_id: LicenceId | str,
        proof: str,
        *,
        ends: datetime,
        at: datetime | None = None,
    ) -> MandatePlace:
        """Give a mandate that is to be made its place in the status lists.

        The same proof again gives the same place again.

        Args:
            licence_id: The licence, or one of those, that the mandate will cover; with it ends
                the mandate.
            proof: What the principal's `Wallet.request` made of a fresh nonce.
            ends: When the mandate will end; within a year.
            at: The time; now if left out.

        Raises:
            ProofError: The proof does not hold, its nonce is not fresh, or the licence was not
                delivered to this wallet, or no longer is in it.
            ForbiddenMoveError: The licence is not in force, the end is out of range, or too many
                mandates stand.
            UnknownLicenceError: There is no such licence.
        """
        at = at or self._clock()
        # (1) Whoever asks holds the key that they say.
        shown = self._open(proof)
        if not at < ends <= at + limits.MAX_MANDATE_LIFE:
            raise ForbiddenMoveError(
                "委托期限须晚于现在，且不超过一年",
                "a mandate ends later than now, and within a year", where="until",
                fix_zh="请填写一年以内的截止日期", fix_en="Give an end within a year",
            )  # fmt: skip
        digest = digest_of_nonce(shown.nonce)
        request = f"mandate:{digest.hex()}"
        with self._register.transaction() as tx:
            # (2) A retry finds the work done.
            known = tx.credential_by_request(request)
            if known is not None and known.licence_id == str(licence_id):
                return self._place(known)
            # (3) The licence is in force, and in that wallet.
            require_in_force(tx.licence(str(licence_id)), at)
            _require_held(tx, str(licence_id), shown.key, at)
            if not tx.consume_nonce(digest, at):
                raise stale_nonce()
            # (4) The place is durable before anything can name it.
            number, index = tx.allocate_index(
                limits.STATUS_LIST_SIZE, limits.STATUS_LIST_FILL, office_day(ends).year
            )
            record = CredentialRecord(
                licence_id=str(licence_id), kind=CredentialKind.MANDATE, list_number=number,
                index=index, status=int(StatusValue.VALID), request_id=request,
                holder_jwk=shown.key.jwk(), reserved_at=at, signed_at=None, artefacts=None,
            )  # fmt: skip
            tx.add_credential(record)
        return self._place(record)

    def withdraw(
        self, mandate: bytes, proof: str, *, reason: str = "", at: datetime | None = None
    ) -> None:
        """Withdraw a mandate at the word of its principal, or of its agent (giving it back).

        It takes effect at a window with the next status list that it fetches.  An office
        withdraws one of itself with `Issuer.withdraw_credential`.

        Args:
            mandate: The signed mandate.
            proof: What the principal's or the agent's wallet made of a fresh nonce.
            reason: Why; who asked for it if left out.
            at: The time; now if left out.

        Raises:
            ProofError: The proof does not hold, its nonce is not fresh, or the key is neither the
                principal's nor the agent's.
            UnknownLicenceError: The mandate was not entered here.
            ForbiddenMoveError: The licence has ended, and the mandate with it.
            ParseError: Not a mandate.
        """
        at = at or self._clock()
        shown = self._open(proof)
        claims = mandates.parse(mandate).claims
        place = claims.place.credential_id
        with self._register.transaction() as tx:
            record = tx.credential(place)
            by_principal = _require_party(record, mandate, shown, self._code)
            if not tx.consume_nonce(digest_of_nonce(shown.nonce), at):
                raise stale_nonce()
        words = ("委托人撤回", "委托人") if by_principal else ("代办人交回", "代办人")
        withdraw_credential(
            self._register, place, Order(reason=reason or words[0], actor=words[1]), at
        )

    def entered(self, licence_id: LicenceId | str) -> tuple[CredentialRecord, ...]:
        """Return the mandates entered on a licence, oldest first.

        Raises:
            UnknownLicenceError: There is no such licence.
        """
        with self._register.view() as view:
            found = view.credentials_of(str(licence_id))
        return tuple(one for one in found if one.kind is CredentialKind.MANDATE)

    def _open(self, proof: str) -> Possession:
        shown = possession.open_proof(proof)
        if shown.audience != self._code:
            raise ProofError("持有证明是给其他机构的", "the proof is meant for another issuer")
        return shown

    def _place(self, record: CredentialRecord) -> MandatePlace:
        return MandatePlace(self._code, record.list_number, record.index)


def _require_held(tx: RegisterTransaction, licence_id: str, key: PublicKey, at: datetime) -> None:
    jwk = key.jwk()
    mine = [one for one in tx.credentials_of(licence_id) if one.holder_jwk == jwk]
    if not any(
        one.kind is CredentialKind.WALLET and one.status == StatusValue.VALID for one in mine
    ):
        raise ProofError(
            "此卡包没有这份证照，或已停用",
            "the licence is not in this wallet, or was cut off from it",
            fix_zh="请持证人用领取了该证照的卡包登记",
            fix_en="Use the wallet that the licence was delivered to",
        )  # fmt: skip
    standing = [
        one for one in mine
        if one.kind is CredentialKind.MANDATE and one.status == StatusValue.VALID
        and one.reserved_at > at - limits.MAX_MANDATE_LIFE
    ]  # fmt: skip
    if len(standing) >= limits.MAX_STANDING_MANDATES:
        raise ForbiddenMoveError(
            f"这份证照的有效委托已达{limits.MAX_STANDING_MANDATES}份",
            f"{limits.MAX_STANDING_MANDATES} mandates of this licence stand already",
            fix_zh="请先撤回不用的委托", fix_en="Withdraw those no longer needed",
        )  # fmt: skip


def _require_party(record: CredentialRecord, mandate: bytes, shown: Possession, code: str) -> bool:
    """Tell whether the principal asks; the agent is believed what the principal signed."""
    opened = mandates.parse(mandate)
    jwk = record.holder_jwk
    if record.kind is not CredentialKind.MANDATE or jwk is None:
        raise _not_theirs("登记号不是委托", "there is no mandate at this place")
    if opened.claims.place.issuer_code != code:
        raise _not_theirs("委托登记在其他机构", "the mandate is entered at another issuer")
    try:
        opened.sign1.verify(PublicKey.from_jwk(jwk))
    except (ParseError, TrustError) as error:
        raise _not_theirs(
            "不是登记时的委托人签署的", "not signed by whom it was entered for"
        ) from error
    if shown.key.jwk() == jwk:
        return True
    if shown.key != opened.claims.agent.key:
        raise _not_theirs("既不是委托人也不是代办人", "neither the principal nor the agent asks")
    return False


def _not_theirs(zh: str, en: str) -> ProofError:
    return ProofError(
        zh, en, fix_zh="请用委托人或代办人的卡包办理",
        fix_en="Ask with the wallet of the principal or of the agent",
    )  # fmt: skip
