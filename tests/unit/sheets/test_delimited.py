"""CSV files as offices send them: encodings, separators, quotation marks, bounds."""

from __future__ import annotations

import codecs
import tracemalloc
from itertools import islice
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecert import limits
from ecert.errors import TableError
from ecert.sheets import delimited, encoding
from ecert.sheets.encoding import find_encoding
from ecert.sheets.reading import open_table
from tests.unit.sheets.handmade import HEADINGS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ecert.sheets.table import Row

    Read = Callable[..., list[Row]]
    Refused = Callable[..., TableError]

TEXT = "姓名,证号,日期\r\n张伟,0012,2024-01-01\r\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a CSV file may be made."""
    return tmp_path / "名单.csv"


def texts(rows: list[Row]) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in rows]


@pytest.mark.parametrize("name", ["utf-8", "utf-8-sig", "gb18030"])
def test_utf8_and_gb18030_are_told_apart(path: Path, read: Read, name: str) -> None:
    path.write_bytes(TEXT.encode(name))
    assert texts(read(path)) == [["张伟", "0012", "2024-01-01"]]


def test_rare_ideographs_come_through_gb18030(path: Path, read: Read) -> None:
    path.write_bytes("姓名,证号\n𠮷㐂,1\n".encode("gb18030"))
    assert texts(read(path)) == [["𠮷㐂", "1"]]


def test_the_word_that_notepad_took_for_utf8(path: Path, read: Read) -> None:
    # 联通 in GBK has the form of two UTF-8 sequences, which strict UTF-8 forbids as overlong.
    path.write_bytes("姓名,证号\n联通,1\n".encode("gbk"))
    assert texts(read(path)) == [["联通", "1"]]


def test_a_cut_utf8_file_is_not_taken_for_gb18030(path: Path, refused: Refused) -> None:
    data = ("姓名,证号\n" + "张伟伟伟,1\n" * 4).encode()[:-5]
    path.write_bytes(data)
    error = refused(path)
    assert "UTF-8编码" in error.zh
    assert f"第{len(data) - 1}个字节" in error.zh


def test_a_marked_utf8_file_is_held_to_it(path: Path, refused: Refused) -> None:
    path.write_bytes(codecs.BOM_UTF8 + "姓名,证号\n张,1\n".encode("gb18030"))
    assert "从第3个字节起不是UTF-8编码" in refused(path).zh


def test_the_first_wrong_byte_is_named(path: Path, refused: Refused) -> None:
    path.write_bytes("姓名,证号\n".encode("gb18030") + b"\xff\xff,1\n")
    assert "从第10个字节起不是UTF-8或GB18030编码" in refused(path).zh


@pytest.mark.parametrize("name", ["utf-16", "utf-16-be"])
def test_utf16_is_refused(path: Path, refused: Refused, name: str) -> None:
    path.write_bytes((codecs.BOM_UTF16_BE if name.endswith("be") else b"") + TEXT.encode(name))
    assert "从第0个字节起" in refused(path).zh


def test_a_character_across_two_chunks_is_whole(
    path: Path, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoding, "_CHUNK", 5)
    for name in ("utf-8", "gb18030"):
        path.write_bytes(TEXT.encode(name))
        assert texts(read(path)) == [["张伟", "0012", "2024-01-01"]]
    path.write_bytes(TEXT.encode("gb18030") + b"\xff")
    with pytest.raises(TableError, match=f"第{len(TEXT.encode('gb18030'))}个字节"):
        read(path)


@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_comma_tab_and_semicolon(path: Path, read: Read, separator: str) -> None:
    path.write_text(TEXT.replace(",", separator), "utf-8")
    assert texts(read(path)) == [["张伟", "0012", "2024-01-01"]]


def test_separators_inside_cells_do_not_win(path: Path, read: Read) -> None:
    path.write_text("姓名,证号\n张;王;李;赵,1;2;3;4\n", "utf-8")
    assert texts(read(path)) == [["张;王;李;赵", "1;2;3;4"]]


def test_the_heading_stands_under_titles_and_blank_rows(path: Path, read: Read) -> None:
    path.write_text("某市证照清单,,\n\n填表人：某某,,\n姓名,证 号*,日期（必填）\n张,1,\n", "utf-8")
    with open_table(path, headings=HEADINGS) as table:
        assert table.header.row == 4
        assert table.header.headings == ("姓名", "证号*", "日期（必填）")
        assert table.header.reference(2) == "C"
        (row,) = table.rows()
    assert row.number == 5
    assert [cell.reference for cell in row.cells] == ["A5", "B5", "C5"]


def test_blank_rows_are_passed_over_but_counted(path: Path, read: Read) -> None:
    path.write_text("姓名,证号\n张,1\n\n,\n \u3000,\n王,2\n", "utf-8")
    assert [row.number for row in read(path)] == [2, 6]


def test_what_stands_in_cells_does_not_end_in_logs(path: Path, read: Read) -> None:
    path.write_text("姓名,证号\n张伟,0012\n", "utf-8")
    (row,) = read(path)
    assert repr(row) == "Row(number=2, misfit=None)"
    assert repr(row.cell(0)) == "Cell(reference='A2')"


def test_line_breaks_and_quotation_marks_inside_cells(path: Path, read: Read) -> None:
    path.write_text('姓名,证号\n"张\n""伟""",1\n', "utf-8", newline="")
    assert texts(read(path)) == [['张\n"伟"', "1"]]


@pytest.mark.parametrize("given", ['="0012"', "'0012", "0012\t"])
def test_ways_to_keep_zeros_in_a_csv(path: Path, read: Read, given: str) -> None:
    path.write_text(f"姓名,证号\n张,{given}\n", "utf-8")
    # An apostrophe is taken off only where it guards what would be a formula.
    assert texts(read(path)) == [["张", "'0012" if given.startswith("'") else "0012"]]


@pytest.mark.parametrize("given", ["=1+1", "+1", "-1", "@a", "＝1", "'=1"])
def test_the_apostrophe_of_our_own_writer_is_taken_off(path: Path, read: Read, given: str) -> None:
    path.write_text(f"姓名,证号\n张,'{given}\n", "utf-8")
    assert texts(read(path)) == [["张", given]]


def test_a_short_row_is_named(path: Path, refused: Refused) -> None:
    path.write_text("姓名,证号,日期\n张,1,\n王,2\n", "utf-8")
    error = refused(path)
    assert error.where == "名单.csv 第3行"
    assert error.zh == "只有2列，表头有3列"


def test_a_cell_without_heading_is_named(path: Path, refused: Refused) -> None:
    path.write_text("姓名,证号\n张,1,,\n王,2,,多\n", "utf-8")
    error = refused(path)
    assert error.where == "名单.csv D3"
    assert error.zh == "有内容，但该列没有表头"


def test_misfits_can_be_kept_row_by_row(path: Path) -> None:
    path.write_text("姓名,证号\n张\n王,2\n", "utf-8")
    with open_table(path, headings=HEADINGS) as table:
        bad, good = table.lenient_rows()
    assert bad.misfit is not None
    assert bad.cell(1).text == ""
    assert good.misfit is None


def test_a_heading_twice_is_refused(path: Path, refused: Refused) -> None:
    path.write_text("姓名,证号,证 号*\n张,1,2\n", "utf-8")
    assert refused(path).zh == "表头“证号*”出现两次：B1和C1"


def test_without_heading_those_looked_for_are_named(path: Path, refused: Refused) -> None:
    path.write_text("a,b\n1,2\n", "utf-8")
    error = refused(path)
    assert error.zh == "没有找到表头"
    assert "姓名、证号、日期" in error.fix_zh


def test_the_heading_is_looked_for_in_the_first_rows_only(path: Path, read: Read) -> None:
    path.write_text("题\n" * (limits.MAX_HEADER_ROWS - 1) + "姓名,证号\n张,1\n", "utf-8")
    assert len(read(path)) == 1
    path.write_text("题\n" * limits.MAX_HEADER_ROWS + "姓名,证号\n张,1\n", "utf-8")
    with pytest.raises(TableError, match="没有找到表头"):
        read(path)


@pytest.mark.parametrize("data", [b"", codecs.BOM_UTF8])
def test_an_empty_file_is_called_empty(path: Path, refused: Refused, data: bytes) -> None:
    path.write_bytes(data)
    assert refused(path).zh == "表格是空的"


def test_a_lost_quotation_mark_is_named_by_row(path: Path, refused: Refused) -> None:
    path.write_text('姓名,证号\n张,1\n"王"x,2\n', "utf-8")
    error = refused(path)
    assert error.where == "名单.csv 第3行"
    assert "引号" in error.zh


def test_a_file_changed_while_it_is_read_is_refused(path: Path) -> None:
    lines = "".join(f"张,{number}\n" for number in range(40_000))
    path.write_text("姓名,证号\n" + lines, "utf-8")
    with open_table(path, headings=HEADINGS) as table:
        rows = table.rows()
        assert len(list(islice(rows, 10))) == 10
        with path.open("r+b") as file:
            file.seek(-3, 2)
            file.write(b"8")
        with pytest.raises(TableError, match="读取期间文件被改动"):
            list(rows)


def test_a_file_damaged_while_it_is_read_is_refused(path: Path) -> None:
    path.write_text("姓名,证号\n" + "张,1\n" * 40_000, "utf-8")
    with open_table(path, headings=HEADINGS) as table:
        with path.open("r+b") as file:
            file.seek(-3, 2)
            file.write(b"\xff")
        with pytest.raises(TableError, match="读取期间文件被改动"):
            list(table.rows())


def test_the_hash_is_that_of_the_file(path: Path) -> None:
    path.write_bytes(b"")
    with path.open("rb", buffering=0) as file:
        assert find_encoding(file, "x")[1].startswith("e3b0c442")


def test_memory_does_not_grow_with_the_rows(path: Path) -> None:
    def peak(count: int) -> int:
        path.write_text("姓名,证号\n" + "张伟,510681199003071237\n" * count, "utf-8")
        tracemalloc.start()
        with open_table(path, headings=HEADINGS) as table:
            assert sum(1 for _ in table.rows()) == count
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    assert peak(80_000) < peak(40_000) * 1.2


# -- bounds -----------------------------------------------------------------------------------


def test_the_longest_cell(path: Path, read: Read, refused: Refused) -> None:
    path.write_text(f"姓名,证号\n{'张' * limits.MAX_CELL_CHARS},1\n", "utf-8")
    assert len(read(path)[0].cell(0).text) == limits.MAX_CELL_CHARS
    path.write_text(f"姓名,证号\n1,{'张' * (limits.MAX_CELL_CHARS + 1)}\n", "utf-8")
    assert refused(path).where == "名单.csv B2"


def test_the_most_columns(path: Path, read: Read, refused: Refused) -> None:
    def wide(count: int) -> str:
        headings = ["姓名", "证号", *(f"列{number}" for number in range(count - 2))]
        return ",".join(headings) + "\n" + ",".join(["1"] * count) + "\n"

    path.write_text(wide(limits.MAX_TABLE_COLUMNS), "utf-8")
    assert len(read(path)[0].values) == limits.MAX_TABLE_COLUMNS
    path.write_text(wide(limits.MAX_TABLE_COLUMNS + 1), "utf-8")
    assert "列" in refused(path).zh


def test_the_most_rows(path: Path, refused: Refused) -> None:
    path.write_text("姓名,证号\n" + "a,b\n" * (limits.MAX_TABLE_ROWS - 1), "utf-8")
    with open_table(path, headings=HEADINGS) as table:
        assert sum(1 for _ in table.lenient_rows()) == limits.MAX_TABLE_ROWS - 1
    with path.open("a") as file:
        file.write("a,b\n")
    assert "超过1,048,576行" in refused(path).zh


def test_the_largest_file(
    path: Path, read: Read, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.write_text(TEXT, "utf-8")
    monkeypatch.setattr(delimited, "MAX_TABLE_BYTES", path.stat().st_size)
    assert len(read(path)) == 1
    monkeypatch.setattr(delimited, "MAX_TABLE_BYTES", path.stat().st_size - 1)
    assert "超过" in refused(path).zh


def test_a_line_without_end_is_refused_early(path: Path, refused: Refused) -> None:
    path.write_text("姓名,证号\n" + "a" * (delimited._MAX_LINE_CHARS + 1), "utf-8")
    assert refused(path).zh == "一行过长"


# -- whatever bytes ---------------------------------------------------------------------------


@given(
    st.binary(max_size=200) | st.text(max_size=80).map(lambda text: text.encode("utf-8", "replace"))
)
def test_any_bytes_are_a_table_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(data)
    try:
        with open_table(path, headings=HEADINGS, least=1) as table:
            list(table.rows())
    except TableError:
        pass


@given(st.binary(max_size=200))
def test_any_bytes_under_a_heading_are_rows_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes("姓名,证号\n".encode() + data)
    try:
        with open_table(path, headings=HEADINGS) as table:
            list(table.lenient_rows())
    except TableError:
        pass
