"""Rows of a shard as bytes are the rows again."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from ecert.issuers.application import Application
from ecert.issuers.bulk.rows import (
    GrantRow,
    MoveRow,
    pack_grants,
    pack_moves,
    row_numbers,
    unpack_grants,
    unpack_moves,
)
from ecert.model.holders import Holder

numbers = st.integers(min_value=1, max_value=1_048_576)
# A few characters with something about each: Hypothesis is slow with all of Unicode.
text = st.text('张·A0 "\\é𠮷\u2028', max_size=12)
days = st.dates(min_value=date(1900, 1, 1), max_value=date(9999, 12, 31))
holders = st.builds(Holder.known, text, text, st.sampled_from(["10", "30"]))
applications = st.builds(
    Application,
    type_name=text,
    number=text,
    holders=st.lists(holders, min_size=1, max_size=3).map(tuple),
    fields=st.dictionaries(text, text, max_size=5),
    valid_until=st.none() | days,
    valid_from=st.none() | days,
    issued_on=st.none() | days,
)


@given(st.lists(st.builds(GrantRow, numbers, applications), max_size=5))
def test_rows_to_be_issued(rows: list[GrantRow]) -> None:
    packed = pack_grants(rows)
    assert unpack_grants(packed) == rows
    assert row_numbers(packed) == [one.row for one in rows]


@given(st.lists(st.builds(MoveRow, numbers, text), max_size=5))
def test_rows_to_be_moved(rows: list[MoveRow]) -> None:
    packed = pack_moves(rows)
    assert unpack_moves(packed) == rows
    assert row_numbers(packed) == [one.row for one in rows]
