"""A wallet's content (卡包内容): keys, licences, show log and PIN, as they stand in the vault.

Version 2 is written; version 1, ``{key, credentials}``, is still read.  See docs/formats/vault.md.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from ecert.errors import ParseError, VaultError
from ecert.model.holders import Holder
from ecert.show.delivery import Delivery
from ecert.show.mandate_package import MandatePackage
from ecert.sign.keys import PrivateKey, PublicKey
from ecert.sign.strict import b64url, b64url_decode, parse_json_object
from ecert.wallet.mandates import MandateShelf
from ecert.wallet.show_log import ShowLog, ShowRecord
from ecert.wallet.vault_header import KDF

if TYPE_CHECKING:
    from collections.abc import Mapping

_TYP = "ecert-wallet"
_VERSION = 2
_ENTRIES = {
    "typ", "version", "wallet", "state", "kind", "owner", "keys", "default_key", "credentials",
    "log", "pin",
}  # fmt: skip
_OWNER = ("name", "number", "number_type")


class WalletKind(StrEnum):
    """Whose wallet it is: a person's (一人一码) or a body's (一企一码)."""

    PERSONAL = "personal"
    ENTERPRISE = "enterprise"

    @property
    def zh(self) -> str:
        """What it is called in Chinese."""
        return "个人卡包" if self is WalletKind.PERSONAL else "企业卡包"


class OwnKey(NamedTuple):
    """One key of a wallet, unopened: its suite may be one that this machine cannot sign with."""

    id: str
    """Its RFC 7638 thumbprint in base64url."""
    public: PublicKey
    jwk: Mapping[str, str]

    @classmethod
    def of(cls, key: PrivateKey) -> OwnKey:
        """Return a key that was just made."""
        return cls(b64url(key.public.thumbprint), key.public, key.jwk())

    @classmethod
    def from_jwk(cls, jwk: Mapping[str, str]) -> OwnKey:
        """Read a private JWK.

        Raises:
            ParseError: It is none.
        """
        public = PublicKey.from_jwk({name: value for name, value in jwk.items() if name != "d"})
        if not isinstance(jwk.get("d"), str):
            raise ParseError("not a private key", where="jwk.d")
        return cls(b64url(public.thumbprint), public, jwk)


class Held(NamedTuple):
    """One delivery in a wallet, and the key that it is bound to."""

    delivery: Delivery
    key: str
    written: bytes
    """The delivery as JSON, so that it need not be written anew with every change."""


class PINRecord(NamedTuple):
    """The show PIN, hashed, and the wrong tries since it was last right."""

    kdf: KDF
    salt: bytes
    digest: bytes
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Content:
    """One state of one wallet.

    Attributes:
        wallet: What stays the same as long as the wallet lives: the thumbprint of its first key.
        state: Rises with every change, so that an older copy is seen to be older.
        kind: A person's or a body's.
        owner: Whose it is, if it was told.
        keys: Its keys, oldest first.
        default: Id of the key that new credentials are bound to.
        held: Deliveries by licence id, in the order in which they came.
        log: What was shown.
        pin: The show PIN, if one is set.
        mandates: The mandates given and received.
    """

    wallet: str
    state: int
    kind: WalletKind
    owner: Holder | None
    keys: tuple[OwnKey, ...]
    default: str
    held: Mapping[str, Held]
    log: ShowLog
    pin: PINRecord | None = None
    mandates: MandateShelf = MandateShelf()  # noqa: RUF009 - immutable

    @classmethod
    def new(cls, key: OwnKey, kind: WalletKind, owner: Holder | None) -> Content:
        """Return the content of a new wallet, not written yet."""
        return cls(key.id, 0, kind, owner, (key,), key.id, {}, ShowLog())

    def next(self) -> Content:
        """Return it as the state that follows."""
        return replace(self, state=self.state + 1)

    def to_bytes(self) -> bytes:
        """Return it as JSON."""
        owner, pin = self.owner, self.pin
        records = orjson.Fragment(
            b"[" + b",".join([one.written for one in self.log.records]) + b"]"
        )
        plain = {
            "typ": _TYP,
            "version": _VERSION,
            "wallet": self.wallet,
            "state": self.state,
            "kind": self.kind.value,
            "owner": None if owner is None else {name: getattr(owner, name) for name in _OWNER},
            "keys": [key.jwk for key in self.keys],
            "default_key": self.default,
            "credentials": [
                {"key": held.key, "delivery": orjson.Fragment(held.written)}
                for held in self.held.values()
            ],
            "log": {"dropped": self.log.dropped, "records": records},
            "pin": None if pin is None else {
                "kdf": [pin.kdf.memory_kib, pin.kdf.iterations, pin.kdf.lanes],
                "salt": b64url(pin.salt), "hash": b64url(pin.digest), "tries": pin.tries,
            },
        }  # fmt: skip
        if self.mandates.packages:
            plain["mandates"] = [package.to_plain() for package in self.mandates.packages]
        return orjson.dumps(plain)


def held_of(delivery: Delivery, key: str) -> Held:
    """Return a delivery as it is kept."""
    # Without the white space of a delivery that travels as a file.
    return Held(delivery, key, orjson.dumps(orjson.loads(delivery.to_bytes())))


def read_content(payload: bytes, where: str) -> Content:
    """Read what a vault keeps.

    Raises:
        VaultError: It is not a wallet, or was written by newer software; it names ``where``.
    """
    try:
        plain = parse_json_object(payload, where="wallet")
        if plain.keys() == {"key", "credentials"}:
            return _read_first(plain)
        if plain["typ"] == _TYP and type(plain["version"]) is int and plain["version"] > _VERSION:
            raise _newer(where)
        return _read_second(plain)
    except (ParseError, KeyError, TypeError, ValueError) as error:
        raise VaultError(
            "保险库内容不是卡包", "the vault does not hold a wallet", where=where,
            fix_zh="请检查是否选错了文件，或改用备份",
            fix_en="Check whether this is the right file, or use a backup",
        ) from error  # fmt: skip


def _read_first(plain: Mapping[str, Any]) -> Content:
    key = OwnKey.from_jwk(dict(plain["key"]))
    held = [_read_held({"key": key.id, "delivery": item}) for item in plain["credentials"]]
    return Content(
        wallet=key.id, state=0, kind=WalletKind.PERSONAL, owner=None, keys=(key,), default=key.id,
        held={one.delivery.licence_id: one for one in held}, log=ShowLog(),
    )  # fmt: skip


def _read_second(plain: Mapping[str, Any]) -> Content:
    keys = tuple(OwnKey.from_jwk(dict(jwk)) for jwk in plain["keys"])
    held = [_read_held(item) for item in plain["credentials"]]
    ids = {key.id for key in keys}
    content = Content(
        wallet=plain["wallet"],
        state=plain["state"],
        kind=WalletKind(plain["kind"]),
        owner=_read_owner(plain["owner"]),
        keys=keys,
        default=plain["default_key"],
        held={one.delivery.licence_id: one for one in held},
        log=_read_log(plain["log"]),
        pin=_read_pin(plain["pin"]),
        mandates=_read_mandates(plain.get("mandates")),
    )
    if (
        plain.keys() - {"mandates"} != _ENTRIES
        or plain["typ"] != _TYP
        or plain["version"] != _VERSION
        or type(content.wallet) is not str
        or type(content.state) is not int
        or content.state < 0
        or not {content.default, *(one.key for one in held)} <= ids
        or not len(ids) == len(keys)
        or not len(content.held) == len(held)
    ):
        raise ValueError("not the shape of a wallet")
    return content


def _read_held(plain: Mapping[str, Any]) -> Held:
    written = orjson.dumps(plain["delivery"])
    if len(plain) != 2 or type(plain["key"]) is not str:
        raise ValueError("not the shape of a held licence")
    return Held(Delivery.from_bytes(written), plain["key"], written)


def _read_mandates(plain: list[Any] | None) -> MandateShelf:
    # Left out where there are none, as in the wallets of before.
    packages = [MandatePackage.from_bytes(orjson.dumps(item)) for item in plain or ()]
    return MandateShelf(tuple(packages))


def _read_owner(plain: Mapping[str, Any] | None) -> Holder | None:
    if plain is None:
        return None
    texts = [plain[name] for name in _OWNER]
    if len(plain) != len(texts) or not all(type(text) is str for text in texts):
        raise ValueError("not the shape of an owner")
    return Holder.known(*texts)


def _read_log(plain: Mapping[str, Any]) -> ShowLog:
    dropped = plain["dropped"]
    if len(plain) != 2 or type(dropped) is not int or dropped < 0:
        raise ValueError("not the shape of a log")
    return ShowLog(tuple(ShowRecord.from_plain(one) for one in plain["records"]), dropped)


def _read_pin(plain: Mapping[str, Any] | None) -> PINRecord | None:
    if plain is None:
        return None
    tries = plain["tries"]
    if len(plain) != 4 or type(tries) is not int or tries < 0:
        raise ValueError("not the shape of a PIN")
    salt, digest = (b64url_decode(plain[name], where=name) for name in ("salt", "hash"))
    return PINRecord(KDF(*plain["kdf"]), salt, digest, tries)


def _newer(where: str) -> VaultError:
    return VaultError(
        "卡包由更高版本的软件写成", "the wallet was written by newer software", where=where,
        fix_zh="请升级 ecert", fix_en="Upgrade ecert",
    )  # fmt: skip
