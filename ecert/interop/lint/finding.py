"""What the linter finds, and the refusal that follows from errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ecert.errors import DocumentRefusedError
from ecert.faults import DocumentFault
from ecert.interop.lint.rules import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ecert.reasons import Language

_SHOWN: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class LintFinding:
    """One place in a list that a rule speaks of.

    Attributes:
        rule: The rule.
        where: The place, as paths are written elsewhere: ``entries.川-01.fields.车型``.
        entry: Id of the entry; empty for the list itself.
        attribute: The entry's or the list's attribute that is meant.
        detail_zh: What it is about here, in Chinese.
        detail_en: The same in English.
    """

    rule: Rule
    where: str
    entry: str = ""
    attribute: str = ""
    detail_zh: str = ""
    detail_en: str = ""

    @property
    def severity(self) -> Severity:
        """Whether it forbids signing."""
        return self.rule.severity

    @property
    def is_error(self) -> bool:
        """Whether it forbids signing."""
        return self.severity is Severity.ERROR

    def message(self, language: Language = "zh") -> str:
        """Return one line: number, place, what is the matter, and how to mend it."""
        wording = self.rule.wording
        if language == "zh":
            detail = f"（{self.detail_zh}）" if self.detail_zh else ""
            return f"{wording.number} {self.where}：{wording.zh}{detail}。{wording.fix_zh}"
        detail = f" ({self.detail_en})" if self.detail_en else ""
        return f"{wording.number} {self.where}: {wording.en}{detail}. {wording.fix_en}"

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        wording = self.rule.wording
        return {
            "code": self.rule.value,
            "number": wording.number,
            "severity": self.severity.value,
            "where": self.where,
            "entry": self.entry or None,
            "attribute": self.attribute or None,
            "zh": wording.zh,
            "en": wording.en,
            "detail_zh": self.detail_zh,
            "detail_en": self.detail_en,
            "fix_zh": wording.fix_zh,
            "fix_en": wording.fix_en,
        }


def found(
    rule: Rule, place: str, zh: str = "", en: str = "", *, entry: str = "", attribute: str = ""
) -> LintFinding:
    """Return a finding; ``place`` is below the entry, where there is one."""
    where = ".".join(part for part in (f"entries.{entry}" if entry else "", place) if part)
    return LintFinding(
        rule=rule,
        where=where,
        entry=entry,
        attribute=attribute or place.partition(".")[0],
        detail_zh=zh,
        detail_en=en,
    )


def require_clean(findings: Iterable[LintFinding]) -> None:
    """Require that nothing forbids signing; warnings pass.

    Raises:
        DocumentRefusedError: There are errors; the first ten are named.  Fault `oversteps` where
            the list says what its parties may not say, else `content`.
    """
    errors = [finding for finding in findings if finding.is_error]
    if not errors:
        return
    shown, more = errors[:_SHOWN], len(errors) - _SHOWN
    tail = f" (+{more})" if more > 0 else ""
    too_far = any(finding.rule is Rule.OVERSTEPS for finding in errors)
    raise DocumentRefusedError(
        DocumentFault.OVERSTEPS if too_far else DocumentFault.CONTENT,
        "；".join(one.message("zh") for one in shown) + tail,
        "; ".join(one.message("en") for one in shown) + tail,
        where=errors[0].where,
        fix_zh="请改正全部错误后再签名",
        fix_en="Mend all errors before signing",
    )
