"""The table of sizes: every built-in licence type in every show profile, and the budgets.

The same on every run: a stand-in signs, whose signatures have the right length and always the
same bytes, and the random id of a show code is fixed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING
from unittest import mock

from doc_blocks import table
from doc_samples import AT, documentation_key, sample_licence, sample_names

from ecert.issuers.credential import StatusPlace, compact_claims
from ecert.model.calendar import office_day
from ecert.model.catalogue import builtin
from ecert.show import compact, offline
from ecert.show.render import qr_version

if TYPE_CHECKING:
    from ecert.model.catalogue import ShowProfile
    from ecert.sign.keys import PublicKey

_FULL = "食品经营许可证"
_CAPACITY_M = {15: 991, 18: 1346, 23: 2059}
"""Digits that fit, ISO/IEC 18004:2015 table 7, level M."""


@dataclass(frozen=True)
class StandIn:
    """A `Signer` that always writes the same 64 bytes, which prove nothing."""

    public: PublicKey

    def sign(self, message: bytes) -> bytes:
        """Return 64 bytes that nobody can compress."""
        return hashlib.sha512(message).digest()


HOLDER = StandIn(documentation_key("holder").public)


def sizes() -> str:
    """Return the table of sizes."""
    head = (
        "证照类型", "profile", "fields shown", "compact credential, bytes",
        "show code, digits", "QR version", "paper code, digits", "QR version",
    )  # fmt: skip
    rows = [head, ("---", "---", *["--:"] * 6)]
    for name in sample_names():
        for profile in builtin().require(name).profiles:
            credential = compact_of(name, profile)
            shown, paper = shown_code(credential), _paper(name, profile)
            fields = len(compact.parse(credential).claims.fields)
            numbers = [fields, len(credential)]
            for code in (shown, paper):
                numbers += [len(code), qr_version(code)]
            rows.append((name, f"`{profile.name}`", *map(str, numbers)))
    return table(rows)


def budgets() -> str:
    """Return how the samples stand against the budgets of the format."""
    minimal = {
        name: compact_of(name, builtin().require(name).profile("minimal"))
        for name in sample_names()
    }
    food = compact_of(_FULL, builtin().require(_FULL).profile("full"))
    largest = max((len(shown_code(one)), name) for name, one in minimal.items())
    three = max(
        (len(shown_code(*(minimal[name] for name in names))), "、".join(names))
        for names in combinations(minimal, 3)
    )
    rows: list[tuple[str, ...]] = [
        ("what", "sample", "budget", "digits that fit", "digits", "within"),
        ("---", "---", "---", "--:", "--:", "---"),
    ]
    for what, (digits, sample), version in (
        ("`minimal`, the largest of all types", largest, 15),
        ("`full` with ten items of text", (len(shown_code(food)), _FULL), 18),
        ("three `minimal` in one code, the largest", three, 23),
    ):
        fit = _CAPACITY_M[version]
        within = "yes" if digits <= fit else "**no**"
        rows.append((what, sample, f"version {version}", str(fit), str(digits), within))
    return table(rows)


def compact_of(name: str, profile: ShowProfile, holder: PublicKey | None = HOLDER.public) -> bytes:
    """Return the compact credential of a type's sample in ``profile``."""
    claims = compact_claims(
        sample_licence(name), builtin().require(name), profile, _place(name),
        holder_key=holder, on=office_day(AT),
    )  # fmt: skip
    # Each of another issuer, as in life: what licences share, zlib would spare.
    return compact.sign(claims, StandIn(documentation_key(f"issuer of {name}").public))


def _place(name: str) -> StatusPlace:
    # Half of a list's slots lie above 65,535, where an index takes four bytes instead of two.
    index = 65_536 + int.from_bytes(hashlib.sha256(name.encode()).digest()[:2])
    return StatusPlace(1, index, "https://status.invalid/1")


def _paper(name: str, profile: ShowProfile) -> str:
    return offline.write_paper_code(compact_of(name, profile, None))


def shown_code(*credentials: bytes, mandate: bytes | None = None) -> str:
    """Return a show code of ``credentials``; a stand-in signs for the holder or the agent."""
    # Not secret here, and not random: the table shall be the same each time.
    code_id = hashlib.sha256(b"code id").digest()
    with mock.patch("secrets.token_bytes", lambda size: code_id[:size]):
        return offline.write_show_code(credentials, HOLDER, made=AT, mandate=mandate)
