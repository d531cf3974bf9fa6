"""Look-ups of verification: right, complete, and one step in a dict."""

from __future__ import annotations

import timeit

from hypothesis import given, settings
from hypothesis import strategies as st

from ecert.model.regions import covers
from ecert.sign.keys import PrivateKey
from ecert.trust.index import TrustIndex, scopes
from tests.unit.trust.office import (
    GUANGAN,
    SICHUAN,
    Office,
    issuer,
    issuer_code,
    record,
    status_ref,
)

CODES = st.one_of(
    st.sampled_from(["000000", "510000", "511600", "511623", "500000", "500100", "500105"]),
    st.from_regex(r"[1-9][0-9]{5}", fullmatch=True),
)


@given(CODES, CODES)
@settings(max_examples=200, deadline=None)
def test_the_scopes_of_a_region_are_the_codes_that_cover_it(one: str, other: str) -> None:
    assert (other in scopes(one)) is covers(other, one)
    assert all(covers(upper, one) for upper in scopes(one))


def test_scopes_go_from_near_to_far() -> None:
    assert scopes("511623") == ("511623", "511600", "510000", "000000")
    assert scopes("510000") == ("510000", "000000")
    assert scopes("000000") == ("000000",)


def test_a_key_is_found_by_its_short_and_its_whole_id_for_its_own_use_only() -> None:
    licence, status = PrivateKey.generate(), PrivateKey.generate()
    office = Office()
    one = issuer(keys=(record(licence), record(status, use="status")))
    document, roots = office.document(1, [one]), office.root_set()
    index = TrustIndex([(document, roots)])
    (found,) = index.find_keys(licence.public.short_kid, "licence")
    assert (found.issuer, found.public) == (one, licence.public)
    assert found.record is one.keys[0]
    assert (found.trust_list, found.roots) == (document, roots)
    assert index.find_keys(licence.public.kid, "licence") == (found,)
    assert index.find_keys(licence.public.short_kid, "status") == ()
    assert index.find_keys(status.public.short_kid, "licence") == ()
    assert index.find_keys(status.public.short_kid, "status")[0].public == status.public


def test_every_key_with_the_same_short_id_is_given() -> None:
    a, b = PrivateKey.generate(), PrivateKey.generate()
    one = issuer(keys=(record(a), record(b)))
    # Eight equal bytes cannot be searched for; so the second key is given those of the first.
    one.keys[1].public.__dict__["thumbprint"] = a.public.short_kid + b"\0" * 24
    index = TrustIndex([(Office().document(1, [one]), Office().root_set())])
    found = index.find_keys(a.public.short_kid, "licence")
    assert [key.record for key in found] == list(one.keys)


def test_issuers_and_status_lists_are_found_or_are_none() -> None:
    document = Office().document(1, [issuer(1, status_lists=(status_ref(),)), issuer(2)])
    index = TrustIndex([(document, Office().root_set())])
    by_code = index.issuer(issuer_code(1))
    assert by_code is not None
    assert by_code.issuer is document.issuers[0]
    assert index.status_issuer(status_ref().uri) == by_code
    assert index.issuer(issuer_code(3)) is None
    assert index.status_issuer(status_ref().uri + "/") is None


def test_lists_covering_a_region_come_nearest_first() -> None:
    roots = Office().root_set()
    guangan = Office(GUANGAN).document()
    sichuan = Office(SICHUAN).document()
    index = TrustIndex([(sichuan, roots), (guangan, roots)])
    assert index.lists_covering("511623") == (guangan, sichuan)
    assert index.lists_covering("510100") == (sichuan,)
    assert index.lists_covering("500000") == ()


def test_finding_a_key_does_not_take_longer_in_a_long_list() -> None:
    keys = [PrivateKey.generate() for _ in range(300)]
    issuers = [issuer(n, keys=(record(key),)) for n, key in enumerate(keys)]
    index = TrustIndex([(Office().document(1, issuers), Office().root_set())])
    kid = keys[-1].public.short_kid
    # A dict look-up takes under a microsecond; 300 comparisons of records would not.
    assert min(timeit.repeat(lambda: index.find_keys(kid, "licence"), number=1000)) < 0.01
