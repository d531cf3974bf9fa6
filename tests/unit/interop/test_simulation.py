"""One list asked about one licence, and how answers are compared and counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ecert.errors import FormatError
from ecert.interop.simulation import FULL, Answer, LicenceFacts, ListTrial, shown_fields
from ecert.interop.tally import Example, TrialItem, Turn, simulate
from ecert.model.catalogue import builtin
from ecert.model.licence_type import LicenceType
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
    SICHUAN,
    SICHUAN_TYPE,
    YUZHONG,
    copy,
    defined,
    entry,
    recognition_list,
    side,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecert.interop.recognition import RecognitionList

CARD = {"性别": "男", "民族": "汉族", "出生日期": "1990-05-05", "住址": "某处"}


def trial(document: RecognitionList | None, **more: Any) -> ListTrial:
    parts: dict[str, Any] = {"catalogue": builtin(), "at": AT}
    return ListTrial(document, **(parts | more))


def facts(type_code: str = NATIONAL, region: str = GUANGAN, **fields: str) -> LicenceFacts:
    return LicenceFacts(type_code, region, ISSUER, fields or CARD)


def test_of_two_parties_the_window_is_the_other_one() -> None:
    both = trial(recognition_list(entry()))
    assert both.reader_for(GUANGAN) == CHONGQING
    assert both.reader_for(YUZHONG) == SICHUAN
    assert both.ask(facts()).reason is Reason.OK
    assert both.ask(facts(region=YUZHONG)).reason is Reason.REGION_NOT_COVERED


def test_of_three_parties_somebody_must_say() -> None:
    three = recognition_list(entry(), parties=(SICHUAN, CHONGQING, GUIZHOU))
    for document in (three, None):
        with pytest.raises(FormatError, match="which region"):
            trial(document)
    assert trial(three, reader=YUZHONG).ask(facts()).reason is Reason.OK
    assert trial(three, reader=GUIZHOU).ask(facts()).reason is Reason.REGION_NOT_COVERED


def test_types_are_known_here_or_carried_by_the_list() -> None:
    local = entry(
        source=side(SICHUAN, SICHUAN_TYPE), target=side(CHONGQING, CHONGQING_TYPE),
        fields=copy("读者类型"),
    )  # fmt: skip
    asked = facts(SICHUAN_TYPE, 读者类型="成人")
    assert trial(recognition_list(local)).ask(asked) == Answer(Reason.TYPE_UNKNOWN)
    carried = recognition_list(local, types=(defined(SICHUAN_TYPE),))
    answer = trial(carried).ask(asked)
    assert (answer.reason, answer.entry, answer.type) == (Reason.OK, "1", CHONGQING_TYPE)
    # A name is no code.
    assert trial(carried).ask(facts("居民身份证")).reason is Reason.TYPE_UNKNOWN


def test_an_expired_list_leaves_everything_open() -> None:
    answer = trial(recognition_list(entry()), at=EXPIRES).ask(facts())
    assert (answer.reason, answer.outcome) == (Reason.LIST_EXPIRED, Outcome.UNDETERMINED)


def test_what_a_profile_tells_and_what_of_it_in_full() -> None:
    card = builtin().require(NATIONAL)
    assert shown_fields(card, FULL, CARD)[0] == CARD
    assert shown_fields(card, "minimal", CARD) == ({"性别": "男"}, {"性别": "男"})
    assert shown_fields(card, "none of them", CARD)[0] == {"性别": "男"}
    parts = {name: getattr(card, name) for name in LicenceType.model_fields}
    bare = LicenceType(**(parts | {"profiles": card.profiles[:1]}))
    assert shown_fields(bare, FULL, CARD | {"别的": "x"}) == (CARD, CARD)
    masked = builtin().require("社会保障卡")
    shown, in_full = shown_fields(masked, FULL, {"社会保障卡卡号": "51160012345678", "性别": "女"})
    assert shown["社会保障卡卡号"] == "5678"
    assert in_full == {"性别": "女"}


OK = Answer(Reason.OK, "1", NATIONAL, "", {"性别": "男"})
NOT = Answer(Reason.TYPE_NOT_LISTED)


@pytest.mark.parametrize(
    ("before", "now", "turn"),
    [
        (OK, OK._replace(entry="2"), Turn.SAME),
        (NOT, OK, Turn.GAINED),
        (OK, NOT, Turn.LOST),
        (OK, OK._replace(fields={}), Turn.OTHERWISE),
        (OK, OK._replace(type=CHONGQING_TYPE), Turn.OTHERWISE),
        (OK, OK._replace(name="证"), Turn.OTHERWISE),
        (NOT, Answer(Reason.MATTER_NOT_COVERED, "1"), Turn.REASON),
        (NOT, NOT._replace(entry="1"), Turn.SAME),
    ],
)
def test_which_way_an_answer_turns(before: Answer, now: Answer, turn: Turn) -> None:
    assert Turn.of(before, now) is turn
    assert turn.zh
    assert turn.en.isascii()


def items(count: int) -> Iterator[TrialItem]:
    for row in range(1, count + 1):
        standing = Reason.REVOKED if row % 10 == 0 else None
        kind = NATIONAL if row % 3 else CHONGQING_TYPE
        yield TrialItem(Example(row, f"id{row}", "1237"), standing, facts(kind))


def test_lines_are_counted_with_a_few_examples_and_add_up() -> None:
    tally = simulate(items(100), trial(recognition_list(entry())), examples=2)
    assert (tally.seen, tally.asked, tally.not_standing) == (100, 90, {Reason.REVOKED: 10})
    assert tally.by_turn() == {}
    plain = tally.to_dict()
    unknown = Reason.TYPE_UNKNOWN.outcome.value
    assert plain["outcomes"] == {"accepted": 60, unknown: 30}
    assert [(line["reason"], line["count"]) for line in plain["lines"]] == [
        ("ok", 60), ("type-unknown", 30),
    ]  # fmt: skip
    assert [one["row"] for one in plain["lines"][0]["examples"]] == [1, 2]
    assert [one["row"] for one in plain["lines"][1]["examples"]] == [3, 6]
