"""Regions by what offices call them."""

from __future__ import annotations

import pytest

from ecert.errors import RegionError
from ecert.model.region_names import regions_named


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("四川省", ["510000"]),
        ("四川", ["510000"]),
        (" 重庆 市　", ["500000"]),
        ("川", ["510000"]),
        ("川渝", ["510000", "500000"]),
        ("京津冀", ["110000", "120000", "130000"]),
        ("广安市", ["511600"]),
        ("四川省广安市", ["511600"]),
        ("新津", ["510118"]),
        ("内蒙古", ["150000"]),
        ("新疆", ["650000"]),
        ("吉林", ["220000"]),
        ("510000", ["510000"]),
        ("５１００００", ["510000"]),
        ("四川省（510000）", ["510000"]),
        ("510000 四川", ["510000"]),
        ("全国", ["000000"]),
        ("999999", ["999999"]),
    ],
)
def test_names_codes_and_both(text: str, codes: list[str]) -> None:
    assert list(regions_named(text)) == codes


def test_name_and_code_of_two_regions() -> None:
    with pytest.raises(RegionError, match="510000是四川省"):
        regions_named("贵州省（510000）")


def test_a_name_of_several_regions_is_told_with_all() -> None:
    with pytest.raises(RegionError, match="有4个地区同名") as caught:
        regions_named("市中区")
    assert "四川省内江市市中区（511002）" in caught.value.fix_zh
    assert regions_named("市中区", within=["511000", "500000"]) == ("511002",)
    with pytest.raises(RegionError, match="同名"):
        regions_named("市中区", within=["510000"])


@pytest.mark.parametrize(("text", "near"), [("四川盛", "四川"), ("", "全称"), ("xyz", "全称")])
def test_no_region_of_that_name(text: str, near: str) -> None:
    with pytest.raises(RegionError, match="没有地区叫") as caught:
        regions_named(text)
    assert near in caught.value.fix_zh


def test_looking_for_names_like_it_can_be_left_out() -> None:
    with pytest.raises(RegionError) as caught:
        regions_named("四川盛", suggesting=False)
    assert "是否为" not in caught.value.fix_zh
