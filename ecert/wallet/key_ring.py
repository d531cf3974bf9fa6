"""The keys of a wallet: a default one and further ones, each with the licences bound to it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ecert import limits
from ecert.errors import ParseError, VaultError, WalletError
from ecert.sign.keys import PrivateKey
from ecert.wallet.content import OwnKey

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ecert.wallet.content import Content, Held
    from ecert.wallet.keeping import Keeping

_SHORTEST = 8


@dataclass(frozen=True, slots=True)
class WalletKey:
    """What a wallet tells about one of its keys.

    Attributes:
        id: Its thumbprint (RFC 7638); the first eight characters name it too.
        alg: Its suite.
        default: Whether new credentials are bound to it.
        licences: Ids of the licences that are bound to it.
    """

    id: str
    alg: str
    default: bool
    licences: tuple[str, ...]


class KeyRing:
    """The keys of one wallet, oldest first."""

    def __init__(self, keeping: Keeping) -> None:
        self._keeping = keeping
        self._opened: dict[str, PrivateKey] = {}

    def __iter__(self) -> Iterator[WalletKey]:
        content = self._keeping.content
        return iter([_told(key, content) for key in content.keys])

    def __len__(self) -> int:
        return len(self._keeping.content.keys)

    def add(self, alg: str = "ES256", *, default: bool = False) -> WalletKey:
        """Make a further key; what is held already stays with its own.

        Args:
            alg: Its suite, ``ES256`` or ``SGD_SM3_SM2``.
            default: Whether new credentials shall be bound to it from now on.

        Raises:
            WalletError: There are `limits.MAX_WALLET_KEYS` already.
            CustodyError: This machine cannot make keys of this suite.
        """
        content = self._keeping.now()
        if len(content.keys) >= limits.MAX_WALLET_KEYS:
            raise WalletError(
                f"一个卡包最多{limits.MAX_WALLET_KEYS}个密钥",
                f"a wallet has at most {limits.MAX_WALLET_KEYS} keys", where=self._keeping.where,
                fix_zh="请先删除不用的密钥", fix_en="Remove one that is not used first",
            )  # fmt: skip
        key = OwnKey.of(PrivateKey.generate(alg))
        content = replace(
            content, keys=(*content.keys, key), default=key.id if default else content.default
        )
        self._keeping.save(content)
        return _told(key, content)

    def use(self, key: str) -> WalletKey:
        """Make a key the default one.

        Raises:
            WalletError: There is no such key.
        """
        content = self._keeping.now()
        found = find_key(content, key)
        content = replace(content, default=found.id)
        self._keeping.save(content)
        return _told(found, content)

    def find(self, key: str) -> WalletKey:
        """Return the key that ``key`` names: its id, or at least eight characters of it.

        Raises:
            WalletError: There is none, or there are several.
        """
        content = self._keeping.content
        return _told(find_key(content, key), content)

    def remove(self, key: str) -> None:
        """Destroy a key that nothing is bound to.

        Raises:
            WalletError: There is no such key, it is the default one, or a licence is bound to it.
        """
        content = self._keeping.now()
        gone = self.require_unused(key)
        rest = tuple(one for one in content.keys if one.id != gone.id)
        self._keeping.save(replace(content, keys=rest))
        self._opened.pop(gone.id, None)

    def require_unused(self, key: str) -> WalletKey:
        """Require that a key may be removed.

        Raises:
            WalletError: As `remove`.
        """
        found = self.find(key)
        acting = self._keeping.content.mandates.using(find_key(self._keeping.content, key).public)
        if not found.default and not found.licences and not acting:
            return found
        zh, en = (
            ("默认密钥不能删除", "the default key cannot be removed") if found.default
            else ("还有委托使用此密钥，不能删除", "mandates use this key") if acting
            else ("还有证照与此密钥绑定，不能删除", "licences are bound to this key")
        )  # fmt: skip
        raise WalletError(
            zh, en, where=found.id[:_SHORTEST],
            fix_zh="请先另设默认密钥，并删除或重新送达与其绑定的证照",
            fix_en="Make another key the default one, and remove or have delivered again what is "
            "bound to this one",
        )  # fmt: skip

    def signer(self, key: str | None = None) -> PrivateKey:
        """Return a key to sign with; the default one if none is named.

        Raises:
            WalletError: There is no such key.
            CustodyError: This machine cannot sign with its suite.
        """
        own = find_key(self._keeping.content, key)
        opened = self._opened.get(own.id)
        if opened is None:
            try:
                opened = self._opened[own.id] = PrivateKey.from_jwk(own.jwk)
            except ParseError as error:
                raise VaultError(
                    "保险库内容不是卡包", "the vault does not hold a wallet",
                    where=self._keeping.where, fix_zh="请改用备份", fix_en="Use a backup",
                ) from error  # fmt: skip
        return opened


def find_key(content: Content, key: str | None) -> OwnKey:
    """Return the key that ``key`` names: its id, or how the id begins; the default one for None.

    Raises:
        WalletError: There is none, or there are several.
    """
    wanted = content.default if key is None else key
    found = [
        own
        for own in content.keys
        if own.id == wanted or (len(wanted) >= _SHORTEST and own.id.startswith(wanted))
    ]
    if len(found) == 1:
        return found[0]
    raise WalletError(
        "卡包中没有这个密钥", "the wallet has no such key", where=wanted[:_SHORTEST],
        fix_zh="可用：" + "、".join(own.id[:_SHORTEST] for own in content.keys),
        fix_en="There are: " + ", ".join(own.id[:_SHORTEST] for own in content.keys),
    )  # fmt: skip


def common_key(held: Iterable[Held], content: Content) -> str:
    """Return the id of the one key that all of ``held`` are bound to.

    Raises:
        WalletError: They are bound to several; it tells which hangs on which.
    """
    by_key: dict[str, list[str]] = {}
    for one in held:
        by_key.setdefault(one.key, []).append(one.delivery.type_name)
    if len(by_key) == 1:
        return next(iter(by_key))
    algs = {key.id: key.public.alg for key in content.keys}
    named = {f"{key[:_SHORTEST]} {algs[key]}": names for key, names in by_key.items()}
    target = max(by_key, key=lambda key: (len(by_key[key]), key == content.default))[:_SHORTEST]
    raise WalletError(
        "一个亮证码只能放同一密钥的证照，所选证照分属："
        + "；".join(f"密钥 {key}：{'、'.join(names)}" for key, names in named.items()),
        "one code takes licences of one key, and these hang on several: "
        + "; ".join(f"key {key}: {', '.join(names)}" for key, names in named.items()),
        fix_zh=f"请将其他证照重新送达到密钥 {target}，或分别亮证",
        fix_en=f"Have the others delivered again to the key {target}, or show them apart",
    )  # fmt: skip


def _told(key: OwnKey, content: Content) -> WalletKey:
    bound = tuple(name for name, held in content.held.items() if held.key == key.id)
    return WalletKey(key.id, key.public.alg, key.id == content.default, bound)
