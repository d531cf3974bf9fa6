"""A licence that was issued before, on paper or in another system, and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from ecert.errors import FormatError
from ecert.issuers.drafting import new_serial
from ecert.issuers.records import require_aware
from ecert.model.characters import require_visible
from ecert.model.identifiers import LicenceId
from ecert.model.licence import Licence, LicenceState

if TYPE_CHECKING:
    from datetime import date, datetime

    from ecert.issuers.application import Application
    from ecert.issuers.drafting import Office
    from ecert.model.licence_type import LicenceType
    from ecert.reasons import Language

MAX_SOURCE_CHARS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ExistingLicence:
    """A licence as its source knows it.

    Attributes:
        application: What stands on it; ``issued_on`` is needed.
        licence_id: Its licence id; None if it never had one.
        state: Its state; `LicenceState.EXPIRED` is taken for issued, if its last day is over.
        version: Its version, where it has no id but its source counts versions.
        predecessor: The licence that it replaced.
        document: The decision (文号) that led to its state.
        state_since: Since when it is in its state.
        changed_at: When its source last changed it.
        row: Where it stands in its source.

    Raises:
        ValueError: ``changed_at`` has no zone.
    """

    application: Application
    licence_id: LicenceId | None = None
    state: LicenceState = LicenceState.ISSUED
    version: int | None = None
    predecessor: LicenceId | None = None
    document: str = ""
    state_since: date | None = None
    changed_at: datetime | None = None
    row: int | None = None

    def __post_init__(self) -> None:
        if self.changed_at is not None:
            require_aware(self.changed_at)


class FaultyRow(Protocol):
    """A row of a source that could not be read: where it is, and what is wrong with it."""

    @property
    def row(self) -> int | None:
        """Where it stands in its source."""
        ...

    def message(self, language: Language = "zh") -> str:
        """Return what is wrong, in one line."""
        ...


@dataclass(frozen=True, slots=True)
class Batch:
    """Where licences come from, for the record of each.

    Attributes:
        source: The system or the file, for example 省证照库2026年11月导出.
        document: Number of the letter (文号) with which they came; it stands for the decision
            where a licence names none of its own.
        actor: Who takes them in.

    Raises:
        FormatError: The source is empty or too long, or a text holds characters that show nothing.
    """

    source: str
    document: str = ""
    actor: str = ""

    def __post_init__(self) -> None:
        if not 1 <= len(self.source.strip()) <= MAX_SOURCE_CHARS:
            raise FormatError(
                f"来源应为1至{MAX_SOURCE_CHARS}个字符",
                f"a source has 1 to {MAX_SOURCE_CHARS} characters",
                where="source",
                fix_zh="请写明来自哪个系统或哪份文件（--source）",
                fix_en="Say which system or file they come from (--source)",
            )
        for name in ("source", "document", "actor"):
            require_visible(getattr(self, name), FormatError, where=name)


@dataclass(frozen=True, slots=True)
class Incoming:
    """An existing licence that fits its type: the licence to be recorded, and in which state.

    Attributes:
        existing: What its source says.
        licence: What would be recorded, as issued; its id is a new one if it has none.
        state: The state to which it is brought.
    """

    existing: ExistingLicence
    licence: Licence = field(repr=False)
    state: LicenceState

    def with_id(self, licence_id: LicenceId) -> Incoming:
        """Return it under another licence id."""
        return replace(self, licence=replace(self.licence, id=licence_id))


def check(
    existing: ExistingLicence, licence_type: LicenceType, office: Office, today: date
) -> Incoming:
    """Return what is to be recorded of an existing licence.

    Args:
        existing: What its source says.
        licence_type: Its type.
        office: Who keeps the register.
        today: The day on which expiry is judged.

    Raises:
        FormatError: It does not fit its type, its id or its dates.
    """
    asked = existing.application
    if asked.issued_on is None:
        raise FormatError(
            "已有证照须有颁发日期", "an existing licence needs its day of issue",
            where="证照颁发日期", fix_zh="请按原件填写", fix_en="Copy it from the licence",
        )  # fmt: skip
    valid_from = asked.valid_from or asked.issued_on
    fields = licence_type.check_fields(
        asked.fields, asked.holders, asked.number, valid_from, asked.valid_until
    )
    licence = Licence(
        id=_id_of(existing, licence_type, office),
        type_code=licence_type.code,
        type_name=licence_type.name,
        number=asked.number,
        holders=asked.holders,
        fields=fields,
        region=office.region,
        issuer_code=office.code,
        issuer_name=office.name,
        issued_on=asked.issued_on,
        valid_from=valid_from,
        valid_until=asked.valid_until,
        predecessor=existing.predecessor,
    )
    return Incoming(existing, licence, _state_of(existing, licence, today))


def _id_of(existing: ExistingLicence, licence_type: LicenceType, office: Office) -> LicenceId:
    known = existing.licence_id
    if known is None:
        version = 1 if existing.version is None else existing.version
        return LicenceId.make(licence_type.code, office.code, new_serial(), version)
    for zh, en, right in (
        ("证照类型代码", "type", known.type_code == licence_type.code),
        ("证照颁发机构代码", "issuer", known.issuer == office.code),
        ("版本号", "version", existing.version in {None, known.version}),
    ):
        if not right:
            raise FormatError(
                f"证照标识中的{zh}与本行或本机构不符",
                f"the {en} inside the licence id is not that of the row or of this office",
                where="证照标识",
                fix_zh="请核对原件；其他机构颁发的证照由该机构归集",
                fix_en="Compare with the original; other issuers' licences are theirs to take in",
            )
    return known


def _state_of(existing: ExistingLicence, licence: Licence, today: date) -> LicenceState:
    if existing.state is not LicenceState.EXPIRED:
        return existing.state
    if licence.standing(today) is not LicenceState.EXPIRED:
        raise FormatError(
            "来源称已过期，但有效期未到",
            "its source calls it expired, but its last day is not over",
            where="证照状态", fix_zh="请核对有效期截止日期",
            fix_en="Check its last day",
        )  # fmt: skip
    return LicenceState.ISSUED
