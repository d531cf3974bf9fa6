"""Which reason a licence gets from the lists in force: the table of precedence, row by row."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from ecert.errors import RegionError
from ecert.interop.book import RecognitionBook
from ecert.interop.decision import ListInForce, RecognitionIndex, Stage
from ecert.reasons import Outcome, Reason
from tests.unit.interop.regions import (
    AT,
    CHONGQING,
    CHONGQING_TYPE,
    EXPIRES,
    GUANGAN,
    GUIZHOU,
    ISSUER,
    NATIONAL,
    OTHER_ISSUER,
    OTHER_NATIONAL,
    SICHUAN,
    YUZHONG,
    copy,
    entry,
    recognition_list,
    side,
)

if TYPE_CHECKING:
    from ecert.interop.decision import Decision
    from ecert.interop.recognition import RecognitionList


def book_of(*documents: RecognitionList) -> RecognitionBook:
    book = RecognitionBook()
    lists = [ListInForce(document, f"{n:064}") for n, document in enumerate(documents)]
    book._index = RecognitionIndex(lists)
    return book


def decide(*documents: RecognitionList, **changes: Any) -> Decision:
    question: dict[str, Any] = {
        "licence_type": NATIONAL,
        "licence_region": GUANGAN,
        "issuer": ISSUER,
        "reader_region": YUZHONG,
        "matter": "执法检查",
        "at": AT,
    }
    return book_of(*documents).decide(**(question | changes))


NARROW = recognition_list(
    entry(matters=("执法检查", "机动车业务"), issuers=(ISSUER,)),
    entry("2", source=side(SICHUAN, OTHER_NATIONAL), target=side(CHONGQING, OTHER_NATIONAL)),
)


# -- the table --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({"licence_region": SICHUAN, "reader_region": CHONGQING}, None),
        ({"matter": " 执法检查　"}, None),
        ({"matter": "公证办理"}, Reason.MATTER_NOT_COVERED),
        ({"matter": None}, Reason.MATTER_NOT_COVERED),
        ({"matter": ""}, Reason.MATTER_NOT_COVERED),
        ({"matter": "*"}, Reason.MATTER_NOT_COVERED),
        ({"issuer": OTHER_ISSUER}, Reason.ISSUER_NOT_COVERED),
        ({"issuer": "*"}, Reason.ISSUER_NOT_COVERED),
        ({"issuer": OTHER_ISSUER, "matter": "公证办理"}, Reason.ISSUER_NOT_COVERED),
        ({"licence_type": CHONGQING_TYPE}, Reason.TYPE_NOT_LISTED),
        ({"licence_type": CHONGQING_TYPE, "issuer": OTHER_ISSUER}, Reason.TYPE_NOT_LISTED),
        (
            {"licence_region": YUZHONG, "reader_region": GUANGAN},
            Reason.REGION_NOT_COVERED,
        ),
        ({"licence_region": GUIZHOU}, Reason.LIST_MISSING),
        ({"reader_region": GUIZHOU}, Reason.LIST_MISSING),
        ({"licence_region": "000000"}, Reason.LIST_MISSING),
        ({"at": EXPIRES}, Reason.LIST_EXPIRED),
        ({"at": EXPIRES, "matter": "公证办理"}, Reason.LIST_EXPIRED),
        ({"at": EXPIRES, "licence_region": GUIZHOU}, Reason.LIST_MISSING),
    ],
)
def test_each_reason(changes: dict[str, Any], reason: Reason | None) -> None:
    decision = decide(NARROW, **changes)
    assert decision.reason is reason
    assert decision.recognised is (reason is None)
    assert (decision.entry is None) is (reason is not None)


def test_without_any_list_it_is_undetermined_and_has_no_facts() -> None:
    decision = decide()
    assert decision.reason is Reason.LIST_MISSING
    assert decision.reason.outcome is Outcome.UNDETERMINED
    assert (decision.list, decision.facts, decision.consulted) == (None, {}, ())


def test_a_list_between_others_is_not_consulted() -> None:
    elsewhere = recognition_list(parties=(SICHUAN, GUIZHOU), list_id="chuan-qian")
    decision = decide(elsewhere, NARROW)
    assert [held.document.list_id for held in decision.consulted] == ["chuan-yu"]


def test_two_places_of_one_party_have_no_list_with_each_other() -> None:
    decision = decide(NARROW, licence_region=GUANGAN, reader_region="510100")
    assert decision.reason is Reason.LIST_MISSING


def test_one_direction_says_nothing_about_the_other() -> None:
    one_way = recognition_list(entry())
    assert decide(one_way).recognised
    back = {"licence_region": YUZHONG, "reader_region": GUANGAN}
    assert decide(one_way, **back).reason is Reason.REGION_NOT_COVERED
    both = recognition_list(entry(), entry("2", source=side(CHONGQING), target=side(SICHUAN)))
    assert decide(both, **back).entry == both.entries[1]


def test_an_entry_for_a_city_does_not_cover_its_province_or_its_neighbour() -> None:
    city = recognition_list(entry(source=side(GUANGAN)))
    assert decide(city).recognised
    assert decide(city, licence_region="511623").recognised
    assert decide(city, licence_region=SICHUAN).reason is Reason.REGION_NOT_COVERED
    assert decide(city, licence_region="510100").reason is Reason.REGION_NOT_COVERED


def test_without_a_matter_only_what_holds_for_all_matters_counts() -> None:
    assert decide(recognition_list(entry()), matter=None).recognised


# -- days -------------------------------------------------------------------------------------


def test_days_are_those_of_shanghai_and_the_last_is_inclusive() -> None:
    document = recognition_list(
        entry(valid_from=date(2026, 11, 20), valid_until=date(2026, 11, 22)),
        issued=datetime(2026, 1, 1, tzinfo=UTC),
    )
    last_second = datetime(2026, 11, 22, 15, 59, 59, tzinfo=UTC)
    assert decide(document, at=last_second).recognised
    assert not decide(document, at=last_second + timedelta(seconds=1)).recognised
    first_second = datetime(2026, 11, 19, 16, 0, 0, tzinfo=UTC)
    assert decide(document, at=first_second).recognised
    assert not decide(document, at=first_second - timedelta(seconds=1)).recognised


def test_an_entry_of_the_future_is_not_listed_yet_and_says_from_when() -> None:
    decision = decide(recognition_list(entry(valid_from=date(2026, 12, 1))))
    assert decision.reason is Reason.TYPE_NOT_LISTED
    assert decision.facts["valid_from"] == "2026-12-01"
    assert decision.entry is None


def test_an_entry_of_the_past_is_no_longer_listed_and_says_until_when() -> None:
    decision = decide(recognition_list(entry(valid_until=date(2026, 6, 30))))
    assert decision.reason is Reason.TYPE_NOT_LISTED
    assert decision.facts["valid_until"] == "2026-06-30"


def test_what_is_to_come_is_told_before_what_is_over() -> None:
    past = entry("1", valid_until=date(2026, 6, 30))
    future = entry("2", valid_from=date(2027, 1, 1))
    for lines in ((past, future), (future, past)):
        assert decide(recognition_list(*lines)).facts["entry"] == "2"


def test_time_without_a_zone_is_misuse() -> None:
    with pytest.raises(ValueError, match="zone"):
        decide(NARROW, at=AT.replace(tzinfo=None))


def test_a_region_without_its_form_is_misuse() -> None:
    with pytest.raises(RegionError):
        decide(NARROW, licence_region="四川")


# -- several entries, several lists -----------------------------------------------------------


def test_an_accepting_entry_wins_wherever_it_stands() -> None:
    refusing = entry("1", matters=("公证办理",))
    accepting = entry("2")
    for lines in ((refusing, accepting), (accepting, refusing)):
        assert decide(recognition_list(*lines)).entry == accepting


def test_of_two_accepting_entries_the_narrower_speaks() -> None:
    wide = entry("a")
    for narrower in (
        entry("n", source=side(GUANGAN)),
        entry("n", target=side(YUZHONG)),
        entry("n", issuers=(ISSUER,)),
        entry("n", matters=("执法检查",)),
    ):
        decision = decide(recognition_list(wide, narrower))
        assert decision.entry == narrower


def test_the_reason_is_that_of_the_entry_that_came_nearest() -> None:
    wrong_issuer = entry("1", issuers=(OTHER_ISSUER,))
    wrong_matter = entry("2", matters=("公证办理",))
    for lines in ((wrong_issuer, wrong_matter), (wrong_matter, wrong_issuer)):
        decision = decide(recognition_list(*lines))
        assert (decision.reason, decision.facts["entry"]) == (Reason.MATTER_NOT_COVERED, "2")


def test_the_list_that_comes_nearest_gives_the_reason() -> None:
    empty = recognition_list(list_id="a")
    near = recognition_list(entry(matters=("公证办理",)), list_id="b")
    for lists in ((empty, near), (near, empty)):
        decision = decide(*lists)
        assert decision.reason is Reason.MATTER_NOT_COVERED
        assert decision.list is not None
        assert decision.list.document.list_id == "b"
        assert len(decision.consulted) == 2


def test_an_accepting_list_wins_over_an_expired_one() -> None:
    expired = recognition_list(entry(), list_id="a", expires=AT)
    good = recognition_list(entry(), list_id="b")
    decision = decide(expired, good)
    assert decision.list is not None
    assert (decision.recognised, decision.list.document.list_id) == (True, "b")


def test_an_expired_list_leaves_open_what_the_others_do_not_recognise() -> None:
    expired = recognition_list(entry(), list_id="a", expires=AT)
    narrow = recognition_list(entry(matters=("公证办理",)), list_id="b")
    decision = decide(expired, narrow)
    assert decision.reason is Reason.LIST_EXPIRED
    assert decision.reason.outcome is Outcome.UNDETERMINED
    assert decision.list is not None
    assert decision.list.document.list_id == "a"


def test_of_two_expired_lists_the_first_is_named() -> None:
    lists = [recognition_list(entry(), list_id=name, expires=AT) for name in ("b", "a")]
    assert decide(*lists).facts["list_id"] == "a"


def test_an_expired_list_of_other_regions_leaves_nothing_open() -> None:
    expired = recognition_list(entry(), parties=(SICHUAN, GUIZHOU), list_id="a", expires=AT)
    narrow = recognition_list(entry(matters=("公证办理",)), list_id="b")
    assert decide(expired, narrow).reason is Reason.MATTER_NOT_COVERED


def test_a_list_holds_to_the_second_before_it_expires() -> None:
    last = EXPIRES - timedelta(seconds=1)
    assert decide(NARROW, at=last).recognised
    assert decide(NARROW, at=EXPIRES).reason is Reason.LIST_EXPIRED


def test_a_real_list_speaks_before_a_sample() -> None:
    sample = recognition_list(entry(), list_id="a", sample=True)
    real = recognition_list(entry(), list_id="b")
    assert decide(sample, real).facts["sample"] is False
    assert decide(sample).facts["sample"] is True


def test_facts_name_the_list_and_the_entry() -> None:
    line = entry("川-01", valid_until=date(2028, 1, 1), fields=copy("性别"))
    decision = decide(recognition_list(line, version=3))
    assert decision.facts == {
        "list_id": "chuan-yu",
        "title": "川渝互认清单",
        "document_number": "样例〔2026〕1号",
        "version": 3,
        "issued": "2026-11-21T02:00:00+00:00",
        "expires": "2026-12-22T02:00:00+00:00",
        "digest": f"{0:064}",
        "sample": False,
        "entry": "川-01",
        "basis": "样例〔2026〕1号",
        "matters": ("*",),
        "valid_from": "2026-01-01",
        "valid_until": "2028-01-01",
    }


def test_every_stage_but_the_last_has_a_reason_that_is_not_recognised() -> None:
    for stage in Stage:
        if stage is Stage.RECOGNISED:
            assert stage.reason is None
        else:
            assert stage.reason is not None
            assert stage.reason.outcome is Outcome.NOT_RECOGNISED
