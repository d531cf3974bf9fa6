"""What a verdict tells of a licence: type and issuer once proven, all of it if accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from ecert.interop.precedence import Precedence
    from ecert.reasons import Reason
    from ecert.verify.acting import ActingAgent


class About(NamedTuple):
    """What may be said of a licence as soon as its signature is proven: nothing personal."""

    type_code: str
    type_name: str
    issuer_code: str
    issuer_name: str
    region: str
    region_name: str


class AlsoRecognised(NamedTuple):
    """Another entry in force that recognises the licence too, and why it did not speak."""

    list_title: str
    document_number: str
    list_version: int
    entry: str
    sample: bool
    rule: Precedence
    """What put the two entries in their order."""
    passed_over: tuple[Reason, ...] = ()
    """It came first, but what the licence shows does not meet it; empty where it came after."""


class Basis(NamedTuple):
    """What a foreign licence's acceptance rests on."""

    list_title: str
    document_number: str
    list_version: int
    entry: str
    legal_basis: str
    note: str
    sample: bool
    """The list is a sample or demonstration, and no basis for real business."""
    lead: str | None = None
    """The department in charge of the entry (牵头部门), where the list names it."""
    also: tuple[AlsoRecognised, ...] = ()
    """Other entries in force that recognise it too, in their precedence."""


class PurposeCopy(NamedTuple):
    """What a purpose copy (加注件) is good for."""

    purpose: str
    """What it may be used for (加注件制作事由), and for nothing else."""
    maker: str
    """Who made it (加注件制作者)."""
    made_at: datetime
    valid_until: date
    """Its last day, inclusive."""


class RecognisedLicence(NamedTuple):
    """An accepted licence as it is called here."""

    type_name: str
    type_code: str
    original_type_name: str
    holders: tuple[tuple[str | None, str | None], ...]
    """Name and number of each holder, as far as the profile tells them."""
    number: str | None
    """The licence number (证照编号), where it is shown."""
    fields: Mapping[str, str]
    """Shown fields under their local names."""
    valid_from: date
    valid_until: date | None
    """Last day, inclusive, of a purpose copy its own if that is earlier; None is 长期."""
    issuer_name: str
    region_name: str
    basis: Basis | None
    """None for a licence of this verifier's own province, which needs no recognition."""
    bearer: bool
    """Shown on paper or as a file, without proof of the holder."""
    enterprise: bool
    """Held by a legal person: whoever shows it is an agent."""
    purpose: PurposeCopy | None = None
    """What it is limited to, if it is a purpose copy (加注件)."""
    agent: ActingAgent | None = None
    """Who shows it for the holder, by a mandate (代办); None where the holder shows it."""
    portrait: bytes | None = None
    """The holder's portrait (照片), a JPEG, where it is disclosed: for the clerk's eyes alone."""
