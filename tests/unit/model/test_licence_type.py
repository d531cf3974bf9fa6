"""A licence type answers by name, key and number, and its hash is that of its meaning."""

from __future__ import annotations

import base64
import hashlib
import json
import pickle
from typing import Any

import pytest
from pydantic import ValidationError

from ecert.errors import CatalogueError
from ecert.limits import MAX_FIELD_CHARS, MAX_FIELDS
from ecert.model.catalogue import FieldSpec, LicenceType, builtin

DRIVING = builtin().require("机动车驾驶证")


def plain() -> dict[str, Any]:
    return dict(json.loads(DRIVING.model_dump_json()))


def read(**changes: Any) -> LicenceType:
    return LicenceType.read(json.dumps(plain() | changes), where="某.json")


def refusal(data: bytes | str) -> CatalogueError:
    with pytest.raises(CatalogueError) as caught:
        LicenceType.read(data, where="某.json")
    return caught.value


def test_a_field_is_found_by_name_short_name_and_key() -> None:
    spec = DRIVING.field("准驾车型")
    assert DRIVING.field("KZ_ZJCX") is spec
    assert DRIVING.get_field("KZ_ZJCX") is spec
    assert DRIVING.field_by_key(1) is spec
    assert DRIVING.get_field("车型") is None
    assert DRIVING.field_by_key(99) is None


def test_an_unknown_field_is_answered_with_those_that_exist() -> None:
    with pytest.raises(CatalogueError) as caught:
        DRIVING.field("车型")
    assert caught.value.where == "机动车驾驶证"
    assert caught.value.zh == "没有照面信息“车型”"
    assert "准驾车型、初次领证日期" in caught.value.fix_zh


def test_a_profile_is_found_by_name_and_number() -> None:
    assert DRIVING.profile("minimal") is DRIVING.profile_by_number(1)
    assert DRIVING.profile("full") is DRIVING.profile_by_number(2)
    assert DRIVING.profile_by_number(15) is None


def test_an_unknown_profile_is_answered_with_those_that_exist() -> None:
    with pytest.raises(CatalogueError) as caught:
        DRIVING.profile("全部")
    assert caught.value.zh == "没有亮证范围“全部”"
    assert caught.value.fix_zh == "可用：minimal、full"


def test_look_ups_are_worked_out_once() -> None:
    assert DRIVING._by_key is DRIVING._by_key
    assert DRIVING._by_name is DRIVING._by_name
    assert DRIVING._by_number is DRIVING._by_number


def test_a_definition_is_immutable_and_survives_pickling() -> None:
    with pytest.raises(ValidationError):
        DRIVING.version = 2  # type: ignore[misc]
    again = pickle.loads(pickle.dumps(DRIVING))  # noqa: S301 - our own bytes
    assert again == DRIVING
    assert hash(again) == hash(DRIVING)
    assert again.integrity() == DRIVING.integrity()


def test_the_integrity_is_a_sha256_over_sorted_json_without_defaults() -> None:
    expected = DRIVING.model_dump(mode="json", exclude_defaults=True)
    # What was signed before the type had portraits is still read.
    assert expected.pop("portrait")
    text = json.dumps(expected, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    assert DRIVING.integrity() == f"sha256-{digest}"


def test_the_integrity_does_not_depend_on_how_the_json_was_written() -> None:
    full = DRIVING.model_dump_json(indent=4)
    brief = json.dumps(
        dict(reversed(json.loads(DRIVING.model_dump_json(exclude_defaults=True)).items()))
    )
    assert full != brief
    for text in (full, brief):
        assert LicenceType.read(text).integrity() == DRIVING.integrity()


@pytest.mark.parametrize(
    "changes",
    [
        {"version": 2},
        {"name": "驾照"},
        {"max_holders": 2},
        {"validity": {"rule": "either", "max_years": 6}},
    ],
)
def test_the_integrity_changes_with_the_meaning(changes: dict[str, Any]) -> None:
    assert read(**changes).integrity() != DRIVING.integrity()


def test_the_order_of_fields_belongs_to_the_meaning() -> None:
    assert read(fields=plain()["fields"][::-1]).integrity() != DRIVING.integrity()


@pytest.mark.parametrize(
    ("changes", "zh"),
    [
        ({"colour": "red"}, "colour 多余"),
        ({"version": True}, "version 格式不对"),
        ({"version": "1"}, "version 格式不对"),
        ({"version": 0}, "version 格式不对"),
        ({"code": "11100000000013127d001"}, "code 格式不对"),
        ({"code": "11100000000013127D01"}, "code 格式不对"),
        ({"code": "11100000000013127D001\n"}, "code 格式不对"),
        ({"code_status": "real"}, "code_status 格式不对"),
        ({"holder_classes": []}, "holder_classes 格式不对"),
        ({"number_rule": 1}, "number_rule 格式不对"),
        ({"max_holders": 0}, "max_holders 格式不对"),
        ({"validity": {}}, "validity.rule 缺少"),
    ],
)
def test_a_broken_document_names_the_place(changes: dict[str, Any], zh: str) -> None:
    fault = refusal(json.dumps(plain() | changes))
    assert fault.where == "某.json"
    assert fault.zh == f"证照类型定义有1处错误，第一处：{zh}"


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b"\xff", b"null", '{"code": NaN}'])
def test_what_is_no_definition_is_refused(data: bytes | str) -> None:
    assert refusal(data).where == "某.json"


def test_a_contradiction_in_a_document_is_the_same_error() -> None:
    assert "主项“车型”不是照面信息" in refusal(json.dumps(plain() | {"leading_field": "车型"})).zh


@pytest.mark.parametrize(
    "changes",
    [
        {"key": 0},
        {"key": 100},
        {"short": "ZJCX"},
        {"short": "KZ_"},
        {"short": "KZ_zjcx"},
        {"short": "KZ_ZJCX\n"},
        {"kind": "photo"},
        {"max_chars": 0},
        {"max_chars": MAX_FIELD_CHARS + 1},
        {"name": ""},
        {"required": 1},
    ],
)
def test_a_field_has_its_bounds(changes: dict[str, Any]) -> None:
    parts: dict[str, Any] = {"key": 1, "name": "某项", "short": "KZ_MX", "kind": "text"}
    assert FieldSpec(**parts).max_chars == 200
    with pytest.raises(ValidationError) as caught:
        FieldSpec(**(parts | changes))
    assert caught.value.errors()[0]["loc"] == tuple(changes)


def test_bounds_are_inclusive() -> None:
    spec = FieldSpec(key=99, name="某项", short="KZ_MX", kind="text", max_chars=MAX_FIELD_CHARS)
    assert (spec.key, spec.max_chars) == (99, MAX_FIELD_CHARS)


def test_the_number_of_fields_is_bounded() -> None:
    extra = [
        {"key": key, "name": f"项{key}", "short": f"KZ_X{key}", "kind": "text"}
        for key in range(20, 20 + MAX_FIELDS)
    ]
    fields = plain()["fields"]
    assert len(read(fields=(fields + extra)[:MAX_FIELDS]).fields) == MAX_FIELDS
    assert (
        "fields 格式不对"
        in refusal(json.dumps(plain() | {"fields": (fields + extra)[: MAX_FIELDS + 1]})).zh
    )


def test_what_a_profile_tells_is_settled_with_its_masks() -> None:
    told = {field.name: field for field in DRIVING.told_by(DRIVING.profile("full"))}
    assert list(told) == [one.name for one in DRIVING.profile("full").fields]
    for one in DRIVING.profile("full").fields:
        spec = DRIVING.field(one.name)
        assert told[one.name] == (one.name, spec.key, spec.kind, one.mask or spec.mask)


def test_a_profile_of_another_definition_tells_its_own_fields() -> None:
    full = DRIVING.profile("full")
    other = full.model_copy(update={"fields": full.fields[:1]})
    assert DRIVING.told_by(other) == DRIVING.told_by(full)[:1]
    assert DRIVING.told_by(full) == DRIVING.told_by(DRIVING.profile_by_number(full.number) or other)


def test_fields_are_split_into_visible_and_hidden() -> None:
    fields = {spec.name: spec.name for spec in DRIVING.fields}
    visible, hidden = DRIVING.split(fields)
    assert visible | hidden == fields
    assert set(hidden) == {spec.name for spec in DRIVING.fields if spec.disclosable}
    with pytest.raises(CatalogueError) as caught:
        DRIVING.split({"车型": "C1"})
    assert caught.value.where == "机动车驾驶证"
