"""What the list keeper's page is told: checks, changes and proposals as plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ecert.interop import told
from ecert.interop.difference import DifferenceKind
from ecert.interop.draft import DraftSource
from ecert.interop.entry import ALL
from ecert.model.people import person_key
from ecert.model.regions import name_of
from ecert.store.list_proposals import OPEN, ProposalState
from ecert.trust.spoken import spoken_hex, spoken_words

if TYPE_CHECKING:
    from ecert.errors import EcertError
    from ecert.interop.change import Change
    from ecert.interop.decision import ListInForce
    from ecert.interop.difference import EntryDifference
    from ecert.interop.entry import Entry
    from ecert.interop.signing import Signatures
    from ecert.model.catalogue import Catalogue
    from ecert.store.list_proposals import ListProposal
    from ecert.store.tokens import AccessToken
    from ecert.workspace.lists.checking import ListCheck
    from ecert.workspace.lists.deciding import ListDesk

_COMES = {DifferenceKind.ADDED, DifferenceKind.WIDENED}
_GOES = {DifferenceKind.REMOVED, DifferenceKind.WITHDRAWN, DifferenceKind.NARROWED}


def told_error(error: EcertError) -> dict[str, Any]:
    """Return an error in both languages, and how to mend it."""
    return {
        "error": type(error).__name__, "zh": error.zh, "en": error.en, "where": error.where,
        "fix_zh": error.fix_zh, "fix_en": error.fix_en,
        "outdated": bool(getattr(error, "outdated", False)),
    }  # fmt: skip


def told_check(check: ListCheck, catalogue: Catalogue) -> dict[str, Any]:
    """Return what has become of a workbook: its sheets, the findings, and what it changes."""
    reading, document = check.reading, check.reading.document
    return {
        "at": check.at.isoformat(),
        "digest": check.digest,
        "base": check.base,
        "clean": check.is_clean,
        "rows": reading.rows,
        "title": "" if document is None else document.title,
        "version": None if document is None else document.version,
        "entries": None if document is None else len(document.entries),
        "entries_sheet": reading.sheet,
        "sheets": [
            {
                "title": one.title,
                "heading": reading.heading_row if one.title == reading.sheet else None,
                "rows": one.rows,
            }
            for one in check.sheets
        ],
        "findings": [one.to_dict() for one in check.findings],
        "more": reading.more,
        "notes": [{"zh": one.zh, "en": one.en} for one in reading.notes],
        "blocked": None if check.blocked is None else told_error(check.blocked),
        "change": None if check.change is None else told_change(check.change, catalogue),
    }


def told_change(change: Change, catalogue: Catalogue) -> dict[str, Any]:
    """Return what becomes recognised and what ceases, by type and matter."""
    known = catalogue.with_carried(change.incoming.types) if change.incoming.types else catalogue
    return {
        "heads": {language: change.head_lines(language) for language in ("zh", "en")},
        "added": len(change.added),
        "removed": len(change.removed),
        "changed": len(change.changed),
        "unchanged": change.unchanged,
        "share": change.share,
        "large": change.needs_second_person,
        "first": change.current is None,
        "lines": [_difference(one, known) for one in change.differences],
    }


def _difference(one: EntryDifference, catalogue: Catalogue) -> dict[str, Any]:
    entry = one.entry
    group = "comes" if one.kind in _COMES else "goes" if one.kind in _GOES else "other"
    if one.kind is DifferenceKind.REWORDED:
        group = "words"
    before, now = _matters(one.old), _matters(one.new)
    if one.new is not None and one.new.withdrawn is not None:
        now = ()
    return {
        "id": entry.id,
        "kind": one.kind.value,
        "kind_zh": one.kind.zh,
        "group": group,
        "source": name_of(entry.source.region),
        "target": name_of(entry.target.region),
        "type": told.both_types(entry, catalogue),
        "come": [] if ALL in before else [matter for matter in now if matter not in before],
        "gone": [] if ALL in now else [matter for matter in before if matter not in now],
        "zh": one.sentence("zh", catalogue),
        "en": one.sentence("en", catalogue),
    }


def _matters(entry: Entry | None) -> tuple[str, ...]:
    return () if entry is None else entry.matters


def told_list(held: ListInForce) -> dict[str, Any]:
    """Return a list in force in short."""
    document = held.document
    return {
        "slot": document.slot,
        "list_id": document.list_id,
        "title": document.title,
        "document_number": document.document_number,
        "owner": document.owner,
        "version": document.version,
        "digest": held.digest,
        "entries": len(document.entries),
        "parties": [name_of(one) for one in document.parties],
        "issued": document.issued.isoformat(),
        "expires": document.expires.isoformat(),
        "sample": document.sample,
        "withheld": sorted(held.withheld),
    }


def told_proposal(desk: ListDesk, one: ListProposal, by: AccessToken) -> dict[str, Any]:
    """Return a proposal in short, and what the asking person may do about it."""
    mine = one.proposer_token == by.id or person_key(one.proposer) == person_key(by.name)
    is_open = one.state in OPEN
    signatures = desk.tally(one) if one.state is ProposalState.ACCEPTED else ()
    return {
        "id": one.id,
        "state": one.state.value,
        "title": one.title,
        "version": one.version,
        "digest": one.digest,
        "base": one.base,
        "file": one.file,
        "proposer": one.proposer,
        "proposed": one.proposed.isoformat(),
        "decider": one.decider,
        "decided": None if one.decided is None else one.decided.isoformat(),
        "ended_by": one.ended_by,
        "ended": None if one.ended is None else one.ended.isoformat(),
        "mine": mine,
        "outdated": is_open and desk.is_outdated(one),
        "may_accept": one.state is ProposalState.PROPOSED and not mine,
        "may_sign": one.state is ProposalState.ACCEPTED and desk.signs,
        "signatures": [_signatures(each) for each in signatures],
        "signed": bool(one.signed),
    }


def _signatures(one: Signatures) -> dict[str, Any]:
    return {
        "party": one.party,
        "name": name_of(one.party),
        "valid": len(one.valid),
        "needed": one.needed,
        "known": one.governed_by is not None,
        "complete": one.complete,
    }


def told_whole(
    desk: ListDesk, one: ListProposal, by: AccessToken, catalogue: Catalogue
) -> dict[str, Any]:
    """Return a proposal with all that the second person looks at."""
    source = DraftSource.model_validate_json(one.source)
    held = desk.held(one)
    return told_proposal(desk, one, by) | {
        "change": told_change(desk.change(one), catalogue),
        "in_force": "" if held is None else held.digest,
        "rows": source.rows,
        "sha256": source.sha256,
        "notes": list(source.notes),
        "spoken": spoken_words(one.digest),
        "grouped": spoken_hex(one.digest),
    }
