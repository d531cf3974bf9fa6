"""``ecert stock``: what should be held, what is, and its export."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from ecert.cli import failures
from ecert.cli.tables import write_table
from ecert.issuers.stock.columns import ExportColumn
from ecert.issuers.stock.export import Export
from ecert.model.codes import resident_id_check_character
from ecert.model.identifiers import LicenceId
from ecert.workspace import Workspace
from tests.cli.conftest import tree
from tests.cli.people import ISSUE, NUMBER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cli.conftest import Ran, Runs

EXPECT = ("-C", "guangan", "stock", "expect", "机动车驾驶证")
COUNTED = ("--as-of", "2026-10-31", "--source", "10月报表")
EXPORT = ("-C", "guangan", "stock", "export")


def _read(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))


# -- coverage ---------------------------------------------------------------------------------


def test_coverage_compares_with_the_department_s_count(ecert: Runs, place: Path) -> None:
    assert ecert(*EXPECT, "4", *COUNTED).code == 0
    ran = ecert("-C", "guangan", "stock", "coverage")
    assert ran.out.split("\t")[:4] == ["机动车驾驶证", "1", "4", "25.0%"]
    [one] = ecert("-C", "guangan", "stock", "coverage", "--json").json["types"]
    assert (one["held"], one["expected"], one["rate"], one["as_of"]) == (1, 4, 0.25, "2026-10-31")


def test_more_than_expected_is_told(ecert: Runs, place: Path) -> None:
    ecert(*ISSUE)
    ecert(*EXPECT, "1", *COUNTED)
    ran = ecert("-C", "guangan", "stock", "coverage")
    assert "200.0%" in ran.out
    assert "△ 在库数超过应归集数" in ran.err


def test_a_count_that_was_not_given(ecert: Runs, place: Path) -> None:
    ecert(*EXPECT, "4", *COUNTED, "--dry-run")
    assert ecert("-C", "guangan", "stock", "coverage", "--json").json["types"][0]["rate"] is None
    assert ecert("-C", "guangan", "stock", "coverage").out.split("\t")[2] == "-"


@pytest.mark.parametrize(
    "arguments",
    [
        ("没有的证", "1", *COUNTED),
        ("机动车驾驶证", "-1", *COUNTED),
        ("机动车驾驶证", "1", "--as-of", "昨天", "--source", "报表"),
        ("机动车驾驶证", "1", "--as-of", "2026-10-31"),
    ],
)
def test_wrong_usage(ecert: Runs, place: Path, arguments: tuple[str, ...]) -> None:
    assert ecert("-C", "guangan", "stock", "expect", *arguments).code == failures.USAGE


# -- export -----------------------------------------------------------------------------------


def test_metadata_as_csv_that_excel_opens(ecert: Runs, place: Path) -> None:
    ran = ecert(*EXPORT, "metadata", "-o", "m.csv", "--json")
    assert (ran.json["rows"], ran.json["cursor"]) == (1, "1")
    assert (place / "m.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert (place / "m.csv").stat().st_mode & 0o777 == 0o600
    [row] = _read(place / "m.csv")
    assert (row["ZZBH"], row["CZZT"], row["ZZZT"]) == (NUMBER, "张伟", "有效")


def test_metadata_as_json_by_the_national_names(ecert: Runs, place: Path) -> None:
    ecert(
        *EXPORT, "metadata", "-o", "m.out", "--format", "json", "--names", "long",
        "--type", "机动车驾驶证",
    )  # fmt: skip
    plain = json.loads((place / "m.out").read_bytes())
    [row] = plain["rows"]
    assert (row["certificate_number"], row["KZ_ZJCX"]) == (NUMBER, "C1")
    assert {"name": "certificate_number", "zh": "证照编号"} in plain["columns"]
    assert plain["cursor"] == "1"


def test_only_what_changed_since(ecert: Runs, place: Path) -> None:
    ran = ecert(*EXPORT, "metadata", "-o", "1.csv")
    assert "--changed-since 1" in ran.err
    ecert(*ISSUE)
    ecert(*EXPORT, "metadata", "-o", "2.csv", "--changed-since", "1")
    assert len(_read(place / "2.csv")) == 1
    ecert(*EXPORT, "metadata", "-o", "3.csv", "--changed-since", "2")
    assert _read(place / "3.csv") == []
    ecert(*EXPORT, "metadata", "-o", "4.csv", "--changed-since", "2020-01-01")
    assert len(_read(place / "4.csv")) == 2


def test_the_catalogue(ecert: Runs, place: Path) -> None:
    ran = ecert(*EXPORT, "catalogue", "-o", "c.csv")
    assert "changed-since" not in ran.err
    rows = {row["证照名称"]: row for row in _read(place / "c.csv")}
    assert rows["机动车驾驶证"]["在库有效数"] == "1"
    assert rows["机动车驾驶证"]["证照类型代码"].startswith("1110000")


def test_on_standard_output_there_is_nothing_but_the_table(ecert: Runs, place: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ecert", *EXPORT, "metadata", "-o", "-", "--format", "csv"],
        cwd=place, capture_output=True, check=True,
    )  # fmt: skip
    text = done.stdout.decode("utf-8-sig")
    assert [row["ZZBH"] for row in csv.DictReader(io.StringIO(text, newline=""))] == [NUMBER]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("everything", "-o", "x.csv"), "metadata"),
        (("metadata", "-o", "x.txt"), "--format"),
        (("metadata", "-o", "x.csv", "--format", "xml"), "--format"),
        (("metadata", "-o", "x.csv", "--names", "middle"), "--names"),
        (("metadata", "-o", "x.csv", "--changed-since", "昨天"), "--changed-since"),
        (("metadata", "-o", "x.csv", "--type", "没有的证"), "没有证照类型"),
        (("catalogue", "-o", "x.csv", "--changed-since", "1"), "目录总是全部导出"),
    ],
)
def test_an_export_that_is_none(
    ecert: Runs, place: Path, arguments: tuple[str, ...], told: str
) -> None:
    ran = ecert(*EXPORT, *arguments)
    assert ran.code == failures.USAGE
    assert told in ran.err
    assert not list(place.glob("x.*"))


def test_a_workbook_keeps_long_numbers_as_text(ecert: Runs, place: Path) -> None:
    assert ecert(*EXPORT, "metadata", "-o", "m.xlsx").code == 0
    sheet = openpyxl.load_workbook(place / "m.xlsx").active
    assert sheet is not None
    names, values = sheet.iter_rows(values_only=True)
    row = dict(zip(names, values, strict=True))
    assert (row["ZZBH"], row["CZZT"]) == (NUMBER, "张伟")
    ecert(*EXPORT, "catalogue", "-o", "c.out", "--format", "xlsx")
    assert (place / "c.out").read_bytes().startswith(b"PK")


def test_without_the_extra_it_is_named_and_csv_still_written(
    ecert: Runs, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "ecert.sheets.workbook_writer", raising=False)
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    ran = ecert(*EXPORT, "metadata", "-o", "m.xlsx")
    assert (ran.code, "ecert[excel]" in ran.err) == (failures.UNDETERMINED, True)
    assert not list(place.glob("*.xlsx"))
    assert ecert(*EXPORT, "metadata", "-o", "m.csv").code == 0


# -- import -----------------------------------------------------------------------------------

HEADINGS = "证照类型,证照标识,证照编号,持证主体,持证主体代码,颁发日期,有效期至,准驾车型,状态"
IMPORT = ("-C", "guangan", "stock", "import", "存量.csv", "--source", "省证照库2026年11月导出")


def _number(serial: int) -> str:
    body = f"51068119850101{serial:03d}"
    return body + resident_id_check_character(body)


def _row(serial: int, state: str = "有效", grade: str = "C1", licence_id: str = "") -> str:
    number = _number(serial)
    return f"机动车驾驶证,{licence_id},{number},王五,{number},2022-01-05,2030-01-04,{grade},{state}"


def _list(place: Path, *rows: str) -> None:
    (place / "存量.csv").write_text("\n".join([HEADINGS, *rows]) + "\n", "utf-8-sig")


def _counts(ran: Ran) -> dict[str, int]:
    return {name: count for name, count in ran.json["counts"].items() if count}


def test_a_list_of_existing_licences_comes_in(ecert: Runs, place: Path) -> None:
    with Workspace.open(place / "guangan") as workspace:
        issuer = workspace.issuer
        code = issuer.catalogue.require("机动车驾驶证").code
        known = str(LicenceId.make(code, issuer.code, "2022000001"))
    _list(place, _row(1, licence_id=known), _row(2, "注销"), _row(3, "过期"), "")
    ran = ecert(*IMPORT, "--json")
    assert ran.code == failures.REJECTED
    assert _counts(ran) == {"recorded": 2, "refused": 1}
    assert [one["row"] for one in ran.json["failures"]] == [4]
    assert "有效期未到" in ran.json["failures"][0]["zh"]
    assert "证照标识" in "".join(ran.json["columns"])
    found = ecert("-C", "guangan", "licence", "show", known, "--json").json
    assert found["standing"] == "issued"
    [event] = ecert("-C", "guangan", "licence", "events", known, "--json").json["events"]
    assert event["reason"] == "归集：省证照库2026年11月导出"
    assert ecert("-C", "guangan", "audit", "verify").code == 0


def test_the_rows_that_failed_stand_in_a_copy_that_can_be_mended(ecert: Runs, place: Path) -> None:
    _list(place, _row(1), _row(2, grade="Z9"), _row(3, "作废"))
    ran = ecert(*IMPORT)
    assert ran.code == failures.REJECTED
    assert "√ 已归集 1 份" in ran.out
    assert "× 不符合要求 2 份" in ran.out
    assert _number(2) not in ran.out + ran.err
    sheet = openpyxl.load_workbook(place / "存量_已标注.xlsx").active
    assert sheet is not None
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    assert [row[2] for row in rows[1:]] == [_number(2), _number(3)]
    assert "准驾车型" in str(rows[1][-1])
    assert "不认识这种证照状态" in str(rows[2][-1])


def test_again_and_with_other_content(ecert: Runs, place: Path) -> None:
    _list(place, _row(1), _row(2))
    assert ecert(*IMPORT).code == 0
    assert _counts(ecert(*IMPORT, "--json")) == {"skipped": 2}
    assert not (place / "存量_已标注.xlsx").exists()
    _list(place, _row(1), _row(2, grade="A1"))
    ran = ecert(*IMPORT, "--json")
    assert (_counts(ran), ran.code) == ({"skipped": 1, "conflict": 1}, failures.REJECTED)
    assert "照面信息" in ran.json["failures"][0]["zh"]
    assert ran.json["annotated"] == "存量_已标注.xlsx"


def test_a_decision_is_needed_where_one_was_taken(ecert: Runs, place: Path) -> None:
    _list(place, _row(1, "吊销"))
    ran = ecert(*IMPORT)
    assert (ran.code, "文号" in ran.out) == (failures.REFUSED, True)
    assert ecert(*IMPORT, "--document", "川公函〔2026〕5号").code == 0


def test_a_rehearsed_import_writes_nothing(ecert: Runs, place: Path) -> None:
    _list(place, _row(1), _row(2, grade="Z9"))
    before = tree(place)
    ran = ecert(*IMPORT, "--dry-run", "--json")
    assert _counts(ran) == {"recorded": 1, "refused": 1}
    assert tree(place) == before


def test_another_authority_s_licences_are_theirs(ecert: Runs, place: Path) -> None:
    (place / "存量.csv").write_text(
        f"{HEADINGS},发证机关代码\n{_row(1)},11500000009276682C\n", "utf-8-sig"
    )
    ran = ecert(*IMPORT, "--json")
    assert (ran.code, "不是本机构颁发" in ran.json["failures"][0]["zh"]) == (1, True)


@pytest.mark.parametrize("name", ["没有.csv", "存量.txt"])
def test_a_list_that_is_none(ecert: Runs, place: Path, name: str) -> None:
    (place / "存量.txt").write_text("x")
    ran = ecert("-C", "guangan", "stock", "import", name, "--source", "x")
    assert ran.code == failures.USAGE


# -- the writer -------------------------------------------------------------------------------


def _table(rows: Iterator[tuple[Any, ...]]) -> Export:
    return Export((ExportColumn("a", "甲"), ExportColumn("b", "乙", "number")), rows)


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    def rows() -> Iterator[tuple[Any, ...]]:
        yield ("x", 1)
        raise RuntimeError("the database is gone")

    (tmp_path / "t.csv").write_text("old")
    with pytest.raises(RuntimeError, match="the database is gone"):
        write_table(_table(rows()), tmp_path / "t.csv", None)
    assert [path.name for path in tmp_path.iterdir()] == ["t.csv"]
    assert (tmp_path / "t.csv").read_text() == "old"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"), ("@SUM(A1)", "'@SUM(A1)"), ("-2+3", "'-2+3"),
        ("川A·1,2", "川A·1,2"), ("一\n二", "一\n二"), (None, ""), (-3, "-3"),
    ],
)  # fmt: skip
def test_text_never_becomes_a_formula(tmp_path: Path, value: Any, written: str) -> None:
    path = tmp_path / "t.csv"
    assert write_table(_table(iter([(value, None)])), path, None) == 1
    assert _read(path) == [{"a": written, "b": ""}]
    write_table(_table(iter([(value, None)])), tmp_path / "t.json", None)
    assert json.loads((tmp_path / "t.json").read_bytes())["rows"] == [{"a": value, "b": None}]
