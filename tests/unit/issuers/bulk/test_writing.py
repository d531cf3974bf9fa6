"""Bulk work writes credentials as they are written one by one, to the byte."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ecert import limits
from ecert.errors import CatalogueError, FormatError
from ecert.issuers.application import Application
from ecert.issuers.bulk.rows import GrantRow
from ecert.issuers.bulk.serials import new_serials
from ecert.issuers.bulk.stencil import NOWHERE, Stencil
from ecert.issuers.bulk.writing import FileWriter
from ecert.issuers.credential import StatusPlace, prepare_file
from ecert.issuers.drafting import Office, licence_of
from ecert.model.calendar import office_day
from ecert.model.catalogue import builtin
from ecert.model.holders import Holder
from ecert.sign.concealment import Salts
from ecert.sign.keys import PrivateKey

if TYPE_CHECKING:
    from ecert.issuers.bulk.writing import WrittenFile

AT = datetime(2026, 11, 22, 18, 30, 0, 7, tzinfo=UTC)  # the 23rd in Shanghai
OFFICE = Office("11511600008753461H", "四川省广安市“示例”局 100%d", "511600")
TYPES = {one.code: one for one in builtin()}
URIS = {1: "https://status.invalid/511600/1", 7: "https://status.invalid/%b/7"}
PUBLIC = PrivateKey.generate().public

texts = st.text(max_size=12) | st.sampled_from(
    ["%b", "%", '"fields":{}', '"],["', '",\n  "', "\\", "{}", "张三", ""]
)
days = st.dates(date(1951, 1, 1), date(2026, 1, 1))


class GivenSalts(Salts):
    """Salts that were drawn before."""

    def __init__(self, given: list[bytes]) -> None:
        super().__init__()
        self._given = given

    def take(self, count: int) -> list[bytes]:
        taken, self._given = self._given[:count], self._given[count:]
        return taken


@st.composite
def rows(draw: st.DrawFn) -> GrantRow:
    of = TYPES[draw(st.sampled_from(sorted(TYPES)))]
    names = draw(st.sets(st.sampled_from([one.name for one in of.fields]))) if of.fields else set()
    holders = draw(st.lists(st.builds(Holder.known, texts, texts, texts), min_size=1, max_size=3))
    application = Application(
        type_name=of.code,
        number=draw(texts.filter(bool)),
        holders=tuple(holders),
        fields={name: draw(texts) for name in sorted(names)},
        valid_until=draw(st.none() | st.dates(date(2027, 1, 1), date(9998, 1, 1))),
        valid_from=draw(st.none() | days),
        issued_on=draw(st.none() | days),
    )
    return GrantRow(draw(st.integers(2, 10**6)), application)


def write(asked: list[GrantRow], writer: FileWriter | None = None) -> list[WrittenFile]:
    serials = new_serials(len(asked))
    places = [((1, 7)[number % 2], number * 1_000) for number in range(len(asked))]
    made = writer or FileWriter(OFFICE, TYPES)
    return list(made.write(asked, serials, places, URIS, AT))


SIMPLE = Application(
    type_name=next(iter(TYPES)), number="川A001",
    holders=(Holder.known("张三", "510681199003071237", "111"),), fields={}, valid_until=None,
)  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(st.lists(rows(), min_size=1, max_size=5))
@example([GrantRow(2, SIMPLE)])
def test_each_is_what_would_be_written_alone(asked: list[GrantRow]) -> None:
    written = write(asked)
    assert len(written) == len(asked)
    for number, (row, one) in enumerate(zip(asked, written, strict=True)):
        of = TYPES[row.application.type_name]
        alone = licence_of(row.application, of, OFFICE, one.licence.id, office_day(AT))
        assert one.licence == alone
        assert one.licence.to_dict() == alone.to_dict()
        assert one.content == alone.content()
        listed = (1, 7)[number % 2]
        plain = one.plain.split(b"\n")
        salts = GivenSalts([orjson.loads(line)[0].encode() for line in plain])
        place = StatusPlace(listed, number * 1_000, URIS[listed])
        file = prepare_file(alone, of, PUBLIC, place, at=AT, salts=salts)
        assert file.sd_jwt.plain == plain
        assert file.sd_jwt.payload == one.payload


def test_no_salt_is_used_twice_and_none_is_the_specimens() -> None:
    writer = FileWriter(OFFICE, TYPES)
    files = [one for _ in range(3) for one in write([GrantRow(2, SIMPLE)] * 400, writer)]
    salts = [orjson.loads(line)[0] for one in files for line in one.plain.split(b"\n")]
    assert len(set(salts)) == len(salts) == 3 * 400 * 4
    assert len({one.licence.id for one in files}) == 3 * 400


def test_a_licence_that_would_end_before_it_begins_is_refused_as_elsewhere() -> None:
    # The first day was open when the row was planned; the job was carried out days later.
    late = replace(SIMPLE, valid_until=date(2026, 11, 22))
    writer = FileWriter(OFFICE, TYPES)
    write([GrantRow(2, replace(late, valid_until=date(2026, 11, 23)))], writer)
    for made in (writer, None):
        with pytest.raises(FormatError, match="before the first"):
            write([GrantRow(2, late)], made)


def test_every_row_has_a_number_and_no_more_fields_than_a_licence_may_have() -> None:
    """Of rows after the first of their kind as well, which are written in short."""
    fields = {f"项{number}": "值" for number in range(limits.MAX_FIELDS + 1)}
    writer = FileWriter(OFFICE, TYPES)
    write([GrantRow(2, SIMPLE)], writer)
    for made in (writer, None):
        for change, where in (({"number": ""}, "number"), ({"fields": fields}, "fields")):
            with pytest.raises(FormatError) as caught:
                write([GrantRow(2, replace(SIMPLE, **change))], made)
            assert caught.value.where == where
    # One fewer is not too many: only then is it seen that the type has no such fields.
    fields.popitem()
    with pytest.raises(CatalogueError, match="no field"):
        write([GrantRow(2, replace(SIMPLE, fields=fields))], writer)


def test_what_is_no_text_or_no_field_of_the_type_is_refused() -> None:
    with pytest.raises(TypeError, match="only text"):
        write([GrantRow(2, replace(SIMPLE, fields={"x": 1}))])
    with pytest.raises(CatalogueError, match="no field"):
        write([GrantRow(2, replace(SIMPLE, fields={"没有": "x"}))])
    with pytest.raises(ValueError, match="reserved"):
        write([GrantRow(2, replace(SIMPLE, fields={"_sd": "x"}))])


def test_a_stencil_repeats_a_text() -> None:
    stencil = Stencil(b"100%b <b> %% <a>", [b"<a>", NOWHERE, b"<b>"])
    assert stencil.fill([b"%b", b"-", b"%"]) == b"100%b % %% %b"


@pytest.mark.parametrize("marks", [[b"<a>", b"<c>"], [b"<a>", b"<"], [b"a> <b", b"<a> <"], [b"b"]])
def test_a_stencil_wants_each_mark_once(marks: list[bytes]) -> None:
    with pytest.raises(ValueError, match="mark"):
        Stencil(b"<a> <b> bb", marks)
