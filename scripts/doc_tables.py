"""Tables made from the code: reasons, faults of documents, errors, status values, limits."""

from __future__ import annotations

from ecert import limits
from ecert.errors import EcertError
from ecert.faults import DocumentFault, FetchFault
from ecert.interop.lint import Rule
from ecert.model.catalogue import builtin
from ecert.model.field_spec import FieldSpec
from ecert.reasons import Outcome, Reason
from ecert.sign.suites import SUITES
from ecert.status.values import StatusValue


def outcomes() -> str:
    """Return the four outcomes."""
    meanings = {
        Outcome.ACCEPTED: "authentic, current and recognised here for this matter",
        Outcome.NOT_RECOGNISED: "authentic and current, but not in force here for this matter",
        Outcome.UNDETERMINED: "knowing more could change the answer",
        Outcome.REFUSED: "not to be relied on",
    }
    rows = ["| outcome | 中文 | English | means |", "|---|---|---|---|"]
    ordered = sorted(Outcome, key=lambda outcome: outcome.badness)
    rows += [f"| `{one.value}` | {one.zh} | {one.en} | {meanings[one]} |" for one in ordered]
    return "\n".join(rows)


def reasons() -> str:
    """Return all reasons, by number."""
    rows = [
        "| number | value | outcome | rank | what is the matter | what to do next |",
        "|---|---|---|--:|---|---|",
    ]
    for reason in sorted(Reason, key=lambda one: one.number):
        wording = reason.wording
        rows.append(
            f"| {reason.number} | `{reason.value}` | {reason.outcome.value} | {reason.rank}"
            f" | {wording.zh}<br>{wording.en} | {wording.next_zh}<br>{wording.next_en} |"
        )
    return "\n".join(rows)


def document_faults() -> str:
    """Return why a document may not come into force."""
    rows = ["| value | 中文 | English |", "|---|---|---|"]
    rows += [f"| `{fault.value}` | {fault.zh} | {fault.en} |" for fault in DocumentFault]
    return "\n".join(rows)


def fetch_faults() -> str:
    """Return why nothing could be fetched."""
    rows = ["| value | what is the matter | what to do |", "|---|---|---|"]
    rows += [
        f"| `{one.value}` | {one.zh}<br>{one.en} | {one.fix_zh}<br>{one.fix_en} |"
        for one in FetchFault
    ]
    return "\n".join(rows)


def lint_rules() -> str:
    """Return what recognition lists are linted for."""
    rows = ["| number | code | | what is the matter | how to mend it |", "|---|---|---|---|---|"]
    for rule in sorted(Rule, key=lambda one: one.number):
        wording = rule.wording
        rows.append(
            f"| {wording.number} | `{rule.value}` | {wording.severity.value} {wording.severity.zh}"
            f" | {wording.zh}<br>{wording.en} | {wording.fix_zh}<br>{wording.fix_en} |"
        )
    return "\n".join(rows)


def errors() -> str:
    """Return the tree of errors."""
    rows = ["| error | under | what it means |", "|---|---|---|"]
    rows += _error_rows(EcertError)
    return "\n".join(rows)


def _error_rows(error: type[EcertError]) -> list[str]:
    parent = error.__bases__[0].__name__
    meaning = (error.__doc__ or "").strip().splitlines()[0]
    rows = [f"| `{error.__name__}` | `{parent}` | {meaning} |"]
    for child in error.__subclasses__():
        rows += _error_rows(child)
    return rows


def suites() -> str:
    """Return the signature suites."""
    rows = ["| JOSE | COSE | curve in a JWK | curve in a COSE_Key |", "|---|--:|---|--:|"]
    rows += [
        f"| `{suite.alg}` | {suite.cose_alg} | `{suite.crv}` | {suite.cose_crv} |"
        for suite in SUITES
    ]
    return "\n".join(rows)


def status_values() -> str:
    """Return what the entries of a status list mean."""
    rows = ["| value | name | the verdict says |", "|--:|---|---|"]
    for value in StatusValue:
        reason = value.reason
        said = (
            "nothing against it"
            if reason is None
            else f"`{reason.value}` ({reason.number}) {reason.zh}"
        )
        rows.append(f"| {int(value)} | `{value.name}` | {said} |")
    return "\n".join(rows)


def licence_types() -> str:
    """Return the built-in licence types."""
    rows = [
        "| 证照类型 | code | status of the code | competent authority | leading field |",
        "|---|---|---|---|---|",
    ]
    rows += [
        f"| {one.name} | `{one.code}` | {one.code_status} | "
        f"{one.competent_authority or one.defining_authority.name} | {one.leading_field or ''} |"
        for one in builtin()
    ]
    return "\n".join(rows)


def field_attributes() -> str:
    """Return the attributes of a field definition."""
    rows = ["| attribute | default |", "|---|---|"]
    rows += [
        f"| `{name}` | {'required' if spec.is_required() else f'`{spec.default!r}`'} |"
        for name, spec in FieldSpec.model_fields.items()
    ]
    return "\n".join(rows)


def bounds() -> str:
    """Return every bound."""
    rows = ["| name | value |", "|---|--:|"]
    rows += [
        f"| `{name}` | {value:,} |" if isinstance(value, int) else f"| `{name}` | {value} |"
        for name, value in vars(limits).items()
        if name.isupper()
    ]
    return "\n".join(rows)
