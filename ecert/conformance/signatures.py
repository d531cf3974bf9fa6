"""Operations on signatures: a compact JWS, a bare ECDSA or SM2 signature, an SD-JWT VC."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ecert.conformance.answers import Answer, refused, valid
from ecert.conformance.keys import load_key, load_keys
from ecert.conformance.status_claim import check_status_claim
from ecert.errors import FormatError, ParseError
from ecert.reasons import Reason
from ecert.sign import jws, sdjwt, sdjwt_json, sm2
from ecert.sign.keys import PublicKey
from ecert.sign.sm2_digest import DEFAULT_UID
from ecert.sign.strict import b64url, parse_json, parse_json_object

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecert.conformance.question import Question


def jws_verify(question: Question) -> Answer:
    """Open a compact JWS (RFC 7515) with the keys of the question."""
    token, keys = question.text("token"), question.objects("keys")
    parsed = jws.parse(token)
    key = parsed.verify(load_keys(keys))
    return valid(header=parsed.header, key=key.kid, **_payload(parsed.payload))


def _payload(data: bytes) -> dict[str, Any]:
    try:
        return {"payload": parse_json(data)}
    except ParseError:
        return {"payload_b64": b64url(data)}


def ecdsa_verify(question: Question) -> Answer:
    """Verify r‖s over a message with SHA-256 on P-256."""
    signature, message = question.hexadecimal("sig"), question.hexadecimal("msg")
    _bare_key(question, "ES256").verify(signature, message)
    return valid()


def sm2_verify(question: Question) -> Answer:
    """Verify r‖s over Z_A and a message with SM3 on the SM2 curve."""
    signature, message = question.hexadecimal("sig"), question.hexadecimal("msg")
    own_uid = question.optional_text("uid") is not None
    uid = question.hexadecimal("uid") if own_uid else DEFAULT_UID
    point = b"\x04" + b"".join(_bare_key(question, "SGD_SM3_SM2").point)
    sm2.verify_with_uid(point, uid, message, signature)
    return valid()


def _bare_key(question: Question, alg: str) -> PublicKey:
    given = question.value("key")
    if not isinstance(given, dict):
        return PublicKey.from_point(alg, question.hexadecimal("key"))
    key = load_key(given)
    if key.alg != alg:
        raise ParseError(f"not a key of {alg}", reason=Reason.ALGORITHM, where="key")
    return key


def sdjwt_verify(question: Question) -> Answer:
    """Verify one SD-JWT VC (RFC 9901 §7) against the keys of the question."""
    token, jwks, at = question.value("token"), question.objects("keys"), question.seconds("at")
    issuer, typ = question.optional_text("issuer"), question.optional_text("typ") or sdjwt.TYP
    wish = question.optional_object("kb")
    binding = None if wish is None else sdjwt.KeyBinding(wish.text("aud"), wish.text("nonce"))
    keys = load_keys(jwks)
    verified = sdjwt.verify(
        _compact(token, keys), keys, at=at, issuer=issuer, typ=typ, binding=binding
    )
    if "status" in verified.claims:
        check_status_claim(verified.claims)
        # A status list comes with a trust list, or not at all: see `verify`.
        return refused(Reason.STATUS_MISSING)
    return valid(claims=verified.claims, header=verified.header, holder_bound=verified.holder_bound)


def _compact(token: object, keys: Sequence[PublicKey]) -> str:
    if isinstance(token, str) and token.lstrip()[:1] == "{":
        token = parse_json_object(token.encode("utf-8"), where="token")
    if isinstance(token, dict):
        return sdjwt_json.to_compact(token, keys)
    if not isinstance(token, str):
        raise FormatError("提问格式不正确", "neither text nor an object", where="token")
    return token
