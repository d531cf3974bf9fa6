"""The closed table of signature suites.

A suite is chosen by the key record, never by a header.  There is no registration at run time:
a new suite is a new file beside `es256` and a new line in `SUITES`.
"""

from __future__ import annotations

from typing import Any, Protocol

from ecert.errors import ParseError
from ecert.reasons import Reason
from ecert.sign.es256 import ES256
from ecert.sign.sm2 import SM2


class Suite(Protocol):
    """One algorithm on one curve.  Handles are the backend's own key objects."""

    alg: str
    """Name in JOSE headers and key records."""
    cose_alg: int
    """Number in COSE headers."""
    crv: str
    """Curve in a JWK."""
    cose_crv: int
    """Curve in a COSE_Key."""

    def load_public(self, x: bytes, y: bytes) -> Any:
        """Return the key at the point (x, y), 32 bytes each, after checking that it is one."""
        ...

    def load_compressed(self, x: bytes, *, odd: bool) -> Any:
        """Return the key at the point with this x and this parity of y."""
        ...

    def coordinates(self, handle: Any) -> tuple[bytes, bytes]:
        """Return x and y of a public key."""
        ...

    def generate(self) -> Any:
        """Make a private key."""
        ...

    def load_private(self, d: bytes) -> Any:
        """Return the private key with the scalar ``d``, after checking its range."""
        ...

    def public_of(self, handle: Any) -> Any:
        """Return the public key of a private one."""
        ...

    def scalar(self, handle: Any) -> bytes:
        """Return the secret scalar of a private key, 32 bytes."""
        ...

    def sign(self, handle: Any, message: bytes) -> bytes:
        """Return r‖s of 64 bytes."""
        ...

    def verify(self, handle: Any, signature: bytes, message: bytes) -> None:
        """Raise `SignatureError` unless r‖s fits, lengths and ranges checked first."""
        ...

    def public_pem(self, handle: Any) -> bytes:
        """Return SubjectPublicKeyInfo in PEM."""
        ...

    def read_public_pem(self, data: bytes) -> Any | None:
        """Return the public key in ``data``, None if it may be another suite's.

        Raises `ParseError` if it can be no suite's.
        """
        ...

    def private_pem(self, handle: Any, passphrase: bytes) -> bytes:
        """Return encrypted PKCS#8 in PEM."""
        ...

    def read_private_pem(self, data: bytes, passphrase: bytes) -> Any | None:
        """Return the private key in encrypted PKCS#8, None if it does not open here.

        Raises `CustodyError` if it opens and can be no suite's.
        """
        ...


SUITES: tuple[Suite, ...] = (ES256(), SM2())

_BY_ALG = {suite.alg: suite for suite in SUITES}
_BY_CRV = {suite.crv: suite for suite in SUITES}
_BY_COSE_CRV = {suite.cose_crv: suite for suite in SUITES}


def by_alg(alg: str) -> Suite:
    """Return the suite named ``alg``.

    Raises:
        ParseError: With reason `algorithm`: there is no such suite.
    """
    if alg not in _BY_ALG:
        raise ParseError("unknown algorithm", reason=Reason.ALGORITHM)
    return _BY_ALG[alg]


def by_crv(crv: str) -> Suite:
    """Return the suite on the JWK curve ``crv``.

    Raises:
        ParseError: With reason `algorithm`: there is no such suite.
    """
    if crv not in _BY_CRV:
        raise ParseError("unknown curve", reason=Reason.ALGORITHM)
    return _BY_CRV[crv]


def by_cose_crv(crv: int) -> Suite:
    """Return the suite on the COSE curve ``crv``.

    Raises:
        ParseError: With reason `algorithm`: there is no such suite.
    """
    if crv not in _BY_COSE_CRV:
        raise ParseError("unknown curve", reason=Reason.ALGORITHM)
    return _BY_COSE_CRV[crv]
