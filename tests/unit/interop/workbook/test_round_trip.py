"""A list written as a workbook and read again is the same list, byte by byte."""

from __future__ import annotations

import tempfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from ecert.errors import DocumentRefusedError, FormatError, TableError
from ecert.interop.conditions import Age, Equals, OneOf
from ecert.interop.entry import Entry, Side, Withdrawal
from ecert.interop.mapping import (
    Constant,
    Copy,
    DateForm,
    Masking,
    Rename,
    ValueTable,
    require_line,
)
from ecert.interop.recognition import RecognitionList
from ecert.interop.workbook import definitions
from ecert.interop.workbook.reading import read_list
from ecert.interop.workbook.writing import write_list
from ecert.model.catalogue import builtin
from ecert.model.masks import MASKS
from tests.conftest import ROOT
from tests.unit.interop.regions import (
    AT,
    CHONGQING,
    CHONGQING_TYPE,
    ISSUER,
    NATIONAL,
    SICHUAN,
    SICHUAN_TYPE,
    defined,
    entry,
    recognition_list,
)

# What a spreadsheet, or a reader of one, would take for something else than text.
ODD = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "'=1",
    "#N/A",
    "Err:502",
    "5.1E+17",
    "1E+05",
    "00123",
    "1",
    "510104199001010013",
    "2026-01-01",
    "2026年1月1日",
    "9999-12-31",
    "长期",
    "全部",
    "*",
    "是",
    "TRUE",
    "甲、乙",
    "甲，乙,丙；丁;戊",
    '"',
    '""',
    '"甲"',
    '"甲、乙"',
    '甲"乙',
    '甲"、',
    "_x000D_",
    "_x0041_",
    "四川省",
    "𠮷",
    "葛󠄀",
    "e\u0301",
    "a\u3000b",
    "a\u00a0b",
    "全部、甲",
    '{"a":1}',
    "原样",
    "照录",
    "机动车驾驶证",
    "<b>&amp;</b>",
    "]]>",
    "a  b",
]


def _is_line(text: str) -> bool:
    try:
        require_line(text)
    except FormatError:
        return False
    return True


_ALPHABET = st.characters(exclude_categories=("Cs", "Cc", "Co", "Cf", "Zl", "Zp"))
texts = st.one_of(
    st.sampled_from(ODD),
    st.text(_ALPHABET, min_size=1, max_size=12).map(str.strip).filter(bool),
).filter(_is_line)
days = st.dates(min_value=date(1, 1, 1), max_value=date(9999, 12, 31))
moments = st.datetimes(
    min_value=datetime(1000, 1, 1),  # noqa: DTZ001 - a zone is put on below
    max_value=datetime(9999, 12, 31),  # noqa: DTZ001 - a zone is put on below
).map(lambda moment: moment.replace(microsecond=0, tzinfo=UTC))
optional_texts = st.none() | texts
notes = st.just("") | texts


def unique(strategy: st.SearchStrategy[str], least: int, most: int) -> st.SearchStrategy[Any]:
    return st.lists(strategy, min_size=least, max_size=most, unique=True).map(tuple)


@st.composite
def field_maps(draw: st.DrawFn) -> tuple[Any, ...]:
    found: list[Any] = []
    for target in draw(unique(texts, 0, 6)):
        source = draw(texts)
        found.append(
            draw(
                st.one_of(
                    st.just(Copy(source=target)),
                    st.just(Rename(source=source, target=target)),
                    st.builds(Constant, target=st.just(target), value=texts),
                    st.builds(
                        ValueTable, source=st.just(source), target=st.just(target),
                        values=st.dictionaries(texts, texts, min_size=1, max_size=4),
                        default=optional_texts,
                    ),
                    st.builds(
                        DateForm, source=st.just(source), target=st.just(target),
                        form=st.sampled_from(["YYYY-MM-DD", "YYYYMMDD", "YYYY年MM月DD日"]),
                    ),
                    st.builds(
                        Masking, source=st.just(source), target=st.just(target),
                        mask=st.sampled_from(MASKS),
                    ),
                )
            )
        )  # fmt: skip
    return tuple(found)


@st.composite
def conditions(draw: st.DrawFn) -> tuple[Any, ...]:
    ages = st.none() | st.integers(0, 150)
    kinds = st.one_of(
        st.builds(Equals, field=texts, value=texts),
        st.builds(OneOf, field=texts, values=unique(texts, 1, 4)),
        st.builds(Age, field=texts, at_least=ages, at_most=ages, on=st.none() | days),
    )
    return tuple(draw(st.lists(kinds, max_size=3)))


@st.composite
def entries(draw: st.DrawFn, entry_id: str) -> Entry:
    regions = draw(st.permutations([SICHUAN, CHONGQING]))
    types = [NATIONAL, SICHUAN_TYPE, CHONGQING_TYPE]
    source, target = draw(st.sampled_from(types)), draw(st.sampled_from(types))
    maps = draw(field_maps())
    as_is = source == target and draw(st.booleans())
    first = draw(days)
    later = st.dates(min_value=first)
    withdrawn = st.builds(Withdrawal, on=later, basis=texts, note=notes)
    return Entry(
        id=entry_id,
        source=Side(region=regions[0], type=source, name=draw(optional_texts)),
        target=Side(region=regions[1], type=target, name=draw(optional_texts)),
        issuers=draw(st.sampled_from([("*",), (ISSUER,)])),
        matters=draw(st.just(("*",)) | unique(texts.filter(lambda text: text != "*"), 1, 4)),
        fields=None if as_is else maps,
        required=draw(unique(texts, 0, 2)) if as_is else tuple(one.target for one in maps[:2]),
        conditions=draw(conditions()),
        valid_from=first,
        valid_until=draw(st.none() | later),
        withdrawn=draw(st.none() | withdrawn),
        lead=draw(optional_texts),
        basis=draw(texts),
        note=draw(notes),
    )


@st.composite
def lists(draw: st.DrawFn) -> RecognitionList:
    ids = draw(unique(texts.filter(lambda text: len(text) <= 64), 0, 4))
    found = tuple(draw(entries(one)) for one in ids)
    used = {side.type for one in found for side in (one.source, one.target)}
    own = [code for code in (SICHUAN_TYPE, CHONGQING_TYPE) if code in used]
    carried = draw(st.lists(st.sampled_from(own), unique=True)) if own else []
    return recognition_list(
        *found,
        title=draw(texts),
        document_number=draw(texts),
        audience=tuple(
            draw(st.lists(st.sampled_from([SICHUAN, CHONGQING, "000000", "999999"]), min_size=1))
        ),
        version=draw(st.integers(1, 2**53 - 1)),
        issued=draw(moments),
        expires=draw(moments),
        previous=draw(st.none() | st.just("0" * 64) | st.just("1234567890" * 6 + "abcd")),
        notice_days=draw(st.none() | st.integers(0, 366)),
        sample=draw(st.booleans()),
        types=tuple(defined(code, name=draw(texts.map(lambda one: one[:90]))) for code in carried),
    )


def _read(path: Path) -> RecognitionList | None:
    reading = read_list(path, catalogue=builtin(), at=AT)
    assert [fault.message() for fault in reading.faults] == []
    return reading.document


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(document=lists())
def test_every_sound_list_comes_back_as_it_was(document: RecognitionList) -> None:
    try:
        document.check_content()
    except DocumentRefusedError:
        assume(False)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "清单.xlsx"
        write_list(path, document)
        again = _read(path)
    assert again == document
    assert again.to_payload() == document.to_payload()


@pytest.mark.parametrize("text", [text for text in ODD if text != "*"])
def test_every_odd_text_comes_back_from_every_cell(tmp_path: Path, text: str) -> None:
    maps = (
        ValueTable(source=text, target="甲", values={text: text}, default=text),
        Constant(target=text, value=text),
    )
    document = recognition_list(
        entry(
            text, matters=(text, "甲"), fields=maps, required=(text,), lead=text, basis=text,
            note=text, conditions=(OneOf(field=text, values=(text, "甲")),),
            withdrawn=Withdrawal(on=date(2027, 1, 1), basis=text, note=text),
            source=Side(region=SICHUAN, type=NATIONAL, name=text),
        ),
        entry("又一条", matters=(text,)),
        title=text, document_number=text,
    )  # fmt: skip
    path = tmp_path / "清单.xlsx"
    write_list(path, document)
    assert _read(path) == document
    book = openpyxl.load_workbook(path)
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert "f" not in kinds, "nothing has become a formula"


def test_the_sample_comes_back_with_its_bytes(tmp_path: Path) -> None:
    document = RecognitionList.from_payload((ROOT / "fixtures" / "川渝互认清单.json").read_bytes())
    write_list(tmp_path / "a.xlsx", document)
    again = _read(tmp_path / "a.xlsx")
    assert again is not None
    assert again.to_payload() == document.to_payload()


def test_matters_and_issuers_that_fill_no_cell_have_sheets_of_their_own(tmp_path: Path) -> None:
    many = tuple(f"事项{number:05}、甲" for number in range(4_000))
    document = recognition_list(entry("1", matters=many), entry("2"))
    write_list(tmp_path / "a.xlsx", document)
    assert _read(tmp_path / "a.xlsx") == document


def test_a_list_that_has_been_retired_comes_back(tmp_path: Path) -> None:
    write_list(tmp_path / "a.xlsx", recognition_list())
    assert _read(tmp_path / "a.xlsx") == recognition_list()


def test_definitions_longer_than_a_cell_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = 'a "b"  c\u3000\x01\u200b\ufffe"" 𠮷'
    carried = defined(SICHUAN_TYPE, code_source=odd)
    document = recognition_list(
        entry("1", source=Side(region=SICHUAN, type=SICHUAN_TYPE), fields=()), types=(carried,)
    )
    for size in range(7, 60):
        monkeypatch.setattr(definitions, "_CHUNK", size)
        write_list(tmp_path / "a.xlsx", document)
        assert _read(tmp_path / "a.xlsx") == document


def test_a_definition_that_was_changed_by_hand_is_told(tmp_path: Path) -> None:
    document = recognition_list(
        entry("1", source=Side(region=SICHUAN, type=SICHUAN_TYPE), fields=()),
        types=(defined(SICHUAN_TYPE),),
    )
    path = tmp_path / "a.xlsx"
    write_list(path, document)
    book = openpyxl.load_workbook(path)
    book["证照类型定义"]["B2"] = "别的名称"
    book.save(path)
    reading = read_list(path, catalogue=builtin(), at=AT)
    assert [fault.place for fault in reading.faults] == ["证照类型定义!B2"]
    book["证照类型定义"]["E2"] = "{}"
    book.save(path)
    reading = read_list(path, catalogue=builtin(), at=AT)
    assert "证照类型定义!E2" in [fault.place for fault in reading.faults]


def test_a_list_that_contradicts_itself_is_not_written(tmp_path: Path) -> None:
    document = recognition_list(entry("1"), entry("1"))
    with pytest.raises(DocumentRefusedError, match="重复"):
        write_list(tmp_path / "a.xlsx", document)
    assert list(tmp_path.iterdir()) == []


def test_only_workbooks_are_written(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="xlsx"):
        write_list(tmp_path / "a.csv", recognition_list(entry()))
