"""Signs and records credentials: reserve, record, sign, record.

The status index is durable before anything is signed, and each credential belongs to one request,
so that a try that broke off is finished, never doubled.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING

from ecert import limits
from ecert.errors import CodeTooLargeError, ForbiddenMoveError, ProofError
from ecert.issuers.credential import StatusPlace, write_credential
from ecert.issuers.indexes import list_year
from ecert.issuers.kept import read_kept
from ecert.issuers.register import CredentialKind, CredentialRecord
from ecert.issuers.requests import earlier_result, remember, request_digest
from ecert.model.calendar import office_day
from ecert.model.licence import Licence, LicenceState
from ecert.show import compact, possession
from ecert.status.values import StatusValue

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from ecert.issuers.keyring import Keyring
    from ecert.issuers.printing import PaperTerms
    from ecert.issuers.purpose import Purpose
    from ecert.issuers.register import Register
    from ecert.model.catalogue import Catalogue
    from ecert.show.delivery import Delivery
    from ecert.sign.keys import PublicKey

_NONCE_BYTES = 16


class Credentials:
    """The credentials of one issuer.

    Args:
        code: The issuer's code.
        register: Where they are recorded.
        keyring: The issuer's keys.
        catalogue: The types it issues.
        status_uri: Gives the address of a status list by its number.
    """

    def __init__(
        self,
        code: str,
        register: Register,
        keyring: Keyring,
        catalogue: Catalogue,
        status_uri: Callable[[int], str],
    ) -> None:
        self._code = code
        self._register = register
        self._keyring = keyring
        self._catalogue = catalogue
        self._status_uri = status_uri

    def nonce(self, at: datetime) -> str:
        """Return a fresh nonce: the issuer's code, a dot, 128 random bits."""
        nonce = f"{self._code}.{secrets.token_urlsafe(_NONCE_BYTES)}"
        with self._register.transaction() as tx:
            tx.add_nonce(digest_of_nonce(nonce), at + limits.NONCE_LIFE)
        return nonce

    def deliver(self, licence_id: str, proof: str, at: datetime) -> Delivery:
        """See `Issuer.deliver`."""
        # (1) The wallet holds the key that the credential will name.
        shown = possession.open_proof(proof)
        if shown.audience != self._code:
            raise ProofError("持有证明是给其他机构的", "the proof is meant for another issuer")
        # (2) Reserve a status index for it, using up the nonce.
        digest = digest_of_nonce(shown.nonce)
        record = self._reserve(
            licence_id, CredentialKind.WALLET, f"nonce:{digest.hex()}", at,
            holder_key=shown.key, nonce_digest=digest,
        )  # fmt: skip
        # (3) Sign and record, unless an earlier try already did.
        return read_kept(self._signed(record, shown.key, at))

    def file(self, licence_id: str, request_id: str | None, at: datetime) -> str:
        """See `Issuer.file`."""
        request = f"file:{request_id or secrets.token_hex(_NONCE_BYTES)}"
        record = self._reserve(licence_id, CredentialKind.FILE, request, at)
        return read_kept(self._signed(record, None, at)).sd_jwt

    def purpose_copy(
        self, licence_id: str, purpose: Purpose, request_id: str | None, at: datetime
    ) -> str:
        """See `Issuer.purpose_copy`."""
        purpose.require_fits(self._licence(licence_id), at)
        request = f"purpose:{request_id or secrets.token_hex(_NONCE_BYTES)}"
        # Another purpose under the same id must not be answered with the copy for the first.
        digest = request_digest({"licence": licence_id, **purpose.asked()})
        record = self._reserve(
            licence_id, CredentialKind.PURPOSE, request, at,
            last_day=purpose.valid_until, asked=(request_id, digest),
        )  # fmt: skip
        return read_kept(self._signed(record, None, at, purpose=purpose)).sd_jwt

    def paper(
        self, licence: Licence, terms: PaperTerms, request_id: str | None, at: datetime
    ) -> tuple[CredentialRecord, bytes]:
        """Return the compact credential of a printed copy and its record; see `Printing`."""
        licence_id = str(licence.id)
        request = f"paper:{request_id or secrets.token_hex(_NONCE_BYTES)}"
        digest = request_digest({"licence": licence_id, **terms.asked()})
        record = self._reserve(
            licence_id, CredentialKind.PAPER, request, at,
            last_day=terms.valid_until, asked=(request_id, digest),
        )  # fmt: skip
        if record.artefacts is not None:
            return record, record.artefacts
        claims = terms.claims(licence, self._catalogue, self._place(record), office_day(at))
        signer = self._keyring.signer("licence", at, type_code=licence.type_code)
        data = compact.sign(claims, signer)
        with self._register.transaction() as tx:
            # Two tries of one request may sign side by side; only the first is handed out.
            recorded = tx.credential(record.id).artefacts
            if recorded is not None:
                return record, recorded
            tx.record_signed(record.id, data, at)
        return record, data

    def licence(self, licence_id: str) -> Licence:
        """Return a licence of the register.

        Raises:
            UnknownLicenceError: There is none with this id.
        """
        return self._licence(licence_id)

    def licence_key(self, type_code: str, at: datetime) -> PublicKey:
        """Return the key that signs licences of this type now.

        Raises:
            CustodyError: None is in force.
        """
        return self._keyring.signer("licence", at, type_code=type_code).public

    def _reserve(
        self,
        licence_id: str,
        kind: CredentialKind,
        request_id: str,
        at: datetime,
        *,
        holder_key: PublicKey | None = None,
        nonce_digest: bytes | None = None,
        last_day: date | None = None,
        asked: tuple[str | None, str] = (None, ""),
    ) -> CredentialRecord:
        jwk = None if holder_key is None else holder_key.jwk()
        with self._register.transaction() as tx:
            earlier_result(tx, asked[0], kind.value, asked[1])
            licence = tx.licence(licence_id)
            known = tx.credential_by_request(request_id)
            if known is not None and (known.licence_id, known.holder_jwk) == (licence_id, jwk):
                return known
            require_in_force(licence, at)
            # Refuse before anything is reserved if there is no key to sign with.
            self._keyring.signer("licence", at, type_code=licence.type_code)
            if nonce_digest is not None and not tx.consume_nonce(nonce_digest, at):
                raise stale_nonce()
            number, index = tx.allocate_index(
                limits.STATUS_LIST_SIZE,
                limits.STATUS_LIST_FILL,
                list_year(last_day or licence.valid_until),
            )
            record = CredentialRecord(
                licence_id=licence_id, kind=kind, list_number=number,
                index=index, status=int(StatusValue.VALID), request_id=request_id,
                holder_jwk=jwk, reserved_at=at, signed_at=None, artefacts=None,
            )  # fmt: skip
            tx.add_credential(record)
            remember(tx, asked[0], kind.value, asked[1], record.id)
        return record

    def _signed(
        self,
        record: CredentialRecord,
        holder_key: PublicKey | None,
        at: datetime,
        *,
        purpose: Purpose | None = None,
    ) -> bytes:
        if record.artefacts is not None:
            return record.artefacts
        with self._register.view() as view:
            licence = view.licence(record.licence_id)
            # A purpose copy is handed on to others; whoever checks it looks at the person's card.
            picture = (
                view.portrait(licence.portrait)
                if licence.portrait is not None and purpose is None
                else None
            )
        delivery = write_credential(
            licence,
            self._catalogue.require(licence.type_code),
            self._keyring.signer("licence", at, type_code=licence.type_code),
            self._place(record),
            holder_key=holder_key,
            at=at,
            purpose=purpose,
            picture=picture,
        )
        with self._register.transaction() as tx:
            # Two tries of one request may sign side by side; only the first is handed out.
            recorded = tx.credential(record.id).artefacts
            if recorded is not None:
                return recorded
            _require_readable(delivery)
            artefacts = delivery.to_bytes()
            tx.record_signed(record.id, artefacts, at)
        return artefacts

    def _place(self, record: CredentialRecord) -> StatusPlace:
        uri = self._status_uri(record.list_number)
        return StatusPlace(record.list_number, record.index, uri)

    def _licence(self, licence_id: str) -> Licence:
        with self._register.view() as view:
            return view.licence(licence_id)


def require_in_force(licence: Licence, at: datetime) -> None:
    """Require that a credential may be signed for ``licence``: it is issued, and not expired.

    Raises:
        ForbiddenMoveError: It may not.
    """
    standing = licence.standing(office_day(at))
    if standing is not LicenceState.ISSUED:
        raise ForbiddenMoveError(
            f"证照状态为“{standing.zh}”，不能签发凭证",
            f"the licence is {standing.value}; no credential is signed for it",
            where=str(licence.id),
            fix_zh="仅为在用的证照签发",
            fix_en="Only for a licence that is in force is one signed",
        )


def _require_readable(delivery: Delivery) -> None:
    # Nobody could read it again, and it would only be found out at a window.
    if len(delivery.sd_jwt) > limits.MAX_TOKEN_CHARS:
        raise CodeTooLargeError(
            "照面信息过长，签发的文件无法读取",
            "the fields are too long for a credential to be read",
            where=delivery.type_name, fix_zh="请缩短照面信息", fix_en="Shorten the fields",
        )  # fmt: skip


def stale_nonce() -> ProofError:
    """Return the refusal of a nonce that is not, or no longer, fresh."""
    return ProofError(
        "随机数未知、已用过或已过期", "the nonce is unknown, used or expired",
        fix_zh="请在卡包中重新申领", fix_en="Request again from the wallet",
    )  # fmt: skip


def digest_of_nonce(nonce: str) -> bytes:
    """Return what is kept of a nonce."""
    # One-time codes are stored hashed.
    return hashlib.sha256(nonce.encode()).digest()
