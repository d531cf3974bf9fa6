"""The licence types that come with the library say what real licences of that type bear."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from typing import Any

import pytest

from ecert.model import masks
from ecert.model.catalogue import LicenceType, builtin
from ecert.model.codes import parse_uscc, uscc_region

NAMES = [
    "居民身份证",
    "机动车驾驶证",
    "律师执业证",
    "社会保障卡",
    "图书馆借书证",
    "营业执照",
    "道路运输证",
    "不动产权证书",
    "食品经营许可证",
    "护士执业证书",
    "残疾人证",
]
# The codes that were read beside the type's name, and those inferred from their use.
LABELLED = {
    "道路运输证": "11100000000019713D013",
    "不动产权证书": "11100000MB03271699001",
}
INFERRED = {
    "居民身份证": "11100000000013127D001",
    "营业执照": "11100000MB0143028R001",
}
PLACEHOLDER = "111000009999999986"
LEADING = {
    "机动车驾驶证": "准驾车型",
    "食品经营许可证": "主体业态",
    "营业执照": "类型",
    "道路运输证": "车辆号牌",
    "不动产权证书": "权利类型",
    "律师执业证": "执业机构",
    "护士执业证书": "执业地点",
    "残疾人证": "残疾类别",
    "图书馆借书证": "读者类型",
    "社会保障卡": "社会保障卡卡号",
    "居民身份证": "性别",
}
# What every licence has is not a field (GB/T 36903, 证照基础信息).
METADATA = {
    "姓名",
    "证照编号",
    "证号",
    "发证机关",
    "签发机关",
    "发证日期",
    "有效期限",
    "有效期至",
    "照片",
}
# Most characters of one value in the profile full, so that it stays within a show code.
MAX_SHOWN_CHARS = 120

every_type = pytest.mark.parametrize("licence_type", list(builtin()), ids=lambda one: one.name)


def documents() -> dict[str, dict[str, Any]]:
    folder = files("ecert.model").joinpath("types")
    return {entry.name: json.loads(entry.read_bytes()) for entry in folder.iterdir()}


def test_these_types_are_built_in() -> None:
    assert sorted(one.name for one in builtin()) == sorted(NAMES)


def test_files_have_plain_english_names() -> None:
    names = documents()
    assert len(names) == len(NAMES)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)+\.json", name) for name in names)
    assert names["motor-vehicle-driving-licence.json"]["name"] == "机动车驾驶证"


def test_only_a_code_read_beside_its_name_is_official() -> None:
    official = {one.name: one.code for one in builtin() if one.code_status == "official"}
    assert official == LABELLED


def test_inferred_codes_are_provisional_and_say_so() -> None:
    for name, code in INFERRED.items():
        inferred = builtin().require(name)
        assert (inferred.code, inferred.code_status) == (code, "provisional")
        assert "推断" in inferred.code_source


def test_all_other_codes_stand_under_no_real_authority() -> None:
    others = [one for one in builtin() if one.name not in LABELLED | INFERRED]
    assert len(others) == 7
    for one in others:
        assert one.defining_authority.code == one.code[:18] == PLACEHOLDER
        assert one.defining_authority.name == "国家标准类型代码待核（ecert 暂用）"
        assert one.code_status == "provisional"
        assert "占位" in one.code_source
        assert one.competent_authority is not None
    assert uscc_region(PLACEHOLDER) == "100000"
    assert PLACEHOLDER[8:16] == "99999999"


@every_type
def test_the_code_begins_with_the_uscc_of_its_authority(licence_type: LicenceType) -> None:
    assert parse_uscc(licence_type.code[:18]) == licence_type.defining_authority.code
    assert licence_type.version == 1


@every_type
def test_the_leading_field_is_required(licence_type: LicenceType) -> None:
    assert licence_type.leading_field == LEADING[licence_type.name]
    assert licence_type.field(LEADING[licence_type.name]).required


@every_type
def test_minimal_is_name_last_four_and_the_leading_field(licence_type: LicenceType) -> None:
    minimal = licence_type.profile("minimal")
    assert minimal.number == 1
    assert (minimal.holder_name, minimal.holder_number) == ("full", "last4")
    assert [one.name for one in minimal.fields] == [licence_type.leading_field]


@every_type
def test_full_begins_with_the_leading_field_and_stays_short(licence_type: LicenceType) -> None:
    full = licence_type.profile("full")
    assert full.number == 2
    assert full.fields[0].name == licence_type.leading_field
    assert len(full.fields) <= 10
    for one in full.fields:
        spec = licence_type.field(one.name)
        assert spec.kind == "date" or spec.max_chars <= MAX_SHOWN_CHARS


@every_type
def test_every_required_field_is_in_full(licence_type: LicenceType) -> None:
    shown = {one.name for one in licence_type.profile("full").fields}
    assert {spec.name for spec in licence_type.fields if spec.required} <= shown


@every_type
def test_keys_count_from_one_in_order(licence_type: LicenceType) -> None:
    keys = [spec.key for spec in licence_type.fields]
    assert keys == list(range(1, len(keys) + 1))


@every_type
def test_licence_metadata_and_photo_are_not_fields(licence_type: LicenceType) -> None:
    assert not METADATA & {spec.name for spec in licence_type.fields}


@every_type
def test_private_numbers_are_masked(licence_type: LicenceType) -> None:
    expected = {"联系电话": "phone", "监护人联系电话": "phone", "监护人姓名": "name"}
    expected |= dict.fromkeys(("银行卡号", "档案编号", "社会保障卡卡号"), "last4")
    for spec in licence_type.fields:
        assert spec.mask == expected.get(spec.name, spec.mask)
        assert spec.mask in masks.MASKS
        assert spec.short.startswith("KZ_")


@every_type
def test_one_meaning_has_one_short_name_in_every_type(licence_type: LicenceType) -> None:
    shorts = {spec.name: spec.short for one in builtin() for spec in one.fields}
    for spec in licence_type.fields:
        assert shorts[spec.name] == spec.short


def test_driving_licence_classes_may_be_combined() -> None:
    spec = builtin().require("机动车驾驶证").field("准驾车型")
    for text in ("C1", "A1D", "A2D", "B2D", "C1D", "C1E", "A1A2D"):
        assert spec.canonical(text) == text


def test_the_food_licence_is_the_measure_of_ten_fields() -> None:
    """Ten things on its face, as a clerk counts them: name, number and licence number too."""
    full = builtin().require("食品经营许可证").profile("full")
    assert full.licence_number
    assert full.holder_number == full.holder_name == "full"
    assert len(full.fields) + 3 == 10


def test_free_text_without_end_is_in_no_profile() -> None:
    business = builtin().require("营业执照")
    assert business.field("经营范围").max_chars == 1000
    assert "经营范围" not in {one.name for profile in business.profiles for one in profile.fields}


def test_numbers_follow_the_licence() -> None:
    rules = {one.name: (one.number_rule, one.number_label) for one in builtin()}
    assert rules["居民身份证"] == ("resident-id", "公民身份号码")
    assert rules["机动车驾驶证"] == ("resident-id", "证号")
    assert rules["社会保障卡"] == ("resident-id", "社会保障号码")
    assert rules["营业执照"] == ("uscc", "统一社会信用代码")
    assert rules["不动产权证书"] == ("free", "不动产权证号")


def test_validity_follows_the_licence() -> None:
    rules = {one.name: (one.validity.rule, one.validity.max_years) for one in builtin()}
    assert rules["食品经营许可证"] == rules["护士执业证书"] == ("fixed", 5)
    assert rules["残疾人证"] == ("fixed", 10)
    assert rules["机动车驾驶证"] == ("either", 10)
    assert rules["不动产权证书"] == ("open", None)


@every_type
def test_a_definition_file_says_nothing_that_is_lost_when_read(licence_type: LicenceType) -> None:
    written = next(one for one in documents().values() if one["code"] == licence_type.code)
    read = json.loads(licence_type.model_dump_json())
    for name, value in written.items():
        if name not in {"fields", "profiles", "validity"}:
            assert read[name] == value
    for mine, theirs in zip(written["fields"], read["fields"], strict=True):
        assert mine.items() <= theirs.items()
