"""What was scanned, and its hash: a receipt tells it apart from any other without holding it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

from ecert.errors import ParseError
from ecert.show import digits
from ecert.sign import sdjwt

PresentedKind = Literal["code", "file", "picture", "online"]


@dataclass(frozen=True, slots=True)
class Presented:
    """What was scanned.

    Attributes:
        kind: A code, a file credential, a picture in which no code was found, or an online code:
            what lay behind it was handed over once, and is nowhere any more.
        digest: SHA-256 in hex; None where nothing whole was read.
        text: Its one spelling: a code's digits, a file's text; None likewise.
    """

    kind: PresentedKind
    digest: str | None
    text: str | None = None


def presented_code(scanned: str) -> Presented:
    """Return what a scanned code is known by: its digits, whatever stood between them.

    What is not whole has no digest: it may be anything that was typed, a person's number too,
    which a hash would not hide.
    """
    try:
        text = digits.normalised(scanned)
    except ParseError:
        return Presented("code", None)
    return Presented("code", _digest(text.encode("ascii")), text)


def presented_online(scanned: str) -> Presented:
    """Return what an online code is known by: its digits."""
    return Presented("online", presented_code(scanned).digest)


def presented_file(token: str) -> Presented:
    """Return what a file credential is known by: its text, with what is disclosed in it."""
    try:
        sdjwt.parse(token)
    except ParseError:
        return Presented("file", None)
    return Presented("file", _digest(token.encode("ascii")), token)


def presented_picture(data: bytes) -> Presented:
    """Return what a picture is known by in which no code was found: its bytes."""
    return Presented("picture", _digest(data))


def is_file(scanned: str) -> bool:
    """Tell whether scanned text is a file credential and no code: disclosures end in a tilde."""
    return "~" in scanned


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
