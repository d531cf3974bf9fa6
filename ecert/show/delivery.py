"""What an issuer hands to a wallet: one wallet credential (卡包凭证) in all its forms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from ecert.errors import ParseError
from ecert.sign.strict import b64url, b64url_decode, parse_json_object

if TYPE_CHECKING:
    from collections.abc import Mapping

_TYP = "ecert-delivery"
_TEXTS = ("licence_id", "type_code", "type_name", "issuer_name", "sd_jwt")


class Delivery(NamedTuple):
    """One credential: the SD-JWT VC and its compact twins, one per show profile."""

    licence_id: str
    type_code: str
    type_name: str
    issuer_name: str
    sd_jwt: str
    compact: Mapping[str, bytes]
    """Compact credentials by the name of their profile."""

    def to_bytes(self) -> bytes:
        """Return the delivery as JSON."""
        plain: dict[str, Any] = {
            "typ": _TYP,
            "licence_id": self.licence_id,
            "type_code": self.type_code,
            "type_name": self.type_name,
            "issuer_name": self.issuer_name,
            "sd_jwt": self.sd_jwt,
            "compact": {name: b64url(data) for name, data in self.compact.items()},
        }
        return orjson.dumps(plain, option=orjson.OPT_INDENT_2)

    @classmethod
    def from_bytes(cls, data: bytes) -> Delivery:
        """Read a delivery.

        Raises:
            ParseError: Not a delivery.
        """
        plain = parse_json_object(data, where="delivery")
        compact = plain.get("compact")
        if (
            plain.get("typ") != _TYP
            or plain.keys() != {"typ", "compact", *_TEXTS}
            or not all(isinstance(plain[name], str) for name in _TEXTS)
            or not isinstance(compact, dict)
            or not all(isinstance(value, str) for value in compact.values())
        ):
            raise ParseError("not a delivery", where="delivery")
        decoded = {name: b64url_decode(value, where=name) for name, value in compact.items()}
        return cls(**{name: plain[name] for name in _TEXTS}, compact=decoded)
