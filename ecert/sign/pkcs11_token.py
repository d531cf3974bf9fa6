"""Finds one key on one PKCS #11 token: a pair with its public half, or one that wraps others."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

import pkcs11
from pkcs11.attributes import AttributeMapper, handle_ulong
from pkcs11.constants import Attribute, ObjectClass
from pkcs11.mechanisms import KeyType, Mechanism

from ecert.errors import CustodyError, ParseError
from ecert.sign.keys import PublicKey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ecert.sign.pkcs11_uri import TokenURI

# CKA_EC_PARAMS: the curve's object identifier in DER.
_CURVES: Final = {
    bytes.fromhex("06082a8648ce3d030107"): "ES256",
    bytes.fromhex("06082a811ccf5501822d"): "SGD_SM3_SM2",
}
# An uncompressed point as CKA_EC_POINT holds it: in an OCTET STRING.  Some tokens leave that out.
_OCTET_STRING: Final = bytes.fromhex("0441")
# An object that the session alone has while it is wrapped.
_PASSING: Final = {
    Attribute.CLASS: ObjectClass.SECRET_KEY,
    Attribute.KEY_TYPE: KeyType.GENERIC_SECRET,
    Attribute.TOKEN: False,
    Attribute.EXTRACTABLE: True,
    Attribute.SENSITIVE: False,
}
_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True)
class TokenKey:
    """A key in an open session.

    Attributes:
        public: The public half, as the token gives it.
        sign_digest: Signs a digest of 32 bytes; returns r‖s or its DER.
    """

    public: PublicKey
    sign_digest: Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class TokenWrapping:
    """A key in an open session that wraps other keys (AES-KEY-WRAP, RFC 3394).

    Attributes:
        name: What the token calls it: its label and its id.
        wrap: Wraps bytes, a multiple of eight of them.
        unwrap: Returns what was wrapped; refuses what was altered.
    """

    name: bytes
    wrap: Callable[[bytes], bytes]
    unwrap: Callable[[bytes], bytes]


class _Attributes(AttributeMapper):
    """Takes the key types of vendors, which SM2 keys have, for what they are: numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.attribute_types = {**self.attribute_types, Attribute.KEY_TYPE: handle_ulong}


def open_key(uri: TokenURI, pin: str) -> TokenKey:
    """Open the key at ``uri`` in a session of its own.

    Raises:
        CustodyError: No such token or key, more than one, or a key of no suite's kind.
        PKCS11Error: The driver refuses, for instance the PIN.
    """
    return _opened(uri, pin, _key)


def open_wrapping_key(uri: TokenURI, pin: str) -> TokenWrapping:
    """Open the AES key at ``uri``, which must be there to wrap keys, in a session of its own.

    Raises:
        CustodyError: No such token or key, more than one, or a key of another kind.
        PKCS11Error: The driver refuses, for instance the PIN.
    """
    return _opened(uri, pin, _wrapping_key)


def _opened(uri: TokenURI, pin: str, find: Callable[[Any, TokenURI, str], _Found]) -> _Found:
    token = _one(list(_tokens(uri)), uri, "token", "令牌", "serial=…")
    try:
        session = token.open(user_pin=pin, attribute_mapper=_Attributes())
    except pkcs11.UserAlreadyLoggedIn:
        # Another key of this token is open in this process.
        session = token.open(attribute_mapper=_Attributes())
    try:
        return find(session, uri, pin)
    except (CustodyError, pkcs11.PKCS11Error):
        # Left open, it would leave the process logged in.
        with suppress(pkcs11.PKCS11Error):
            session.close()
        raise


def _wrapping_key(session: Any, uri: TokenURI, _pin: str) -> TokenWrapping:
    wanted = {Attribute.LABEL: uri.object, Attribute.ID: uri.id}
    named = {name: value for name, value in wanted.items() if value is not None}
    key = _one(
        list(session.get_objects({Attribute.CLASS: ObjectClass.SECRET_KEY, **named})),
        uri, "key", "密钥", "id=%01",
    )  # fmt: skip
    fits = _attribute(key, Attribute.KEY_TYPE) == KeyType.AES
    if not (fits and _attribute(key, Attribute.WRAP) and _attribute(key, Attribute.UNWRAP)):
        raise CustodyError(
            "这把密钥不能包裹其他密钥", "this key does not wrap other keys", where=uri.place,
            fix_zh="请换用 AES 密钥（CKA_WRAP、CKA_UNWRAP）",
            fix_en="Use an AES key with CKA_WRAP and CKA_UNWRAP",
        )  # fmt: skip

    def wrap(data: bytes) -> bytes:
        held = session.create_object({**_PASSING, Attribute.VALUE: data})
        try:
            return bytes(key.wrap_key(held, mechanism=Mechanism.AES_KEY_WRAP))
        finally:
            held.destroy()

    def unwrap(wrapped: bytes) -> bytes:
        held = key.unwrap_key(
            ObjectClass.SECRET_KEY, KeyType.GENERIC_SECRET, wrapped,
            mechanism=Mechanism.AES_KEY_WRAP, store=False,
            template={Attribute.EXTRACTABLE: True, Attribute.SENSITIVE: False},
        )  # fmt: skip
        try:
            return bytes(held[Attribute.VALUE])
        finally:
            held.destroy()

    label = str(_attribute(key, Attribute.LABEL) or "").encode()
    return TokenWrapping(label + b"\0" + bytes(_attribute(key, Attribute.ID) or b""), wrap, unwrap)


def _key(session: Any, uri: TokenURI, pin: str) -> TokenKey:
    wanted = {Attribute.LABEL: uri.object, Attribute.ID: uri.id}
    named = {name: value for name, value in wanted.items() if value is not None}
    private = _one(
        list(session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY, **named})),
        uri, "key", "密钥", "id=%01",
    )  # fmt: skip
    if not _attribute(private, Attribute.SIGN):
        raise CustodyError(
            "这把密钥不能用于签名", "this key is not for signatures", where=uri.place,
            fix_zh="请换用可签名的密钥（CKA_SIGN）", fix_en="Use a key that may sign (CKA_SIGN)",
        )  # fmt: skip
    public = _public(session, private, uri)
    options: dict[str, Any] = {"mechanism": _mechanism(public.alg, session.token, uri)}
    if _attribute(private, Attribute.ALWAYS_AUTHENTICATE):
        options["pin"] = pin

    def sign_digest(digest: bytes) -> bytes:
        signature: bytes = private.sign(digest, **options)
        return signature

    return TokenKey(public, sign_digest)


def _tokens(uri: TokenURI) -> Iterator[Any]:
    serial = None if uri.serial is None else uri.serial.encode()
    for token in pkcs11.lib(uri.module).get_tokens(token_label=uri.token):
        # Drivers pad the serial number with blanks or zero bytes.
        if serial is None or token.serial.rstrip(b"\0 ") == serial:
            yield token


def _one(found: list[Any], uri: TokenURI, en: str, zh: str, how: str) -> Any:
    if len(found) == 1:
        return found[0]
    if found:
        raise CustodyError(
            f"有 {len(found)} 个{zh}符合", f"{len(found)} {en}s fit", where=uri.place,
            fix_zh=f"请加写 {how}", fix_en=f"Add {how}",
        )  # fmt: skip
    raise CustodyError(
        f"没有这个{zh}", f"there is no such {en}", where=uri.place,
        fix_zh="请用 pkcs11-tool 或厂商工具列出后核对", fix_en="List them with the vendor's tool",
    )  # fmt: skip


def _attribute(found: Any, name: Attribute) -> Any:
    try:
        return found[name]
    except (pkcs11.AttributeTypeInvalid, pkcs11.AttributeSensitive):
        return None


def _public(session: Any, private: Any, uri: TokenURI) -> PublicKey:
    """Return the public half, which stands under the same id, or without ids the same label."""
    key_id = _attribute(private, Attribute.ID)
    name = {Attribute.ID: key_id} if key_id else {Attribute.LABEL: uri.object}
    found = list(session.get_objects({Attribute.CLASS: ObjectClass.PUBLIC_KEY, **name}))
    half = _one(found, uri, "public key", "公钥", "id=%01")
    alg = _CURVES.get(bytes(_attribute(half, Attribute.EC_PARAMS) or b""))
    point = bytes(_attribute(half, Attribute.EC_POINT) or b"")
    if len(point) == 67:
        point = point.removeprefix(_OCTET_STRING)
    try:
        if alg is None:
            raise ParseError("neither P-256 nor SM2")
        return PublicKey.from_point(alg, point)
    except ParseError as error:
        raise CustodyError(
            "不支持令牌上的这种密钥", f"this kind of key is not supported ({error.en})",
            where=uri.place, fix_zh="请在令牌上生成 P-256 或 SM2 密钥",
            fix_en="Generate a P-256 or SM2 key on the token",
        ) from error  # fmt: skip


def _mechanism(alg: str, token: Any, uri: TokenURI) -> Mechanism:
    if alg == "ES256":
        return Mechanism.ECDSA
    number = uri.sm2_mechanism
    if number is None or number not in token.slot.get_mechanisms():
        raise CustodyError(
            "令牌不支持 SM2 签名，或没有写明厂商的机制编号",
            "backend missing: the token has no SM2, or its vendor's mechanism is not named",
            where=uri.place,
            fix_zh="请按厂商手册加写对摘要签名的 sm2-mechanism=0x…，或改用厂商接口自写签名类",
            fix_en="Add sm2-mechanism=0x… from the vendor's manual (one that signs a digest), "
            "or write a signer on the vendor's interface",
        )
    # python-pkcs11 takes members of its own enumeration only, and PKCS #11 has no number for SM2.
    mechanism = int.__new__(Mechanism, number)
    mechanism._name_, mechanism._value_ = "SM2_DIGEST", number
    return mechanism
