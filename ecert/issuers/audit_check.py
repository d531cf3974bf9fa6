"""Checks the audit trail, and the register against it.

(1) The chain: numbers without gaps, each entry's hash right and named by the next.
(2) The events: each entry's digest is over the events that are there.
    No event is there that no entry covers.
(3) The licences: what is recorded is what was issued, in the state to which its events lead.
(4) The status lists: every credential says what its licence's state demands, and no status index
    is given away that nobody has.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from ecert.errors import ForbiddenMoveError
from ecert.issuers.audit import GENESIS, events_digest, seal
from ecert.issuers.lifecycle import Move, allowed, is_final, status_value
from ecert.status.values import StatusValue

if TYPE_CHECKING:
    from ecert.issuers.audit import AuditedLicence, AuditEntry
    from ecert.issuers.register_view import RegisterView
    from ecert.model.licence import LicenceState

MAX_FINDINGS: Final = 100
"""More are counted, but not told one by one."""


class AuditFault(StrEnum):
    """What an audit can find."""

    GAP = "gap"
    BROKEN_CHAIN = "broken-chain"
    EVENTS_CHANGED = "events-changed"
    CUT_SHORT = "cut-short"
    CONTENT_CHANGED = "content-changed"
    STATE_CHANGED = "state-changed"
    STATUS_CHANGED = "status-changed"
    STRAY_SLOT = "stray-slot"

    @property
    def zh(self) -> str:
        """What it means, in Chinese."""
        return _FAULTS[self][0]

    @property
    def en(self) -> str:
        """What it means, in English."""
        return _FAULTS[self][1]


_FAULTS: Final = {
    AuditFault.GAP: ("审计记录缺号", "an entry of the audit trail is missing"),
    AuditFault.BROKEN_CHAIN: ("审计链断开", "the chain of hashes is broken"),
    AuditFault.EVENTS_CHANGED: (
        "变动记录与审计记录不符",
        "the events are not those that were recorded",
    ),
    AuditFault.CUT_SHORT: (
        "审计链中没有以前记下的链头",
        "the trail does not contain the head that was noted down",
    ),
    AuditFault.CONTENT_CHANGED: (
        "证照内容与颁发时不同",
        "the licence is not what was issued",
    ),
    AuditFault.STATE_CHANGED: (
        "证照状态与变动记录不符",
        "the licence's state is not the one to which its events lead",
    ),
    AuditFault.STATUS_CHANGED: (
        "状态表中的值与证照状态不符",
        "the status list says something else than the licence's state demands",
    ),
    AuditFault.STRAY_SLOT: (
        "有状态位不属于任何签发件",
        "a status index is given away that no credential has",
    ),
}


@dataclass(frozen=True, slots=True)
class AuditFinding:
    """One thing that is wrong, and where: an entry's number, a licence id."""

    fault: AuditFault
    where: str


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What an audit found.

    Attributes:
        entries: How many entries of the trail were checked.
        events: How many events they cover.
        licences: How many licences were compared.
        head: The hash of the last entry: note it down elsewhere.
        findings: What is wrong, at most `MAX_FINDINGS`.
        more: How many further findings there are.
    """

    entries: int
    events: int
    licences: int
    head: str
    findings: tuple[AuditFinding, ...]
    more: int

    @property
    def clean(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings


def check_audit(view: RegisterView, *, noted: str | None = None) -> AuditReport:
    """Check everything; see `Archive.check_audit`."""
    audit = _Audit(noted)
    # (1), (2) the trail by itself
    audit.trail(view)
    # (3), (4) the register against it
    for licence in view.audit_states():
        audit.licence(licence)
    audit.last_entries()
    if view.stray_slots():
        audit.found(AuditFault.STRAY_SLOT, str(view.stray_slots()))
    return audit.report()


class _Audit:
    def __init__(self, noted: str | None) -> None:
        self._noted = noted
        self._entries = self._events = self._licences = self._more = 0
        self._covered = self._recorded = self._gaps = 0
        self._head = GENESIS
        self._findings: list[AuditFinding] = []

    def found(self, fault: AuditFault, where: str) -> None:
        if len(self._findings) < MAX_FINDINGS:
            self._findings.append(AuditFinding(fault, where))
        else:
            self._more += 1

    def report(self) -> AuditReport:
        return AuditReport(
            self._entries, self._events, self._licences, self._head,
            tuple(self._findings), self._more,
        )  # fmt: skip

    def trail(self, view: RegisterView) -> None:
        seen = self._noted is None or self._noted == GENESIS
        for entry, licence_events, office_events in view.audit_trail():
            digest, count = events_digest(licence_events, office_events)
            self._covered += len(licence_events)
            if gap := entry.number != self._entries + 1:
                self._gaps += 1
                self.found(AuditFault.GAP, str(self._entries + 1))
            # What is missing cannot be the one that the next names.
            if not _is_sealed(entry, entry.previous if gap else self._head):
                self.found(AuditFault.BROKEN_CHAIN, str(entry.number))
            if (digest, count) != (entry.digest, entry.events):
                self.found(AuditFault.EVENTS_CHANGED, str(entry.number))
            self._entries, self._head = entry.number, entry.hash
            self._events += count
            seen = seen or entry.hash == self._noted
        if not seen:
            self.found(AuditFault.CUT_SHORT, self._noted or "")

    def last_entries(self) -> None:
        """Tell of events that no entry covers: the last entries were taken away."""
        # Of a gap in the middle, the gap itself tells.
        if self._recorded > self._covered and not self._gaps:
            self.found(AuditFault.GAP, str(self._entries + 1))

    def licence(self, licence: AuditedLicence) -> None:
        self._licences += 1
        self._recorded += len(licence.events)
        state = _state_after(licence)
        if not licence.events or licence.events[0].digest != licence.digest:
            self.found(AuditFault.CONTENT_CHANGED, licence.licence_id)
        if state is None or state is not licence.state:
            self.found(AuditFault.STATE_CHANGED, licence.licence_id)
            return
        lost = {one.related for one in licence.events if one.move is Move.WITHDRAW_CREDENTIAL}
        for credential_id, value in licence.statuses:
            if value != _demanded(state, lost=credential_id in lost):
                self.found(AuditFault.STATUS_CHANGED, credential_id)


def _is_sealed(entry: AuditEntry, head: str) -> bool:
    same = seal(entry.number, entry.at, entry.events, entry.digest, entry.previous)
    return same.hash == entry.hash and entry.previous == head


def _state_after(licence: AuditedLicence) -> LicenceState | None:
    state: LicenceState | None = None
    for event in licence.events:
        try:
            # What may be done after the last day may be done before it, too.
            state = allowed(state, event.move)
        except ForbiddenMoveError:
            return None
    return state


def _demanded(state: LicenceState, *, lost: bool) -> int:
    if lost and not is_final(state):
        return int(StatusValue.CREDENTIAL_WITHDRAWN)
    return int(status_value(state))
