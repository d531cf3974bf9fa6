"""The order in which a status list gives its indexes away."""

from __future__ import annotations

from itertools import pairwise

import pytest

from ecert.store.list_order import indexes, new_order, place_of

KEY = bytes(range(32))


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 100, 1000, 1024, 1 << 12])
def test_every_index_of_a_list_comes_once(size: int) -> None:
    order = new_order()
    given = indexes(order, size, 0, size)
    assert sorted(given) == list(range(size))
    assert [place_of(order, size, index) for index in given] == list(range(size))


def test_taken_in_parts_it_is_the_same_order() -> None:
    whole = indexes(KEY, 1 << 17, 0, 300)
    assert indexes(KEY, 1 << 17, 0, 120) + indexes(KEY, 1 << 17, 120, 180) == whole


def test_an_order_is_the_same_in_every_version_of_this_program() -> None:
    # Lists of registers in use go by it: another order would give indexes twice.
    assert indexes(KEY, 1 << 17, 0, 6) == [68829, 122184, 13699, 12500, 40530, 103388]
    assert indexes(KEY, 1000, 0, 6) == [663, 406, 644, 217, 584, 815]


def test_indexes_do_not_come_in_order() -> None:
    # 20 draws out of 2^17 in ascending order by chance: once in 20! (2.4e18) runs.
    drawn = indexes(new_order(), 1 << 17, 0, 20)
    assert drawn != sorted(drawn)
    assert max(drawn) - min(drawn) > 1000


def test_each_list_has_an_order_of_its_own() -> None:
    assert indexes(new_order(), 1 << 17, 0, 20) != indexes(new_order(), 1 << 17, 0, 20)
    assert indexes(KEY, 1 << 17, 0, 20) != indexes(KEY, 1 << 16, 0, 20)


def test_neighbours_in_time_are_no_neighbours_in_the_list() -> None:
    given = indexes(KEY, 1 << 17, 0, 1 << 14)
    steps = [(after - before) % (1 << 17) for before, after in pairwise(given)]
    # Of 16,383 steps drawn alike from 131,071, some 960 come twice and hardly any thrice as often.
    assert len(set(steps)) > 15_000
    quarters = [sum(index >> 15 == quarter for index in given) for quarter in range(4)]
    assert all(3_800 < count < 4_400 for count in quarters)
