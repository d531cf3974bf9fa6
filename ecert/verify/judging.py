"""Each licence of a code: proven by its issuer and its holder, then judged by every check."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ecert.model.calendar import office_day
from ecert.verify import checks as standard
from ecert.verify.checks import Case
from ecert.verify.mandates import judge as judge_mandate
from ecert.verify.mandates import prove_mandate
from ecert.verify.paper import purpose_of
from ecert.verify.proof import prove_holder, prove_issuer
from ecert.verify.recognition import about, recognise
from ecert.verify.verdict import Part

if TYPE_CHECKING:
    from datetime import datetime

    from ecert.show.compact import CompactClaims
    from ecert.show.offline import HolderProof, UnverifiedShowCode
    from ecert.trust.book import TrustBook
    from ecert.trust.index import IssuerKey
    from ecert.verify.audience import Asked
    from ecert.verify.knowledge import Knowledge
    from ecert.verify.mandates import ShownMandate
    from ecert.verify.policy import Policy
    from ecert.verify.presentations import PresentedProof


def prove(shown: UnverifiedShowCode, trust: TrustBook, at: datetime) -> list[IssuerKey | Part]:
    """Return each licence's proven key of its issuer, or the part that says why not."""
    proven: list[IssuerKey | Part] = [
        prove_issuer(
            trust, kid=sign1.kid or b"", issuer_code=claims.issuer_code,
            region=claims.region, verify=sign1.verify, at=at,
        )
        for sign1, claims, _ in shown.credentials
    ]  # fmt: skip
    # The holder's key is named by the licences, so it counts only once one is proven.
    if all(isinstance(one, Part) for one in proven):
        return proven
    refused = (prove_holder if shown.mandate is None else prove_mandate)(shown)
    if refused is None:
        return proven
    return [one if isinstance(one, Part) else refused for one in proven]


def case_of(
    knowledge: Knowledge,
    policy: Policy,
    claims: CompactClaims,
    proof: HolderProof | PresentedProof | None,
    key: IssuerKey,
    asked: Asked,
    at: datetime,
    mandate: ShownMandate | None = None,
) -> Case:
    """Return one proven licence with everything that a check may look at."""
    uri = knowledge.status_uri(claims.issuer_code, claims.status_list)
    return Case(
        claims=claims,
        proof=proof,
        issuer_key=key,
        licence_type=knowledge.catalogue.get(claims.type_code),
        status_uri=uri,
        status_list=None if uri is None else knowledge.status_list(uri),
        policy=policy,
        asked=asked,
        newest_signed=knowledge.newest_signed,
        at=at,
        today=office_day(at),
        mandate=mandate,
        purpose=purpose_of(claims, key.issuer.name),
        real_roots=knowledge.trust.has_real_roots,
    )


def judge(case: Case, knowledge: Knowledge, *, region: str, matter: str | None) -> Part:
    """Return the verdict on one proven licence: every check runs, so that all reasons are heard."""
    findings = [found for check in standard.STANDARD if (found := check(case)) is not None]
    findings += judge_mandate(case)
    recognition = recognise(
        case, book=knowledge.recognition, catalogue=knowledge.catalogue, region=region,
        matter=matter,
    )  # fmt: skip
    findings += recognition.findings
    return Part(
        findings=tuple(findings),
        _about=partial(about, case),
        _licence=None if findings else recognition.licence,
        grounds=knowledge.grounds(case, recognition.lists),
        _licence_id=case.claims.licence_id,
    )
