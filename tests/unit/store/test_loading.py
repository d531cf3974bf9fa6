"""Many rows at once: the same rows as one at a time, and the same refusals."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from ecert.errors import StoreError
from ecert.issuers.lifecycle import Move
from ecert.store import rows, tables
from ecert.store.columns import Day, Moment
from ecert.store.loading import load
from ecert.store.register import SQLRegister
from tests.unit.issuers.sample_register import (
    AT,
    a_licence,
    a_publication,
    an_event,
    licence_id,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Dialect

    from ecert.store.engine import Engine
    from ecert.store.loading import Plain

LICENCE = tuple(rows.licence_values(a_licence(), 1, AT))


def _licences(dialect: Dialect, count: int) -> Iterator[Sequence[Plain]]:
    for serial in range(1, count + 1):
        values = rows.licence_values(a_licence(serial), serial, AT)
        for name, kind in (("issued_on", Day), ("valid_until", Day), ("changed_at", Moment)):
            values[name] = kind().process_bind_param(values[name], dialect)
        yield tuple(values.values())


def test_loaded_licences_are_those_that_went_in_and_in_their_order(any_engine: Engine) -> None:
    with any_engine.write() as connection:
        assert (
            load(connection, tables.licence, LICENCE, _licences(connection.dialect, 1200)) == 1200
        )
    register = SQLRegister(any_engine)
    with register.transaction() as tx:
        tx.add_licence(a_licence(1201))
    with register.view() as view:
        assert list(view.licences()) == [a_licence(serial) for serial in range(1, 1202)]


def test_every_kind_of_column_comes_back(any_engine: Engine) -> None:
    publication = rows.publication_values(a_publication(7))
    event = rows.event_values(an_event(1, Move.ISSUE, "理由 \\\\N \\\\t"), 1, 1)
    with any_engine.write() as connection:
        for values in (publication, event):
            for name, value in values.items():
                if hasattr(value, "tzinfo"):
                    values[name] = Moment().process_bind_param(value, connection.dialect)
        columns = tuple(publication)
        assert load(connection, tables.publication, columns, [tuple(publication.values())]) == 1
        assert load(connection, tables.licence, LICENCE, _licences(connection.dialect, 1)) == 1
        entry: dict[str, Plain] = {
            "number": 1,
            "at": 0,
            "events": 1,
            "digest": "",
            "previous": "",
            "hash": "",
        }
        assert load(connection, tables.audit, tuple(entry), [tuple(entry.values())]) == 1
        assert load(connection, tables.event, tuple(event), [tuple(event.values())]) == 1
    with SQLRegister(any_engine).view() as view:
        assert view.publication(a_publication(7).kind) == a_publication(7)
        assert view.events(licence_id()) == (an_event(1, Move.ISSUE, "理由 \\\\N \\\\t"),)


def test_no_rows_are_no_rows(any_engine: Engine) -> None:
    with any_engine.write() as connection:
        assert load(connection, tables.licence, LICENCE, []) == 0
        assert connection.execute(select(tables.licence)).all() == []


def test_a_refused_row_takes_all_of_them_along_but_not_the_transaction(any_engine: Engine) -> None:
    with any_engine.write() as connection:
        load(connection, tables.licence, LICENCE, _licences(connection.dialect, 3))

        def again() -> None:
            new = list(_licences(connection.dialect, 5))
            load(connection, tables.licence, LICENCE, [*reversed(new)])

        with pytest.raises(IntegrityError):
            again()
        load(connection, tables.nonce, ("digest", "expires"), [(b"\x00\xff", 1)])
    with any_engine.read() as connection:
        assert connection.execute(text("SELECT COUNT(*) FROM licence")).scalar_one() == 3
        assert connection.execute(text("SELECT COUNT(*) FROM nonce")).scalar_one() == 1


def test_rows_that_break_off_leave_nothing(any_engine: Engine) -> None:
    def broken(dialect: Dialect) -> Iterator[Sequence[Plain]]:
        yield from _licences(dialect, 5)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), any_engine.write() as connection:
        load(connection, tables.licence, LICENCE, broken(connection.dialect))
    with any_engine.write() as connection:
        assert connection.execute(text("SELECT COUNT(*) FROM licence")).scalar_one() == 0


def test_what_the_database_refuses_tells_nothing_of_the_rows(any_engine: Engine) -> None:
    with any_engine.write() as connection:
        connection.execute(text("DROP TABLE used_code"))
    key = "证照".encode()
    with pytest.raises((StoreError, ProgrammingError)) as caught, any_engine.write() as connection:
        load(connection, tables.replay, ("key", "until"), [(key, 1)])
    told = "".join(traceback.format_exception(caught.value))
    assert "used_code" in told
    assert key.decode() not in told
    assert repr(key)[2:-1] not in told


def test_a_column_that_is_not_there_is_misuse(any_engine: Engine) -> None:
    with any_engine.write() as connection, pytest.raises(ValueError, match="colour"):
        load(connection, tables.licence, ("id", "colour"), [])
