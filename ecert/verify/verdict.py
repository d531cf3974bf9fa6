"""The verdict (核验结果): outcome, reasons, the lists it rests on, and data only if accepted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn

from ecert.errors import NotAcceptedError
from ecert.reasons import Language, Outcome, Reason, headline
from ecert.verify.together import one_holder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from ecert.verify.recognised import About, RecognisedLicence
    from ecert.verify.uses import Grounds, ListUse


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found wrong; ``facts`` are values (times, versions, ages), not prose."""

    check: str
    reason: Reason
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Part:
    """The verdict on one licence of a code.

    What is told of the licence is put into words only when it is asked for: a queue of scans
    needs the outcome first.
    """

    findings: tuple[Finding, ...]
    _about: Callable[[], About] | None = None
    _licence: Callable[[], RecognisedLicence] | None = None
    grounds: Grounds | None = None
    _licence_id: Callable[[], str | None] | None = None

    @property
    def about(self) -> About | None:
        """Type and issuer, once the signature is proven."""
        return None if self._about is None else self._about()

    @property
    def licence_id(self) -> str | None:
        """The licence id, once the signature is proven: for receipts; told to no clerk."""
        return None if self._licence_id is None else self._licence_id()

    @property
    def lists_used(self) -> tuple[ListUse, ...]:
        """The lists that it rests on; none where nothing was proven."""
        return () if self.grounds is None else self.grounds.lists_used()

    @property
    def reason(self) -> Reason:
        """The headline."""
        if not self.findings:
            return Reason.OK
        return headline([finding.reason for finding in self.findings])

    @property
    def outcome(self) -> Outcome:
        """What it comes to."""
        return self.reason.outcome

    @property
    def accepted(self) -> bool:
        """Whether the licence is authentic, current and recognised here for this matter."""
        return not self.findings and self._licence is not None

    @property
    def licence(self) -> RecognisedLicence:
        """The licence.

        Raises:
            NotAcceptedError: It is not accepted.
        """
        if not self.accepted or self._licence is None:
            raise NotAcceptedError(self, self.reason)
        return self._licence()

    def next_step(self, language: Language = "zh") -> str:
        """What the clerk does next."""
        if self.accepted:
            return _COMPARE[_to_compare(self.licence)][0 if language == "zh" else 1]
        wording = self.reason.wording
        return wording.next_zh if language == "zh" else wording.next_en


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to one scan: as good as its worst part, and every part is told."""

    parts: tuple[Part, ...]
    at: datetime
    region: str
    matter: str | None
    demo: bool = False
    """Whether demonstration keys were relied on; such a verdict is never a basis for business."""

    def __post_init__(self) -> None:
        if not self.parts:
            raise ValueError("a verdict has at least one part")

    @property
    def worst(self) -> Part:
        """The part that decides."""
        if len(self.parts) == 1:
            return self.parts[0]
        return min(
            self.parts, key=lambda part: (-part.outcome.badness, part.reason.rank)
        )  # fmt: skip

    @property
    def outcome(self) -> Outcome:
        """accepted, not-recognised, refused or undetermined."""
        return self.worst.outcome

    @property
    def reason(self) -> Reason:
        """The headline reason."""
        return self.worst.reason

    @property
    def accepted(self) -> bool:
        """Whether every licence of the code is accepted."""
        return all(part.accepted for part in self.parts)

    @property
    def one_holder(self) -> bool | None:
        """Whether one holder stands in all accepted parts; None where it cannot be told."""
        return one_holder(self.parts)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything that was found wrong, in all parts."""
        return tuple(finding for part in self.parts for finding in part.findings)

    @property
    def about(self) -> About | None:
        """Type and issuer of the first licence, once its signature is proven."""
        return self.parts[0].about

    @property
    def lists_used(self) -> tuple[ListUse, ...]:
        """Every list that the verdict rests on, each once."""
        return tuple(dict.fromkeys(use for part in self.parts for use in part.lists_used))

    @property
    def licence(self) -> RecognisedLicence:
        """The licence, where the code holds just one.

        Raises:
            NotAcceptedError: The verdict is not `accepted`.
            ValueError: The code holds several licences: ask each of ``parts``.
        """
        if len(self.parts) > 1:
            raise ValueError("several licences: ask each part for its own")
        return self.parts[0].licence

    def require_accepted(self) -> Verdict:
        """Return this verdict if it is `accepted`.

        Raises:
            NotAcceptedError: It is not.
        """
        if not self.accepted:
            raise NotAcceptedError(self, self.reason)
        return self

    def __bool__(self) -> NoReturn:
        raise TypeError("a verdict has four outcomes; ask .accepted or .outcome")

    def explain(self, language: Language = "zh") -> str:
        """Return the verdict in words, several lines, as a clerk reads it."""
        from ecert.verify.wording import explain  # noqa: PLC0415 - wording is loaded when read

        return explain(self, language)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON; licence data only in accepted parts."""
        from ecert.verify.wording import to_dict  # noqa: PLC0415

        return to_dict(self)


def _to_compare(licence: RecognisedLicence) -> str:
    if licence.agent is not None:
        return "agent-of-enterprise" if licence.enterprise else "agent"
    if licence.bearer:
        return "bearer"
    return "enterprise" if licence.enterprise else "person"


_COMPARE = {
    "person": (
        "请与居民身份证核对姓名和号码后四位",
        "Compare the name and the last four characters with the identity card",
    ),
    "enterprise": (
        "请核对经办人身份及授权",
        "Check the identity and the authority of the person who acts for the holder",
    ),
    "agent": (
        "请核对代办人身份证件：姓名和号码后四位；并核对委托人（持证主体）姓名",
        "Check the agent's identity card: name and last four characters; and the principal's name",
    ),
    "agent-of-enterprise": (
        "请核对经办人身份证件：姓名和号码后四位；并核对委托单位（持证主体）名称",
        "Check the agent's identity card: name and last four characters; and the name of the body",
    ),
    "bearer": (
        "此件不能证明是本人持有：请查验身份证件原件",
        "This proves no holder: check the identity document itself",
    ),
}
