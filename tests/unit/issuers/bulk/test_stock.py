"""Lists of stock (归集): licence id, state, version and issuer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ecert.model.catalogue import builtin
from ecert.model.identifiers import LicenceId
from tests.unit.issuers.bulk.lists import DRIVING, check, meanings, told

if TYPE_CHECKING:
    from pathlib import Path

    from ecert.issuers.bulk.applications import CheckedRow

ID = LicenceId.make(builtin().require("机动车驾驶证").code, "11511600008683171T", "A1")


def stock(tmp_path: Path, **changes: str) -> CheckedRow:
    row = {**DRIVING, "证照标识": str(ID), "证照状态": "有效", "版本": "001", "发证机关": "某局"}
    (checked,) = check(tmp_path / "存量.csv", row | changes)
    return checked


def test_marks_of_stock_are_read(tmp_path: Path) -> None:
    marks = stock(tmp_path, 发证机关代码="11511600008683171T").stock
    assert marks is not None
    assert marks.licence_id == ID
    assert (marks.state, marks.version) == ("有效", 1)
    assert (marks.issuer, marks.issuer_code) == ("某局", "11511600008683171T")


def test_blank_marks_are_none(tmp_path: Path) -> None:
    marks = stock(tmp_path, 证照标识="", 版本="", 证照状态="").stock
    assert marks is not None
    assert marks.licence_id is None
    assert marks.version is None
    assert marks.state == ""


def test_a_licence_id_is_proven(tmp_path: Path) -> None:
    wrong = str(ID)[:-1] + ("0" if str(ID)[-1] != "0" else "1")
    row = stock(tmp_path, 证照标识=wrong)
    assert [cell for cell, _, _ in told(row)] == ["H2"]
    assert "校验位" in row.faults[0].zh


@pytest.mark.parametrize(("text", "version"), [("1", 1), ("V12", 12), ("999", 999)])
def test_versions(tmp_path: Path, text: str, version: int) -> None:
    marks = stock(tmp_path, 版本=text).stock
    assert marks is not None
    assert marks.version == version


@pytest.mark.parametrize("text", ["0", "1000", "一", "1.5", "-1"])
def test_what_is_no_version(tmp_path: Path, text: str) -> None:
    assert meanings(told(stock(tmp_path, 版本=text))) == [("J2", "应为1至999的整数")]
