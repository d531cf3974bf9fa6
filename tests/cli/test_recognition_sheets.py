"""``ecert recognition template, check, export, approval``: lists in Excel, from the shell."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import openpyxl
import orjson
import pytest

import ecert as library
from ecert.cli import failures
from ecert.interop.recognition import RecognitionList
from ecert.sign import envelope
from tests.conftest import ROOT
from tests.fonts import chain
from tests.unit.show.test_table_pages import pages_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Ran, Runs

SAMPLE = ROOT / "fixtures" / "川渝互认清单.xlsx"
HEAD = (
    "--title",
    "清单",
    "--list-id",
    "a",
    "--document-number",
    "样例〔2026〕1号",
    "--owner",
    "四川",
    "--parties",
    "四川、重庆",
    "--expires",
    "2036-01-01",
)
DRIVING = "111000009999999986001"


def office(place: Path, *names: str) -> Path:
    """Write an office's list of types by name."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["证照名称", "颁发地区", "认可地区", "应用场景"])
    for name in names:
        sheet.append([name, "四川", "重庆", "执法检查"])
    path = place / "清单.xlsx"
    book.save(path)
    return path


def checked(ecert: Runs, *arguments: str | Path) -> Ran:
    return ecert("recognition", "check", *arguments)


def test_the_sample_becomes_a_draft_with_the_bytes_of_the_sample(
    ecert: Runs, tmp_path: Path
) -> None:
    ran = checked(ecert, SAMPLE, "-o", "draft.json")
    assert ran.code == 0
    data = (tmp_path / "draft.json").read_bytes()
    assert data == envelope.parse(library.fixture("川渝互认清单")).unverified_payload
    assert hashlib.sha256(data).hexdigest() in ran.out
    assert "C 证照名称 → 证照名称" in ran.err
    assert "△ 没有写颁发机构的条目" in ran.err
    source = orjson.loads((tmp_path / "draft.source.json").read_bytes())
    assert source["sha256"] == hashlib.sha256(SAMPLE.read_bytes()).hexdigest()
    assert source["rows"] == 18


def test_without_o_nothing_is_written(ecert: Runs, tmp_path: Path) -> None:
    plain = checked(ecert, SAMPLE, "--json").json
    assert (plain["draft"], plain["entries"], plain["faults"]) == (None, 18, [])
    assert list(tmp_path.iterdir()) == []


def test_faults_give_an_annotated_copy_and_no_draft(ecert: Runs, tmp_path: Path) -> None:
    path = office(tmp_path, "机动车行驶证", "机动车驾驶证")
    ran = checked(ecert, path, *HEAD, "-o", "draft.json")
    assert ran.code == failures.REJECTED
    assert "［Sheet］A2 证照名称：目录中没有证照类型“机动车行驶证”" in ran.err
    assert "共 1 处有误，没有生成草案" in ran.err
    assert sorted(one.name for one in tmp_path.iterdir()) == ["清单.xlsx", "清单_已标注.xlsx"]
    assert openpyxl.load_workbook(tmp_path / "清单_已标注.xlsx")["Sheet"]["A2"].comment
    plain = checked(ecert, path, *HEAD, "--json").json
    assert [one["place"] for one in plain["faults"]] == ["Sheet!A2"]
    english = checked(ecert, path, *HEAD, "--lang", "en").err
    assert "A2 证照名称: the catalogue has no licence type" in english
    assert "1 faults, no draft was made" in english


def test_a_choice_is_remembered_with_who_and_when(ecert: Runs, place: Path) -> None:
    path = office(place, "机动车行驶证")
    at = ("-C", "chongqing")
    choose = ("--choose", f"机动车行驶证={DRIVING}", "--actor", "王")
    assert ecert(*at, "recognition", "check", path, *HEAD, *choose).code == 0
    kept = orjson.loads((place / "chongqing" / "recognition-choices.json").read_bytes())
    assert [(one["name"], one["type"], one["by"]) for one in kept["choices"]] == [
        ("机动车行驶证", DRIVING, "王")
    ]
    ran = ecert(*at, "recognition", "check", path, *HEAD)
    assert ran.code == 0
    assert "按已选定的类型：机动车驾驶证" in ran.err
    assert ecert("recognition", "check", path, *HEAD).code == failures.REJECTED, "not elsewhere"


def test_the_next_version_follows_the_list_in_force(ecert: Runs, place: Path) -> None:
    at = ("-C", "chongqing", "recognition")
    assert ecert(*at, "export", "chuan-yu-sample", "-o", "now.xlsx").code == 0
    assert "改版请加 --next" in ecert(*at, "check", "now.xlsx").err
    ran = ecert(*at, "check", "now.xlsx", "--next", "--issued", "2026-02-01", "-o", "v2.json")
    assert ran.code == 0
    document = RecognitionList.from_payload((place / "v2.json").read_bytes())
    assert document.version == 2
    assert document.previous == envelope.parse(library.fixture("川渝互认清单")).digest
    plain = ecert(*at, "approval", "v2.json", "-o", "会签.xlsx", "--json").json
    assert (plain["from_version"], plain["to_version"], plain["unchanged"]) == (1, 2, 18)
    text = "\n".join(
        str(cell.value)
        for row in openpyxl.load_workbook(place / "会签.xlsx").active.iter_rows()  # type: ignore[union-attr]
        for cell in row
    )
    assert plain["digest"] in text
    assert "来源文件：now.xlsx（18行" in text


def test_the_sheet_for_approval_is_a_pdf_where_the_name_says_so(
    ecert: Runs, tmp_path: Path
) -> None:
    chain()  # skipped where this machine has no Chinese font
    fixture = ROOT / "fixtures" / "川渝互认清单.json"
    ran = ecert("recognition", "approval", fixture, "-o", "会签.PDF", "--json")
    book = ecert("recognition", "approval", fixture, "-o", "会签.xlsx", "--json")
    assert (ran.code, book.code) == (0, 0)
    assert ran.json | {"file": ""} == book.json | {"file": ""}
    assert ran.json["digest"] in "".join(pages_of((tmp_path / "会签.PDF").read_bytes()))
    wrong = ecert("recognition", "approval", fixture, "-o", "c.pdf", "--fonts", "absent.ttf")
    assert "absent.ttf" in wrong.err
    assert not (tmp_path / "c.pdf").exists()


@pytest.mark.parametrize(
    "source", ["川渝互认清单.json", "川渝互认清单.signed.json"], ids=["draft", "signed"]
)
def test_export_and_check_give_the_same_list(ecert: Runs, tmp_path: Path, source: str) -> None:
    fixture = ROOT / "fixtures" / source
    ran = ecert("recognition", "export", fixture, "-o", "a.xlsx")
    assert ran.code == 0
    assert "已导出 18 条" in ran.out
    assert checked(ecert, "a.xlsx", "-o", "a.json").code == 0
    data = (tmp_path / "a.json").read_bytes()
    assert data == envelope.parse(library.fixture("川渝互认清单")).unverified_payload
    plain = ecert("recognition", "approval", fixture, "-o", "b.xlsx", "--json").json
    assert plain["digest"] == hashlib.sha256(data).hexdigest()


def test_a_template(ecert: Runs, tmp_path: Path) -> None:
    ran = ecert(
        "recognition",
        "template",
        "-o",
        "互认清单模板.xlsx",
        "--source-region",
        "四川",
        "--target-region",
        "500000",
    )
    assert ran.code == 0
    book = openpyxl.load_workbook(tmp_path / "互认清单模板.xlsx")
    assert book["清单信息"]["B7"].value == "四川省（510000）、重庆市（500000）"
    ran = ecert("recognition", "template", "-o", "a.xlsx", "--source-region", "川渝")
    assert ran.code == failures.USAGE
    assert "只能写一个地区" in ran.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("check", "no.xlsx"), "没有这个文件"),
        (("check", "a.pdf"), "不支持这种文件"),
        (("check", "清单.xlsx", "--choose", "驾照"), "应写成"),
        (("check", "清单.xlsx", "--owner", "四川盛"), "没有地区叫"),
        (("check", "清单.xlsx", "--sheet", "x"), "没有这个工作表"),
        (("export", "no-such-list", "-o", "b.xlsx"), "没有这个文件，也没有这份现行清单"),
        (("export", str(ROOT / "fixtures" / "川渝互认清单.json"), "-o", "b.csv"), "不支持这种文件"),
    ],
)
def test_wrong_use_is_told(
    ecert: Runs, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    office(tmp_path, "机动车驾驶证")
    (tmp_path / "a.pdf").write_bytes(b"%PDF")
    ran = ecert("recognition", *arguments)
    assert ran.code == failures.USAGE
    assert said in ran.err


def test_a_broken_file_is_no_list(ecert: Runs, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b'{"signatures": []}')
    assert ecert("recognition", "export", "a.json", "-o", "b.xlsx").code == failures.REFUSED
    (tmp_path / "a.json").write_bytes(b"{")
    assert ecert("recognition", "approval", "a.json", "-o", "b.xlsx").code == failures.REFUSED
    assert [one.name for one in tmp_path.iterdir()] == ["a.json"]
