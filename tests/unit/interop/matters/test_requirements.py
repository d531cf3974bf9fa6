"""What may be shown for a matter here and today, and what is missing."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecert.errors import MatterError, RegionError
from ecert.interop.book import RecognitionBook
from ecert.interop.decision import ListInForce, RecognitionIndex
from ecert.interop.mapping import Constant, Rename
from ecert.interop.matters.matter import LicenceChoice, PaperChoice
from ecert.interop.matters.rate import Rate, rate, rate_for_visitors
from ecert.interop.matters.requirements import HeldType, requirements
from ecert.interop.withdrawal import WithdrawalNotice, WithdrawnEntry, Withheld
from ecert.model.catalogue import builtin
from tests.unit.interop.matters.samples import (
    AT,
    BUSINESS,
    CHONGQING,
    DRIVING,
    GUANGAN,
    IDENTITY,
    SICHUAN,
    YUZHONG,
    entry,
    in_force,
    matter,
    need,
)
from tests.unit.interop.regions import EXPIRES, GUIZHOU, ISSUER, OTHER_ISSUER, side

if TYPE_CHECKING:
    from ecert.interop.matters.matter import Matter
    from ecert.interop.matters.requirements import Requirements
    from ecert.interop.recognition import Entry

FORM = PaperChoice("申请表")
FROM_GUANGAN = HeldType(IDENTITY, GUANGAN)


def ask(one: Matter, *entries: Entry, **changes: Any) -> Requirements:
    question: dict[str, Any] = {
        "region": YUZHONG, "lists": [in_force(*entries)], "catalogue": builtin(), "at": AT,
    }  # fmt: skip
    given_ = question | changes
    return requirements(one, given_.pop("region"), **given_)


# -- what may be shown ------------------------------------------------------------------------


def test_what_is_recognised_is_told_with_list_entry_and_basis() -> None:
    listed = entry(id="川-01", matters=("公证办理", "执法检查"), basis="样例〔2026〕9号")
    answer = ask(matter(need(IDENTITY)), listed)
    [source] = answer.needs[0].options[0].recognised
    assert source.entry is listed
    assert (source.entry.basis, source.held.document.list_id) == ("样例〔2026〕9号", "chuan-yu")
    assert source.held.digest == "0" * 64
    assert source.matter == "公证办理"
    assert answer.needs[0].options[0].type_name == "居民身份证"
    assert (answer.region, answer.day) == (YUZHONG, date(2026, 11, 22))


@pytest.mark.parametrize(
    "changes",
    [
        {"matters": ("机动车业务",)},
        {"target": side(CHONGQING, BUSINESS)},
        {"target": side("500101", IDENTITY)},
        {"target": side(GUIZHOU, IDENTITY)},
        {"valid_until": date(2026, 11, 21)},
        {"valid_from": date(2026, 11, 23)},
    ],
)
def test_an_entry_for_something_else_does_not_count(changes: dict[str, Any]) -> None:
    answer = ask(matter(need(IDENTITY)), entry(**changes), holds=[FROM_GUANGAN])
    assert answer.needs[0].options[0].recognised == ()
    assert not answer.complete


@pytest.mark.parametrize(
    "changes",
    [
        {"valid_until": date(2026, 11, 22)},
        {"valid_from": date(2026, 11, 22)},
        {"target": side(YUZHONG, IDENTITY)},
        {"matters": ("公证 办理".replace(" ", ""),)},
        {"matters": ("办证",)},
        {"issuers": (ISSUER,)},
    ],
)
def test_an_entry_counts_on_its_first_and_last_day_and_by_an_alias(changes: dict[str, Any]) -> None:
    held = HeldType(IDENTITY, GUANGAN, ISSUER)
    answer = ask(matter(need(IDENTITY), aliases=("办证",)), entry(**changes), holds=[held])
    assert answer.complete
    assert answer.needs[0].met_by == held


def test_the_day_is_that_of_the_office() -> None:
    """At 16:30 UTC it is the next day in Shanghai."""
    late = AT.replace(hour=16, minute=30)
    last = entry(valid_until=date(2026, 11, 22))
    assert not ask(matter(need(IDENTITY)), last, at=late, holds=[FROM_GUANGAN]).complete


def test_an_alias_tells_under_which_name_to_verify() -> None:
    one = matter(need(IDENTITY), aliases=("执法检查",))
    [source] = ask(one, entry(matters=("执法检查",))).needs[0].options[0].recognised
    assert source.matter == "执法检查"


def test_an_expired_list_counts_no_more_but_is_told() -> None:
    expired = [in_force(entry())]
    answer = ask(matter(need(IDENTITY)), lists=expired, at=EXPIRES, holds=[FROM_GUANGAN])
    assert answer.needs[0].options[0].recognised == ()
    assert [one.entry.id for one in answer.needs[0].options[0].expired] == ["1"]
    assert not answer.complete
    just_before = EXPIRES - timedelta(seconds=1)
    assert ask(matter(need(IDENTITY)), lists=expired, at=just_before, holds=[FROM_GUANGAN]).complete


def test_a_retired_list_recognises_nothing() -> None:
    answer = ask(matter(need(IDENTITY)), lists=[in_force()], holds=[FROM_GUANGAN])
    assert answer.missing == answer.needs


@pytest.mark.parametrize("days", [-1, 0, 1])
def test_what_a_notice_withholds_is_not_asked_for_from_its_day_on(days: int) -> None:
    listed = entry(id="1")
    plain = in_force(listed)
    line = WithdrawnEntry(entry="1", on=date(2026, 11, 22) + timedelta(days=days), basis="急件")
    notice = WithdrawalNotice(
        owner=CHONGQING, audience=(CHONGQING,), version=1, issued=AT, expires=EXPIRES,
        list_owner=SICHUAN, list_id=plain.document.list_id, withdrawals=(line,),
    )  # fmt: skip
    withheld = ListInForce(plain.document, plain.digest, {"1": Withheld(line, notice, "1" * 64)})
    answer = ask(matter(need(IDENTITY)), lists=[withheld], holds=[FROM_GUANGAN])
    assert answer.complete is (days > 0)
    assert bool(answer.needs[0].options[0].recognised) is (days > 0)


def test_recognition_is_never_transitive() -> None:
    """A becomes B, and B becomes C: A does not become C."""
    chain = [
        entry(id="1", source=side(SICHUAN, DRIVING), target=side(CHONGQING, BUSINESS), fields=()),
        entry(id="2", source=side(SICHUAN, BUSINESS), target=side(CHONGQING, IDENTITY), fields=()),
    ]
    held = [HeldType(DRIVING, SICHUAN)]
    assert not ask(matter(need(IDENTITY)), *chain, holds=held).complete
    assert ask(matter(need(BUSINESS)), *chain, holds=held).complete
    # Nor does a region pass on what it recognises: Guizhou's is nothing to Chongqing.
    to_sichuan = entry(source=side(GUIZHOU, IDENTITY), target=side(SICHUAN, IDENTITY))
    answer = ask(
        matter(need(IDENTITY)), to_sichuan, entry(id="2"), holds=[HeldType(IDENTITY, GUIZHOU)]
    )
    assert not answer.complete


def test_fields_that_the_matter_has_to_see_must_be_mapped() -> None:
    wanted = matter(need(LicenceChoice(IDENTITY, fields=("住址", "民族"))))
    rename = Rename(source="地址", target="住址")
    constant = Constant(target="民族", value="不详")
    for fields, counts in [
        (None, True),  # one type on both sides
        ((rename, constant), True),
        ((rename,), False),
        ((), False),
    ]:
        answer = ask(wanted, entry(fields=fields), holds=[FROM_GUANGAN])
        assert answer.complete is counts


# -- what a holder has ------------------------------------------------------------------------


def test_a_licence_of_the_own_province_needs_no_list() -> None:
    answer = ask(matter(need(IDENTITY)), lists=(), holds=[HeldType(IDENTITY, "500101")])
    assert answer.complete


@pytest.mark.parametrize(
    ("issued_in", "met"),
    [("511600", True), ("511623", True), ("510000", True), ("510100", False), ("500000", False)],
)
def test_the_own_region_s_licence_is_of_it_below_or_above(issued_in: str, met: bool) -> None:
    one = matter(need(LicenceChoice(IDENTITY, own_region=True)), region=GUANGAN)
    back = entry(source=side(CHONGQING, IDENTITY), target=side(SICHUAN, IDENTITY))
    answer = ask(one, back, region=GUANGAN, holds=[HeldType(IDENTITY, issued_in)])
    assert answer.complete is met
    assert answer.needs[0].options[0].recognised == ()
    other = matter(need(IDENTITY), region=GUANGAN)
    assert ask(other, back, region=GUANGAN, holds=[HeldType(IDENTITY, issued_in)]).complete


@pytest.mark.parametrize(("issuer", "met"), [(ISSUER, True), (OTHER_ISSUER, False), ("", False)])
def test_an_entry_for_certain_issuers_counts_for_them_only(issuer: str, met: bool) -> None:
    held = HeldType(IDENTITY, GUANGAN, issuer)
    answer = ask(matter(need(IDENTITY)), entry(issuers=(ISSUER,)), holds=[held])
    assert answer.complete is met


def test_what_is_missing_is_told_and_paper_always_is() -> None:
    one = matter(need(IDENTITY), need(BUSINESS, DRIVING), need(FORM))
    held = [HeldType(IDENTITY, CHONGQING), HeldType(DRIVING, CHONGQING)]
    answer = ask(one, holds=held)
    assert [each.met for each in answer.needs] == [True, True, False]
    assert [each.need.papers for each in answer.missing] == [(FORM,)]
    assert not answer.complete
    assert not answer.paperless
    assert answer.needs[1].met_by == held[1]


def test_a_matter_that_needs_nothing_is_complete() -> None:
    answer = ask(matter())
    assert (answer.complete, answer.paperless, answer.needs) == (True, True, ())


def test_a_matter_is_not_handled_elsewhere() -> None:
    one = matter(need(IDENTITY), region=GUANGAN)
    with pytest.raises(MatterError, match="四川省广安市办理，不在重庆市"):
        ask(one, region=CHONGQING)
    with pytest.raises(MatterError):  # nor above
        ask(one, region=SICHUAN)
    with pytest.raises(RegionError):
        ask(one, region="5116")
    assert ask(one, region="511623").region == "511623"


def test_time_has_a_zone() -> None:
    with pytest.raises(ValueError, match="zone"):
        ask(matter(need(IDENTITY)), at=AT.replace(tzinfo=None))


def test_a_type_that_the_catalogue_does_not_know_is_told_by_its_code() -> None:
    unknown = "11510000008888888X001"
    answer = ask(matter(need(unknown)))
    assert answer.needs[0].options[0].type_name == unknown


# -- properties -------------------------------------------------------------------------------

TYPES = (IDENTITY, BUSINESS, DRIVING)
_groups = st.lists(
    st.lists(st.sampled_from(TYPES), min_size=1, max_size=3, unique=True).map(tuple),
    unique=True,
    max_size=4,
)
_held = st.lists(
    st.builds(HeldType, st.sampled_from(TYPES), st.sampled_from([CHONGQING, GUANGAN, GUIZHOU])),
    max_size=4,
)


@st.composite
def _entries(draw: st.DrawFn) -> list[Entry]:
    pairs = draw(st.lists(st.tuples(st.sampled_from(TYPES), st.sampled_from(TYPES)), max_size=4))
    return [
        entry(
            id=str(number),
            source=side(SICHUAN, source),
            target=side(CHONGQING, target),
            matters=draw(st.sampled_from([("*",), ("公证办理",), ("别的",)])),
            valid_until=draw(st.sampled_from([None, date(2026, 11, 1)])),
            fields=None if source == target else (),
        )
        for number, (source, target) in enumerate(pairs)
    ]


@given(_groups, st.sets(st.sampled_from(TYPES)))
def test_a_group_is_met_if_and_only_if_any_of_it_is_held(
    groups: list[tuple[str, ...]], types: set[str]
) -> None:
    one = matter(*(need(*group) for group in groups))
    answer = ask(one, lists=(), holds=[HeldType(code, CHONGQING) for code in sorted(types)])
    assert [each.met for each in answer.needs] == [bool(types & set(group)) for group in groups]
    assert answer.complete == all(types & set(group) for group in groups)


@given(_groups, _held, _entries(), _entries())
def test_another_entry_never_makes_a_matter_need_more(
    groups: list[tuple[str, ...]], held: list[HeldType], before: list[Entry], more: list[Entry]
) -> None:
    one = matter(*(need(*group) for group in groups))
    first = ask(one, *before, holds=held)
    lists = [in_force(*before), in_force(*more, list_id="more")]
    second = ask(one, lists=lists, holds=held)
    assert {each.need for each in second.missing} <= {each.need for each in first.missing}
    visitors = [
        rate_for_visitors([one], GUANGAN, lists=some, at=AT).overall.paperless
        for some in ([in_force(*before)], lists)
    ]
    assert visitors[0] <= visitors[1]


@given(_groups, _held, _held, _entries())
def test_holding_more_never_leaves_more_missing(
    groups: list[tuple[str, ...]], held: list[HeldType], more: list[HeldType], listed: list[Entry]
) -> None:
    one = matter(*(need(*group) for group in groups))
    first, second = (ask(one, *listed, holds=all_) for all_ in (held, [*held, *more]))
    assert {each.need for each in second.missing} <= {each.need for each in first.missing}


@given(st.sampled_from(TYPES), _entries(), st.sampled_from([GUANGAN, GUIZHOU]))
def test_a_need_is_met_exactly_where_the_window_would_recognise_the_licence(
    held: str, listed: list[Entry], region: str
) -> None:
    """Where one type is recognised as one type only; otherwise the narrower entry speaks."""
    single = list({one.source.type: one for one in listed}.values())
    book = RecognitionBook()
    book._index = RecognitionIndex([in_force(*single)])
    for wanted in TYPES:
        answer = ask(matter(need(wanted)), lists=book.lists, holds=[HeldType(held, region)])
        decision = book.decide(
            licence_type=held, licence_region=region, issuer=ISSUER, reader_region=YUZHONG,
            matter="公证办理", at=AT,
        )  # fmt: skip
        recognised = decision.entry is not None and decision.entry.target.type == wanted
        assert answer.complete == recognised


# -- the rate ---------------------------------------------------------------------------------


def _some() -> list[Matter]:
    return [
        matter(need(IDENTITY), code="1", department="公安局"),
        matter(need(IDENTITY, FORM), code="2", department="公安局"),
        matter(need(IDENTITY), need(FORM), code="3", department="公安局", region=YUZHONG),
        matter(code="4", department=""),
    ]


def test_the_rate_is_its_two_counts() -> None:
    told = rate(_some())
    assert told.overall == Rate(3, 4)
    assert told.overall.share == 0.75
    assert told.by_department == {"公安局": Rate(2, 3), "": Rate(1, 1)}
    assert list(told.by_region.items()) == [(CHONGQING, Rate(3, 3)), (YUZHONG, Rate(0, 1))]


def test_no_matters_have_no_rate() -> None:
    told = rate([])
    assert (told.overall, told.overall.share) == (Rate(0, 0), None)
    assert (told.by_department, told.by_region) == ({}, {})


def visiting(some: list[Matter], region: str, *lists: ListInForce) -> Rate:
    return rate_for_visitors(some, region, lists=lists, at=AT).overall


def test_visitors_are_counted_by_what_is_recognised_of_them() -> None:
    assert visiting(_some(), GUANGAN) == Rate(1, 4)
    assert visiting(_some(), GUANGAN, in_force(entry())) == Rate(3, 4)
    assert visiting(_some(), GUANGAN, in_force(entry(issuers=(ISSUER,)))) == Rate(3, 4)
    # Recognised of all Sichuan or not at all: visitors from there may come from anywhere in it.
    city = in_force(entry(source=side(GUANGAN, IDENTITY)))
    assert visiting(_some(), SICHUAN, city) == Rate(1, 4)
    assert visiting(_some(), "511623", city) == Rate(3, 4)
    # Recognised in one district is not recognised in the city.
    district = in_force(entry(target=side(YUZHONG, IDENTITY)))
    assert visiting(_some(), GUANGAN, district) == Rate(1, 4)


def test_in_their_own_province_visitors_need_no_list() -> None:
    assert visiting(_some(), YUZHONG) == rate(_some()).overall
    own = [matter(need(LicenceChoice(IDENTITY, own_region=True)), region=YUZHONG)]
    assert visiting(own, "500101") == Rate(0, 1)
    assert visiting(own, CHONGQING) == Rate(1, 1)
    assert visiting(own, GUANGAN, in_force(entry())) == Rate(0, 1)


@given(_groups)
def test_the_rate_of_one_matter_is_its_own_answer(groups: list[tuple[str, ...]]) -> None:
    one = matter(*(need(*group) for group in groups), need(FORM, IDENTITY, BUSINESS))
    assert rate([one]).overall == Rate(int(one.paperless), 1) == Rate(1, 1)
