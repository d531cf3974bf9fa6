"""What was known on day D; a list for each year of expiry; lists that are of no more use."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import orjson
import pytest

from ecert.errors import UnknownLicenceError
from ecert.issuers.purpose import Purpose
from ecert.issuers.status_history import values_at
from ecert.sign import envelope
from ecert.trust.trust_list import TrustList
from tests.unit.issuers.sample_office import WHY, granted, published

if TYPE_CHECKING:
    from ecert.issuers.issuer import Issuer
    from ecert.model.licence import Licence
    from tests.unit.issuers.sample_office import OfficeClock

HOUR = timedelta(hours=1)


def _credential(issuer: Issuer, licence: Licence) -> str:
    issuer.file(licence.id)
    return issuer.credentials(licence.id)[-1].id


def test_nothing_was_known_before_the_first_list(issuer: Issuer, clock: OfficeClock) -> None:
    licence = granted(issuer)
    one = _credential(issuer, licence)
    issuer.revoke(licence.id, **WHY)
    assert issuer.archive.status_known(one, clock()) is None
    clock.advance(hours=1)
    issuer.status_lists()
    assert issuer.archive.status_known(one, clock() - HOUR) is None
    known = issuer.archive.status_known(one, clock())
    assert known is not None
    assert (known.value, known.version, known.since) == (1, 1, clock() - HOUR)


def test_what_was_known_is_what_was_published_and_not_what_was_recorded(
    issuer: Issuer, clock: OfficeClock
) -> None:
    licence = granted(issuer)
    one = _credential(issuer, licence)
    start = clock()
    moments: dict[str, datetime] = {}

    def later(what: str) -> None:
        clock.advance(hours=1)
        moments[what] = clock()

    issuer.status_lists()
    later("suspended")
    issuer.suspend(licence.id, **WHY)
    later("told")
    issuer.status_lists()
    later("reinstated")
    issuer.reinstate(licence.id, reason="发还")
    later("revoked")
    issuer.revoke(licence.id, **WHY)
    later("told again")
    issuer.status_lists()
    later("nothing new")
    issuer.status_lists()

    def known(at: datetime) -> tuple[int, int, datetime | None]:
        said = issuer.archive.status_known(one, at)
        assert said is not None
        assert said.issued <= at < said.expires
        return said.value, said.version, said.since

    assert known(start) == (0, 1, None)
    assert known(moments["suspended"]) == (0, 1, None), "recorded, but nobody could know"
    assert known(moments["told"] - timedelta(seconds=1)) == (0, 1, None)
    assert known(moments["told"]) == (2, 2, moments["suspended"])
    assert known(moments["revoked"]) == (2, 2, moments["suspended"])
    assert known(moments["told again"]) == (1, 3, moments["revoked"])
    assert known(moments["nothing new"]) == (1, 3, moments["revoked"]), "not issued again"
    assert known(moments["nothing new"] + HOUR)[:2] == (1, 3)


def test_a_list_that_had_run_out_is_told_with_its_end(issuer: Issuer, clock: OfficeClock) -> None:
    one = _credential(issuer, granted(issuer))
    issuer.status_lists()
    issued = clock()
    clock.advance(days=30)
    known = issuer.archive.status_known(one, clock())
    assert known is not None
    assert (known.issued, known.expires) == (issued, issued + timedelta(hours=72))
    assert known.expires < clock()


def test_an_unknown_credential_is_named(issuer: Issuer, clock: OfficeClock) -> None:
    for name in ("1-1", "c1"):
        with pytest.raises(UnknownLicenceError) as caught:
            issuer.archive.status_known(name, clock())
        assert caught.value.where == name


def test_any_issue_of_a_list_can_be_made_again_from_its_changes(
    issuer: Issuer, clock: OfficeClock
) -> None:
    licences = [granted(issuer) for _ in range(4)]
    for licence in licences:
        issuer.file(licence.id)
    said: list[dict[str, int]] = []
    for act in (issuer.suspend, issuer.revoke, issuer.cancel):
        for licence in licences[: len(said) + 2]:
            if issuer.licence(licence.id).state.value in {"issued", "suspended"}:
                if act == issuer.suspend and issuer.licence(licence.id).state.value == "suspended":
                    continue
                act(licence.id, **WHY)
        clock.advance(minutes=1)
        said.append(published(issuer))
    with issuer._register.view() as view:
        for version, values in enumerate(said, start=1):
            at = clock() - timedelta(minutes=len(said) - version)
            issue = view.publication("status-list:1", at=at)
            assert issue is not None
            assert issue.version == version
            again = values_at(view, 1, issue.changes)
            assert {f"1-{index}": value for index, value in again.items()} == values
    assert len({str(one) for one in said}) == 3, "or nothing is proven"


# -- a list for each year ---------------------------------------------------------------------


def _listed(issuer: Issuer) -> tuple[set[int], set[int]]:
    """Return the numbers of the lists in the trust list and in the aggregation."""
    trust = TrustList.from_payload(envelope.parse(issuer.trust_list()).unverified_payload)
    named = {ref.number for ref in trust.issuers[0].status_lists}
    uris = orjson.loads(issuer.status_aggregation())["status_lists"]
    assert {ref.uri for ref in trust.issuers[0].status_lists} == set(uris)
    return named, {int(uri.rsplit("/", 1)[1]) for uri in uris}


def test_each_year_of_expiry_has_a_list_of_its_own(issuer: Issuer) -> None:
    ends = [date(2031, 1, 1), date(2031, 12, 31), date(2030, 6, 1), None]
    places = [_credential(issuer, granted(issuer, valid_until=end)) for end in ends]
    numbers = [int(place.split("-")[0]) for place in places]
    assert numbers == [1, 1, 2, 3]
    with issuer._register.view() as view:
        assert [view.list_year(number) for number in (1, 2, 3)] == [2031, 2030, 0]
    assert _listed(issuer) == ({1, 2, 3}, {1, 2, 3})
    assert len(issuer.status_lists()) == 3


def test_a_purpose_copy_is_on_the_list_of_its_own_last_day(issuer: Issuer) -> None:
    licence = granted(issuer, valid_until=None)
    issuer.purpose_copy(licence.id, Purpose("办理贷款", "张伟", date(2026, 12, 31)))
    (copy,) = issuer.credentials(licence.id)
    with issuer._register.view() as view:
        assert view.list_year(copy.list_number) == 2026


def test_a_list_is_retired_a_year_after_the_year_of_its_credentials(
    issuer: Issuer, clock: OfficeClock
) -> None:
    short, long, forever = (
        granted(issuer, valid_until=end) for end in (date(2027, 3, 1), date(2031, 6, 1), None)
    )
    for licence in (short, long, forever):
        _credential(issuer, licence)
    for year, numbers in ((2027, {1, 2, 3}), (2028, {1, 2, 3}), (2029, {2, 3}), (2033, {3})):
        # The last hour of the year in Asia/Shanghai, and the first of the next.
        clock.now = datetime.fromisoformat(f"{year}-01-01T00:00:00+08:00")
        assert _listed(issuer) == (numbers, numbers), year
        assert len(issuer.status_lists()) == len(numbers)
    clock.now = datetime.fromisoformat("2028-12-31T23:59:59+08:00")
    assert 1 in _listed(issuer)[0]


def test_before_anything_is_signed_the_first_list_exists(issuer: Issuer) -> None:
    assert _listed(issuer) == ({1}, {1})
    assert published(issuer) == {}
