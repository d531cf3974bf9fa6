"""Demonstration regions: published private keys, so that anybody can play every part.

Every document they sign is marked, and a verdict that rests on them says so.  Whoever can read
this file can sign with these keys: never pin them where real licences are checked.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ecert.errors import FormatError
from ecert.model.regions import name_of, province
from ecert.sign import envelope
from ecert.sign.keys import PrivateKey
from ecert.trust.roots import Role, make_roots

if TYPE_CHECKING:
    from collections.abc import Mapping

_ISSUED = datetime(2026, 1, 1, tzinfo=UTC)
_EXPIRES = datetime(2036, 1, 1, tzinfo=UTC)
# Keys and threshold of each role: two people for what is rare and grave, one for daily work.
_ROLES = {
    Role.ROOTS: (3, 2),
    Role.TRUST_LIST: (1, 1),
    Role.CATALOGUE: (1, 1),
    Role.RECOGNITION_LIST: (2, 2),
}
SAMPLE_PROVINCES = ("510000", "500000")


@dataclass(frozen=True, slots=True)
class DemoRegion:
    """A province whose list keys are published."""

    code: str
    roots: bytes
    signers: Mapping[Role, tuple[PrivateKey, ...]]
    """As many keys of each role as its threshold asks for."""


@cache
def demo_region(region: str, alg: str = "ES256") -> DemoRegion:
    """Return the demonstration keys of the province that ``region`` lies in.

    Args:
        region: Any region of the province.
        alg: The suite of the keys, ``ES256`` or ``SGD_SM3_SM2``.  The two are different root
            sets of one province: a verifier pins one of them.
    """
    code = province(region)
    keys = {
        role: tuple(_key(code, role, number, alg) for number in range(count))
        for role, (count, _) in _ROLES.items()
    }
    document = make_roots(
        code,
        f"{name_of(code)}（演示）",
        {role: [key.public for key in held] for role, held in keys.items()},
        threshold={role: threshold for role, (_, threshold) in _ROLES.items()},
        issued=_ISSUED,
        expires=_EXPIRES,
        demo=True,
    )
    signers = {role: held[: _ROLES[role][1]] for role, held in keys.items()}
    roots = envelope.make(document.TYP, document.to_payload(), signers[Role.ROOTS])
    return DemoRegion(code, roots, signers)


def _key(code: str, role: Role, number: int, alg: str) -> PrivateKey:
    seed = f"ecert demonstration key, never for real use: {code} {role.value} {number}"
    if alg != "ES256":
        seed = f"{seed} {alg}"
    return PrivateKey.from_scalar(alg, hashlib.sha256(seed.encode()).digest())


def demo_roots(*regions: str, alg: str = "ES256") -> tuple[bytes, ...]:
    """Return the root sets of demonstration provinces; Sichuan and Chongqing if none is named."""
    return tuple(demo_region(region, alg).roots for region in regions or SAMPLE_PROVINCES)


def fixture(name: str) -> bytes:
    """Return a signed sample document that comes with the library, such as 川渝互认清单.

    Raises:
        FormatError: There is no such sample; the message names those that exist.
    """
    here = Path(__file__).parent
    folder = here / "_fixtures" if (here / "_fixtures").is_dir() else here.parent / "fixtures"
    known = {path.name.removesuffix(".signed.json"): path for path in folder.glob("*.signed.json")}
    if name not in known:
        raise FormatError(
            f"没有名为“{name}”的样例", f'there is no sample named "{name}"',
            fix_zh=f"可用：{'、'.join(sorted(known)) or '无'}",
            fix_en=f"There are: {', '.join(sorted(known)) or 'none'}",
        )  # fmt: skip
    return known[name].read_bytes()
