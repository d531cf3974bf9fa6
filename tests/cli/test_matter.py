"""``ecert matter``: import a table, find matters, what one needs, and the rate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ecert.cli import failures
from tests.cli.conftest import tree
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Runs

SAMPLE = ROOT / "fixtures" / "事项样例.csv"
MATTER = ("-C", "guangan", "matter")
WINDOW = ("-C", "chongqing", "matter")
TABLE = """事项编码,事项名称,实施部门,场景,所需证照,纸质材料
CQ-1,驾驶证换证,公安局,机动车业务,驾驶证、身份证,
CQ-2,公证办理,司法局,,身份证,申请表
CQ-3,图书借阅登记,文旅委,,图书馆借书证或社会保障卡,
"""


@pytest.fixture
def window(ecert: Runs, place: Path) -> Path:
    """A window in Chongqing that has its matters."""
    (place / "清单.csv").write_text(TABLE, "utf-8")
    assert ecert(*WINDOW, "import", "清单.csv").code == 0
    return place


@pytest.fixture
def sample(ecert: Runs, place: Path) -> Path:
    """An office in Guang'an with the sample."""
    assert ecert(*MATTER, "import", SAMPLE).code == 0
    return place


# -- import -----------------------------------------------------------------------------------


def test_import_tells_columns_and_counts(ecert: Runs, place: Path) -> None:
    ran = ecert(*MATTER, "import", SAMPLE)
    assert ran.code == failures.DONE
    assert "F 所需证照 → 所需证照" in ran.err
    assert ran.out == "√ 已导入：新增 6 项，更新 0 项，未变 0 项，删去 0 项\n"
    plain = ecert(*MATTER, "import", SAMPLE, "--json").json
    assert (plain["added"], plain["unchanged"], plain["imported"]) == (0, 6, True)


def test_a_dry_run_changes_nothing(ecert: Runs, place: Path) -> None:
    before = tree(place)
    assert "可以导入" in ecert(*MATTER, "import", SAMPLE, "--dry-run").out
    (place / "坏.csv").write_text(f"{TABLE}CQ-4,,,,无,\n", "utf-8")
    assert ecert(*MATTER, "import", "坏.csv", "--dry-run").code == failures.REFUSED
    (place / "坏.csv").unlink()
    assert tree(place) == before


def test_bad_rows_are_told_by_cell_and_nothing_is_imported(ecert: Runs, place: Path) -> None:
    (place / "坏.csv").write_text(f"{TABLE}CQ-4,甲,,,食品经营许可,\n", "utf-8")
    ran = ecert(*MATTER, "import", "坏.csv")
    assert ran.code == failures.REFUSED
    assert "有 1 行有误，全部未导入" in ran.out
    assert "E5 所需证照：目录中没有证照类型“食品经营许可”。是否为“食品经营许可证”？" in ran.out
    assert (place / "坏_已标注.xlsx").exists()
    assert ecert(*MATTER, "list", "--json").json == {"matters": []}
    plain = ecert(*MATTER, "import", "坏.csv", "--json").json
    assert (plain["imported"], plain["bad_rows"], plain["faults"][0]["cell"]) == (False, 1, "E5")
    assert "E5" in ecert(*MATTER, "import", "坏.csv", "--lang", "en").out


def test_others_may_be_taken_for_paper(ecert: Runs, place: Path) -> None:
    (place / "清单.csv").write_text(f"{TABLE}CQ-4,甲,,,食品经营许可,\n", "utf-8")
    ran = ecert(*MATTER, "import", "清单.csv", "--others-are-paper")
    assert ran.code == failures.DONE
    assert "△ “食品经营许可”按纸质登记 1 次，是否为“食品经营许可证”？" in ran.out


def test_replacing_removes_what_the_table_does_not_have(ecert: Runs, sample: Path) -> None:
    (sample / "清单.csv").write_text(TABLE, "utf-8")
    assert "删去 6 项" in ecert(*MATTER, "import", "清单.csv", "--replace").out
    assert len(ecert(*MATTER, "list", "--json").json["matters"]) == 3


@pytest.mark.parametrize("arguments", [("没有.csv",), ("guangan.trust",)])
def test_what_is_no_table_is_a_usage_error(
    ecert: Runs, place: Path, arguments: tuple[str, ...]
) -> None:
    assert ecert(*MATTER, "import", *arguments).code == failures.USAGE


# -- finding ----------------------------------------------------------------------------------


def test_list_search_and_show(ecert: Runs, sample: Path) -> None:
    assert len(ecert(*MATTER, "list").out.splitlines()) == 6
    one = ecert(*MATTER, "list", "--department", "广安市公安局（样例）").out.split("\t")
    assert one == ["SL-0001", "机动车驾驶证换证（样例）", "511600", "广安市公安局（样例）", "√\n"]
    assert len(ecert(*MATTER, "list", "--region", "511623").out.splitlines()) == 6
    assert ecert(*MATTER, "list", "--region", "500000").out == ""
    for words in (("jszh",), ("驾驶证", "换证"), ("sl-0001",), ("机动车业务",)):
        [found] = ecert(*MATTER, "search", *words, "--json").json["matters"]
        assert found["code"] == "SL-0001"
    assert "没有找到事项" in ecert(*MATTER, "search", "不相干").err
    assert len(ecert(*MATTER, "search", "样例", "--limit", "2").out.splitlines()) == 2
    shown = ecert(*MATTER, "show", "SL-0003").out
    assert "  1. 食品经营许可证（本地颁发）\n  2. 营业执照\n  3. 变更申请书（纸质）\n" in shown
    assert "△ 须提交纸质材料" in shown
    plain = ecert(*MATTER, "show", "律师执业信息核查（样例）", "--json").json
    assert plain["needs"][0][0]["fields"] == ["执业机构"]
    assert "不需要材料" in ecert(*MATTER, "show", "SL-0006").out
    assert "issued here" in ecert(*MATTER, "show", "SL-0003", "--lang", "en").out


def test_an_unknown_matter_is_answered_with_near_ones(ecert: Runs, sample: Path) -> None:
    ran = ecert(*MATTER, "show", "驾驶证换领")
    assert ran.code == failures.USAGE
    assert "是否为“机动车驾驶证换证（样例）”" in ran.err


# -- what it needs ----------------------------------------------------------------------------


def test_what_may_be_shown_with_its_basis(ecert: Runs, window: Path) -> None:
    ran = ecert(*WINDOW, "requirements", "驾驶证换证")
    assert ran.code == failures.DONE
    assert "认可四川省的机动车驾驶证：【样例】" in ran.out
    assert "核验时事项写“机动车业务”" in ran.out
    assert "还缺" not in ran.out
    [driving, identity] = ecert(*WINDOW, "requirements", "CQ-1", "--json").json["needs"]
    [source] = driving["licences"][0]["recognised"]
    assert (source["region"], source["matter"], source["sample"]) == ("510000", "机动车业务", True)
    assert source["basis"]
    assert identity["licences"][0]["recognised"][0]["matter"] == "驾驶证换证"
    assert identity["met"] is None


@pytest.mark.parametrize(
    ("holds", "met"),
    [
        (["机动车驾驶证"], [True, False]),
        (["机动车驾驶证@511600", "身份证@511623"], [True, True]),
        (["身份证@520000"], [False, False]),
        (["营业执照"], [False, False]),
    ],
)
def test_what_a_holder_has(ecert: Runs, window: Path, holds: list[str], met: list[bool]) -> None:
    options = [part for one in holds for part in ("--holds", one)]
    plain = ecert(*WINDOW, "requirements", "CQ-1", *options, "--json").json
    told = [one["met"] for one in plain["needs"]]
    assert told == met
    assert plain["complete"] is all(told)


def test_what_a_wallet_has(ecert: Runs, window: Path) -> None:
    ran = ecert(*WINDOW, "requirements", "CQ-1", "--wallet", "zhang.wallet", "--region", "500103")
    assert "× 还缺：居民身份证" in ran.out
    assert "1. √ 机动车驾驶证" in ran.out


def test_paper_is_always_missing(ecert: Runs, window: Path) -> None:
    ran = ecert(*WINDOW, "requirements", "CQ-2", "--holds", "身份证")
    assert "× 还缺：申请表（纸质）" in ran.out
    assert "△ 须提交纸质材料" in ran.out


def test_all_is_there(ecert: Runs, window: Path) -> None:
    ran = ecert(*WINDOW, "requirements", "CQ-3", "--holds", "社会保障卡")
    assert "√ 所需证照齐全，请逐一核验" in ran.out


def test_an_expired_list_is_told(ecert: Runs, window: Path) -> None:
    ran = ecert(*WINDOW, "requirements", "CQ-1", "--at", "2040-01-01")
    assert "已过期，请更新" in ran.out
    assert "认可" not in ran.out


@pytest.mark.parametrize(
    "arguments",
    [
        ("没有的事项",),
        ("CQ-1", "--region", "511600"),
        ("CQ-1", "--region", "51"),
        ("CQ-1", "--holds", "没有的证"),
        ("CQ-1", "--holds", "身份证@"),
        ("CQ-1", "--holds", "身份证@999999"),
        ("CQ-1", "--wallet", "没有.wallet"),
        ("CQ-1", "--at", "昨天"),
    ],
)
def test_what_cannot_be_asked(ecert: Runs, window: Path, arguments: tuple[str, ...]) -> None:
    ran = ecert(*WINDOW, "requirements", *arguments)
    assert ran.code == failures.USAGE
    assert ran.out == ""


def test_a_matter_of_elsewhere_is_told_as_that(ecert: Runs, window: Path) -> None:
    ran = ecert(*WINDOW, "requirements", "CQ-1", "--region", "511600")
    assert "“驾驶证换证”由重庆市办理，不在四川省广安市办理" in ran.err


# -- the rate ---------------------------------------------------------------------------------


def test_the_rate_with_its_counts(ecert: Runs, window: Path) -> None:
    lines = ecert(*WINDOW, "rate").out.splitlines()
    assert "司法局\t0\t1\t0.0%" in lines
    assert lines[-1] == "合计\t2\t3\t66.7%"
    plain = ecert(*WINDOW, "rate", "--json").json
    assert plain["overall"] == {"paperless": 2, "total": 3, "rate": 2 / 3}
    assert plain["by_region"] == {"500000": plain["overall"]}


def test_the_rate_for_visitors(ecert: Runs, window: Path) -> None:
    asked = (*WINDOW, "rate", "--visitors-from", "511600", "--json")
    assert ecert(*asked).json["overall"]["paperless"] == 1
    assert ecert(*asked, "--at", "2040-01-01").json["overall"]["paperless"] == 0


def test_without_matters_there_is_no_rate(ecert: Runs, place: Path) -> None:
    ran = ecert(*MATTER, "rate")
    assert ran.out == "合计\t0\t0\t-\n"
    assert "还没有导入事项清单" in ran.err
