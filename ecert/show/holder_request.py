"""What a holder asks of a show service, signed with the wallet's key (``ecert-holder+jwt``).

The key stands in the payload: it decides nothing but whose codes and whose log are meant.  Each
request has an id, is good for a moment, for one service, for one act and its own words.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson

from ecert import limits
from ecert.errors import ParseError, ProofError, TrustError
from ecert.sign import jws
from ecert.sign.keys import PublicKey
from ecert.sign.strict import b64url, b64url_decode, parse_json_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ecert.sign.custody import Signer

TYP: Final = "ecert-holder+jwt"
ACTS: Final = frozenset({"cancel", "log", "pending", "agree", "decline"})
"""What may be asked: see ``docs/formats/online-code.md``."""
_ID_BYTES: Final = 16
_KEYS: Final = {"aud", "act", "about", "iat", "jti", "jwk"}
_MAX_ABOUT_CHARS: Final = 64


@dataclass(frozen=True, slots=True)
class HolderRequest:
    """A proven request of the holder of ``key``.

    Attributes:
        key: Whose request it is.
        act: One of `ACTS`.
        about: What it is about: the digits of a code, or nothing.
        made: Seconds since 1970, by the wallet's clock.
        id: 16 random bytes, by which it is taken once.
    """

    key: PublicKey
    act: str
    about: str
    made: int
    id: bytes


def make_request(act: str, audience: str, key: Signer, *, about: str = "", at: int) -> str:
    """Sign a request; returns a compact JWT.

    Raises:
        ValueError: There is no such act.
    """
    if act not in ACTS:
        raise ValueError(f"no such act: {act}")
    claims = {
        "aud": audience, "act": act, "about": about, "iat": at,
        "jti": b64url(secrets.token_bytes(_ID_BYTES)), "jwk": key.public.jwk(),
    }  # fmt: skip
    return jws.sign({"typ": TYP}, orjson.dumps(claims), key)


def open_request(token: str, act: str, audience: str, *, at: int) -> HolderRequest:
    """Verify a request with the key that it names.

    Raises:
        ProofError: Malformed, of another act, for another service, not of now, or its signature
            does not fit.
    """
    try:
        parsed = jws.parse(token)
        claims = parse_json_object(parsed.payload, where="request")
        if parsed.header.get("typ") != TYP or claims.keys() != _KEYS:
            raise ParseError("not a holder's request")
        jwk = claims["jwk"]
        if not isinstance(jwk, dict):
            raise ParseError("not a key", where="jwk")
        key = PublicKey.from_jwk(jwk)
        parsed.verify([key])
        request = HolderRequest(key, *_words(claims, act, audience))
    except (ParseError, TrustError) as error:
        raise ProofError(
            "持证人的请求不成立", f"the holder's request does not hold: {error.en}",
            fix_zh="请在卡包中重新操作", fix_en="Repeat it in the wallet",
        ) from error  # fmt: skip
    require_of_now(request.made, at)
    return request


def _words(claims: Mapping[str, Any], act: str, audience: str) -> tuple[str, str, int, bytes]:
    if (claims["aud"], claims["act"]) != (audience, act):
        raise ParseError("for another service, or another act")
    about, made, name = claims["about"], claims["iat"], claims["jti"]
    if type(about) is not str or len(about) > _MAX_ABOUT_CHARS:
        raise ParseError("not text, or too long", where="about")
    if type(made) is not int:
        raise ParseError("not a time", where="iat")
    if type(name) is not str or len(raw := b64url_decode(name, where="jti")) != _ID_BYTES:
        raise ParseError("not 16 bytes", where="jti")
    return act, about, made, raw


def require_of_now(made: int, at: int) -> None:
    """Require that something was made just now, within `limits.ONLINE_CODE_SKEW`.

    Raises:
        ProofError: It was not.
    """
    if abs(made - at) > limits.ONLINE_CODE_SKEW.total_seconds():
        raise ProofError(
            "卡包的时间与亮证服务相差过大", "the wallet's clock and the service's differ too much",
            fix_zh="请校准手机时间后重试", fix_en="Set the wallet's clock and try again",
        )  # fmt: skip
