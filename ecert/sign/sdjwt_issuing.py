"""Issues SD-JWTs (RFC 9901 §4): what is hidden, what is signed, and the two put together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from ecert.sign import jws
from ecert.sign.concealment import Concealment, Hide, conceal_marked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ecert.sign.custody import Signer
    from ecert.sign.keys import PublicKey

TYP = "dc+sd-jwt"
# "MUST NOT be included in Disclosures" (SD-JWT VC, registered claims).
NEVER_DISCLOSABLE = frozenset({"iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "status"})


def issue(claims: Mapping[str, Any], signer: Signer, *, typ: str = TYP) -> str:
    """Sign ``claims``; every `Hide` in them becomes a disclosure.

    Returns:
        The issuer-signed JWT and all disclosures, joined and ended by ``~``.

    Raises:
        ValueError: A claim that must stay visible is hidden, or a name is reserved.
    """
    if hidden := {name for name in NEVER_DISCLOSABLE if isinstance(claims.get(name), Hide)}:
        raise ValueError(f"never selectively disclosable: {sorted(hidden)}")
    concealment = Concealment()
    payload = conceal_marked(claims, concealment)
    unsigned = prepare(payload, concealment, signer.public, typ=typ)
    return unsigned.signed(signer.sign(unsigned.signing_input))


@dataclass(frozen=True, slots=True)
class UnsignedSDJWT:
    """An SD-JWT that lacks only its signature.

    Attributes:
        signing_input: What is to be signed.
        disclosures: What is hidden.
        payload: The claims as JSON.
        plain: The disclosures as JSON.
    """

    signing_input: bytes
    disclosures: Sequence[bytes]
    payload: bytes
    plain: Sequence[bytes]

    @property
    def header(self) -> bytes:
        """The protected header, in base64url."""
        return self.signing_input.partition(b".")[0]

    def signed(self, signature: bytes) -> str:
        """Return it whole: the JWT and all disclosures, joined and ended by ``~``."""
        token = jws.with_signature(self.signing_input, signature)
        return b"~".join([token, *self.disclosures, b""]).decode("ascii")


def prepare(
    payload: Mapping[str, Any], concealment: Concealment, public: PublicKey, *, typ: str = TYP
) -> UnsignedSDJWT:
    """Prepare a payload in which ``concealment`` already stands for what is hidden.

    `issue` for those who make many alike, and know beforehand what is hidden in each: they write
    ``_sd`` and ``_sd_alg`` themselves, and sign with the key of ``public``.
    """
    plain = orjson.dumps(payload)
    signing_input = jws.typed_input(typ, plain, public)
    return UnsignedSDJWT(signing_input, concealment.disclosures, plain, concealment.plain)
