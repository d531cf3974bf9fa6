"""The samples of the other agreements in ``fixtures``: sound, marked, signed by every party."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations
from typing import TYPE_CHECKING

import pytest

import ecert
from ecert.demo import demo_roots
from ecert.interop.recognition import RecognitionList
from ecert.interop.signing import read_paper, tally
from ecert.model.catalogue import builtin
from ecert.model.regions import province, require
from ecert.trust.book import TrustBook
from ecert.verify.knowledge import Knowledge
from tests.conftest import ROOT

if TYPE_CHECKING:
    from datetime import date

AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
TODAY: date = AT.date()
PARTIES = {
    "长三角互认清单": ("310000", "320000", "330000", "340000"),
    "淮海互认清单": (
        "320300", "320700", "321300", "341300", "340600", "370400", "370800", "411400",
    ),
    "泛珠互认清单": (
        "350000", "360000", "430000", "440000", "450000", "460000", "510000", "520000", "530000",
    ),
    "京津冀互认清单": ("110000", "120000", "130000"),
    "广安合川互认清单": ("511600", "500117"),
}  # fmt: skip
every = pytest.mark.parametrize("name", PARTIES)


def plain(name: str) -> RecognitionList:
    return RecognitionList.from_payload((ROOT / "fixtures" / f"{name}.json").read_bytes())


@every
def test_it_is_sound_marked_as_a_sample_and_between_regions_that_exist(name: str) -> None:
    document = plain(name)
    document.check_content()
    assert document.sample
    assert all("样例" in text for text in (document.title, document.document_number))
    assert document.parties == PARTIES[name]
    for party in document.parties:
        require(party, TODAY)
    sides = {(one.source.region, one.target.region) for one in document.entries}
    assert sides == set(permutations(document.parties, 2)), "every direction is listed"
    for one in document.entries:
        for end in (one.source, one.target):
            known = builtin().require(end.type)
            assert end.name in {known.name, *known.aliases, "身份证"}
        assert all(builtin().require(one.target.type).get_field(field) for field in one.required)
        assert one.basis.startswith("样例〔2026〕")


@every
def test_the_signed_one_is_the_same_and_every_party_has_signed(name: str) -> None:
    paper = read_paper(ecert.fixture(name))
    assert paper.payload == plain(name).to_payload()
    trust = TrustBook()
    for roots in demo_roots(*dict.fromkeys(map(province, PARTIES[name]))):
        trust.pin(roots, at=AT)
    found = tally(paper, trust)
    assert [one.party for one in found] == list(PARTIES[name])
    assert all(one.complete and one.needed == 2 for one in found)


@every
def test_it_comes_into_force_at_each_party_s_window(name: str) -> None:
    roots = demo_roots(*dict.fromkeys(map(province, PARTIES[name])))
    for party in PARTIES[name]:
        window = Knowledge(party)
        window.pin(roots, at=AT)
        assert window.accept(ecert.fixture(name), at=AT).version == 1


@pytest.mark.parametrize("name", ["泛珠互认清单-SM2", "广安合川互认清单-SM2"])
def test_sichuan_may_sign_with_sm2(name: str) -> None:
    parties = PARTIES[name.removesuffix("-SM2")]
    others = dict.fromkeys(p for p in map(province, parties) if p != "510000")
    window = Knowledge("510000")
    window.pin((*demo_roots("510000", alg="SGD_SM3_SM2"), *demo_roots(*others)), at=AT)
    assert window.accept(ecert.fixture(name), at=AT).version == 1
