"""Who may fetch: verifiers with a token that the operator gives out once and nobody keeps."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from ecert import limits
from ecert.errors import FormatError
from ecert.model.characters import require_visible
from ecert.model.regions import require as require_region
from ecert.online.storage import VerifierRecord

if TYPE_CHECKING:
    from datetime import datetime

_PREFIX: Final = "ecv_"
_TOKEN_BYTES: Final = 32
_ID_BYTES: Final = 4
_MAX_TOKEN_CHARS: Final = 128


def new_verifier(
    *, region: str, office: str, days: int, at: datetime
) -> tuple[VerifierRecord, str]:
    """Return a new verifier and its token, which is told once.

    Args:
        region: Its region, six digits (GB/T 2260).
        office: Its name, as holders read it.
        days: How long the token is good.
        at: Now.

    Raises:
        FormatError: There is no such region now, or name or days are out of range.
    """
    require_region(region, at.date())
    if not 1 <= len(office.strip()) <= len(office) <= limits.MAX_NAME_CHARS:
        raise FormatError(
            f"名称应为 1 至 {limits.MAX_NAME_CHARS} 字",
            f"a name has 1 to {limits.MAX_NAME_CHARS} characters", where="office",
        )  # fmt: skip
    require_visible(office, FormatError, where="office")
    if not 1 <= days <= limits.MAX_VERIFIER_DAYS:
        raise FormatError(
            f"有效天数应为 1 至 {limits.MAX_VERIFIER_DAYS}",
            f"1 to {limits.MAX_VERIFIER_DAYS} days", where="days",
        )  # fmt: skip
    token = _PREFIX + secrets.token_urlsafe(_TOKEN_BYTES)
    record = VerifierRecord(
        id=secrets.token_hex(_ID_BYTES), region=region, office=office,
        token_hash=hash_of(token), made_at=at, expires_at=at + timedelta(days=days),
    )  # fmt: skip
    return record, token


def hash_of(token: str) -> bytes:
    """Return what is kept of a token: 256 random bits need no slow hash."""
    return hashlib.sha256(token[:_MAX_TOKEN_CHARS].encode("utf-8", "replace")).digest()
