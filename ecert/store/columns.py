"""How values that SQL does not have are kept.

Moments as whole microseconds, JSON as text, signed texts in SQLite as the bytes that they spell.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import orjson
from sqlalchemy import BigInteger, Text
from sqlalchemy.types import TypeDecorator

from ecert.errors import ParseError
from ecert.issuers.records import microseconds, require_aware
from ecert.sign.strict import b64url, b64url_decode

if TYPE_CHECKING:
    from sqlalchemy import Dialect

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
# The first byte of a packed token; what follows are the lengths of its header and signature.
_PACKED: Final = b"\x01"
_LENGTH: Final = 2
_LENGTHS_END: Final = len(_PACKED) + 2 * _LENGTH


class Moment(TypeDecorator[datetime]):
    """An aware datetime as microseconds since 1970 in UTC: exact, sortable, without a zone."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Return what the database keeps."""
        if value is None:
            return None
        require_aware(value)
        return microseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return what the database kept."""
        return None if value is None else _EPOCH + value * _MICROSECOND


class Day(TypeDecorator[date]):
    """A date as ``YYYY-MM-DD``: sorts as text, and reads without a calendar."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: date | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Return what the database keeps."""
        return None if value is None else value.isoformat()

    def process_result_value(self, value: str | None, dialect: Dialect) -> date | None:  # noqa: ARG002
        """Return what the database kept."""
        return None if value is None else date.fromisoformat(value)


class JSONText(TypeDecorator[dict[str, Any]]):
    """A JSON object as UTF-8 text, readable with any tool."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: dict[str, Any] | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Return what the database keeps."""
        return None if value is None else orjson.dumps(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> dict[str, Any] | None:  # noqa: ARG002
        """Return what the database kept."""
        # Our own writing, so the quick parser is enough; what is signed is parsed strictly.
        return None if value is None else dict(orjson.loads(value))


class CompactToken(TypeDecorator[str]):
    """A compact JWS: text, but in SQLite the bytes that its three parts spell in base64url.

    So two receipts fit on a page where one did.  Every byte of it still counts: another byte is
    another token.  Rows that were written as text stay so, and read the same.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | bytes | None:
        """Return what the database keeps."""
        if value is None or dialect.name != "sqlite":
            return value
        return _packed(value) or value

    def process_result_value(self, value: str | bytes | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Return what the database kept."""
        return _unpacked(value) if isinstance(value, bytes) else value

    @staticmethod
    def is_packed(kept: bytes) -> bool:
        """Tell whether bytes are those of a packed token, as far as their begin goes."""
        return kept.startswith(_PACKED)


def _packed(token: str) -> bytes | None:
    """Return a token as bytes; None if it is not spelt so that the same text comes back."""
    try:
        header, payload, signature = (
            b64url_decode(part, where="token") for part in token.split(".")
        )
    except (ParseError, ValueError):
        return None
    if max(len(header), len(signature)) >= 1 << (8 * _LENGTH):
        return None
    lengths = len(header).to_bytes(_LENGTH) + len(signature).to_bytes(_LENGTH)
    return b"".join((_PACKED, lengths, header, signature, payload))


def _unpacked(kept: bytes) -> str:
    """Return the token; of damaged bytes some other text, which is then found to be damaged."""
    if not kept.startswith(_PACKED):
        return ""
    header_end = _LENGTHS_END + int.from_bytes(kept[1:3])
    signature_end = header_end + int.from_bytes(kept[3:5])
    header, signature = kept[_LENGTHS_END:header_end], kept[header_end:signature_end]
    return ".".join(map(b64url, (header, kept[signature_end:], signature)))
