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
from ecert.show.compact import from_day_number
from ecert.verify.verdict import Basis, Finding, RecognisedLicence

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ecert.interop.book import RecognitionBook
    from ecert.interop.decision import Decision
    from ecert.interop.entry import Entry
    from ecert.model.catalogue import Catalogue, LicenceType
    from ecert.show.compact import FieldValue
    from ecert.verify.checks import Case


class Recognition(NamedTuple):
    """What recognition came to: findings, or the licence under its local names."""

    findings: tuple[Finding, ...]
    licence: Callable[[], RecognisedLicence] | None
    decision: Decision | None


def recognise(
    case: Case, *, book: RecognitionBook, catalogue: Catalogue, region: str, matter: str | None
) -> Recognition:
    """Decide whether ``region`` recognises the licence for ``matter``, and translate it.

    A licence of the verifier's own province needs no recognition list: within a province an
    electronic licence has the force of the paper one.
    """
    licence_type = case.licence_type
    if licence_type is None:
        return Recognition((), None, None)  # already found by `licence_type_known`
    try:
        fields = read_fields(licence_type, case.claims.fields)
    except ParseError as error:
        return Recognition((Finding("fields", error.reason),), None, None)
    if province(case.claims.region) == province(region):
        return Recognition((), partial(_licence, case, licence_type, fields, None), None)
    decision = book.decide(
        licence_type=licence_type.code,
        licence_region=case.claims.region,
        issuer=case.claims.issuer_code,
        reader_region=region,
        matter=matter,
        at=case.at,
    )
    if decision.reason is not None or decision.entry is None:
        reason = decision.reason or Reason.TYPE_NOT_LISTED
        return Recognition((Finding("recognition", reason, decision.facts),), None, decision)
    return _translate(case, licence_type, fields, decision, catalogue)


def _translate(
    case: Case,
    licence_type: LicenceType,
    fields: Mapping[str, str],
    decision: Decision,
    catalogue: Catalogue,
) -> Recognition:
    entry = decision.entry
    if entry is None:
        raise ValueError("an accepting decision names its entry")
    mapped = mapping.apply(entry, fields)
    findings = _unmet(case, licence_type, fields, entry) if entry.conditions else []
    findings += [Finding("mapping", Reason.FIELD_MISSING, {"field": f}) for f in mapped.missing]
    findings += [Finding("mapping", Reason.VALUE_UNMAPPED, {"field": f}) for f in mapped.unmapped]
    if findings:
        return Recognition(tuple(findings), None, decision)
    local = catalogue.get(entry.target.type)
    licence = partial(_licence, case, licence_type, mapped.fields, decision, local)
    return Recognition((), licence, decision)


def _unmet(
    case: Case, licence_type: LicenceType, fields: Mapping[str, str], entry: Entry
) -> list[Finding]:
    profile = licence_type.profile_by_number(case.claims.profile)
    told = () if profile is None else licence_type.told_by(profile)
    # Of what is shown in part nobody can tell whether it meets a condition.
    masked = {field.name for field in told if field.mask != "none"}
    whole = {name: value for name, value in fields.items() if name not in masked}
    return [
        Finding("condition", reason, {"field": condition.field, "condition": condition})
        for condition, reason in unmet(entry.conditions, whole, case.today)
    ]


def read_fields(licence_type: LicenceType, fields: Mapping[int, FieldValue]) -> dict[str, str]:
    """Return the shown fields by name; a key that the definition does not know is left out.

    Raises:
        ParseError: A date is out of the calendar.
    """
    result = {}
    for key, value in fields.items():
        spec = licence_type.field_by_key(key)
        if spec is None:
            continue
        if spec.kind == "date" and isinstance(value, int):
            result[spec.name] = from_day_number(value).isoformat()
        else:
            result[spec.name] = str(value)
    return result


def _licence(
    case: Case,
    licence_type: LicenceType,
    fields: Mapping[str, str],
    decision: Decision | None,
    local: LicenceType | None = None,
) -> RecognisedLicence:
    claims, entry = case.claims, None if decision is None else decision.entry
    code, name = licence_type.code, (local or licence_type).name
    if entry is not None:
        code, name = entry.target.type, entry.target.name or name
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
        basis=None if decision is None else _basis(decision),
        bearer=case.proof is None,
        purpose=case.purpose,
        enterprise=HolderClass.NATURAL_PERSON not in licence_type.holder_classes,
    )


def _basis(decision: Decision) -> Basis:
    if decision.list is None or decision.entry is None:
        raise ValueError("an accepting decision names its list and entry")
    recognition_list, entry = decision.list.document, decision.entry
    return Basis(
        list_title=recognition_list.title,
        document_number=recognition_list.document_number,
        list_version=recognition_list.version,
        entry=entry.id,
        legal_basis=entry.basis,
        note=entry.note,
        sample=recognition_list.sample,
    )
