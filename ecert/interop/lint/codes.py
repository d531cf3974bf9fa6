"""Codes: of regions, licence types and issuers; and names of matters."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from ecert.errors import USCCError
from ecert.interop.content import NATIONAL_REGIONS
from ecert.interop.entry import ALL, matter_key
from ecert.interop.lint.finding import found
from ecert.interop.lint.rules import Rule
from ecert.model.codes import uscc_region
from ecert.model.regions import covers, find, name_of, province
from ecert.trust.document import EVERYONE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecert.interop.entry import Entry
    from ecert.interop.lint.finding import LintFinding
    from ecert.interop.lint.subject import LintSubject


def findings(subject: LintSubject) -> Iterator[LintFinding]:
    """Find codes that are unknown, out of date, provisional or out of place."""
    document = subject.document
    for name, regions in (("owner", (document.owner,)), ("parties", document.parties),
                          ("audience", document.audience)):  # fmt: skip
        for region in regions:
            yield from _region(subject, region, name)
    for entry in document.entries:
        yield from _sides(subject, entry)
        yield from _issuers(entry)
        yield from _matters(subject, entry)
    yield from _types(subject)


def _region(
    subject: LintSubject, region: str, place: str, *, entry: str = "", past: bool = False
) -> Iterator[LintFinding]:
    """Judge one region code; with ``past``, one that has ended is still of use."""
    if find(region, subject.today) is not None or (region == EVERYONE and place == "audience"):
        return
    latest = find(region)
    if latest is None:
        yield found(Rule.REGION_UNKNOWN, place, region, region, entry=entry)
        return
    now = latest.successor
    next_zh = "" if now in (None, region) else f"，现为{now} {name_of(now or '')}"
    next_en = "" if now in (None, region) else f", now {now}"
    yield found(
        Rule.REGION_ENDED if past else Rule.REGION_UNKNOWN,
        place,
        f"{region} {name_of(region)}{next_zh}",
        f"{region}{next_en}",
        entry=entry,
    )


def _sides(subject: LintSubject, entry: Entry) -> Iterator[LintFinding]:
    # A licence issued before a reform keeps the code of its day; a window is where it is now.
    yield from _region(subject, entry.source.region, "source.region", entry=entry.id, past=True)
    yield from _region(subject, entry.target.region, "target.region", entry=entry.id)
    for name, side in (("source", entry.source), ("target", entry.target)):
        if subject.type_of(side) is None:
            yield found(Rule.TYPE_UNKNOWN, f"{name}.type", side.type, side.type, entry=entry.id)


def _types(subject: LintSubject) -> Iterator[LintFinding]:
    """Tell a provisional code once, at the first entry that uses it."""
    users: dict[str, list[str]] = {}
    for entry in subject.document.entries:
        for code in dict.fromkeys((entry.source.type, entry.target.type)):
            users.setdefault(code, []).append(entry.id)
    for entry in subject.document.entries:
        for name, side in (("source", entry.source), ("target", entry.target)):
            known = subject.type_of(side)
            if known is None or known.code_status == "official":
                continue
            used = users.pop(side.type, None)
            if used is not None:
                yield found(
                    Rule.TYPE_PROVISIONAL,
                    f"{name}.type",
                    f"{known.name} {known.code}，涉及{len(used)}条",
                    f"{known.name} {known.code}, used by {len(used)} entries",
                    entry=entry.id,
                )


def _issuers(entry: Entry) -> Iterator[LintFinding]:
    for issuer in entry.issuers:
        if issuer == ALL:
            continue
        try:
            region = uscc_region(issuer)
        except USCCError as error:
            yield found(Rule.ISSUER_CODE, "issuers", f"{issuer}，{error.zh}",
                        f"{issuer}, {error.en}", entry=entry.id)  # fmt: skip
            continue
        source = entry.source.region
        if covers(source, region):
            continue
        # A body keeps its code when its region is reformed; it does not change provinces.
        elsewhere = region not in NATIONAL_REGIONS and province(region) != province(source)
        yield found(
            Rule.ISSUER_ELSEWHERE if elsewhere else Rule.ISSUER_OUTSIDE,
            "issuers",
            f"{issuer}登记在{name_of(region)}，颁发地区为{name_of(source)}",
            f"{issuer} is of {region}, the issuing region is {source}",
            entry=entry.id,
        )


def _matters(subject: LintSubject, entry: Entry) -> Iterator[LintFinding]:
    if subject.matters is None:
        return
    for matter in entry.matters:
        key = matter_key(matter)
        if matter == ALL or key in subject.matters:
            continue
        near = difflib.get_close_matches(key, sorted(subject.matters), n=1, cutoff=0.6)
        yield found(
            Rule.MATTER_UNKNOWN,
            "matters",
            f"“{matter}”" + (f"，是否为“{near[0]}”？" if near else ""),
            f'"{matter}"' + (f', perhaps "{near[0]}"?' if near else ""),
            entry=entry.id,
        )
