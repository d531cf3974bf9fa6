"""Several agreements at once: all are found, one order says which speaks, none adds to another."""

from __future__ import annotations

from datetime import date
from itertools import permutations
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecert.interop.book import RecognitionBook
from ecert.interop.decision import Decision, ListInForce, RecognitionIndex
from ecert.interop.entry import Withdrawal
from ecert.interop.precedence import Precedence, Rank
from ecert.reasons import Outcome, Reason
from tests.unit.interop.regions import (
    AT,
    CHONGQING,
    GUANGAN,
    GUIZHOU,
    ISSUER,
    NATIONAL,
    OTHER_ISSUER,
    SICHUAN,
    YUZHONG,
    entry,
    recognition_list,
    side,
)

if TYPE_CHECKING:
    from ecert.interop.recognition import Entry, RecognitionList

MATTER = "执法检查"


def decide(*documents: RecognitionList, **changes: Any) -> Decision:
    book = RecognitionBook()
    book._index = RecognitionIndex(ListInForce(document, "0" * 64) for document in documents)
    question: dict[str, Any] = {
        "licence_type": NATIONAL,
        "licence_region": GUANGAN,
        "issuer": ISSUER,
        "reader_region": YUZHONG,
        "matter": MATTER,
        "at": AT,
    }
    return book.decide(**(question | changes))


def rank(document: RecognitionList) -> Rank:
    return Rank.of(document, document.entries[0])


def spoken(decision: Decision) -> list[tuple[str, str]]:
    return [(one.list.document.list_id, one.entry.id) for one in decision.recognising]


# -- the order --------------------------------------------------------------------------------

# Each comes before all that follow it, by the rule that stands with it and the next one.
ORDER = [
    (recognition_list(entry(source=side(GUANGAN), target=side(YUZHONG)), list_id="g"), "source"),
    (recognition_list(entry(target=side(YUZHONG)), list_id="f"), "target"),
    (recognition_list(entry(issuers=(ISSUER,)), list_id="e"), "issuers"),
    (recognition_list(entry(matters=(MATTER,)), list_id="d"), "matters"),
    (recognition_list(entry("1"), entry("2"), list_id="a"), "list"),
    (recognition_list(entry(), list_id="b"), "real"),
    (recognition_list(entry(source=side(GUANGAN)), list_id="c", sample=True), "real"),
]


def test_each_rule_stands_above_those_that_follow() -> None:
    for at, (document, rule) in enumerate(ORDER[:-1]):
        for later, _ in ORDER[at + 1 :]:
            assert rank(document) < rank(later)
        nearest = rank(ORDER[at + 1][0])
        assert rank(document).rule(nearest).name.lower() == rule
        assert nearest.rule(rank(document)).name.lower() == rule


def test_entries_of_one_list_follow_their_ids() -> None:
    document = recognition_list(entry("1"), entry("2"))
    first, second = (Rank.of(document, one) for one in document.entries)
    assert first < second
    assert first.rule(second) is Precedence.ENTRY
    with pytest.raises(ValueError, match="over itself"):
        first.rule(first)


def test_every_recognising_entry_is_found_in_this_order_however_the_lists_came() -> None:
    lists = [document for document, _ in ORDER]
    expected = [(document.list_id, one.id) for document in lists for one in document.entries]
    for shuffled in (lists, lists[::-1], lists[3:] + lists[:3]):
        decision = decide(*shuffled)
        assert spoken(decision) == expected
        assert decision.entry == lists[0].entries[0]
        assert decision.list is decision.recognising[0].list


def test_every_rule_has_words_in_both_languages() -> None:
    for rule in Precedence:
        assert rule.told().encode("gbk")
        assert rule.told("en").isascii()
        assert not rule.told().isascii()


RANKS = st.builds(
    Rank,
    sample=st.booleans(),
    source=st.integers(-3, 0),
    target=st.integers(-3, 0),
    all_issuers=st.booleans(),
    all_matters=st.booleans(),
    slot=st.sampled_from("ab"),
    entry=st.sampled_from("12"),
)


@given(one=RANKS, two=RANKS, three=RANKS)
def test_precedence_is_a_total_order(one: Rank, two: Rank, three: Rank) -> None:
    assert (one < two) + (two < one) + (one == two) == 1
    if one < two < three:
        assert one < three
    if one != two:
        assert one.rule(two) is two.rule(one)


# -- what other lists change ------------------------------------------------------------------

ENTRIES = st.builds(
    lambda source, target, issuers, matters, first, last, gone: entry(
        source=side(source),
        target=side(target),
        issuers=issuers,
        matters=matters,
        valid_from=first,
        valid_until=last,
        withdrawn=gone,
    ),
    source=st.sampled_from([SICHUAN, GUANGAN, "511623", CHONGQING]),
    target=st.sampled_from([CHONGQING, YUZHONG, "500112", SICHUAN]),
    issuers=st.sampled_from([("*",), (ISSUER,), (OTHER_ISSUER,)]),
    matters=st.sampled_from([("*",), (MATTER,), ("公证办理",)]),
    first=st.sampled_from([date(2026, 1, 1), date(2027, 1, 1)]),
    last=st.sampled_from([None, date(2026, 6, 30), date(2030, 1, 1)]),
    gone=st.sampled_from([None, None, Withdrawal(on=date(2026, 11, 1), basis="文")]),
)
LISTS = st.lists(st.tuples(ENTRIES, st.booleans(), st.booleans()), max_size=6).map(
    lambda rows: [
        recognition_list(line, list_id=f"l{n}", sample=sample, **({"expires": AT} if old else {}))
        for n, (line, sample, old) in enumerate(rows)
    ]
)


@given(documents=LISTS, more=ENTRIES, expired=st.booleans())
def test_a_further_list_never_takes_recognition_away(
    documents: list[RecognitionList], more: Entry, expired: bool
) -> None:
    before = decide(*documents)
    dates = {"expires": AT} if expired else {}
    after = decide(*documents, recognition_list(more, list_id="more", **dates))
    if before.recognised:
        assert after.recognised
        assert set(spoken(before)) <= set(spoken(after))


@given(documents=LISTS)
def test_the_order_in_which_lists_come_says_nothing(documents: list[RecognitionList]) -> None:
    answers = {
        (one.reason, one.entry, tuple(spoken(one)))
        for one in (decide(*documents), decide(*reversed(documents)))
    }
    assert len(answers) == 1


@given(documents=LISTS)
def test_what_speaks_recognises_the_licence_by_itself(documents: list[RecognitionList]) -> None:
    for listed in decide(*documents).recognising:
        alone = decide(listed.list.document)
        assert listed.entry in [one.entry for one in alone.recognising]


# -- agreements of cities ---------------------------------------------------------------------


def test_a_city_s_agreement_speaks_before_its_province_s() -> None:
    city = recognition_list(
        entry(source=side("511600"), target=side("500112"), matters=(MATTER,)),
        owner="511600", parties=("511600", "500112"), audience=("511600", "500112"), list_id="z",
    )  # fmt: skip
    city.check_content()
    province = recognition_list(entry())
    decision = decide(province, city, reader_region="500112")
    assert decision.list is not None
    assert decision.list.document.owner == "511600"
    assert decision.recognising[0].rank.rule(decision.recognising[1].rank) is Precedence.SOURCE
    elsewhere = decide(province, city)
    assert spoken(elsewhere) == [("chuan-yu", "1")]


# -- never by way of a third region -----------------------------------------------------------


def test_recognition_is_never_transitive() -> None:
    to_chongqing = recognition_list(entry())
    onwards = recognition_list(
        entry(source=side(CHONGQING), target=side(GUIZHOU)),
        owner=CHONGQING, parties=(CHONGQING, GUIZHOU), list_id="yu-qian",
    )  # fmt: skip
    for lists in permutations((to_chongqing, onwards)):
        decision = decide(*lists, reader_region=GUIZHOU)
        assert decision.reason is Reason.LIST_MISSING
        assert decision.recognising == ()


def test_three_parties_of_one_list_need_an_entry_for_each_pair() -> None:
    together = recognition_list(
        entry("1"),
        entry("2", source=side(CHONGQING), target=side(GUIZHOU)),
        parties=(SICHUAN, CHONGQING, GUIZHOU),
    )
    decision = decide(together, reader_region=GUIZHOU)
    assert decision.reason is Reason.REGION_NOT_COVERED
    assert decision.reason.outcome is Outcome.NOT_RECOGNISED


# -- withdrawal -------------------------------------------------------------------------------

GONE = Withdrawal(on=date(2026, 11, 22), basis="渝府办〔2026〕9号", note="停用")


def test_a_withdrawn_entry_holds_until_the_day_before() -> None:
    document = recognition_list(entry(withdrawn=GONE), issued=AT.replace(month=1))
    day_before, day = AT.replace(day=21), AT
    assert decide(document, at=day_before).recognised
    decision = decide(document, at=day)
    assert decision.reason is Reason.TYPE_NOT_LISTED
    assert decision.facts["withdrawn_on"] == "2026-11-22"
    assert decision.facts["withdrawal_basis"] == "渝府办〔2026〕9号"
    assert [document.entries[0].in_force(on) for on in (date(2026, 11, 21), GONE.on)] == [
        True,
        False,
    ]


def test_another_entry_may_recognise_what_one_no_longer_does() -> None:
    document = recognition_list(entry("1", withdrawn=GONE), entry("2"))
    assert spoken(decide(document)) == [("chuan-yu", "2")]


def test_a_withdrawal_after_the_last_day_changes_nothing() -> None:
    line = entry("1", valid_until=date(2026, 6, 30), withdrawn=GONE)
    other = entry("2", valid_until=date(2026, 6, 30))
    # Both lapsed alike, so the first is told.
    assert decide(recognition_list(other, line)).facts["entry"] == "1"


def test_the_withdrawn_entry_is_told_rather_than_one_that_has_lapsed() -> None:
    lapsed = entry("1", valid_until=date(2026, 6, 30))
    for lines in permutations((lapsed, entry("2", withdrawn=GONE))):
        assert decide(recognition_list(*lines)).facts["entry"] == "2"
