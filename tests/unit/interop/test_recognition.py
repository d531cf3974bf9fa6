"""What a recognition list is, in which ways it contradicts itself, and what no party may say."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from ecert import limits
from ecert.errors import DocumentRefusedError
from ecert.faults import DocumentFault
from ecert.interop.content import content_faults, oversteps
from ecert.interop.mapping import Constant, Copy, Rename
from ecert.interop.recognition import RecognitionList, matter_key
from tests.unit.interop.regions import (
    CHONGQING,
    CHONGQING_TYPE,
    GUANGAN,
    GUANGAN_TYPE,
    GUIZHOU,
    GUIZHOU_TYPE,
    NATIONAL,
    OTHER_NATIONAL,
    SICHUAN,
    SICHUAN_TYPE,
    YUZHONG,
    copy,
    entry,
    recognition_list,
    side,
)


def places(faults: list[Any]) -> list[str]:
    return [fault.where for fault in faults]


# -- form -------------------------------------------------------------------------------------


def test_a_list_reads_back_as_it_was_written() -> None:
    document = recognition_list(
        entry("1", matters=("执法检查",), valid_until=date(2027, 1, 1)),
        entry("2", target=side(CHONGQING, CHONGQING_TYPE), fields=copy("性别"), note="注"),
        sample=True,
    )
    assert RecognitionList.from_payload(document.to_payload()) == document


def test_the_slot_holds_owner_and_list_so_that_no_other_owner_can_fill_it() -> None:
    mine = recognition_list(entry())
    theirs = recognition_list(entry(), owner=CHONGQING)
    assert mine.slot == "ecert-recognition-list+jws:510000:chuan-yu"
    assert theirs.slot != mine.slot


def _payload(**changes: Any) -> bytes:
    content = json.loads(recognition_list(entry()).to_payload())
    line = content["entries"][0]
    for path, value in changes.items():
        outer = line if path.startswith("entry_") else content
        outer[path.removeprefix("entry_")] = value
    return json.dumps(content).encode()


@pytest.mark.parametrize(
    "changes",
    [
        {"list_id": "Chuan Yu"},
        {"parties": [SICHUAN]},
        {"parties": [SICHUAN, "50"]},
        {"title": ""},
        {"title": "名\u202e单"},
        {"title": "单" * (limits.MAX_NAME_CHARS + 1)},
        {"sample": 1},
        {"include_url": "https://example.org/more"},
        {"entry_issuers": []},
        {"entry_issuers": ["510000"]},
        {"entry_matters": []},
        {"entry_matters": ["执法检查 "]},
        {"entry_valid_from": "2026-1-1"},
        {"entry_valid_from": "2026-01-01T00:00:00"},
        {"entry_valid_from": 1767225600},
        {"entry_source": {"region": SICHUAN, "type": NATIONAL.lower()}},
        {"entry_fields": [{"op": "run", "source": "甲"}]},
        {"entry_fields": [{"op": "copy", "source": "甲"}] * (limits.MAX_FIELDS + 1)},
        {"entry_id": "1" * 65},
        {"entry_basis": ""},
        {"entry_note": "注\u0007"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_what_does_not_have_the_form_is_malformed(changes: dict[str, Any]) -> None:
    with pytest.raises(DocumentRefusedError) as refusal:
        RecognitionList.from_payload(_payload(**changes))
    assert refusal.value.fault is DocumentFault.MALFORMED
    place = next(iter(changes)).removeprefix("entry_")
    assert place in refusal.value.zh
    assert place in refusal.value.en


def test_limits_themselves_pass() -> None:
    title = "单" * limits.MAX_NAME_CHARS
    fields = [{"op": "copy", "source": str(n)} for n in range(limits.MAX_FIELDS)]
    document = RecognitionList.from_payload(
        _payload(title=title, entry_fields=fields, entry_id="1" * 64)
    )
    assert document.title == title


# -- look-up ----------------------------------------------------------------------------------


def test_find_gives_the_entries_of_a_source_type_in_every_direction() -> None:
    there, back = entry("1"), entry("2", source=side(CHONGQING), target=side(SICHUAN))
    other = entry("3", source=side(SICHUAN, OTHER_NATIONAL), target=side(CHONGQING, OTHER_NATIONAL))
    document = recognition_list(there, back, other)
    assert document.find(NATIONAL) == (there, back)
    assert document.find(SICHUAN_TYPE) == ()


def test_an_entry_holds_from_its_first_day_to_its_last_inclusive() -> None:
    line = entry(valid_from=date(2026, 3, 1), valid_until=date(2026, 3, 31))
    days = [date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 31), date(2026, 4, 1)]
    assert [line.in_force(day) for day in days] == [False, True, True, False]
    assert recognition_list(line).in_force(days[1]) == (line,)
    assert recognition_list(line).in_force(days[3]) == ()


def test_matters_are_compared_without_width_and_spaces() -> None:
    assert matter_key("　执法检查（Ａ类） ") == matter_key("执法检查(A类)")
    assert matter_key("执法检查") != matter_key("执法 检查")


# -- contradictions ---------------------------------------------------------------------------


def test_a_sound_list_has_no_faults() -> None:
    mapped = entry("2", target=side(CHONGQING, CHONGQING_TYPE), fields=copy("性别"))
    document = recognition_list(entry("1"), mapped)
    assert content_faults(document) == []
    assert oversteps(document) == []
    document.check_content()


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ({"valid_until": date(2025, 12, 31)}, "valid_until"),
        ({"matters": ("*", "执法检查")}, "matters"),
        ({"matters": ("＊", "执法检查")}, "matters"),
        ({"matters": ("Ａ类", "A类")}, "matters"),
        ({"issuers": ("*", "11100000000013127D")}, "issuers"),
        ({"issuers": ("11100000000013127D",) * 2}, "issuers"),
        ({"required": ("性别", "性别")}, "required"),
        ({"target": side(CHONGQING, CHONGQING_TYPE)}, "fields"),
        ({"fields": (Copy(source="性别"), Rename(source="甲", target="性别"))}, "fields.target"),
        ({"fields": copy("性别"), "required": ("民族",)}, "required"),
        ({"source": side(SICHUAN, "11100000000013127E001"), "fields": ()}, "source.type"),
        ({"target": side(CHONGQING, "11100000000013127E001"), "fields": ()}, "target.type"),
    ],
)
def test_a_contradiction_is_found_at_its_place(line: dict[str, Any], where: str) -> None:
    document = recognition_list(entry("7", **line))
    assert places(content_faults(document)) == [f"entries.7.{where}"]
    with pytest.raises(DocumentRefusedError) as refusal:
        document.check_content()
    assert (refusal.value.fault, refusal.value.where) == (
        DocumentFault.CONTENT,
        f"entries.7.{where}",
    )


def test_a_required_constant_is_given() -> None:
    fields = (Constant(target="类别", value="汽车"),)
    assert content_faults(recognition_list(entry(fields=fields, required=("类别",)))) == []


def test_entry_ids_and_parties_stand_once_and_the_owner_is_a_party() -> None:
    twice = recognition_list(entry("1"), entry("1"))
    assert places(content_faults(twice)) == ["entries.id"]
    parties = recognition_list(entry(), parties=(SICHUAN, CHONGQING, SICHUAN))
    assert places(content_faults(parties)) == ["parties"]
    assert places(content_faults(recognition_list(entry(), owner=GUIZHOU))) == ["owner"]


def test_every_fault_is_told_and_a_flood_is_counted() -> None:
    bad = [entry(str(n), valid_until=date(2025, 1, 1)) for n in range(13)]
    with pytest.raises(DocumentRefusedError) as refusal:
        recognition_list(*bad).check_content()
    assert "entries.9" in refusal.value.zh
    assert "entries.10" not in refusal.value.zh
    assert "(+3)" in refusal.value.zh
    assert "(+3)" in refusal.value.en


def test_nobody_can_sign_a_list_that_contradicts_itself() -> None:
    with pytest.raises(DocumentRefusedError) as refusal:
        recognition_list(entry(valid_until=date(2025, 1, 1))).signed_by([])
    assert refusal.value.fault is DocumentFault.CONTENT


# -- who may say what -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ({"source": side(GUIZHOU)}, ".source.region"),
        ({"target": side(GUIZHOU)}, ".target.region"),
        ({"source": side("000000")}, ".source.region"),
        ({"source": side(GUANGAN), "target": side(SICHUAN)}, ""),
        ({"source": side(SICHUAN, GUIZHOU_TYPE)}, ".source.type"),
        ({"source": side(SICHUAN, CHONGQING_TYPE)}, ".source.type"),
        ({"target": side(CHONGQING, GUIZHOU_TYPE)}, ".target.type"),
        ({"target": side(CHONGQING, SICHUAN_TYPE)}, ".target.type"),
    ],
)
def test_what_a_party_may_not_say_is_found(line: dict[str, Any], where: str) -> None:
    document = recognition_list(entry("7", **({"fields": copy("性别")} | line)))
    assert places(oversteps(document)) == [f"entries.7{where}"]
    with pytest.raises(DocumentRefusedError) as refusal:
        document.check_content()
    assert refusal.value.fault is DocumentFault.OVERSTEPS


@pytest.mark.parametrize(
    "line",
    [
        {"source": side(SICHUAN, SICHUAN_TYPE)},
        {"source": side(GUANGAN, SICHUAN_TYPE)},
        {"source": side(SICHUAN, GUANGAN_TYPE)},
        {"source": side(GUANGAN, GUANGAN_TYPE)},
        {"target": side(CHONGQING, CHONGQING_TYPE)},
        {"source": side(GUANGAN), "target": side(YUZHONG)},
        {"source": side(CHONGQING), "target": side(SICHUAN)},
    ],
)
def test_national_types_and_a_party_s_own_may_be_used(line: dict[str, Any]) -> None:
    assert oversteps(recognition_list(entry(**({"fields": copy("性别")} | line)))) == []


def test_a_city_that_is_a_party_may_use_its_province_s_types() -> None:
    line = entry(source=side(GUANGAN, SICHUAN_TYPE), fields=copy("性别"))
    city = recognition_list(line, owner=GUANGAN, parties=(GUANGAN, CHONGQING))
    assert oversteps(city) == []


def test_one_bad_line_refuses_the_whole_list() -> None:
    lines = [entry(str(n)) for n in range(20)]
    with pytest.raises(DocumentRefusedError) as refusal:
        recognition_list(*lines, entry("x", source=side(GUIZHOU))).check_content()
    assert refusal.value.where == "entries.x.source.region"
