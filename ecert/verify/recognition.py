"""The last check: is the licence recognised here for this matter, and what is it called here."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from ecert.errors import ParseError
from ecert.interop import mapping
from ecert.interop.conditions import unmet
from ecert.model.holders import HolderClass
from ecert.model.regions import name_of, province
from ecert.reasons import Reason
from ecert.show.shown import in_full, read_fields
from ecert.verify.files import WHOLE_FILE
from ecert.verify.recognised import About, AlsoRecognised, Basis, RecognisedLicence
from ecert.verify.verdict import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ecert.interop.book import RecognitionBook
    from ecert.interop.decision import Decision, ListedEntry, ListInForce
    from ecert.model.catalogue import Catalogue, LicenceType
    from ecert.verify.checks import Case


class Recognition(NamedTuple):
    """What recognition came to: findings, or the licence under its local names.

    Attributes:
        findings: Why it is not recognised; empty where it is, or where it was not asked.
        licence: Puts the licence into its local words.
        lists: The lists on which that rests.
    """

    findings: tuple[Finding, ...]
    licence: Callable[[], RecognisedLicence] | None
    lists: tuple[ListInForce, ...] = ()


class _Tried(NamedTuple):
    """An entry, and what it makes of the fields."""

    listed: ListedEntry
    fields: Mapping[str, str]
    findings: list[Finding]


def recognise(
    case: Case, *, book: RecognitionBook, catalogue: Catalogue, region: str, matter: str | None
) -> Recognition:
    """Decide whether ``region`` recognises the licence for ``matter``, and translate it.

    A licence of the verifier's own province needs no recognition list: within a province an
    electronic licence has the force of the paper one.
    """
    licence_type = case.licence_type
    if licence_type is None:
        return Recognition((), None)  # already found by `licence_type_known`
    try:
        fields = read_fields(licence_type, case.claims.fields)
    except ParseError as error:
        return Recognition((Finding("fields", error.reason),), None)
    if province(case.claims.region) == province(region):
        return Recognition((), partial(_licence, case, licence_type, fields))
    decision = book.decide(
        licence_type=licence_type.code,
        licence_region=case.claims.region,
        issuer=case.claims.issuer_code,
        reader_region=region,
        matter=matter,
        at=case.at,
    )
    if decision.reason is not None:
        lists = () if decision.list is None else (decision.list,)
        found = Finding("recognition", decision.reason, decision.facts)
        return Recognition((found,), None, lists)
    return _translate(case, licence_type, fields, decision, catalogue)


def _translate(
    case: Case,
    licence_type: LicenceType,
    fields: Mapping[str, str],
    decision: Decision,
    catalogue: Catalogue,
) -> Recognition:
    """Let the recognising entries speak in their precedence: the first that accepts is heard."""
    passed: list[_Tried] = []
    for listed in decision.recognising:
        tried = _try(case, licence_type, fields, listed)
        if tried.findings:
            passed.append(tried)
            continue
        local = catalogue.get(listed.entry.target.type)
        licence = partial(
            _licence, case, licence_type, tried.fields, local, listed, passed, decision
        )
        return Recognition((), licence, _lists(passed, listed))
    if not passed:
        raise ValueError("an accepting decision names its entry")
    # None accepts: the reasons are those of the entry that comes first.
    findings = passed[0].findings
    if decision.expired is not None:
        # Its successor may ask for less: nobody can tell here.
        findings = [*findings, _expired(decision.expired)]
    return Recognition(tuple(findings), None, _lists(passed, None))


def _try(
    case: Case, licence_type: LicenceType, fields: Mapping[str, str], listed: ListedEntry
) -> _Tried:
    entry = listed.entry
    mapped = mapping.apply(entry, fields)
    if not (entry.conditions or mapped.missing or mapped.unmapped):
        return _Tried(listed, mapped.fields, [])
    where = {"list_id": listed.list.document.list_id, "entry": entry.id}
    findings = [
        Finding("condition", reason, {"field": condition.field, "condition": condition, **where})
        for condition, reason in unmet(
            entry.conditions, _in_full(case, licence_type, fields), case.today
        )
    ]
    findings += [
        Finding("mapping", reason, {"field": name, **where})
        for reason, names in (
            (Reason.FIELD_MISSING, mapped.missing),
            (Reason.VALUE_UNMAPPED, mapped.unmapped),
        )
        for name in names
    ]
    return _Tried(listed, mapped.fields, findings)


def _in_full(case: Case, licence_type: LicenceType, fields: Mapping[str, str]) -> Mapping[str, str]:
    """Leave out what is shown in part: nobody can tell whether that meets a condition."""
    if case.claims.profile == WHOLE_FILE:
        return fields
    # By another definition than ours, what it shows in part is unknown: then nothing is left.
    return in_full(licence_type, case.claims.profile, fields)


def _lists(passed: Sequence[_Tried], spoke: ListedEntry | None) -> tuple[ListInForce, ...]:
    if not passed and spoke is not None:
        return (spoke.list,)
    tried = [one.listed.list for one in passed]
    return tuple(dict.fromkeys(tried if spoke is None else [*tried, spoke.list]))


def _expired(held: ListInForce) -> Finding:
    document = held.document
    facts = {"list_id": document.list_id, "title": document.title, "expired": held.expires}
    return Finding("recognition", Reason.LIST_EXPIRED, facts)


def _licence(
    case: Case,
    licence_type: LicenceType,
    fields: Mapping[str, str],
    local: LicenceType | None = None,
    spoke: ListedEntry | None = None,
    passed: Sequence[_Tried] = (),
    decision: Decision | None = None,
) -> RecognisedLicence:
    claims = case.claims
    code, name = licence_type.code, (local or licence_type).name
    if spoke is not None:
        code, name = spoke.entry.target.type, spoke.entry.target.name or name
    return RecognisedLicence(
        type_name=name,
        type_code=code,
        original_type_name=licence_type.name,
        holders=claims.holders,
        number=claims.number,
        fields=fields,
        valid_from=claims.valid_from,
        valid_until=claims.valid_until,
        issuer_name=case.issuer_key.issuer.name,
        region_name=name_of(claims.region),
        basis=None if spoke is None else _basis(spoke, passed, decision),
        bearer=case.proof is None,
        purpose=case.purpose,
        agent=None if case.mandate is None else case.mandate.agent(),
        # Of the person, as name and number are, and so not mapped.
        portrait=case.portrait,
        enterprise=HolderClass.NATURAL_PERSON not in licence_type.holder_classes,
    )


def _basis(spoke: ListedEntry, passed: Sequence[_Tried], decision: Decision | None) -> Basis:
    recognition_list, entry = spoke.list.document, spoke.entry
    refused = {one.listed.rank: _reasons(one.findings) for one in passed}
    others = () if decision is None else decision.recognising
    return Basis(
        list_title=recognition_list.title,
        document_number=recognition_list.document_number,
        list_version=recognition_list.version,
        entry=entry.id,
        legal_basis=entry.basis,
        note=entry.note,
        sample=recognition_list.sample,
        lead=entry.lead,
        also=tuple(
            _also(spoke, other, refused.get(other.rank, ()))
            for other in others
            if other is not spoke
        ),
    )


def _reasons(findings: Sequence[Finding]) -> tuple[Reason, ...]:
    return tuple(dict.fromkeys(finding.reason for finding in findings))


def _also(
    spoke: ListedEntry, other: ListedEntry, passed_over: tuple[Reason, ...]
) -> AlsoRecognised:
    document = other.list.document
    return AlsoRecognised(
        list_title=document.title,
        document_number=document.document_number,
        list_version=document.version,
        entry=other.entry.id,
        sample=document.sample,
        rule=spoke.rank.rule(other.rank),
        passed_over=passed_over,
    )


def about(case: Case) -> About:
    """Return what may be said of a proven licence whatever becomes of it."""
    issuer = case.issuer_key.issuer
    known = case.licence_type
    return About(
        type_code=case.claims.type_code,
        type_name=known.name if known is not None else case.claims.type_code,
        issuer_code=issuer.code,
        issuer_name=issuer.name,
        region=case.claims.region,
        region_name=name_of(case.claims.region),
    )
