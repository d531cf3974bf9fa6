"""The steps of the demonstration, and the scans in them with what each must come to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ecert.reasons import Reason
    from ecert.show.code import ShowCode
    from ecert.verify.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Check:
    """One scan at the window, and what it must come to."""

    zh: str
    en: str
    code: ShowCode
    verdict: Verdict
    expected: Reason

    @property
    def as_expected(self) -> bool:
        """Whether reason and outcome are those expected."""
        found = self.verdict
        return found.reason is self.expected and found.outcome is self.expected.outcome


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the story.

    Attributes:
        zh: What happens, in Chinese.
        en: What happens, in English.
        told: What comes of it beside verdicts, in both languages.
        checks: What was scanned.
        files: What is worth keeping, by file name.
    """

    zh: str
    en: str
    told: tuple[str, str] = ("", "")
    checks: tuple[Check, ...] = ()
    files: dict[str, bytes] = field(default_factory=dict)

    @property
    def as_expected(self) -> bool:
        """Whether every check came out as it must."""
        return all(check.as_expected for check in self.checks)
