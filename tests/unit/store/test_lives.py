"""A database that went back in time begins another life, and with it other status lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from ecert.store.engine import open_engine
from ecert.store.lives import this_life
from ecert.store.register import SQLRegister
from ecert.store.tables import status_list

if TYPE_CHECKING:
    from pathlib import Path

    from ecert.store.engine import Engine
    from tests.postgres import Cluster

YEAR = 2031


def _give(engine: Engine, count: int = 1) -> list[tuple[int, int]]:
    with SQLRegister(engine).transaction() as tx:
        return [tx.allocate_index(1024, 1.0, YEAR) for _ in range(count)]


def _life(url: str) -> str:
    with open_engine(url) as engine, engine.read() as connection:
        return str(connection.execute(select(this_life())).scalar_one())


def test_within_one_life_a_list_goes_on_however_often_it_is_opened(url: str) -> None:
    given = []
    for _ in range(3):
        with open_engine(url) as engine:
            given += _give(engine)
    assert [number for number, _ in given] == [1, 1, 1]


def test_in_another_life_lists_end_and_numbers_are_left_out(url: str) -> None:
    with open_engine(url) as engine:
        _give(engine)
        with engine.write() as connection:
            connection.execute(update(status_list).values(begun_in="elsewhere"))
        (number, _), (again, _) = _give(engine, 2)
        assert number > 1_000
        assert again == number
        # From then on one after the other, for this life knows of all of them.
        with SQLRegister(engine).transaction() as tx:
            assert tx.allocate_index(1024, 1.0, YEAR + 1)[0] == number + 1


def test_a_copy_on_the_server_gives_no_index_that_the_original_gives(
    postgres_cluster: Cluster, postgres_url: str
) -> None:
    with open_engine(postgres_url) as engine:
        before = _give(engine, 3)
    with postgres_cluster.copied(postgres_url) as copy_url:
        assert _life(copy_url) != _life(postgres_url)
        with open_engine(postgres_url) as one, open_engine(copy_url) as other:
            mine, theirs = _give(one, 5), _give(other, 5)
    assert {number for number, _ in (*before, *mine)} == {1}
    assert all(number > 1_000 for number, _ in theirs)


def test_the_life_names_the_timeline_that_a_promoted_standby_leaves(postgres_url: str) -> None:
    cluster, database, timeline = _life(postgres_url).split("/")
    assert cluster.isdigit()
    assert database.isdigit()
    assert timeline == "00000001"


def test_a_file_has_no_lives(path: Path) -> None:
    assert _life(f"sqlite:///{path}") == ""
