"""An issuer's keys, each with what it may sign and when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ecert.errors import CustodyError
from ecert.trust.trust_list import KeyRecord, KeyState

if TYPE_CHECKING:
    from datetime import datetime

    from ecert.sign.custody import Signer


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldKey:
    """A signing key and the scope that the trust list will give it."""

    signer: Signer
    use: Literal["licence", "status"]
    types: tuple[str, ...] = ("*",)
    valid_from: datetime
    valid_until: datetime | None = None
    state: KeyState = "active"
    """What the trust list says of it; only an active key signs."""

    def good_for(self, type_code: str | None, at: datetime) -> bool:
        """Whether it may sign for ``type_code`` (None: not about a type) at ``at``."""
        return (
            self.state == "active"
            and (type_code is None or "*" in self.types or type_code in self.types)
            and self.valid_from <= at
            and (self.valid_until is None or at < self.valid_until)
        )

    def record(self) -> KeyRecord:
        """Return its public record for the trust list."""
        return KeyRecord(
            jwk=self.signer.public.jwk(),
            use=self.use,
            types=self.types,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            state=self.state,
        )


@dataclass(frozen=True, slots=True)
class Keyring:
    """All keys of one issuer."""

    keys: tuple[HeldKey, ...]

    def signer(
        self, use: Literal["licence", "status"], at: datetime, *, type_code: str | None = None
    ) -> Signer:
        """Return the key to sign with: of those in force, the one that came last.

        Raises:
            CustodyError: No key for this use is in force.
        """
        fitting = [key for key in self.keys if key.use == use and key.good_for(type_code, at)]
        if fitting:
            return max(fitting, key=lambda key: key.valid_from).signer
        exists = any(key.use == use for key in self.keys)
        raise CustodyError(
            "签名密钥不在有效期内，或无权签发此类证照" if exists else "没有可用的签名密钥",
            "no signing key is in force for this" if exists else "there is no signing key",
            where=use,
            fix_zh="请启用新密钥并重新发布可信名单",
            fix_en="Bring a new key into force and publish the trust list again",
        )
