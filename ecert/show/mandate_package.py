"""What a principal hands to an agent: the mandate, and the compact credentials that it covers.

Nothing more: only the show profiles that the mandate allows, never the SD-JWT VC with all fields.
The credentials are bound to the principal's key, so that without the mandate the agent cannot show
them, and without the agent's own key nobody can.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from ecert import limits
from ecert.errors import ParseError
from ecert.show import compact, mandate
from ecert.sign.strict import b64url, b64url_decode, parse_json_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ecert.show.mandate import MandateClaims
    from ecert.sign.keys import PublicKey

_TYP: Final = "ecert-mandate"
_TEXTS: Final = ("licence_id", "type_name", "issuer_name")


class EntrustedLicence(NamedTuple):
    """One licence of a mandate package."""

    licence_id: str
    type_name: str
    issuer_name: str
    compact: Mapping[str, bytes]
    """Compact credentials by the name of their profile; only those that the mandate allows."""


class MandatePackage(NamedTuple):
    """A mandate with what an agent needs to use it."""

    mandate: bytes
    licences: tuple[EntrustedLicence, ...]

    @property
    def claims(self) -> MandateClaims:
        """What the mandate says; proven by `verify` only."""
        return mandate.parse(self.mandate).claims

    @property
    def id(self) -> str:
        """The mandate's id in hex."""
        return self.claims.id.hex()

    def verify(self) -> PublicKey:
        """Require that the parts belong together, and return the principal's key.

        That proves that whoever holds the key in the credentials signed this mandate over just
        these licences; whether the issuers signed the credentials is the window's to check.

        Raises:
            TrustError: The mandate is not signed by the key that the credentials name.
            ParseError: A credential is not one that the mandate covers, or they name two keys.
        """
        opened = mandate.parse(self.mandate)
        credentials = [
            compact.parse(data).claims for held in self.licences for data in held.compact.values()
        ]
        principal = credentials[0].holder_key
        if principal is None or any(one.holder_key != principal for one in credentials):
            raise ParseError("the credentials do not name one holder's key", where="mandate")
        opened.sign1.verify(principal)
        for one in credentials:
            covered = opened.claims.covering(one)
            if covered is None or one.profile not in covered.profiles:
                raise ParseError("a credential that the mandate does not cover", where="mandate")
        return principal

    def to_bytes(self) -> bytes:
        """Return the package as JSON."""
        return orjson.dumps(self.to_plain(), option=orjson.OPT_INDENT_2)

    def to_plain(self) -> dict[str, Any]:
        """Return the package as plain values."""
        return {
            "typ": _TYP,
            "mandate": b64url(self.mandate),
            "licences": [
                {name: getattr(one, name) for name in _TEXTS}
                | {"compact": {name: b64url(data) for name, data in one.compact.items()}}
                for one in self.licences
            ],
        }

    @classmethod
    def from_bytes(cls, data: bytes) -> MandatePackage:
        """Read a package; `verify` says whether its parts belong together.

        Raises:
            ParseError: Not a mandate package.
        """
        plain = parse_json_object(data, where="mandate")
        rows = plain.get("licences")
        if (
            plain.get("typ") != _TYP
            or plain.keys() != {"typ", "mandate", "licences"}
            or not isinstance(plain["mandate"], str)
            or not isinstance(rows, list)
            or not 1 <= len(rows) <= limits.MAX_LICENCES_PER_CODE
        ):
            raise ParseError("not a mandate package", where="mandate")
        signed = b64url_decode(plain["mandate"], where="mandate")
        mandate.parse(signed)
        return cls(signed, tuple(_entrusted(row) for row in rows))


def _entrusted(row: object) -> EntrustedLicence:
    if (
        not isinstance(row, dict)
        or row.keys() != {*_TEXTS, "compact"}
        or not all(isinstance(row[name], str) for name in _TEXTS)
        or not isinstance(row["compact"], dict)
        or not row["compact"]
        or not all(isinstance(value, str) for value in row["compact"].values())
    ):
        raise ParseError("not a licence of a mandate package", where="mandate")
    held = {name: b64url_decode(value, where=name) for name, value in row["compact"].items()}
    for data in held.values():
        compact.parse(data)
    return EntrustedLicence(row["licence_id"], row["type_name"], row["issuer_name"], held)
