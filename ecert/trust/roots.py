"""Root sets: which keys of a region may sign what, and how many of them are needed.

A root set is exchanged once, by hand, with its fingerprint read out over the telephone.  Each
later one is signed by enough root keys of its predecessor and of itself (TUF specification
§5.3), so that neither a thief of the new keys nor one of the old keys alone can rotate.
"""

from __future__ import annotations

import hashlib
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Self

from pydantic import Field, model_validator

from ecert import limits
from ecert.errors import ParseError
from ecert.trust.document import (
    EVERYONE,
    Document,
    Strict,
    VisibleName,
    content_fault,
    fault,
    load_jwk,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from ecert.sign.keys import PublicKey


class Role(StrEnum):
    """What a key may sign for its region."""

    ROOTS = "roots"
    TRUST_LIST = "trust-list"
    RECOGNITION_LIST = "recognition-list"
    CATALOGUE = "catalogue"
    MANIFEST = "manifest"


class RoleKeys(Strict):
    """The keys of one role, by key id, and how many distinct ones must sign."""

    keys: tuple[str, ...] = Field(min_length=1, max_length=limits.MAX_ENVELOPE_SIGNATURES)
    threshold: int = Field(ge=1)


class RootSet(Document):
    """The keys by which everything else of a region is proven.

    Attributes:
        name: The region's name, for people.
        demo: Whether the private keys are published, for demonstrations only.
        keys: Public keys in JWK form; a key's id is its RFC 7638 thumbprint.
        roles: For each role its keys and threshold; a role that is absent signs nothing.
    """

    TYP: ClassVar[str] = "ecert-roots+jws"

    name: VisibleName
    demo: bool = False
    keys: tuple[dict[str, str], ...] = Field(
        min_length=1, max_length=limits.MAX_ENVELOPE_SIGNATURES
    )
    roles: dict[Role, RoleKeys]

    @model_validator(mode="after")
    def _load_keys(self) -> Self:
        try:
            _ = self._by_kid
        except ParseError as error:
            raise fault(error.zh, error.en) from error
        return self

    @cached_property
    def _by_kid(self) -> dict[str, PublicKey]:
        loaded = [load_jwk(jwk) for jwk in self.keys]
        return {key.kid: key for key in loaded}

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the content in groups of four, to be compared over the telephone."""
        digest = hashlib.sha256(self.to_payload()).hexdigest()
        return " ".join(digest[start : start + 4] for start in range(0, len(digest), 4))

    def keys_for(self, role: Role) -> tuple[PublicKey, ...]:
        """Return the keys that may sign in ``role``; none if the role is absent."""
        held = self.roles.get(role)
        return () if held is None else tuple(self._by_kid[kid] for kid in held.keys)

    def threshold(self, role: Role) -> int:
        """Return how many distinct keys of ``role`` must sign; never 0, even if it is absent."""
        held = self.roles.get(role)
        return 1 if held is None else held.threshold

    def check_content(self) -> None:
        """Check that the roles fit the keys.

        Raises:
            DocumentRefusedError: Fault `content`: a key twice, a role with an unknown key or
                one twice, a threshold that cannot be met, or no role `roots`.
        """
        if len(self._by_kid) != len(self.keys):
            raise content_fault("同一密钥列了两次", "a key stands there twice", "keys")
        if Role.ROOTS not in self.roles:
            raise content_fault("没有根角色", "there is no role for roots", "roles")
        for role, held in self.roles.items():
            where = f"roles.{role}"
            if not self._by_kid.keys() >= set(held.keys):
                raise content_fault(
                    "角色的密钥不在密钥表中", "a key of the role is not listed", where
                )
            if len(set(held.keys)) != len(held.keys):
                raise content_fault("同一密钥列了两次", "a key stands there twice", where)
            if held.threshold > len(held.keys):
                raise content_fault(
                    "所需签名数多于密钥数", "more signatures are asked for than keys exist", where
                )


def make_roots(
    owner: str,
    name: str,
    roles: Mapping[Role, Sequence[PublicKey]],
    *,
    issued: datetime,
    expires: datetime,
    threshold: int | Mapping[Role, int] = 1,
    version: int = 1,
    previous: str | None = None,
    demo: bool = False,
) -> RootSet:
    """Make a root set; it is still to be signed (`RootSet.signed_by`).

    Args:
        owner: The region's code.
        name: The region's name.
        roles: The keys of each role.
        issued: When it is made.
        expires: When a successor must be there.
        threshold: Distinct keys that must sign: for all roles, or for each.
        version: One more than the predecessor's.
        previous: SHA-256 of the predecessor's payload in hex.
        demo: Whether the private keys are published.

    Raises:
        DocumentRefusedError: Fault `content`, as `RootSet.check_content`.
    """
    distinct = {key.kid: key.jwk() for keys in roles.values() for key in keys}
    roots = RootSet(
        owner=owner,
        audience=(EVERYONE,),
        version=version,
        issued=issued,
        expires=expires,
        previous=previous,
        name=name,
        demo=demo,
        keys=tuple(distinct.values()),
        roles={
            role: RoleKeys(
                keys=tuple(key.kid for key in keys),
                threshold=threshold if isinstance(threshold, int) else threshold[role],
            )
            for role, keys in roles.items()
        },
    )
    roots.check_content()
    return roots


def starts_new_epoch(old: RootSet, new: RootSet, role: Role) -> bool:
    """Tell whether nothing that only the old keys of ``role`` have signed can pass any more.

    Then marks may be lowered without opening the way to an old document.  It is the cure after
    a stolen key has signed a version so high that no honest one fits above it (fast-forward).
    Keys that were taken out must never come back: what they signed then would pass again.
    """
    if role not in old.roles or role not in new.roles:
        return False
    kept = set(old.keys_for(role)) & set(new.keys_for(role))
    return len(kept) < new.threshold(role)
