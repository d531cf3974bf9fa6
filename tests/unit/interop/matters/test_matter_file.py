"""The file of matters: what is written is read again, and nothing else is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecert import limits
from ecert.errors import FormatError, MatterError
from ecert.interop.matters import matter_file
from ecert.interop.matters.catalogue import MatterCatalogue
from ecert.interop.matters.matter import LicenceChoice, Matter, Need, PaperChoice
from ecert.interop.matters.matter_file import read_matters, write_matters
from tests.unit.interop.matters.samples import BUSINESS, IDENTITY, matter, need

if TYPE_CHECKING:
    from collections.abc import Callable

FULL = matter(
    need(IDENTITY, PaperChoice("户口簿")),
    need(LicenceChoice(BUSINESS, own_region=True, fields=("住所",))),
    aliases=("公证",),
)
OTHER = matter(need(IDENTITY, PaperChoice("户口簿")), code="SL-2", department="")

_words = st.text("事项证照甲乙丙ABC123（）", min_size=1, max_size=12)
_licences = st.builds(
    LicenceChoice,
    st.sampled_from([IDENTITY, BUSINESS]),
    st.booleans(),
    st.lists(_words, unique=True, max_size=3).map(tuple),
)
_needs = st.lists(
    st.one_of(_licences, st.builds(PaperChoice, _words)),
    min_size=1,
    max_size=3,
    unique_by=lambda one: one.type if isinstance(one, LicenceChoice) else one.name,
).map(lambda choices: Need(tuple(choices)))
_matters = st.builds(
    Matter,
    code=_words,
    name=_words,
    region=st.sampled_from(["511600", "500000"]),
    department=st.one_of(st.just(""), _words),
    needs=st.lists(_needs, unique=True, max_size=3).map(tuple),
    aliases=st.lists(_words, unique=True, max_size=3).map(tuple),
)


@given(st.lists(_matters, unique_by=lambda one: one.code, max_size=5))
def test_what_is_written_is_read_again(matters: list[Matter]) -> None:
    data = write_matters(matters)
    assert read_matters(data) == tuple(matters)
    assert write_matters(read_matters(data)) == data


def test_a_need_stands_in_the_file_once() -> None:
    data = write_matters([FULL, OTHER])
    assert data.count("户口簿".encode()) == 1
    first, second = read_matters(data)
    assert first.needs[0] is second.needs[0]


def plain() -> dict[str, Any]:
    loaded: dict[str, Any] = orjson.loads(write_matters([FULL]))
    return loaded


def _set(*path: Any) -> Callable[[dict[str, Any]], None]:
    *way, last, value = path

    def change(document: Any) -> None:
        for step in way:
            document = document[step]
        document[last] = value

    return change


@pytest.mark.parametrize(
    "change",
    [
        _set("form", "ecert-other"),
        _set("extra", 1),
        _set("matters", {}),
        _set("matters", 0, []),
        _set("matters", 0, "extra", 1),
        _set("matters", 0, "code", 5),
        _set("matters", 0, "code", ""),
        _set("matters", 0, "name", "一\u200b二"),
        _set("matters", 0, "region", "5116"),
        _set("matters", 0, "needs", [2]),
        _set("matters", 0, "needs", [-1]),
        _set("matters", 0, "needs", [True]),
        _set("matters", 0, "needs", [0, 0]),
        _set("matters", 0, "aliases", "公证"),
        _set("needs", 0, []),
        _set("needs", 0, 0, {"paper": "表", "type": IDENTITY}),
        _set("needs", 0, 0, {"paper": 1}),
        _set("needs", 0, 0, "type", "x"),
        _set("needs", 1, 0, "own_region", 1),
        _set("needs", 1, 0, "fields", [1]),
    ],
)
def test_a_damaged_file_is_refused(change: Callable[[dict[str, Any]], None]) -> None:
    document = plain()
    change(document)
    with pytest.raises(MatterError) as raised:
        read_matters(orjson.dumps(document))
    assert raised.value.where.startswith("事项清单文件")


def test_a_file_of_another_version_is_told_as_that() -> None:
    document = plain() | {"version": 2}
    with pytest.raises(MatterError, match="其他版本"):
        read_matters(orjson.dumps(document))


@given(st.binary(max_size=60))
def test_other_bytes_are_no_file_of_matters(data: bytes) -> None:
    with pytest.raises(FormatError):
        read_matters(data)


def test_the_file_has_its_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    data = write_matters([FULL, OTHER])
    monkeypatch.setattr(matter_file, "MAX_MATTERS_BYTES", len(data))
    assert read_matters(write_matters([FULL, OTHER])) == (FULL, OTHER)
    monkeypatch.setattr(matter_file, "MAX_MATTERS_BYTES", len(data) - 1)
    with pytest.raises(MatterError, match="过大"):
        read_matters(data)
    with pytest.raises(MatterError, match="过大"):
        write_matters([FULL, OTHER])
    monkeypatch.setattr(matter_file, "MAX_MATTERS_BYTES", limits.MAX_MATTERS_BYTES)
    monkeypatch.setattr(matter_file, "MAX_MATTERS", 2)
    assert len(read_matters(data)) == 2
    monkeypatch.setattr(matter_file, "MAX_MATTERS", 1)
    with pytest.raises(MatterError, match="超过1项"):
        read_matters(data)
    with pytest.raises(MatterError, match="超过1项"):
        write_matters([FULL, OTHER])


def test_a_catalogue_is_written_as_it_is_gone_through() -> None:
    catalogue = MatterCatalogue([FULL, OTHER])
    assert read_matters(write_matters(catalogue)) == (FULL, OTHER)
