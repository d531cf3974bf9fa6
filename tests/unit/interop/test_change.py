"""In what two versions differ, and when that is too much for one person."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from ecert.interop.change import Change, compare
from ecert.model.catalogue import Catalogue
from tests.unit.interop.regions import (
    CHONGQING,
    CHONGQING_TYPE,
    GUIZHOU,
    NATIONAL,
    SICHUAN,
    copy,
    entry,
    recognition_list,
    side,
)

if TYPE_CHECKING:
    from ecert.interop.recognition import Entry
    from ecert.reasons import Language


def entries(count: int, start: int = 0) -> list[Entry]:
    return [entry(str(n)) for n in range(start, start + count)]


def change(old: list[Entry], new: list[Entry]) -> Change:
    return compare(recognition_list(*old), recognition_list(*new, version=2))


def test_a_first_version_adds_everything_and_needs_nobody_else() -> None:
    result = compare(None, recognition_list(*entries(50)), digest="ab")
    assert (len(result.added), result.removed, result.changed, result.unchanged) == (50, (), (), 0)
    assert (result.share, result.needs_second_person) == (0.0, False)
    assert (result.mark.version, result.mark.digest) == (1, "ab")


def test_entries_are_told_apart_by_id_not_by_place() -> None:
    result = change(entries(3), list(reversed(entries(3))))
    assert (result.added, result.removed, result.changed, result.unchanged) == ((), (), (), 3)


def test_added_removed_and_changed_are_kept_apart() -> None:
    longer = entry("1", valid_until=date(2030, 1, 1), matters=("执法检查",))
    result = change([entry("1"), entry("2"), entry("3")], [longer, entry("3"), entry("4")])
    assert [line.id for line in result.added] == ["4"]
    assert [line.id for line in result.removed] == ["2"]
    assert [pair.new for pair in result.changed] == [longer]
    assert result.changed[0].parts == ("matters", "valid_until")
    assert result.unchanged == 1
    assert result.share == 1.0


@pytest.mark.parametrize(
    ("old", "new", "held"),
    [
        (1000, 801, False),
        (1000, 800, False),
        (1000, 799, True),
        (1000, 1200, False),
        (1000, 1201, True),
        (10, 8, False),
        (10, 7, True),
        (9, 0, False),
        (9, 10, False),
        (5, 10, True),
        (4, 5, False),
        (0, 10, True),
    ],
)
def test_over_a_fifth_needs_a_second_person_unless_the_list_is_short(
    old: int, new: int, held: bool
) -> None:
    assert change(entries(old), entries(new)).needs_second_person is held


def test_rewriting_entries_under_their_ids_counts_like_replacing_them() -> None:
    rewritten = [entry(str(n), matters=("执法检查",)) for n in range(3)]
    assert change(entries(10), [*rewritten, *entries(7, 3)]).needs_second_person
    assert not change(entries(10), [*rewritten[:2], *entries(8, 2)]).needs_second_person


def test_dropping_a_party_needs_a_second_person_however_short_the_list() -> None:
    old = recognition_list(entry(), parties=(SICHUAN, CHONGQING, GUIZHOU))
    result = compare(old, recognition_list(entry(), version=2))
    assert result.parties_left == (GUIZHOU,)
    assert result.needs_second_person


def test_a_party_that_joins_needs_nobody_else_for_it_signs_itself() -> None:
    new = recognition_list(entry(), parties=(SICHUAN, CHONGQING, GUIZHOU), version=2)
    assert not compare(recognition_list(entry()), new).needs_second_person


def test_plain_values_name_entries_by_id() -> None:
    result = change([entry("1"), entry("2")], [entry("2", note="注"), entry("3")])
    assert result.to_dict() == {
        "list_id": "chuan-yu",
        "title": "川渝互认清单",
        "from_version": 1,
        "to_version": 2,
        "added": ["3"],
        "removed": ["1"],
        "changed": [{"id": "2", "parts": ["note"], "kind": "reworded"}],
        "direction": "changed",
        "unchanged": 0,
        "share": 1.5,
        "parties_left": [],
        "heads": [],
        "types": {"added": [], "removed": [], "changed": []},
    }


def test_lines_tell_every_difference_in_the_office_s_words() -> None:
    local = entry("2", target=side(CHONGQING, CHONGQING_TYPE, "重庆本地证"), fields=copy("性别"))
    result = change([entry("1"), entry("2")], [local, entry("3")])
    assert result.lines() == [
        "川渝互认清单（样例〔2026〕1号）：第 1 版 → 第 2 版",
        "+ 3  四川省 → 重庆市  居民身份证  *",
        "- 1  四川省 → 重庆市  居民身份证  *",
        "~ 2  四川省 → 重庆市  居民身份证 → 重庆本地证  *  [认可地区或类型, 照面信息对照]",
        "新增 1 项，删除 1 项，修改 1 项，不变 0 项",
    ]
    english = result.lines("en")
    assert english[0] == "川渝互认清单 (样例〔2026〕1号): version 1 → 2"
    assert english[3].endswith("[accepting side, field mapping]")
    assert english[4] == "1 added, 1 removed, 1 changed, 0 unchanged"


def test_a_first_version_and_an_unknown_type_have_lines_too() -> None:
    lines = compare(None, recognition_list(entry())).lines(catalogue=Catalogue())
    assert lines[0].endswith("：第 1 版")
    assert NATIONAL in lines[1]


def test_a_gbk_console_can_print_every_line() -> None:
    result = change(entries(2), [entry("1", note="注"), entry("9")])
    languages: tuple[Language, ...] = ("zh", "en")
    for language in languages:
        for line in result.lines(language):
            assert line.encode("gbk")
