"""Metadata of GB/T 36903: names that mean the same element, and a licence written in them."""

from __future__ import annotations

from datetime import date

import pytest

from ecert.errors import FormatError
from ecert.model.catalogue import builtin
from ecert.model.holders import Holder
from ecert.model.identifiers import LicenceId
from ecert.model.licence import Licence
from ecert.model.metadata import METADATA, canonical_name, to_metadata

DRIVING = builtin().require("机动车驾驶证")


def licence(valid_until: date | None = date(2031, 6, 1), *holders: Holder) -> Licence:
    return Licence(
        id=LicenceId.make(DRIVING.code, "11511623008888888K", "TEST2024000001"),
        type_code=DRIVING.code,
        type_name=DRIVING.name,
        number="510681199003071237",
        holders=holders or (Holder("张伟", "510681199003071237"),),
        fields={"准驾车型": "C1", "初次领证日期": "2015-06-01"},
        region="511600",
        issuer_code="11511623008888888K",
        issuer_name="四川省广安市公安局",
        issued_on=date(2025, 6, 1),
        valid_from=date(2025, 6, 2),
        valid_until=valid_until,
    )


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("ZZBS", "ZZBS"),
        ("zzbs", "ZZBS"),
        ("证照标识", "ZZBS"),
        ("certificate_identifier", "ZZBS"),
        ("CERTIFICATE_IDENTIFIER", "ZZBS"),
        ("certificate_type_name_code", "ZZLXDM"),
        ("issue_dept", "ZZBFJG"),
        ("FZJGMC", "ZZBFJG"),
        ("FZJGZZJGDM", "ZZBFJGDM"),
        ("issue_date", "ZZBFRQ"),
        ("ZZYXQQSSJ", "ZZYXQQSRQ"),
        ("ZZYXQJZSJ", "ZZYXQJZRQ"),
        ("certificate_validate_end", "ZZYXQJZRQ"),
        ("certificate_holder_type", "CZZTDMLXDM"),
        ("certificate_holder_type_name", "CZZTDMLX"),
        ("certificate_copy_cause", "JZJZZSY"),
        ("KZ_ZL", "KZ_ZL"),
        ("KZ_准驾车型", "KZ_准驾车型"),
    ],
)
def test_names_in_use_mean_one_element(name: str, short: str) -> None:
    assert canonical_name(name) == short


@pytest.mark.parametrize("name", ["", "ZZ", "KZ_", "kz_zl", "证照", "ZZBS "])
def test_an_unknown_name_is_refused(name: str) -> None:
    with pytest.raises(FormatError) as caught:
        canonical_name(name)
    assert caught.value.where == name
    assert "KZ_" in caught.value.fix_zh


def test_no_name_belongs_to_two_elements() -> None:
    names = [
        name.casefold()
        for element in METADATA
        for name in (element.short, element.zh, element.long, *element.aliases)
        if name
    ]
    assert len(names) == len(set(names))
    assert all(canonical_name(element.zh) == element.short for element in METADATA)


def test_a_licence_in_metadata() -> None:
    assert to_metadata(licence(), DRIVING) == {
        "ZZMC": "机动车驾驶证",
        "ZZLXDM": DRIVING.code,
        "ZZBH": "510681199003071237",
        "ZZBS": str(licence().id),
        "ZZBFJG": "四川省广安市公安局",
        "ZZBFJGDM": "11511623008888888K",
        "ZZBFRQ": "20250601",
        "CZZT": "张伟",
        "CZZTDM": "510681199003071237",
        "CZZTDMLX": "公民身份号码",
        "CZZTDMLXDM": "111",
        "ZZYXQQSRQ": "20250602",
        "ZZYXQJZRQ": "20310601",
        "KZ_ZJCX": "C1",
        "KZ_CCLZRQ": "20150601",
    }


def test_every_name_in_metadata_is_an_element() -> None:
    elements = to_metadata(licence(), DRIVING)
    assert [canonical_name(name) for name in elements] == list(elements)


def test_a_licence_without_end_has_no_last_day() -> None:
    assert "ZZYXQJZRQ" not in to_metadata(licence(None), DRIVING)


def test_without_its_type_a_field_keeps_its_name_and_value() -> None:
    elements = to_metadata(licence())
    assert elements["KZ_准驾车型"] == "C1"
    assert elements["KZ_初次领证日期"] == "2015-06-01"
    assert "KZ_ZJCX" not in elements


def test_several_holders_are_joined_in_one_order() -> None:
    holders = (
        Holder("张伟", "510681199003071237"),
        Holder.enterprise("广安测试有限公司", "11430000006122244L"),
    )
    elements = to_metadata(licence(None, *holders), DRIVING)
    assert elements["CZZT"] == "张伟^广安测试有限公司"
    assert elements["CZZTDM"] == "510681199003071237^11430000006122244L"
    assert elements["CZZTDMLX"] == "公民身份号码^统一社会信用代码"
    assert elements["CZZTDMLXDM"] == "111^001"
