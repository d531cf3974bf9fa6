"""Public and private keys: JWK, PEM and COSE_Key forms, thumbprints, sign and verify."""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import TYPE_CHECKING, Any

import orjson

from ecert.errors import CustodyError, ParseError
from ecert.reasons import Reason
from ecert.sign import cbor, suites
from ecert.sign.der import parse_signature
from ecert.sign.strict import b64url, b64url_decode

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

# COSE_Key labels and values (RFC 9052 §7, RFC 9053 §7.1.1)
_KTY, _CRV, _X, _Y, _EC2 = 1, -1, -2, -3, 2


class PublicKey:
    """A verification key that fixes its own algorithm.

    Equality and hash are those of the key itself, not of its ``kid``.
    """

    _aliases: frozenset[str] = frozenset()
    _der = False

    def __init__(
        self,
        suite: suites.Suite,
        handle: Any,
        *,
        kid: str | None = None,
        aliases: frozenset[str] = frozenset(),
        der: bool = False,
    ) -> None:
        self._suite = suite
        self._handle = handle
        self._given_kid = kid
        # Almost no key needs these; set only where they say something.
        if aliases or der:
            self._aliases, self._der = aliases, der

    def tolerating(self, *, aliases: Collection[str] = (), der: bool = False) -> PublicKey:
        """Return this key for a signer whose software writes differently, as its record says.

        Args:
            aliases: Other names that its headers may give the algorithm (``SM2``, ``SM2SM3``).
            der: Its signatures are DER instead of r‖s, and only that.
        """
        return PublicKey(
            self._suite, self._handle, kid=self._given_kid, aliases=frozenset(aliases), der=der
        )

    def answers_to(self, alg: object) -> bool:
        """Tell whether a header may name this key's algorithm so."""
        return alg == self.alg or alg in self._aliases

    # -- what it is ---------------------------------------------------------------------------

    @property
    def alg(self) -> str:
        """The only algorithm that this key may be used with."""
        return self._suite.alg

    @property
    def cose_alg(self) -> int:
        """The same as a COSE algorithm number."""
        return self._suite.cose_alg

    @cached_property
    def point(self) -> tuple[bytes, bytes]:
        """The coordinates x and y, 32 bytes each."""
        return self._suite.coordinates(self._handle)

    @cached_property
    def thumbprint(self) -> bytes:
        """SHA-256 thumbprint of the JWK, 32 bytes (RFC 7638)."""
        x, y = self.point
        required = {"crv": self._suite.crv, "kty": "EC", "x": b64url(x), "y": b64url(y)}
        return hashlib.sha256(orjson.dumps(required)).digest()

    @cached_property
    def kid(self) -> str:
        """The key id: the one that its record gave, otherwise the thumbprint in base64url."""
        return self._given_kid if self._given_kid is not None else b64url(self.thumbprint)

    @property
    def has_given_kid(self) -> bool:
        """Whether the key's record named a key id of its own."""
        return self._given_kid is not None

    @property
    def short_kid(self) -> bytes:
        """The first 8 bytes of the thumbprint, as compact credentials carry it."""
        return self.thumbprint[:8]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PublicKey) and self.thumbprint == other.thumbprint

    def __hash__(self) -> int:
        return hash(self.thumbprint)

    def __repr__(self) -> str:
        return f"PublicKey({self.alg}, {self.kid})"

    # -- use ----------------------------------------------------------------------------------

    def verify(self, signature: bytes, message: bytes) -> None:
        """Verify ``signature`` over ``message``: r‖s, or DER where the key's record says so.

        Raises:
            SignatureError: It does not fit.
        """
        if self._der:
            signature = parse_signature(signature)
        self._suite.verify(self._handle, signature, message)

    # -- forms --------------------------------------------------------------------------------

    @classmethod
    def from_jwk(cls, jwk: Mapping[str, Any]) -> PublicKey:
        """Read a public JWK (RFC 7517).

        Raises:
            ParseError: Not an EC signature key on a known curve, or it holds a private part.
        """
        suite = _suite_of_jwk(jwk)
        if "d" in jwk:
            raise ParseError("a private key where a public one belongs", where="jwk")
        x, y = (b64url_decode(_text(jwk, name), where=f"jwk.{name}") for name in ("x", "y"))
        kid = _text(jwk, "kid") if "kid" in jwk else None
        return cls(suite, suite.load_public(x, y), kid=kid)

    def jwk(self) -> dict[str, str]:
        """Return the public JWK with its algorithm."""
        x, y = self.point
        jwk = {"kty": "EC", "crv": self._suite.crv, "alg": self.alg}
        if self._given_kid is not None:
            jwk["kid"] = self._given_kid
        return jwk | {"x": b64url(x), "y": b64url(y)}

    @classmethod
    def from_point(cls, alg: str, point: bytes) -> PublicKey:
        """Read an uncompressed point, ``04 ‖ x ‖ y``; hybrid and compressed ones are refused.

        Raises:
            ParseError: Anything else.
        """
        suite = suites.by_alg(alg)
        if len(point) != 65 or point[0] != 4:
            raise ParseError("not an uncompressed point of 65 bytes")
        return cls(suite, suite.load_public(point[1:33], point[33:]))

    @classmethod
    def from_cose_key(cls, key: object) -> PublicKey:
        """Read a COSE_Key with exactly kty, crv, x and y, where y is the parity (RFC 9053 §7.1.1).

        Raises:
            ParseError: Any other shape.
        """
        if not isinstance(key, dict) or list(key) != [_KTY, _CRV, _X, _Y] or key[_KTY] != _EC2:
            raise ParseError("not a compressed EC2 key", where="cnf")
        x, odd = key[_X], key[_Y]
        if type(key[_CRV]) is not int or type(x) is not bytes or type(odd) is not bool:
            raise ParseError("an entry of the key has the wrong type", where="cnf")
        suite = suites.by_cose_crv(key[_CRV])
        return cls(suite, suite.load_compressed(x, odd=odd))

    def cose_key(self) -> dict[int, Any]:
        """Return the COSE_Key with a compressed point."""
        x, y = self.point
        return {_KTY: _EC2, _CRV: self._suite.cose_crv, _X: x, _Y: bool(y[-1] & 1)}

    @cached_property
    def cose_key_bytes(self) -> bytes:
        """The same in CBOR."""
        number, (x, y) = cbor.number, self.point
        return b"".join((
            cbor.pairs(4), number(_KTY), number(_EC2), number(_CRV), number(self._suite.cose_crv),
            number(_X), cbor.data(x), number(_Y), cbor.TRUE if y[-1] & 1 else cbor.FALSE,
        ))  # fmt: skip

    @classmethod
    def from_pem(cls, data: bytes) -> PublicKey:
        """Read a SubjectPublicKeyInfo PEM.

        Raises:
            ParseError: Not a public key, or of no suite's kind (`algorithm`).
        """
        for suite in suites.SUITES:
            if (handle := suite.read_public_pem(data)) is not None:
                return cls(suite, handle)
        raise ParseError("no suite has this kind of key", reason=Reason.ALGORITHM)

    def to_pem(self) -> bytes:
        """Return SubjectPublicKeyInfo in PEM."""
        return self._suite.public_pem(self._handle)


class PrivateKey:
    """A private key in this process; the simplest `Signer` (see `custody`)."""

    def __init__(self, suite: suites.Suite, handle: Any) -> None:
        self._suite = suite
        self._handle = handle
        self.public = PublicKey(suite, suite.public_of(handle))

    @classmethod
    def generate(cls, alg: str = "ES256") -> PrivateKey:
        """Make a new key."""
        suite = suites.by_alg(alg)
        return cls(suite, suite.generate())

    def sign(self, message: bytes) -> bytes:
        """Sign ``message``; returns r‖s of 64 bytes."""
        return self._suite.sign(self._handle, message)

    def __repr__(self) -> str:
        return f"PrivateKey({self.public.alg}, {self.public.kid})"

    @classmethod
    def from_jwk(cls, jwk: Mapping[str, Any]) -> PrivateKey:
        """Read a private JWK; x and y must belong to d.

        Raises:
            ParseError: Not a private EC key on a known curve, or its halves do not fit.
        """
        suite = _suite_of_jwk(jwk)
        key = cls(suite, suite.load_private(b64url_decode(_text(jwk, "d"), where="jwk.d")))
        if key.public != PublicKey.from_jwk({k: v for k, v in jwk.items() if k != "d"}):
            raise ParseError("the public half does not belong to the private one", where="jwk")
        return key

    def jwk(self) -> dict[str, str]:
        """Return the private JWK.  The caller keeps it secret."""
        return self.public.jwk() | {"d": b64url(self._suite.scalar(self._handle))}

    @classmethod
    def from_scalar(cls, alg: str, d: bytes) -> PrivateKey:
        """Return the key with the secret scalar ``d`` of 32 bytes.

        Raises:
            ParseError: Not in 1..n-1.
        """
        suite = suites.by_alg(alg)
        return cls(suite, suite.load_private(d))

    @classmethod
    def from_pem(cls, data: bytes, passphrase: str) -> PrivateKey:
        """Read an encrypted PKCS#8 PEM.

        Raises:
            CustodyError: Wrong passphrase, unencrypted, or of no suite's kind.
        """
        # Half a character (a lone surrogate) protects no file, so it opens none.
        secret = passphrase.encode("utf-8", "surrogatepass")
        for suite in suites.SUITES:
            if (handle := suite.read_private_pem(data, secret)) is not None:
                return cls(suite, handle)
        raise CustodyError(
            "密钥文件打不开：口令不对、文件损坏或未加密",
            "the key file cannot be opened: wrong passphrase, damaged, or not encrypted",
            fix_zh="SM2 密钥还需要本机的 OpenSSL 支持 SM2",
            fix_en="An SM2 key also needs an OpenSSL with SM2",
        )

    def to_pem(self, passphrase: str) -> bytes:
        """Return encrypted PKCS#8 in PEM (PBES2).

        Raises:
            ValueError: The passphrase is empty.
        """
        return self._suite.private_pem(self._handle, passphrase.encode())


def _suite_of_jwk(jwk: Mapping[str, Any]) -> suites.Suite:
    if jwk.get("kty") != "EC":
        raise ParseError("not an EC key", reason=Reason.ALGORITHM, where="jwk.kty")
    suite = suites.by_crv(_text(jwk, "crv"))
    if jwk.get("alg", suite.alg) != suite.alg:
        raise ParseError("alg does not fit crv", reason=Reason.ALGORITHM, where="jwk.alg")
    if jwk.get("use", "sig") != "sig":
        raise ParseError("the key is not for signatures", where="jwk.use")
    operations = jwk.get("key_ops", ["verify"])
    if not isinstance(operations, list) or not {"sign", "verify"} & set(map(str, operations)):
        raise ParseError("the key is not for signatures", where="jwk.key_ops")
    return suite


def _text(jwk: Mapping[str, Any], name: str) -> str:
    value = jwk.get(name)
    if not isinstance(value, str):
        raise ParseError("missing or not text", where=f"jwk.{name}")
    return value
