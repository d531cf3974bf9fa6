"""``ecert recognition lint|diff|simulate``: what is told, where, and how it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import openpyxl
import orjson
import pytest

import ecert as library
from ecert.cli import failures
from ecert.sign import envelope
from tests.cli.conftest import tree
from tests.cli.people import NUMBER

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Runs

SAMPLE = "川渝互认清单"
HERE = ("-C", "chongqing", "recognition")
DAY = ("--at", "2026-11-22")


def payload() -> dict[str, Any]:
    plain: dict[str, Any] = orjson.loads(envelope.parse(library.fixture(SAMPLE)).unverified_payload)
    return plain


def write(path: Path, plain: dict[str, Any]) -> str:
    path.write_bytes(orjson.dumps(plain))
    return path.name


@pytest.fixture
def draft(place: Path) -> str:
    """The next version: one entry narrower, one wider, one withdrawn, one gone, one new."""
    plain = payload() | {"version": 2}
    entries = plain["entries"]
    entries[0]["matters"] = ["机动车业务"]
    entries[1]["matters"] = ["*"]
    entries[2]["withdrawn"] = {"on": "2027-01-01", "basis": "示例〔2026〕9号", "note": ""}
    entries.append(entries[3] | {"id": "川-99", "matters": ["公证办理"]})
    del entries[4]
    return write(place / "draft.json", plain)


# -- lint -------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["chuan-yu-sample", SAMPLE])
def test_a_clean_list_has_warnings_at_most(ecert: Runs, place: Path, source: str) -> None:
    ran = ecert(*HERE, "lint", source, *DAY)
    assert ran.code == failures.DONE
    assert ran.out.splitlines()[-1] == "√ 错误 0 项，提醒 7 项"
    assert all("L204" in line for line in ran.out.splitlines()[:-1])


def test_lint_needs_no_workspace_for_a_file(ecert: Runs, tmp_path: Path) -> None:
    name = write(tmp_path / "draft.json", payload())
    (tmp_path / "signed.json").write_bytes(library.fixture(SAMPLE))
    for source in (name, "signed.json"):
        ran = ecert("recognition", "lint", source, *DAY, "--lang", "en")
        assert (ran.code, ran.err) == (failures.DONE, "")
        assert ran.out.splitlines()[-1] == "√ 0 errors, 7 warnings"


def test_errors_end_in_two_and_are_told_with_place_and_mending(ecert: Runs, place: Path) -> None:
    plain = payload() | {"version": 2}
    plain["entries"][0]["required"] = ["准驾车形"]
    name = write(place / "draft.json", plain)
    ran = ecert(*HERE, "lint", name, *DAY)
    assert ran.code == failures.USAGE
    assert ran.out.startswith(
        "× L303 entries.川-01.required：必备项不是认可方类型的照面信息项"
        "（“准驾车形”不在“机动车驾驶证”中，是否为“准驾车型”？）。请使用认可方类型定义中的名称"
    )
    assert ran.out.splitlines()[-1] == "× 错误 1 项，提醒 7 项；有错误不得签名"
    told = ecert(*HERE, "lint", name, *DAY, "--json")
    assert told.code == failures.USAGE
    assert (told.json["errors"], told.json["warnings"], told.json["version"]) == (1, 7, 2)
    assert told.json["findings"][0]["number"] == "L303"
    assert told.json["findings"][0]["attribute"] == "required"


def test_a_draft_is_compared_with_the_list_in_force_or_the_one_given(
    ecert: Runs, place: Path
) -> None:
    same = write(place / "draft.json", payload() | {"title": "改过"})
    assert "version-not-next" in ecert(*HERE, "lint", same, *DAY, "--json").out
    older = write(place / "older.json", payload() | {"version": 1, "notice_days": 60})
    newer = payload() | {"version": 2, "issued": "2026-11-21T00:00:00Z"}
    newer["entries"][0]["matters"] = ["*"]
    name = write(place / "newer.json", newer)
    told = ecert(*HERE, "lint", name, *DAY, "--previous", older).out
    assert "L607 entries.川-01.valid_from" in told
    assert "最早2027-01-20" in told


def test_matters_come_from_a_file(ecert: Runs, place: Path) -> None:
    (place / "matters.txt").write_text("\ufeff机动车业务\n执法检査\n\n", "utf-8")
    told = ecert(*HERE, "lint", "chuan-yu-sample", "--matters", "matters.txt", *DAY).out
    assert "“执法检查”，是否为“执法检査”？" in told
    (place / "bad.txt").write_bytes("机动车".encode("gb18030"))
    ran = ecert(*HERE, "lint", "chuan-yu-sample", "--matters", "bad.txt")
    assert ran.code == failures.USAGE
    assert "UTF-8" in ran.err


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"%PDF", "不是互认清单"),
        (b'{"owner": 1}', "格式不正确"),
        (b'{"a": 1, "a": 2}', "不是互认清单"),
        (b'{"payload": "x", "signatures": []}', "不是互认清单"),
    ],
)
def test_what_is_no_list_is_told_by_its_file(
    ecert: Runs, place: Path, data: bytes, said: str
) -> None:
    (place / "bad.json").write_bytes(data)
    ran = ecert(*HERE, "lint", "bad.json")
    assert ran.code == failures.USAGE
    assert ran.err.startswith("× bad.json：")
    assert said in ran.err


def test_a_name_that_is_neither_file_nor_list_names_those_in_force(
    ecert: Runs, place: Path
) -> None:
    ran = ecert(*HERE, "lint", "chuan-qian")
    assert ran.code == failures.USAGE
    assert "chuan-yu-sample" in ran.err
    assert "没有这个文件" in ecert(*HERE, "lint", "no.json").err


# -- diff -------------------------------------------------------------------------------------


def test_differences_are_told_for_directors(ecert: Runs, place: Path, draft: str) -> None:
    ran = ecert(*HERE, "diff", "chuan-yu-sample", draft)
    assert ran.code == failures.DONE
    lines = ran.out.splitlines()
    assert lines[0].endswith("第 1 版 → 第 2 版")
    assert lines[1:] == [
        "+ 川-99 图书馆借书证：新增（四川省 → 重庆市，事项：公证办理）",
        "- 川-05 居民身份证：删除（四川省 → 重庆市，事项：全部）",
        "~ 川-01 机动车驾驶证：事项由“机动车业务、执法检查”收窄为“机动车业务”",
        "~ 川-02 律师执业证：事项由“公证办理、执法检查”放宽为“全部”",
        "~ 川-03 社会保障卡：撤回，依示例〔2026〕9号，自2027-01-01起不再认可",
        "认可范围有变更：新增 1 项，删除 1 项，收窄 1 项，放宽 1 项，撤回 1 项，不变 14 项",
    ]
    english = ecert(*HERE, "diff", SAMPLE, draft, "--lang", "en").out
    assert 'matters widened from "公证办理, 执法检查" to "all"' in english
    assert english.splitlines()[-1] == (
        "Changed: 1 added, 1 removed, 1 narrowed, 1 widened, 1 withdrawn, 14 unchanged"
    )


def test_differences_in_json(ecert: Runs, place: Path, draft: str) -> None:
    plain = ecert(*HERE, "diff", SAMPLE, draft, "--json").json
    assert plain["direction"] == "changed"
    kinds = {one["id"]: one["kind"] for one in plain["differences"]}
    assert kinds == {
        "川-99": "added", "川-05": "removed", "川-01": "narrowed", "川-02": "widened",
        "川-03": "withdrawn",
    }  # fmt: skip
    [matters] = plain["differences"][2]["attributes"]
    assert (matters["attribute"], matters["direction"]) == ("matters", "narrowed")
    same = ecert(*HERE, "diff", SAMPLE, SAMPLE, "--json").json
    assert (same["direction"], same["differences"]) == ("same", [])
    assert "认可范围不变：不变 18 项" in ecert(*HERE, "diff", SAMPLE, SAMPLE).out


def test_differences_as_a_workbook_to_print(ecert: Runs, place: Path, draft: str) -> None:
    ran = ecert(*HERE, "diff", SAMPLE, draft, "-o", "差异.xlsx")
    assert "差异.xlsx" in ran.err
    sheet = openpyxl.load_workbook(place / "差异.xlsx").active
    assert sheet is not None
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    fitted = sheet.sheet_properties.pageSetUpPr
    assert fitted is not None
    assert fitted.fitToPage is True
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert (sheet.print_title_rows, sheet.freeze_panes) == ("$1:$1", "A2")
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0] == ["条目", "变化", "证照", "项目", "原来", "现在", "影响"]
    assert rows[1][3:6] == ["整条", None, "四川省 → 重庆市，事项：公证办理"]
    assert rows[3] == [
        "川-01", "收窄", "机动车驾驶证", "事项", "机动车业务、执法检查", "机动车业务", "收窄",
    ]  # fmt: skip
    colours = [row[0].fill.fgColor.rgb[-6:] for row in sheet.iter_rows(min_row=2)]
    green, red = "E2EFDA", "F8CBAD"
    assert colours == [green, red, red, green, red]
    assert ecert(*HERE, "diff", SAMPLE, draft, "-o", "差异.csv").code == failures.USAGE
    assert not (place / "差异.csv").exists()


# -- simulate ---------------------------------------------------------------------------------

SIMULATE = (*HERE, "simulate")
STOCK = ("--register", "guangan")


def test_a_list_is_tried_out_on_a_register(ecert: Runs, place: Path) -> None:
    before = tree(place)
    ran = ecert(*SIMULATE, SAMPLE, *STOCK, "--matter", "机动车业务")
    assert ran.code == failures.DONE
    assert ran.out.splitlines() == [
        "共 1 份，参加试算 1 份",
        "√ 核验通过 · 予以认可  1",
        ran.out.splitlines()[2],
    ]
    cells = ran.out.splitlines()[2].split("\t")
    assert cells[2:] == ["机动车驾驶证", "川-01", "1", "", f"#1(***{NUMBER[-4:]})"]
    assert NUMBER not in ran.out
    assert {name: data for name, data in tree(place).items() if "-wal" not in name} == before


def test_without_a_matter_only_all_matters_count(ecert: Runs, place: Path) -> None:
    plain = ecert(*SIMULATE, SAMPLE, *STOCK, "--json").json
    assert plain["outcomes"] == {"not-recognised": 1}
    [line] = plain["lines"]
    assert (line["reason"], line["entry"]) == ("matter-not-covered", "川-01")
    assert line["examples"][0]["row"] == 1
    assert line["examples"][0]["number"] == NUMBER[-4:]


def test_a_draft_is_compared_with_the_list_in_force(ecert: Runs, place: Path, draft: str) -> None:
    plain = ecert(*SIMULATE, draft, *STOCK, "--matter", "执法检查", "--json").json
    assert (plain["against"], plain["turns"]) == (1, {"lost": 1})
    lines = ecert(*SIMULATE, draft, *STOCK, "--matter", "执法检查").out.splitlines()
    assert "~ 由认可变为不认可  1" in lines
    other = ecert(
        *SIMULATE, SAMPLE, *STOCK, "--matter", "执法检查", "--against", draft, "--json"
    ).json  # fmt: skip
    assert (other["against"], other["turns"]) == (2, {"gained": 1})


def test_the_register_may_be_a_database(ecert: Runs, place: Path) -> None:
    database = next(path for path in (place / "guangan").glob("*.db"))
    for where in (str(database), f"sqlite:///{database}"):
        plain = ecert(*SIMULATE, SAMPLE, "--register", where, "--json").json
        assert plain["seen"] == 1


def test_figures_as_a_workbook(ecert: Runs, place: Path) -> None:
    ecert(*SIMULATE, SAMPLE, *STOCK, "-o", "试算.xlsx")
    sheet = openpyxl.load_workbook(place / "试算.xlsx").active
    assert sheet is not None
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0] == ["结果", "原因", "证照", "条目", "份数", "与原来相比", "举例"]
    assert rows[1][2:5] == ["机动车驾驶证", "川-01", 1]
    assert sheet.page_setup.orientation == "landscape"
    assert not any(NUMBER in str(value) for row in rows for value in row)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--register", "nowhere"), "没有这个工作区或数据库"),
        (("--register", "guangan", "--region", "999999"), "没有代码999999"),
        (("--register", "guangan", "--region", "重庆"), "行政区划代码"),
        (("--register", "guangan", "--at", "昨天"), "--at"),
    ],
)
def test_what_cannot_be_tried_is_told(
    ecert: Runs, place: Path, arguments: tuple[str, ...], said: str
) -> None:
    ran = ecert(*SIMULATE, SAMPLE, *arguments)
    assert ran.code == failures.USAGE
    assert said in ran.err


def test_a_list_of_three_parties_needs_the_window_s_region(ecert: Runs, place: Path) -> None:
    plain = payload() | {"parties": ["510000", "500000", "520000"], "version": 2}
    name = write(place / "three.json", plain)
    ran = ecert(*SIMULATE, name, *STOCK)
    assert ran.code == failures.USAGE
    assert "--region" in ran.err
    assert ecert(*SIMULATE, name, *STOCK, "--region", "500103").code == failures.DONE


def test_within_one_province_no_list_is_needed(ecert: Runs, place: Path) -> None:
    plain = ecert(*SIMULATE, SAMPLE, *STOCK, "--region", "510100", "--json").json
    assert plain["outcomes"] == {"accepted": 1}
    assert plain["lines"][0]["entry"] is None
