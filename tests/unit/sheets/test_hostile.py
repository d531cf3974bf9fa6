"""Workbooks made to harm: refused at once, before memory is spent on them."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import zipfile
import zlib
from typing import TYPE_CHECKING

import pytest
import xlwt

from ecert import limits
from ecert.sheets import extent, package
from ecert.sheets.compound import SIGNATURE
from tests.conftest import ROOT
from tests.unit.sheets.handmade import (
    HEADINGS,
    heading_row,
    ods_heading,
    ods_row,
    ods_text,
    text_cell,
    write_ods,
    write_xlsx,
    xlsx_parts,
    zipped,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ecert.errors import TableError
    from ecert.sheets.table import Row

    Read = Callable[..., list[Row]]
    Refused = Callable[..., TableError]

# What a process may take to refuse a hostile file, in kibibytes; Python alone takes 30,000.
_MOST_KIB = 100_000
_PROGRAM = """
import pathlib, sys, time
from ecert.errors import TableError
from ecert.sheets.reading import open_table
begun = time.monotonic()
try:
    with open_table(pathlib.Path(sys.argv[1]), headings=("姓名", "证号")) as table:
        list(table.rows())
except TableError as error:
    print(error.zh)
else:
    print("read")
status = pathlib.Path("/proc/self/status").read_text()
print(time.monotonic() - begun, status.partition("VmHWM:")[2].split()[0])
"""


def in_a_process(path: Path) -> str:
    """Read a file in a process of its own; return what it says, having bounded what it took."""
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, str(path)],
        capture_output=True, check=True, text=True, cwd=ROOT, encoding="utf-8",
    )  # fmt: skip
    told, took = done.stdout.splitlines()
    seconds, kib = map(float, took.split())
    assert seconds < 5
    assert kib < _MOST_KIB
    return told


def add_bomb(path: Path) -> int:
    """Add a part of blanks, one byte more than may be; return its sum (CRC-32)."""
    rest, crc = limits.MAX_WORKBOOK_INFLATED_BYTES + 1, 0
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("xl/sharedStrings.xml", "w") as part,
    ):
        while rest:
            chunk = b" " * min(rest, 1 << 22)
            part.write(chunk)
            crc = zlib.crc32(chunk, crc)
            rest -= len(chunk)
    return crc


def in_corners(path: Path, kind: str) -> Path:
    """Make a small file with two cells in opposite corners."""
    if kind == ".xlsx":
        rows = heading_row() + f'<row r="1048576">{text_cell("IV1048576", "x")}</row>'
        return write_xlsx(path.with_suffix(kind), rows)
    if kind == ".ods":
        far = '<table:table-cell table:number-columns-repeated="255"/>' + ods_text("x")
        gap = ods_row('<table:table-cell table:number-columns-repeated="256"/>', times=1_048_000)
        return write_ods(path.with_suffix(kind), ods_heading() + gap + ods_row(far))
    book = xlwt.Workbook()
    sheet = book.add_sheet("表")
    for place, text in enumerate(HEADINGS):
        sheet.write(0, place, text)
    sheet.write(65_535, 255, "x")
    book.save(str(path.with_suffix(kind)))
    return path.with_suffix(kind)


@pytest.mark.parametrize("kind", [".xlsx", ".ods", ".xls"])
def test_two_cells_in_opposite_corners(tmp_path: Path, kind: str) -> None:
    assert "超过16,000,000个单元格" in in_a_process(in_corners(tmp_path / "角", kind))


def test_a_few_cells_far_away(tmp_path: Path, refused: Refused) -> None:
    rows = heading_row() + f'<row r="1000000">{text_cell("C1000000", "x")}</row>'
    assert "零散内容" in refused(write_xlsx(tmp_path / "远.xlsx", rows)).zh


def test_a_repeated_row_that_fills_the_sheet(tmp_path: Path) -> None:
    full = ods_row(ods_text("x", times=250), times=1_048_570)
    assert "个单元格" in in_a_process(write_ods(tmp_path / "满.ods", ods_heading() + full))


@pytest.mark.parametrize("times", [10**9, 10**30])
def test_repetitions_beyond_every_bound(tmp_path: Path, refused: Refused, times: int) -> None:
    wide = ods_heading() + ods_row(ods_text("x", times=times))
    assert "超过256列" in refused(write_ods(tmp_path / "宽.ods", wide)).zh
    deep = ods_heading() + ods_row(ods_text("x"), times=times)
    assert "超过1,048,576行" in refused(write_ods(tmp_path / "深.ods", deep)).zh


def test_a_million_columns(tmp_path: Path) -> None:
    rows = heading_row() + f'<row r="2">{text_cell("BDWGN2", "x")}</row>'
    assert "超过256列" in in_a_process(write_xlsx(tmp_path / "宽.xlsx", rows))


def test_a_zip_bomb(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "炸弹.xlsx", heading_row())
    add_bomb(path)
    assert path.stat().st_size < 4 * 1024 * 1024
    assert "解压后超过512 MiB" in in_a_process(path)


def test_a_zip_bomb_that_states_a_small_size(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "炸弹.xlsx", heading_row())
    stated = {
        limits.MAX_WORKBOOK_INFLATED_BYTES + 1: 10,
        add_bomb(path): zlib.crc32(b" " * 10),
    }
    data = path.read_bytes()
    for true, false in stated.items():
        assert data.count(struct.pack("<L", true)) == 2
        data = data.replace(struct.pack("<L", true), struct.pack("<L", false))
    path.write_bytes(data)
    assert "解压后超过512 MiB" in in_a_process(path)


def test_a_workbook_of_two_kinds(tmp_path: Path, refused: Refused) -> None:
    path = tmp_path / "表.xlsx"
    for other in ("content.xml", "xl/workbook.bin", "XL\\other\\Workbook.xml"):
        path.write_bytes(zipped(xlsx_parts(heading_row()) | {other: "<x/>"}))
        assert "not one workbook" in refused(path).en


def test_the_most_inflated_bytes(
    tmp_path: Path, read: Read, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_xlsx(tmp_path / "表.xlsx", heading_row())
    with zipfile.ZipFile(path) as archive:
        size = sum(entry.file_size for entry in archive.infolist())
    monkeypatch.setattr(package, "MAX_WORKBOOK_INFLATED_BYTES", size)
    assert read(path) == []
    monkeypatch.setattr(package, "MAX_WORKBOOK_INFLATED_BYTES", size - 1)
    assert "解压后超过" in refused(path).zh


def test_an_entity_bomb(tmp_path: Path, refused: Refused) -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    prolog = f'<!DOCTYPE x [<!ENTITY e0 "ha">{entities}]>'
    rows = heading_row() + f'<row r="2">{text_cell("A2", "&e9;")}</row>'
    assert "实体声明" in refused(write_xlsx(tmp_path / "实体.xlsx", rows, prolog=prolog)).zh


def test_an_entity_bomb_in_another_encoding(tmp_path: Path, refused: Refused) -> None:
    parts = xlsx_parts(heading_row(), prolog='<!DOCTYPE x [<!ENTITY e0 "ha">]>')
    sheet = parts["xl/worksheets/sheet1.xml"]
    assert isinstance(sheet, str)
    parts["xl/worksheets/sheet1.xml"] = sheet.encode("utf-16")
    path = tmp_path / "实体.xlsx"
    path.write_bytes(zipped(parts))
    assert "实体声明" in refused(path).zh


def test_a_declaration_across_two_chunks(
    tmp_path: Path, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(package, "_CHUNK", 7)
    parts = xlsx_parts(heading_row())
    parts["xl/styles.xml"] = '<?xml version="1.0"?><!DocType x SYSTEM "file:///etc/passwd"><x/>'
    path = tmp_path / "实体.xlsx"
    path.write_bytes(zipped(parts))
    assert "实体声明" in refused(path).zh


@pytest.mark.parametrize(
    ("part", "told"),
    [("xl/vbaProject.bin", "宏"), ("xl/externalLinks/externalLink1.xml", "外部链接")],
)
def test_macros_and_links(tmp_path: Path, refused: Refused, part: str, told: str) -> None:
    path = tmp_path / "表.xlsx"
    path.write_bytes(zipped(xlsx_parts(heading_row()) | {part: "<x/>"}))
    assert refused(path).zh == f"工作簿含有{told}，不予读取"


def test_two_parts_of_one_name(tmp_path: Path, refused: Refused) -> None:
    parts = xlsx_parts(heading_row()) | {"XL\\Worksheets\\SHEET1.xml": "<worksheet/>"}
    path = tmp_path / "表.xlsx"
    path.write_bytes(zipped(parts))
    assert "two parts of one name" in refused(path).en


@pytest.mark.parametrize("extra", ["before", "after", "comment"])
def test_a_file_that_two_programs_read_differently(
    tmp_path: Path, refused: Refused, extra: str
) -> None:
    data = zipped(xlsx_parts(heading_row()))
    if extra == "before":
        data = b"x" + data
    elif extra == "after":
        data += zipped({"a": "b"})
    else:
        buffer = io.BytesIO(data)
        with zipfile.ZipFile(buffer, "a") as archive:
            archive.comment = b"x" * 30
        data = buffer.getvalue()
    path = tmp_path / "表.xlsx"
    path.write_bytes(data)
    assert "directory" in refused(path).en


def test_an_encrypted_part(tmp_path: Path, refused: Refused) -> None:
    data = bytearray(zipped(xlsx_parts(heading_row())))
    directory = data.index(b"PK\1\2")
    data[directory + 8] |= 1
    path = tmp_path / "表.xlsx"
    path.write_bytes(data)
    assert refused(path).zh == "工作簿设有打开密码"


def compound(stream: str, content: bytes) -> bytes:
    """Make a compound file (MS-CFB) with one stream of at least 4,096 bytes."""
    assert len(content) >= 4096
    sectors = -(-len(content) // 512)
    table = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, sectors + 2), 0xFFFFFFFE]
    table += [0xFFFFFFFF] * (128 - len(table))

    def entry(name: str, kind: int, first: int, size: int) -> bytes:
        title = name.encode("utf-16-le") + b"\0\0"
        return (
            title.ljust(64, b"\0")
            + struct.pack("<HBB3L", len(title), kind, 1, *(0xFFFFFFFF,) * 3)
            + bytes(36)
            + struct.pack("<LQ", first, size)
        )

    header = SIGNATURE + bytes(16) + struct.pack("<5H6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<9L", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<109L", 0, *(0xFFFFFFFF,) * 108)
    directory = entry("Root Entry", 5, 0xFFFFFFFE, 0) + entry(stream, 2, 2, len(content))
    return (
        header
        + struct.pack("<128L", *table)
        + directory.ljust(512, b"\0")
        + content.ljust(sectors * 512, b"\0")
    )


def biff(*records: tuple[int, bytes]) -> bytes:
    stream = b"".join(struct.pack("<HH", kind, len(body)) + body for kind, body in records)
    return stream.ljust(4096, b"\0")


def test_a_workbook_with_a_password(tmp_path: Path, refused: Refused) -> None:
    new = tmp_path / "新.xlsx"
    new.write_bytes(compound("EncryptedPackage", bytes(4096)))
    assert refused(new).zh == "工作簿设有打开密码"
    old = tmp_path / "旧.xls"
    old.write_bytes(compound("Workbook", biff((0x0809, bytes(16)), (0x002F, bytes(54)))))
    assert refused(old).zh == "工作簿设有打开密码"


def test_an_old_workbook_with_macros(tmp_path: Path, refused: Refused) -> None:
    path = tmp_path / "旧.xls"
    path.write_bytes(compound("_VBA_PROJECT", bytes(4096)))
    assert "宏" in refused(path).zh


def test_an_old_workbook_that_promises_too_much(tmp_path: Path, refused: Refused) -> None:
    path = tmp_path / "旧.xls"
    texts = (0x00FC, struct.pack("<LL", 1, 0x7FFFFFFF))
    path.write_bytes(compound("Workbook", biff((0x0809, bytes(16)), texts, (0x000A, b""))))
    assert "more texts" in refused(path).en
    start = struct.pack("<LBB", 20 + 12 + 4, 0, 0) + b"\1\0a"
    book = biff(
        (0x0809, bytes(16)), (0x0085, start[:8]), (0x000A, b""), (0x0809, bytes(16)),
        (0x0200, struct.pack("<2L3H", 0, 0xFFFFFFFF, 0, 0xFFFF, 0)), (0x000A, b""),
    )  # fmt: skip
    path.write_bytes(compound("Workbook", book))
    assert "impossible dimensions" in refused(path).en


def test_a_chain_of_sectors_without_end(tmp_path: Path, refused: Refused) -> None:
    data = bytearray(compound("Workbook", bytes(8192)))
    # The third sector of the stream leads back to its first.
    struct.pack_into("<L", data, 512 + 4 * 4, 2)
    path = tmp_path / "旧.xls"
    path.write_bytes(data)
    assert "broken chain" in refused(path).en


def test_too_many_errors(
    tmp_path: Path, read: Read, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = "".join(f'<row r="{row}"><c r="A{row}" t="e"><v>#N/A</v></c></row>' for row in (2, 3))
    path = write_xlsx(tmp_path / "表.xlsx", heading_row() + cells)
    monkeypatch.setattr(extent, "MAX_ERROR_CELLS", 2)
    assert len(read(path)) == 2
    monkeypatch.setattr(extent, "MAX_ERROR_CELLS", 1)
    assert "错误值超过1个" in refused(path).zh
    assert limits.MAX_ERROR_CELLS > 2


@pytest.mark.parametrize(("bound", "value"), [("MAX_SHEET_CELLS", 6), ("MAX_SPARSE_CELLS", 6)])
def test_the_most_cells(
    tmp_path: Path,
    read: Read,
    refused: Refused,
    monkeypatch: pytest.MonkeyPatch,
    bound: str,
    value: int,
) -> None:
    path = write_xlsx(
        tmp_path / "表.xlsx", heading_row() + f'<row r="2">{text_cell("A2", "张")}</row>'
    )
    monkeypatch.setattr(extent, "MAX_BLANK_SHARE", 1)
    monkeypatch.setattr(extent, bound, value)
    assert len(read(path)) == 1
    monkeypatch.setattr(extent, bound, value - 1)
    assert refused(path).where == "表.xlsx"


def test_the_most_blank_cells(
    tmp_path: Path, read: Read, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extent, "MAX_SPARSE_CELLS", 1)
    most = limits.MAX_BLANK_SHARE * 4 // 3
    for last, is_read in ((most, True), (most + 1, False)):
        rows = heading_row() + f'<row r="{last}">{text_cell(f"A{last}", "张")}</row>'
        path = write_xlsx(tmp_path / "表.xlsx", rows)
        if is_read:
            assert len(read(path)) == 1
        else:
            assert "零散内容" in refused(path).zh


def test_the_last_row_and_the_one_after(tmp_path: Path, refused: Refused) -> None:
    last, after = limits.MAX_TABLE_ROWS, limits.MAX_TABLE_ROWS + 1
    inside = heading_row() + f'<row r="{last}">{text_cell(f"A{last}", "张")}</row>'
    assert "零散内容" in refused(write_xlsx(tmp_path / "内.xlsx", inside)).zh
    outside = heading_row() + f'<row r="{after}">{text_cell(f"A{after}", "张")}</row>'
    assert "超过1,048,576行" in refused(write_xlsx(tmp_path / "外.xlsx", outside)).zh


@pytest.mark.parametrize("target", ["../../etc/passwd", "worksheets/none.xml"])
def test_a_sheet_that_is_elsewhere(tmp_path: Path, refused: Refused, target: str) -> None:
    parts = xlsx_parts(heading_row())
    relations = parts["xl/_rels/workbook.xml.rels"]
    assert isinstance(relations, str)
    parts["xl/_rels/workbook.xml.rels"] = relations.replace("worksheets/sheet1.xml", target)
    path = tmp_path / "表.xlsx"
    path.write_bytes(zipped(parts))
    assert "a sheet is missing" in refused(path).en
