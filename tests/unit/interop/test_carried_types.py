"""Type definitions that travel with a list: whose they may be, and what a change of one is."""

from __future__ import annotations

from typing import Any

import pytest

from ecert import limits
from ecert.errors import DocumentRefusedError
from ecert.faults import DocumentFault
from ecert.interop.change import compare
from ecert.interop.content import content_faults, oversteps
from ecert.interop.recognition import RecognitionList
from tests.unit.interop.regions import (
    CHONGQING,
    CHONGQING_TYPE,
    GUANGAN_TYPE,
    GUIZHOU_TYPE,
    LIBRARY,
    NATIONAL,
    SICHUAN,
    SICHUAN_TYPE,
    copy,
    defined,
    entry,
    recognition_list,
    side,
)


def local(**changes: Any) -> RecognitionList:
    """Return a list with an entry from Sichuan's own type to Chongqing's own, carrying both."""
    line = entry(
        source=side(SICHUAN, SICHUAN_TYPE),
        target=side(CHONGQING, CHONGQING_TYPE),
        fields=copy("读者类型"),
    )
    parts: dict[str, Any] = {"types": (defined(SICHUAN_TYPE), defined(CHONGQING_TYPE))}
    return recognition_list(line, **(parts | changes))


def refused(document: RecognitionList) -> tuple[DocumentFault, str]:
    with pytest.raises(DocumentRefusedError) as refusal:
        document.check_content()
    return refusal.value.fault, refusal.value.where


# -- whose they may be ------------------------------------------------------------------------


def test_a_list_carries_its_parties_own_types_and_reads_back() -> None:
    document = local(notice_days=30)
    document.check_content()
    assert RecognitionList.from_payload(document.to_payload()) == document


def test_a_type_of_a_place_below_a_party_is_the_party_s_own() -> None:
    line = entry(source=side(SICHUAN, GUANGAN_TYPE), target=side(CHONGQING), fields=())
    recognition_list(line, types=(defined(GUANGAN_TYPE),)).check_content()


def test_a_definition_that_no_entry_uses_or_that_stands_twice_is_refused() -> None:
    place = f"types.{GUANGAN_TYPE}"
    unused = local(types=(defined(GUANGAN_TYPE),))
    assert refused(unused) == (DocumentFault.CONTENT, place)
    twice = local(types=(defined(SICHUAN_TYPE), defined(SICHUAN_TYPE, version=2)))
    assert refused(twice) == (DocumentFault.CONTENT, "types")


@pytest.mark.parametrize("code", [NATIONAL, LIBRARY.code])
def test_nobody_carries_a_national_type(code: str) -> None:
    line = entry(source=side(SICHUAN, code), target=side(CHONGQING, code))
    document = recognition_list(line, types=(defined(code),))
    assert content_faults(document) == []
    assert refused(document) == (DocumentFault.OVERSTEPS, f"types.{code}")


def test_nobody_carries_a_type_of_a_third_region() -> None:
    # Guizhou's type is used by an entry, which is an overstep of its own.
    line = entry(source=side(SICHUAN, GUIZHOU_TYPE), target=side(CHONGQING), fields=())
    document = recognition_list(line, types=(defined(GUIZHOU_TYPE),))
    assert f"types.{GUIZHOU_TYPE}" in [fault.where for fault in oversteps(document)]


def test_a_city_s_list_may_use_its_province_s_type_but_not_define_it() -> None:
    line = entry(
        source=side("511600", SICHUAN_TYPE), target=side("500112"), fields=copy("读者类型")
    )
    cities = {"owner": "511600", "parties": ("511600", "500112"), "audience": ("000000",)}
    recognition_list(line, **cities).check_content()
    defining = recognition_list(line, types=(defined(SICHUAN_TYPE),), **cities)
    assert refused(defining) == (DocumentFault.OVERSTEPS, f"types.{SICHUAN_TYPE}")


def test_a_definition_that_is_not_sound_makes_the_list_malformed() -> None:
    payload = local().to_payload().replace(b'"last4"', b'"last5"')
    with pytest.raises(DocumentRefusedError) as refusal:
        RecognitionList.from_payload(payload)
    assert refusal.value.fault is DocumentFault.MALFORMED
    assert "types" in refusal.value.en


def test_a_province_s_types_fit_and_more_do_not() -> None:
    many = tuple(defined(f"{SICHUAN_TYPE[:18]}{n:03}") for n in range(999))
    more = tuple(defined(f"{GUANGAN_TYPE[:18]}{n:03}") for n in range(999))
    most = (*many, *more)[: limits.MAX_CARRIED_TYPES]
    most += tuple(
        defined(f"{CHONGQING_TYPE[:18]}{n:03}") for n in range(limits.MAX_CARRIED_TYPES - len(most))
    )
    assert len(most) == limits.MAX_CARRIED_TYPES
    payload = local(types=most).to_payload()
    assert len(RecognitionList.from_payload(payload).types) == limits.MAX_CARRIED_TYPES
    over = local().model_copy(update={"types": (*most, defined(GUIZHOU_TYPE))})
    with pytest.raises(DocumentRefusedError) as refusal:
        RecognitionList.from_payload(over.to_payload())
    assert refusal.value.fault is DocumentFault.MALFORMED


@pytest.mark.parametrize("days", [0, limits.MAX_NOTICE_DAYS])
def test_days_of_notice_have_bounds(days: int) -> None:
    document = recognition_list(entry(), notice_days=days)
    assert RecognitionList.from_payload(document.to_payload()).notice_days == days


@pytest.mark.parametrize("days", [-1, limits.MAX_NOTICE_DAYS + 1])
def test_days_of_notice_beyond_them_are_malformed(days: int) -> None:
    payload = recognition_list(entry()).model_copy(update={"notice_days": days}).to_payload()
    with pytest.raises(DocumentRefusedError) as refusal:
        RecognitionList.from_payload(payload)
    assert refusal.value.fault is DocumentFault.MALFORMED


# -- what a change of one is ------------------------------------------------------------------


def test_a_change_tells_types_and_heads() -> None:
    old = local()
    new = local(
        version=2,
        title="川渝互认清单（修订）",
        notice_days=30,
        types=(defined(SICHUAN_TYPE, version=2, number_label="编号"),),
    )
    change = compare(old, new)
    plain = change.to_dict()
    assert plain["heads"] == ["title", "notice_days"]
    assert plain["types"] == {"added": [], "removed": [CHONGQING_TYPE], "changed": [SICHUAN_TYPE]}
    assert (change.changed, change.unchanged) == ((), 1)
    sichuan, chongqing = old.types
    assert change.lines()[1:4] == [
        "~ 清单  [标题, 变更提前通知天数]",
        f"- 类型定义  {chongqing.name}（{chongqing.code}）",
        f"~ 类型定义  {sichuan.name}（{sichuan.code}）",
    ]
    assert change.lines("en")[1] == "~ list  [title, days of notice]"


def test_a_first_version_tells_the_types_it_brings() -> None:
    change = compare(None, local())
    assert change.to_dict()["types"]["added"] == [SICHUAN_TYPE, CHONGQING_TYPE]
    assert change.heads == ()


def test_entries_of_a_type_defined_otherwise_count_as_changed() -> None:
    lines = [entry(str(n)) for n in range(10)]
    lines += [
        entry(f"t{n}", source=side(SICHUAN, SICHUAN_TYPE), fields=copy("读者类型"))
        for n in range(5)
    ]
    old = recognition_list(*lines, types=(defined(SICHUAN_TYPE),))
    new = old.model_copy(update={"version": 2, "types": (defined(SICHUAN_TYPE, version=2),)})
    change = compare(old, new)
    assert change.share == pytest.approx(5 / 15)
    assert change.needs_second_person
    assert not compare(old, old.model_copy(update={"version": 2})).needs_second_person


@pytest.mark.parametrize("comes", [True, False], ids=["comes", "goes"])
def test_a_definition_that_comes_or_goes_alone_does_not_slip_past_the_second_person(
    comes: bool,
) -> None:
    lines = [
        entry(str(n), source=side(SICHUAN, SICHUAN_TYPE), fields=copy("读者类型"))
        for n in range(10)
    ]
    with_it, without = (
        recognition_list(*lines, types=types) for types in ((defined(SICHUAN_TYPE),), ())
    )
    old, new = (without, with_it) if comes else (with_it, without)
    change = compare(old, new.model_copy(update={"version": 2}))
    assert change.unchanged == 10
    assert change.share == pytest.approx(1)
    assert change.needs_second_person
