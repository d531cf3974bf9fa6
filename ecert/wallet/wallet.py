"""The wallet (卡包): keeps a holder's credentials and makes show codes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import orjson

from ecert.clock import Clock, system_clock
from ecert.errors import NotHeldError, ParseError, VaultError, WalletError
from ecert.show import compact, offline, possession
from ecert.show.code import ShowCode
from ecert.show.delivery import Delivery
from ecert.show.holder_request import make_request
from ecert.sign import sdjwt
from ecert.sign.keys import PrivateKey
from ecert.sign.strict import parse_json_object
from ecert.wallet.presenting import present
from ecert.wallet.vault import STANDARD, Vault

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from pathlib import Path

    from ecert.model.identifiers import LicenceId
    from ecert.wallet.vault import KDF


@dataclass(frozen=True, slots=True)
class HeldLicence:
    """What a wallet tells about one licence that it holds."""

    id: str
    type_name: str
    issuer_name: str
    profiles: tuple[str, ...]


class Wallet:
    """One holder's wallet in one encrypted file.

    Made by `create` or `open`; every change is written before it returns.
    """

    def __init__(
        self,
        vault: Vault,
        key: PrivateKey,
        held: dict[str, Delivery],
        clock: Clock,
    ) -> None:
        self._vault = vault
        self._key = key
        self._held = held
        self._clock = clock

    @classmethod
    def create(
        cls,
        path: str | Path,
        passphrase: str,
        *,
        alg: str = "ES256",
        kdf: KDF = STANDARD,
        clock: Clock = system_clock,
    ) -> Self:
        """Make a new wallet with a new key; never overwrites a file.

        Args:
            path: Where.
            passphrase: Of at least eight characters.
            alg: The suite of the wallet's key, ``ES256`` or ``SGD_SM3_SM2``.
            kdf: Cost of the passphrase.
            clock: Where the time of proofs and codes comes from.

        Raises:
            VaultError: The file exists, or the passphrase is too short.
        """
        key = PrivateKey.generate(alg)
        wallet = cls(Vault.create(path, passphrase, kdf=kdf), key, {}, clock)
        wallet._save()
        return wallet

    @classmethod
    def open(cls, path: str | Path, passphrase: str, *, clock: Clock = system_clock) -> Self:
        """Open a wallet.

        Raises:
            VaultError: Wrong passphrase, damaged, or not a wallet.
        """
        vault = Vault.open(path, passphrase)
        try:
            content = parse_json_object(vault.read(), where="wallet")
            key = PrivateKey.from_jwk(dict(content["key"]))
            deliveries = [
                Delivery.from_bytes(orjson.dumps(item)) for item in content["credentials"]
            ]
        except (ParseError, KeyError, TypeError) as error:
            raise VaultError(
                "保险库内容不是卡包", "the vault does not hold a wallet", where=str(path)
            ) from error
        return cls(vault, key, {item.licence_id: item for item in deliveries}, clock)

    def _save(self) -> None:
        credentials: list[Any] = [orjson.loads(item.to_bytes()) for item in self._held.values()]
        self._vault.write(orjson.dumps({"key": self._key.jwk(), "credentials": credentials}))

    # -- receiving ----------------------------------------------------------------------------

    def request(self, nonce: str, *, at: datetime | None = None) -> str:
        """Prove to the issuer that gave ``nonce`` that this wallet holds its key."""
        made = int((at or self._clock()).timestamp())
        return possession.make_proof(nonce, self._key, at=made)

    def add(self, delivery: Delivery) -> HeldLicence:
        """Keep a credential; one that this wallet held for the same licence is replaced.

        Raises:
            WalletError: It is bound to another wallet, or its parts contradict each other.
        """
        self._require_ours(delivery)
        self._held[delivery.licence_id] = delivery
        self._save()
        return _held(delivery)

    def _require_ours(self, delivery: Delivery) -> None:
        try:
            claims = sdjwt.parse(delivery.sd_jwt).unverified_claims()
            keys = [compact.parse(data).claims.holder_key for data in delivery.compact.values()]
        except ParseError as error:
            raise WalletError(
                "收到的凭证格式不对", f"the delivery is malformed: {error.en}"
            ) from error
        cnf = claims.get("cnf")
        bound = cnf.get("jwk") if isinstance(cnf, dict) else None
        if bound != self._key.public.jwk() or any(key != self._key.public for key in keys):
            raise WalletError(
                "此凭证不是发给本卡包的", "the credential is bound to another wallet",
                where=delivery.licence_id,
            )  # fmt: skip
        if claims.get("licence_id") != delivery.licence_id or not keys:
            raise WalletError(
                "收到的凭证前后不一致", "the parts of the delivery contradict each other",
                where=delivery.licence_id,
            )  # fmt: skip

    def remove(self, licence_id: LicenceId | str) -> None:
        """Forget a licence.

        Raises:
            NotHeldError: It is not here.
        """
        del self._held[self._require(licence_id).licence_id]
        self._save()

    # -- looking ------------------------------------------------------------------------------

    @property
    def licences(self) -> tuple[HeldLicence, ...]:
        """What is held, in the order in which it came."""
        return tuple(_held(delivery) for delivery in self._held.values())

    def fields(self, licence_id: LicenceId | str) -> dict[str, Any]:
        """Return everything that a held credential says, for the holder's own eyes.

        Raises:
            NotHeldError: It is not here.
        """
        return sdjwt.parse(self._require(licence_id).sd_jwt).unverified_claims()

    def _require(self, licence_id: LicenceId | str) -> Delivery:
        delivery = self._held.get(str(licence_id))
        if delivery is None:
            raise NotHeldError(
                "卡包中没有这份证照", "the wallet does not hold this licence",
                where=str(licence_id),
                fix_zh=f"卡包中有 {len(self._held)} 份证照，可用 ecert wallet list 查看",
                fix_en=f"It holds {len(self._held)}; see them with: ecert wallet list",
            )  # fmt: skip
        return delivery

    # -- showing ------------------------------------------------------------------------------

    def show(
        self,
        *licence_ids: LicenceId | str,
        profile: str = "minimal",
        challenge: str | None = None,
        at: datetime | None = None,
    ) -> ShowCode:
        """Make a show code (亮证码) that lives for a minute.

        Args:
            licence_ids: One licence, or several to be shown together.
            profile: How much is shown; ``minimal`` is the least.
            challenge: The number that the window shows, if it does.
            at: The time that it is made; now if left out.

        Raises:
            NotHeldError: A licence, or this profile of it, is not in the wallet.
            CodeTooLargeError: It does not fit one code.
        """
        made = at or self._clock()
        # (1) Every licence must be here, in this profile.
        credentials = [self._compact(licence_id, profile) for licence_id in licence_ids]
        # (2) The wallet's key signs them together with this moment.
        text = offline.write_show_code(credentials, self._key, made=made, challenge=challenge)
        # (3) The text is all that a picture needs.
        return ShowCode(text)

    # -- showing on line ----------------------------------------------------------------------

    def present(
        self,
        *licence_ids: LicenceId | str,
        fields: Collection[str] | None = None,
        audience: str,
        nonce: str,
        at: datetime | None = None,
    ) -> tuple[str, ...]:
        """Return licences in full for one verifier, each with a key binding of this moment.

        Args:
            licence_ids: What is handed over.
            fields: Names of the fields to disclose; all if left out.
            audience: For whom: see `ecert.show.online.audience_of`.
            nonce: What binds it to one occasion: see `OnlineCode.nonce`.
            at: The time that it is made; now if left out.

        Raises:
            NotHeldError: A licence or a field is not in the wallet.
        """
        made = int((at or self._clock()).timestamp())
        binding = sdjwt.KeyBinding(audience, nonce)
        held = [self._require(licence_id) for licence_id in licence_ids]
        return tuple(
            present(delivery, self._key, fields=fields, binding=binding, at=made)
            for delivery in held
        )

    def ask(self, act: str, audience: str, *, about: str = "", at: datetime | None = None) -> str:
        """Sign what the holder asks of a show service: see `ecert.show.holder_request`."""
        made = int((at or self._clock()).timestamp())
        return make_request(act, audience, self._key, about=about, at=made)

    def _compact(self, licence_id: LicenceId | str, profile: str) -> bytes:
        delivery = self._require(licence_id)
        credential = delivery.compact.get(profile)
        if credential is None:
            raise NotHeldError(
                f"此证照没有“{profile}”亮证方式", f'the licence has no profile "{profile}"',
                where=delivery.type_name,
                fix_zh=f"可用：{'、'.join(delivery.compact)}",
                fix_en=f"There are: {', '.join(delivery.compact)}",
            )  # fmt: skip
        return credential


def _held(delivery: Delivery) -> HeldLicence:
    return HeldLicence(
        delivery.licence_id, delivery.type_name, delivery.issuer_name, tuple(delivery.compact)
    )
