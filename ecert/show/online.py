"""The online code (在线码): a few digits, by which a presentation is fetched once.

The frame of every code (`ecert.show.digits`), 32 digits in all, in groups of four for people::

    kind 2 (1)  length 0032 (4)  region of the show service (6)  secret (19)  check (2)

The secret is random.  It finds what the holder has deposited, and it is all that can decrypt it.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import Final, Self

from ecert.errors import ParseError, RegionError
from ecert.model.regions import parse_region
from ecert.show import digits
from ecert.show.digits import CodeKind
from ecert.sign.strict import b64url

DIGITS: Final = 32
"""Digits of every online code."""
_REGION: Final = 6
_SECRET: Final = 19
_GROUP: Final = 4
# Different words for different things that are derived from one code.
_NONCE: Final = b"ecert-online-code-nonce\0"
_TRANSACTION: Final = b"ecert-consent-transaction\0"
_TRANSACTION_BYTES: Final = 16
_AUDIENCE: Final = "urn:ecert:show-service:"


@dataclass(frozen=True, slots=True, repr=False)
class OnlineCode:
    """An online code; whoever knows it can fetch what it stands for, so it is never logged.

    Attributes:
        region: The region of the show service, six digits.
        secret: 19 random decimal digits, 63 bits.
    """

    region: str
    secret: str

    @classmethod
    def new(cls, region: str) -> Self:
        """Draw a new code for the show service of ``region``.

        Raises:
            RegionError: Not a region.
        """
        if parse_region(region).startswith("0"):
            raise RegionError(
                "没有这个地区的亮证服务", "no region has this code", where=region,
                fix_zh="请核对行政区划代码", fix_en="Check the region code",
            )  # fmt: skip
        return cls(region, f"{secrets.randbelow(10**_SECRET):0{_SECRET}d}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what was scanned or typed; full-width digits and blanks do no harm.

        Raises:
            ParseError: `incomplete-scan` where length or check digits do not fit, `too-large`,
                or `malformed` for anything that is no online code.
        """
        kind, number = digits.decode(text)
        if kind is not CodeKind.ONLINE or len(number) != _REGION + _SECRET:
            raise ParseError("not an online code")
        plain = number.decode("ascii")
        if plain[0] == "0":
            raise ParseError("an online code names no such region")
        try:
            region = parse_region(plain[:_REGION])
        except RegionError as error:
            raise ParseError("an online code names no such region") from error
        return cls(region, plain[_REGION:])

    @property
    def text(self) -> str:
        """The 32 digits."""
        return digits.write(CodeKind.ONLINE, self.region + self.secret)

    @property
    def grouped(self) -> str:
        """The digits in groups of four, as people read them out."""
        text = self.text
        return " ".join(text[start : start + _GROUP] for start in range(0, len(text), _GROUP))

    @property
    def nonce(self) -> str:
        """What the holder's key binding says, so that it is good for this code alone."""
        return b64url(hashlib.sha256(_NONCE + self.text.encode("ascii")).digest())

    @property
    def transaction(self) -> str:
        """The number of a request for consent (trxId) that was begun with this code."""
        digest = hashlib.sha256(_TRANSACTION + self.text.encode("ascii")).digest()
        return b64url(digest[:_TRANSACTION_BYTES])

    def __repr__(self) -> str:
        return f"OnlineCode(region={self.region!r})"


def audience_of(region: str) -> str:
    """Return what the show service of ``region`` is called in a proof made for it."""
    return f"{_AUDIENCE}{region}"


def region_of(audience: str) -> str | None:
    """Return the region whose show service ``audience`` calls; None for anybody else."""
    return audience.removeprefix(_AUDIENCE) if audience.startswith(_AUDIENCE) else None


def transaction_nonce(transaction: str) -> str:
    """Return what a key binding says that is good for one request for consent alone."""
    return b64url(hashlib.sha256(_NONCE + transaction.encode("ascii")).digest())


def is_online(text: str) -> bool:
    """Tell whether ``text`` is an online code that was read without a fault."""
    try:
        OnlineCode.parse(text)
    except ParseError:
        return False
    return True
