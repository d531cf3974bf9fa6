"""A workspace's matters: all of a table or nothing of it, and a city's catalogue."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING

import guangan_matters
import openpyxl
import pytest

import ecert
from ecert.errors import MatterError, TableError
from ecert.interop.matters.catalogue import MatterCatalogue
from ecert.interop.matters.matter import LicenceChoice
from ecert.interop.matters.matter_file import read_matters, write_matters
from ecert.interop.matters.rate import Rate, rate
from ecert.interop.matters.requirements import HeldType
from ecert.model.catalogue import builtin
from ecert.wallet.vault import CHEAPEST
from ecert.workspace.matters import FILE, held_in
from tests.conftest import ROOT
from tests.unit.workspace.conftest import NUMBER, PASSPHRASE

if TYPE_CHECKING:
    from pathlib import Path

    from ecert.workspace import Workspace
    from tests.unit.workspace.conftest import Clock

SAMPLE = ROOT / "fixtures" / "事项样例.csv"
HEADS = "事项编码,事项名称,所需证照\n"


def table(tmp_path: Path, *rows: str, name: str = "清单.csv") -> Path:
    path = tmp_path / name
    path.write_text(HEADS + "".join(f"{row}\n" for row in rows), "utf-8")
    return path


def test_there_are_none_before_the_first_import(guangan: Workspace) -> None:
    assert len(guangan.matters.catalogue) == 0
    assert not (guangan.path / FILE).exists()


def test_a_table_is_taken_in_and_updated(guangan: Workspace, tmp_path: Path) -> None:
    done = guangan.matters.import_table(table(tmp_path, "A1,甲,无", "A2,乙,身份证"))
    assert (done.added, done.changed, done.unchanged, done.removed) == (2, 0, 0, 0)
    more = table(tmp_path, "A2,乙,营业执照", "A1,甲,无", "A3,丙,无")
    tried = guangan.matters.import_table(more, dry_run=True)
    assert [one.code for one in guangan.matters.catalogue] == ["A1", "A2"]
    done = guangan.matters.import_table(more)
    assert tried == done
    assert (done.added, done.changed, done.unchanged, done.removed) == (1, 1, 1, 0)
    assert guangan.matters.catalogue.require("A2").region == "511600"
    done = guangan.matters.import_table(table(tmp_path, "A3,丙,无"), replace=True)
    assert (done.added, done.changed, done.unchanged, done.removed) == (0, 0, 1, 2)
    assert [one.code for one in guangan.matters.catalogue] == ["A3"]


def test_one_bad_row_keeps_the_whole_table_out(guangan: Workspace, tmp_path: Path) -> None:
    guangan.matters.import_table(table(tmp_path, "A1,甲,无"))
    before = (guangan.path / FILE).read_bytes()
    path = table(tmp_path, "A1,甲,身份证", "A2,乙,身份正", "A3,,无")
    tried = guangan.matters.import_table(path, dry_run=True)
    assert tried.annotated is None
    assert not (tmp_path / "清单_已标注.xlsx").exists()
    done = guangan.matters.import_table(path)
    assert done.bad_rows == tried.bad_rows == 2
    assert [fault.cell for fault in done.faults] == ["C3", "B4"]
    assert (guangan.path / FILE).read_bytes() == before
    assert done.annotated is not None
    rows = [
        [cell.value for cell in row] for row in openpyxl.load_workbook(done.annotated).worksheets[0]
    ]
    assert rows[0] == ["事项编码", "事项名称", "所需证照", "行号", "原因"]
    assert [row[3] for row in rows[1:]] == [3, 4]
    assert "C3 所需证照：目录中没有证照类型“身份正”。是否为“居民身份证”" in str(rows[1][4])


def test_an_empty_table_is_no_import(guangan: Workspace, tmp_path: Path) -> None:
    guangan.matters.import_table(table(tmp_path, "A1,甲,无"))
    with pytest.raises(MatterError, match="没有事项"):
        guangan.matters.import_table(table(tmp_path), replace=True)
    assert len(guangan.matters.catalogue) == 1


@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
def test_workbooks_and_gb18030_are_read(guangan: Workspace, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"清单{suffix}"
    rows = [["事项编码", "事项名称", "所需证照"], ["0012", "甲", "身份证\n营业执照"]]
    if suffix == ".xlsx":
        book = openpyxl.Workbook()
        for row in rows:
            book.worksheets[0].append(row)
        book.save(path)
    else:
        with path.open("w", encoding="gb18030", newline="") as file:
            csv.writer(file).writerows(rows)
    guangan.matters.import_table(path)
    assert len(guangan.matters.catalogue.require("0012").needs) == 2


def test_a_code_that_excel_keeps_as_a_number_is_a_fault(guangan: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "清单.xlsx"
    book = openpyxl.Workbook()
    book.worksheets[0].append(["事项编码", "事项名称", "所需证照"])
    book.worksheets[0].append([12, "甲", "无"])
    book.save(path)
    [fault] = guangan.matters.import_table(path).faults
    assert (fault.cell, "开头的0可能已丢失" in fault.zh) == ("A2", True)


def test_what_another_process_has_imported_is_seen(guangan: Workspace, tmp_path: Path) -> None:
    assert len(guangan.matters.catalogue) == 0
    with ecert.Workspace.open(guangan.path) as other:
        other.matters.import_table(table(tmp_path, "A1,甲,无"))
    assert guangan.matters.catalogue is guangan.matters.catalogue
    assert "A1" in guangan.matters.catalogue
    (guangan.path / FILE).unlink()
    assert len(guangan.matters.catalogue) == 0


def test_a_damaged_file_is_told_and_not_overwritten(guangan: Workspace, tmp_path: Path) -> None:
    (guangan.path / FILE).write_text("{}", "utf-8")
    with pytest.raises(MatterError, match="已损坏"):
        guangan.matters.import_table(table(tmp_path, "A1,甲,无"))
    assert (guangan.path / FILE).read_text("utf-8") == "{}"


def test_a_file_that_is_no_table_is_refused(guangan: Workspace, tmp_path: Path) -> None:
    (tmp_path / "清单.pdf").write_bytes(b"%PDF")
    with pytest.raises(TableError):
        guangan.matters.import_table(tmp_path / "清单.pdf")


def test_the_sample_is_read_whole_and_is_marked(guangan: Workspace) -> None:
    done = guangan.matters.import_table(SAMPLE)
    assert (done.added, done.bad_rows) == (6, 0)
    assert all("样例" in one.name for one in guangan.matters.catalogue)
    assert all(one.code.startswith("SL-") for one in guangan.matters.catalogue)
    assert "虚构" in SAMPLE.read_text("utf-8").splitlines()[0]
    told = rate(guangan.matters.catalogue)
    assert told.overall == Rate(5, 6)


def test_what_a_wallet_holds(guangan: Workspace, tmp_path: Path, clock: Clock) -> None:
    licence = guangan.issuer.issue(
        "机动车驾驶证", number=NUMBER, holder=ecert.Holder("张伟", NUMBER),
        fields={"准驾车型": "C1"}, valid_until=clock.now.date(),
    )  # fmt: skip
    wallet = ecert.Wallet.create(tmp_path / "zhang.wallet", PASSPHRASE, kdf=CHEAPEST, clock=clock)
    wallet.add(guangan.issuer.deliver(licence.id, wallet.request(guangan.issuer.nonce())))
    expected = HeldType(licence.type_code, "511600", guangan.issuer.code)
    assert held_in(wallet, clock.now.date()) == (expected,)
    # Its last day has passed.
    assert held_in(wallet, clock.now.date().replace(day=23)) == ()


def test_a_city_s_catalogue_is_read_kept_and_asked(guangan: Workspace, tmp_path: Path) -> None:
    """43,207 rows, compared with another reading of the same table."""
    path = tmp_path / "事项清单.csv"
    guangan_matters.write(path)
    done = guangan.matters.import_table(path)
    assert (done.added, done.bad_rows) == (guangan_matters.MATTERS, 0)
    matters = guangan.matters.catalogue
    assert len(matters) == 43_207
    names = {name: one.code for one in builtin() for name in (one.name, *one.aliases)}
    paperless = 0
    for row in guangan_matters.rows():
        code, name, region, department, needs, paper, _ = row
        one = matters.get(code)
        assert one is not None
        assert (one.name, one.region, one.department) == (name, region, department)
        assert matters.named(name) == (one,)
        types = {
            frozenset(
                names[re.sub(r"（本地）|原件及复印件", "", part)] for part in item.split("或")
            )
            for item in re.split("[、；，\n]", needs)
        }
        found = {frozenset(choice.type for choice in need.licences) for need in one.needs}
        assert found - {frozenset()} == types
        assert [need.papers[0].name for need in one.needs if need.paper_only] == [paper] * bool(
            paper
        )
        assert any(
            isinstance(choice, LicenceChoice) and choice.own_region
            for need in one.needs
            for choice in need.choices
        ) == ("本地" in needs)
        paperless += not paper
    told = rate(matters)
    assert told.overall == Rate(paperless, 43_207)
    for parts in (told.by_department, told.by_region):
        assert sum(one.total for one in parts.values()) == 43_207
        assert sum(one.paperless for one in parts.values()) == paperless
    assert matters.search("样例43206")[0].code.endswith("043206SL")
    again = MatterCatalogue(read_matters(write_matters(matters)))
    assert [*again] == [*matters]
