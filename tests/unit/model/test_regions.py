"""Regions and their history, as far as the licences of Chongqing and Sichuan need it."""

from __future__ import annotations

import csv
import subprocess
import sys
from datetime import date
from importlib import resources
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecert.errors import RegionError
from ecert.model import regions
from ecert.model.regions import Region, covers, find, name_of, parse_region, province, require
from tests.conftest import ROOT

TODAY = date(2026, 11, 22)
ROWS = list(
    csv.DictReader(
        resources.files("ecert.model").joinpath("regions.csv").read_text("utf-8").splitlines()
    )
)
CODES = sorted({row["code"] for row in ROWS})

codes = st.text("0123456789", min_size=6, max_size=6) | st.sampled_from(CODES)


def known(code: str, on: date | None = None) -> Region:
    region = find(code, on)
    assert region is not None
    return region


def refusal(code: str, on: date | None = None) -> RegionError:
    with pytest.raises(RegionError) as caught:
        require(code, on)
    return caught.value


# -- the data ---------------------------------------------------------------------------------


def test_the_file_is_what_the_script_makes() -> None:
    script = ROOT / "scripts" / "make_regions.py"
    done = subprocess.run([sys.executable, str(script), "--check"], check=False, cwd=ROOT)
    assert done.returncode == 0


def test_all_34_provinces_are_there_and_in_force() -> None:
    provinces = [row["code"] for row in ROWS if row["level"] == "province"]
    assert len(provinces) == len(set(provinces)) == 34
    assert all(known(code, TODAY).level == "province" for code in provinces)
    assert {"110000", "500000", "510000", "650000", "710000", "810000", "820000"} < set(provinces)


def test_levels_follow_the_digits_and_every_region_has_those_above_it() -> None:
    for row in ROWS:
        code = row["code"]
        zeros = {"province": code.endswith("0000"), "city": code.endswith("00")}
        assert zeros.get(row["level"], not code.endswith("00"))
        assert find(province(code)) is not None
        assert find(f"{code[:4]}00") is not None


def test_periods_of_one_code_are_in_order_and_meet_in_a_year_of_change_at_most() -> None:
    for code in CODES:
        entries = regions._regions()[code]
        for earlier, later in pairwise(entries):
            assert earlier.valid_until is not None
            assert later.valid_from is not None
            assert earlier.valid_until.year <= later.valid_from.year
        for entry in entries:
            if entry.valid_from and entry.valid_until:
                assert entry.valid_from < entry.valid_until


def test_dates_are_precise_to_the_year() -> None:
    assert {row["from"][4:] for row in ROWS} == {"", "-01-01"}
    assert {row["to"][4:] for row in ROWS} == {"", "-12-31"}


def test_names_are_in_the_characters_of_the_standard() -> None:
    assert not {character for row in ROWS for character in row["name"]} & set("達區嶺員會縣")


def test_successors_exist_lead_to_the_present_and_are_kept_for_two_provinces() -> None:
    for row in ROWS:
        if not row["successor"]:
            continue
        assert row["to"]
        assert row["code"][:2] in {"50", "51"}
        code, steps = row["code"], 0
        region = next(entry for entry in regions._regions()[code] if entry.name == row["name"])
        while region.successor is not None and steps < 10:
            region, steps = known(region.successor), steps + 1
        assert steps < 10
        # What was divided later has no one code today.
        assert region.valid_until is None or region.successor is None


@pytest.mark.parametrize(
    ("code", "name", "level"),
    [
        ("511600", "广安市", "city"),
        ("511602", "广安区", "county"),
        ("511603", "前锋区", "county"),
        ("511621", "岳池县", "county"),
        ("511622", "武胜县", "county"),
        ("511623", "邻水县", "county"),
        ("511681", "华蓥市", "county"),
        ("510000", "四川省", "province"),
        ("500000", "重庆市", "province"),
        ("510100", "成都市", "city"),
        ("510107", "武侯区", "county"),
        ("511700", "达州市", "city"),
        ("511724", "大竹县", "county"),
        ("500101", "万州区", "county"),
        ("500115", "长寿区", "county"),
        ("500154", "开州区", "county"),
        ("500155", "梁平区", "county"),
        ("500157", "两江新区", "county"),
        ("500236", "奉节县", "county"),
        ("440300", "深圳市", "city"),
        ("620000", "甘肃省", "province"),
    ],
)
def test_regions_of_today(code: str, name: str, level: str) -> None:
    region = require(code, TODAY)
    assert (region.code, region.name, region.level) == (code, name, level)
    assert region.valid_until is None
    assert region.successor is None


def test_guang_an_has_exactly_six_counties_today() -> None:
    below = {code for code in CODES if code.startswith("5116") and find(code, TODAY)}
    assert below - {"511600", "511601"} == {
        "511602",
        "511603",
        "511621",
        "511622",
        "511623",
        "511681",
    }


def test_sichuan_and_chongqing_have_their_counties_of_today() -> None:
    """183 counties, cities and districts in Sichuan's 21 prefectures; 37 in Chongqing."""
    in_force = [require(code) for code in CODES if find(code, TODAY)]
    groups = ("市辖区", "县")
    sichuan = [r for r in in_force if r.code.startswith("51") and r.name not in groups]
    chongqing = [r for r in in_force if r.code.startswith("50") and r.name not in groups]
    assert sum(region.level == "city" for region in sichuan) == 21
    assert sum(region.level == "county" for region in sichuan) == 183
    assert sum(region.level == "county" for region in chongqing) == 37


@pytest.mark.parametrize(
    ("code", "last", "successor"),
    [
        ("500105", 2025, "500157"),
        ("500112", 2025, "500157"),
        ("500234", 2016, "500154"),
        ("500228", 2016, "500155"),
        ("510122", 2015, "510116"),
        ("510203", 1997, "500104"),
        ("510200", 1997, "500000"),
        ("511221", 1997, "500234"),
        ("513031", 1999, "513624"),
        ("513624", 1998, "511623"),
        ("512901", 1993, None),
    ],
)
def test_regions_that_ended(code: str, last: int, successor: str | None) -> None:
    region = known(code)
    assert region.valid_until == date(last, 12, 31)
    assert region.successor == successor
    assert find(code, date(last, 12, 31)) == region
    assert find(code, date(last + 1, 1, 1)) is None


def test_lin_shui_had_three_codes_one_after_another() -> None:
    assert {code for code in CODES if known(code).name == "邻水县"} == {
        "513031",
        "513624",
        "511623",
    }
    assert find("511623", date(1997, 12, 31)) is None
    assert known("511623", date(1998, 1, 1)).name == "邻水县"
    assert known("513624", date(1995, 6, 1)).name == "邻水县"


def test_in_a_year_of_change_both_codes_are_in_force() -> None:
    for code in ("500105", "500112", "500157"):
        assert find(code, date(2025, 7, 1)) is not None
    assert find("500157", date(2024, 12, 31)) is None


def test_one_code_may_have_meant_two_places() -> None:
    assert known("511400", date(1996, 1, 1)).name == "涪陵市"
    assert find("511400", date(1999, 1, 1)) is None
    assert known("511400", date(2001, 1, 1)).name == "眉山市"
    assert known("511400").name == "眉山市"


# -- asking -----------------------------------------------------------------------------------


def test_require_without_a_day_takes_what_has_ended() -> None:
    """A licence of 2019 from a district that ended in 2025 stays checkable."""
    assert require("500112").name == "渝北区"
    assert require("500112", date(2019, 5, 1)).name == "渝北区"


def test_require_says_what_a_code_is_now() -> None:
    error = refusal("500112", TODAY)
    assert error.where == "行政区划代码"
    assert error.zh == "500112（渝北区）在2026-11-22不是有效代码"
    assert error.fix_zh == "现为500157（重庆市两江新区）"
    assert "500157" in error.fix_en


@pytest.mark.parametrize(
    ("code", "on", "fix_zh"),
    [
        ("500157", date(2020, 1, 1), "请核对日期"),
        ("512901", date(2020, 1, 1), "请改用现行代码"),
        ("511400", date(1999, 1, 1), "请核对日期"),
        ("999999", TODAY, "请核对行政区划代码（GB/T 2260）"),
        ("999999", None, "请核对行政区划代码（GB/T 2260）"),
        ("000000", None, "请核对行政区划代码（GB/T 2260）"),
    ],
)
def test_require_refuses_and_advises(code: str, on: date | None, fix_zh: str) -> None:
    error = refusal(code, on)
    assert error.where == "行政区划代码"
    assert error.fix_zh == fix_zh
    assert error.fix_en


@pytest.mark.parametrize("text", ["", "51", "51160", "5116000"])
def test_a_code_has_six_digits(text: str) -> None:
    with pytest.raises(RegionError) as caught:
        parse_region(text)
    assert caught.value.zh == f"应为6位数字，实际{len(text)}位"


@pytest.mark.parametrize("text", ["51160A", "５11600", "51 600", "51160\u0663"])
def test_a_code_has_ascii_digits_alone(text: str) -> None:
    with pytest.raises(RegionError) as caught:
        parse_region(text)
    assert caught.value.where == "行政区划代码"
    assert "U+" in caught.value.zh


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("511623", "四川省广安市邻水县"),
        ("511600", "四川省广安市"),
        ("510000", "四川省"),
        ("500112", "重庆市渝北区"),
        ("500236", "重庆市奉节县"),
        ("110101", "北京市东城区"),
        ("429004", "湖北省仙桃市"),
        ("659001", "新疆维吾尔自治区石河子市"),
        # Named as they were, not as what is above them is called today.
        ("513624", "四川省广安地区邻水县"),
        ("510202", "四川省重庆市渝中区"),
        ("512225", "四川省万县地区云阳县"),
        ("000000", "全国"),
        ("999999", "999999"),
        ("", ""),
    ],
)
def test_full_names(code: str, name: str) -> None:
    assert name_of(code) == name


def test_full_names_on_a_day() -> None:
    assert name_of("511402", date(1996, 1, 1)) == "四川省涪陵市枳城区"
    assert name_of("511402", TODAY) == "四川省眉山市东坡区"
    assert name_of("511402", date(1999, 1, 1)) == "511402"


# -- above and below --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("region", "other", "expected"),
    [
        ("510000", "511600", True),
        ("510000", "511623", True),
        ("511600", "511623", True),
        ("511623", "511623", True),
        ("510000", "510000", True),
        ("500000", "500112", True),
        ("500000", "500236", True),
        ("000000", "510000", True),
        ("000000", "511623", True),
        ("000000", "000000", True),
        ("511600", "510000", False),
        ("511623", "511600", False),
        ("511600", "511723", False),
        ("510000", "500000", False),
        ("500000", "510203", False),
        ("511623", "511622", False),
        ("510000", "000000", False),
        ("511000", "511623", False),
    ],
)
def test_covering(region: str, other: str, expected: bool) -> None:
    assert covers(region, other) is expected


@pytest.mark.parametrize(("region", "other"), [("", "510000"), ("51", "510000"), ("510000", "")])
def test_covering_refuses_what_is_not_a_code(region: str, other: str) -> None:
    with pytest.raises(RegionError):
        covers(region, other)


def test_provinces() -> None:
    assert province("511623") == "510000"
    assert province("500000") == "500000"
    with pytest.raises(RegionError):
        province("51")


@settings(max_examples=200, deadline=None)
@given(codes, codes, codes)
def test_covering_is_an_order(one: str, other: str, third: str) -> None:
    assert covers(one, one)
    assert covers("000000", one)
    assert covers(province(one), one) or one[:2] == "00"
    if covers(one, other) and covers(other, third):
        assert covers(one, third)
    if covers(one, other) and covers(other, one):
        assert one == other


@settings(max_examples=200, deadline=None)
@given(codes, st.none() | st.dates(date(1980, 1, 1), date(2030, 12, 31)))
def test_finding_and_requiring_agree(code: str, on: date | None) -> None:
    region = find(code, on)
    if region is None:
        assert refusal(code, on).where == "行政区划代码"
    else:
        assert require(code, on) == region
        assert on is None or region.in_force(on)
        assert name_of(code, on).endswith(region.name)


def test_the_data_is_read_when_first_asked() -> None:
    program = (
        "import ecert.model.regions as r; assert r._regions.cache_info().currsize == 0;"
        "r.covers('510000', '511600'); assert r._regions.cache_info().currsize == 0;"
        "r.find('510000'); r.find('500000'); assert r._regions.cache_info().misses == 1"
    )
    done = subprocess.run([sys.executable, "-c", program], check=False, cwd=ROOT)
    assert done.returncode == 0
