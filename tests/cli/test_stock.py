"""``ecert stock``: what should be held, what is, and its export."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from ecert.cli import failures
from ecert.cli.tables import write_table
from ecert.issuers.stock.columns import ExportColumn
from ecert.issuers.stock.export import Export
from tests.cli.people import ISSUE, NUMBER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cli.conftest import Runs

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


# -- the writer -------------------------------------------------------------------------------


def _table(rows: Iterator[tuple[Any, ...]]) -> Export:
    return Export((ExportColumn("a", "甲"), ExportColumn("b", "乙", "number")), rows)


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    def rows() -> Iterator[tuple[Any, ...]]:
        yield ("x", 1)
        raise OSError("the disk is gone")

    (tmp_path / "t.csv").write_text("old")
    with pytest.raises(OSError, match="the disk is gone"):
        write_table(_table(rows()), tmp_path / "t.csv", None)
    assert [path.name for path in tmp_path.iterdir()] == ["t.csv"]
    assert (tmp_path / "t.csv").read_text() == "old"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"), ("@SUM(A1)", "'@SUM(A1)"), ("+cmd|x", "'+cmd|x"),
        ("-2+3", "'-2+3"), ("-12.5", "-12.5"), ("+8613800000000", "+8613800000000"),
        ("-", "-"), ("川A·1,2", "川A·1,2"), ("一\n二", "一\n二"), (None, ""), (-3, "-3"),
    ],
)  # fmt: skip
def test_text_never_becomes_a_formula(tmp_path: Path, value: Any, written: str) -> None:
    path = tmp_path / "t.csv"
    assert write_table(_table(iter([(value, None)])), path, None) == 1
    assert _read(path) == [{"a": written, "b": ""}]
    write_table(_table(iter([(value, None)])), tmp_path / "t.json", None)
    assert json.loads((tmp_path / "t.json").read_bytes())["rows"] == [{"a": value, "b": None}]
