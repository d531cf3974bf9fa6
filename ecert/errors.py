"""The error tree.  Errors are misuse and broken environment; a bad show code is a verdict.

::

    EcertError                  .zh .en .where .fix_zh .fix_en
    ├─ FormatError              input that does not have its form
    │  ├─ LicenceIdError · USCCError · ResidentIdError · RegionError
    │  ├─ CatalogueError        unknown licence type, or a broken type definition
    │  ├─ MatterError           unknown service matter, or one that contradicts itself
    │  ├─ FieldsError           all faults of one application, in .faults
    │  ├─ ParseError            signed bytes that do not parse; .reason
    │  ├─ PictureError          a picture without exactly one code; .reason
    │  └─ TableError            a file that is not a table, or one that cannot be used
    ├─ TrustError               well-formed, but may not be believed; .reason
    │  ├─ SignatureError        a signature does not fit
    │  └─ DocumentRefusedError  a document may not come into force; .fault
    ├─ NotAcceptedError         the verdict's licence was asked for without acceptance; .verdict
    ├─ RegisterError            what the register refuses
    │  └─ UnknownLicenceError · RequestConflictError · ForbiddenMoveError · ProofError · BulkError
    │     · ProposalError
    ├─ WalletError              NotHeldError · LicenceChoiceError · VaultError (cannot be opened)
    ├─ CustodyError             a key is absent, locked, expired or of the wrong kind
    ├─ CodeTooLargeError        the licence does not fit one show code
    ├─ ScannerMissingError · PlotterMissingError (a font too) · ExtraMissingError
    ├─ StoreError               the database refuses; UnfitTextError: a text that was given
    ├─ FetchError               a configured address gives nothing usable; .fault
    └─ WorkspaceError           a folder that is not, or already is, a workspace

Wrong use of a function is ``ValueError``, ``TypeError`` or ``RuntimeError``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecert.reasons import Language, Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecert.faults import DocumentFault, FetchFault


class EcertError(Exception):
    """Base of all errors: what is wrong, where, and how to mend it, in both languages.

    Args:
        zh: What is wrong, in Chinese.
        en: What is wrong, in English.
        where: The place: a field, a file, a row.
        fix_zh: How to mend it, in Chinese.
        fix_en: How to mend it, in English.
    """

    def __init__(
        self, zh: str, en: str, *, where: str = "", fix_zh: str = "", fix_en: str = ""
    ) -> None:
        super().__init__(zh, en)
        self.zh = zh
        self.en = en
        self.where = where
        self.fix_zh = fix_zh
        self.fix_en = fix_en

    def __reduce__(self) -> tuple[object, ...]:
        # Errors cross from one process to another, and their classes take what they like.
        return _restored, (type(self), self.args, vars(self))

    def message(self, language: Language = "zh") -> str:
        """Return one line in ``language``: where, what, and how to mend it."""
        if language == "zh":
            place = f"{self.where}：" if self.where else ""
            return f"{place}{self.zh}" + (f"。{self.fix_zh}" if self.fix_zh else "")
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.en}" + (f". {self.fix_en}" if self.fix_en else "")

    def __str__(self) -> str:
        return f"{self.message('zh')} / {self.message('en')}"


def _restored(kind: type[EcertError], args: tuple[object, ...], state: dict[str, object]) -> object:
    error = kind.__new__(kind, *args)
    vars(error).update(state)
    return error


class FormatError(EcertError):
    """Input does not have the form that it must have."""


class LicenceIdError(FormatError):
    """Text that is not a licence id (证照标识, GB/T 36904)."""


class USCCError(FormatError):
    """Text that is not a unified social credit code (统一社会信用代码, GB 32100)."""


class ResidentIdError(FormatError):
    """Text that is not a resident identity number (公民身份号码, GB 11643)."""


class RegionError(FormatError):
    """A region code that does not exist, or did not on that day (GB/T 2260)."""


class CatalogueError(FormatError):
    """An unknown licence type, or a type definition that contradicts itself."""


class MatterError(FormatError):
    """An unknown service matter (事项), or one that contradicts itself."""


class FieldsError(FormatError):
    """An application does not fit its type; every fault is listed.

    Attributes:
        faults: One error per fault, in the order of the type's fields.
    """

    def __init__(self, faults: Sequence[FormatError], *, where: str = "") -> None:
        super().__init__(
            "；".join(fault.message("zh") for fault in faults),
            "; ".join(fault.message("en") for fault in faults),
            where=where,
        )
        self.faults = tuple(faults)


class ParseError(FormatError):
    """Signed bytes do not parse strictly."""

    def __init__(self, en: str, *, reason: Reason = Reason.MALFORMED, where: str = "") -> None:
        super().__init__(reason.zh, en, where=where)
        self.reason = reason


class PictureError(FormatError):
    """A picture does not hold exactly one readable code."""

    def __init__(
        self, en: str, *, zh: str = "", reason: Reason = Reason.UNREADABLE, **place: str
    ) -> None:
        wording = reason.wording
        fixes = {"fix_zh": wording.next_zh, "fix_en": wording.next_en}
        super().__init__(zh or wording.zh, en, **(fixes | place))
        self.reason = reason


class TableError(FormatError):
    """A file that is not a table (.csv, .xlsx, .xls, .ods), or one that cannot be used."""


class TrustError(EcertError):
    """Something is well-formed but may not be believed."""

    def __init__(self, en: str, *, reason: Reason, where: str = "") -> None:
        super().__init__(reason.zh, en, where=where)
        self.reason = reason


class SignatureError(TrustError):
    """A signature does not fit its key and its bytes."""

    def __init__(
        self, en: str = "the signature does not fit", *, reason: Reason = Reason.SIGNATURE
    ) -> None:
        super().__init__(en, reason=reason)


class DocumentRefusedError(EcertError):
    """A signed document may not come into force; what was in force stays.

    Attributes:
        fault: The closed reason.
    """

    def __init__(
        self, fault: DocumentFault, detail_zh: str = "", detail_en: str = "", **place: str
    ) -> None:
        super().__init__(
            fault.zh + (f"（{detail_zh}）" if detail_zh else ""),
            fault.en + (f" ({detail_en})" if detail_en else ""),
            **place,
        )
        self.fault = fault


class NotAcceptedError(EcertError):
    """The licence of a verdict was asked for, but the verdict is not `accepted`."""

    def __init__(self, verdict: object, reason: Reason) -> None:
        super().__init__(
            f"核验未通过，不提供照面信息（{reason.zh}，{reason.number}）",
            f"not accepted, so nothing personal is given ({reason.en}, {reason.number})",
        )
        self.verdict = verdict
        self.reason = reason


class RegisterError(EcertError):
    """The register refuses."""


class UnknownLicenceError(RegisterError):
    """No such licence or credential in this register."""


class RequestConflictError(RegisterError):
    """A request id was used before with other content."""


class ForbiddenMoveError(RegisterError):
    """The licence's life cycle does not allow this move."""


class BulkError(RegisterError):
    """A bulk job cannot be planned, approved or run."""


class ProposalError(RegisterError):
    """A proposed list cannot be decided on like that: by whom, in which state, over which list.

    Attributes:
        outdated: Whether another list is in force than the one that it was compared with.
    """

    def __init__(self, zh: str, en: str, *, outdated: bool = False, **fix: str) -> None:
        super().__init__(zh, en, **fix)
        self.outdated = outdated


class ProofError(RegisterError):
    """A wallet's proof of possession is missing, false, stale or used."""


class WalletError(EcertError):
    """The wallet refuses."""


class NotHeldError(WalletError):
    """The wallet does not hold this licence or profile."""


class LicenceChoiceError(WalletError, ValueError):
    """What is to be shown in one code is no licence, one of them twice, or too many."""


class VaultError(WalletError):
    """The vault cannot be opened: wrong passphrase, damaged, or not a vault."""


class CustodyError(EcertError):
    """A signing key is absent, locked, expired or of the wrong kind."""


class CodeTooLargeError(EcertError):
    """The licence does not fit one show code at this profile."""


class ScannerMissingError(EcertError):
    """Reading a code from a picture needs the extra ``scan``, which is not installed."""


class PlotterMissingError(EcertError):
    """Drawing needs the extra ``plot``, or a font that has the characters: they are named."""


class ExtraMissingError(EcertError):
    """A component that comes with one of the package's extras is not installed."""


class StoreError(EcertError):
    """The database refuses or is of another version."""


class UnfitTextError(StoreError):
    """A text that was given holds a character that this database cannot keep, such as NUL."""


class FetchError(EcertError):
    """A configured address gave nothing usable; what is in force stays.

    Attributes:
        fault: The closed reason.
    """

    def __init__(
        self, fault: FetchFault, zh: str = "", en: str = "", *, where: str, **fix: str
    ) -> None:
        zh, en = fault.zh + (f"（{zh}）" if zh else ""), fault.en + (f" ({en})" if en else "")
        super().__init__(
            zh, en, where=where, **({"fix_zh": fault.fix_zh, "fix_en": fault.fix_en} | fix)
        )
        self.fault = fault


class WorkspaceError(EcertError):
    """A folder is not a workspace, or already is one."""
