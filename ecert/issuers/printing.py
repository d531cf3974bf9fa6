"""Paper: credentials signed for printing, each its own in the register, so that one can be cut off.

A wallet cannot make paper: it has no issuer's key, and its own credentials count only inside a
show code.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ecert import limits
from ecert.errors import FormatError
from ecert.issuers.credential import StatusPlace, compact_claims
from ecert.issuers.credentials import require_in_force
from ecert.issuers.purpose import Purpose, require_last_day
from ecert.model.calendar import office_day
from ecert.show import compact, offline
from ecert.show.printed import PrintedCopy

if TYPE_CHECKING:
    from datetime import date, datetime

    from ecert.clock import Clock
    from ecert.issuers.credentials import Credentials
    from ecert.issuers.publish import Publisher
    from ecert.model.catalogue import Catalogue
    from ecert.model.identifiers import LicenceId
    from ecert.model.licence import Licence
    from ecert.show.compact import CompactClaims
    from ecert.sign.keys import PublicKey


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperTerms:
    """What a paper credential shows and what it is limited to.

    Attributes:
        profile: The show profile.
        purpose: What it is good for, and for nothing else (加注件制作事由); None for no limit.
        valid_until: Its own last day, inclusive; None where it ends with its licence.

    Raises:
        FormatError: A purpose without a last day, or one that is empty, too long, has blanks
            around it, or holds characters that show nothing.
    """

    profile: str = "minimal"
    purpose: str | None = None
    valid_until: date | None = None

    def __post_init__(self) -> None:
        if self.purpose is None:
            return
        if self.valid_until is None:
            raise FormatError(
                "限定用途的打印件须有截止日期", "a copy for one purpose needs a last day",
                where="有效期截止时间", fix_zh="请填写截止日期", fix_en="Give its last day",
            )  # fmt: skip
        if self.purpose != self.purpose.strip():
            raise FormatError(
                "首尾不能有空格", "no spaces at the ends", where="加注件制作事由",
                fix_zh="请删去首尾的空格", fix_en="Remove them",
            )  # fmt: skip
        # The rules of a purpose copy; its maker is the issuer, whom the credential names.
        Purpose(self.purpose, "—", self.valid_until)

    def claims(
        self, licence: Licence, catalogue: Catalogue, place: StatusPlace, on: date
    ) -> CompactClaims:
        """Return what the credential of ``licence`` says.

        Raises:
            CatalogueError: The type has no such profile.
        """
        known = catalogue.require(licence.type_code)
        profile = known.profile(self.profile)
        claims = compact_claims(licence, known, profile, place, holder_key=None, on=on)
        return claims._replace(
            valid_until=self.valid_until or licence.valid_until, purpose=self.purpose
        )

    def asked(self) -> dict[str, str | None]:
        """Return plain values for comparing a retry."""
        until = None if self.valid_until is None else self.valid_until.isoformat()
        return {"profile": self.profile, "purpose": self.purpose, "until": until}


class Printing:
    """What an `Issuer` signs for paper."""

    catalogue: Catalogue
    _credentials: Credentials
    _publisher: Publisher
    _clock: Clock

    def paper_code(
        self,
        licence_id: LicenceId | str,
        *,
        profile: str = "minimal",
        request_id: str | None = None,
        at: datetime | None = None,
    ) -> str:
        """Sign a compact credential for paper and return its code, to be printed.

        It proves no holder: whoever checks it is told to check the identity document.

        Raises as `print_copy`.
        """
        return self.print_copy(licence_id, profile=profile, request_id=request_id, at=at).code

    def print_copy(
        self,
        licence_id: LicenceId | str,
        *,
        profile: str = "minimal",
        purpose: str | None = None,
        valid_until: date | None = None,
        request_id: str | None = None,
        at: datetime | None = None,
    ) -> PrintedCopy:
        """Sign a licence for paper and return what stands on the sheet.

        `ecert.show.sheet.pdf` draws it.  It proves no holder: whoever checks it is told to check
        the identity document.

        Args:
            licence_id: The licence.
            profile: How much is shown.
            purpose: What it is good for, and for nothing else; asks for ``valid_until``.
            valid_until: Its own last day, inclusive; its licence's if left out.
            request_id: Makes a retry safe: the same id with the same content gives the same copy.
            at: The time; now if left out.

        Raises:
            CatalogueError: The type has no such profile.
            CodeTooLargeError: Profile and purpose do not fit one code.
            FormatError: A purpose without a last day, or one that cannot be printed.
            ForbiddenMoveError: The licence is not in force, or ends before the copy.
            RequestConflictError: ``request_id`` was used with other content.
            UnknownLicenceError: There is no such licence.
            CustodyError: No licence key is in force.
        """
        terms = PaperTerms(profile=profile, purpose=purpose, valid_until=valid_until)
        at = at or self._clock()
        # (1) Refuse what cannot be printed before anything is reserved.
        licence = self._printable(str(licence_id), terms, at)
        # (2) Reserve a status index, sign, record.
        record, data = self._credentials.paper(licence, terms, request_id, at)
        # (3) The sheet says what the credential says.
        return PrintedCopy.of(
            compact.parse(data).claims,
            licence,
            self.catalogue.require(licence.type_code),
            code=offline.write_paper_code(data),
            credential=record.id,
            demo=self._publisher.demo,
        )

    def print_preview(
        self,
        licence_id: LicenceId | str,
        *,
        profile: str = "minimal",
        purpose: str | None = None,
        valid_until: date | None = None,
        at: datetime | None = None,
    ) -> PrintedCopy:
        """Return what `print_copy` would put on the sheet; nothing is signed or reserved.

        It has no code.  Raises as `print_copy`, but for keys and requests.
        """
        terms = PaperTerms(profile=profile, purpose=purpose, valid_until=valid_until)
        at = at or self._clock()
        licence = self._printable(str(licence_id), terms, at)
        claims = terms.claims(licence, self.catalogue, _SOMEWHERE, office_day(at))
        licence_type = self.catalogue.require(licence.type_code)
        return PrintedCopy.of(claims, licence, licence_type, demo=self._publisher.demo)

    def _printable(self, licence_id: str, terms: PaperTerms, at: datetime) -> Licence:
        licence = self._credentials.licence(licence_id)
        require_in_force(licence, at)
        if terms.valid_until is not None:
            require_last_day(terms.valid_until, licence, at)
        claims = terms.claims(licence, self.catalogue, _SOMEWHERE, office_day(at))
        public = self._credentials.licence_key(licence.type_code, at)
        # As long as the real one will be, so that no index is taken for what fits no code.
        offline.require_fits(compact.sign(claims, _StandIn(public)))
        return licence


# An index takes most bytes at the end of a list.
_SOMEWHERE = StatusPlace(1, limits.STATUS_LIST_SIZE - 1, "")


@dataclass(frozen=True, slots=True)
class _StandIn:
    """Signs nothing: gives bytes that are as many, and as hard to pack, as a signature."""

    public: PublicKey

    def sign(self, message: bytes) -> bytes:
        return hashlib.sha512(message).digest()
