"""How status indexes are chosen."""

from __future__ import annotations

from datetime import date

import pytest

from ecert.issuers.indexes import ListFill, draw_index, list_to_fill, list_year


def test_the_first_list_is_number_one() -> None:
    assert list_to_fill(None, 128, 0.5, next_number=1) == ListFill(1, 128, 0)


@pytest.mark.parametrize(("taken", "number"), [(0, 3), (63, 3), (64, 7), (128, 7)])
def test_a_list_is_left_when_its_share_is_taken_and_not_before(taken: int, number: int) -> None:
    # Other years have begun lists meanwhile, so the next has not the number after.
    assert list_to_fill(ListFill(3, 128, taken), 128, 0.5, next_number=7).number == number


def test_another_size_begins_the_next_list_and_leaves_the_old_one_as_it_is() -> None:
    assert list_to_fill(ListFill(3, 128, 5), 256, 0.5, next_number=7) == ListFill(7, 256, 0)


def test_even_the_smallest_share_gives_one_index_per_list() -> None:
    assert list_to_fill(ListFill(1, 4, 0), 4, 0.01, next_number=2).number == 1
    assert list_to_fill(ListFill(1, 4, 1), 4, 0.01, next_number=2).number == 2


@pytest.mark.parametrize(("size", "fill"), [(0, 0.5), (-1, 0.5), (8, 0.0), (8, -0.1), (8, 1.01)])
def test_sizes_and_shares_out_of_range_are_misuse(size: int, fill: float) -> None:
    with pytest.raises(ValueError, match="at least one slot"):
        list_to_fill(None, size, fill, next_number=1)


def test_the_year_of_a_list_is_that_of_the_last_day() -> None:
    assert [list_year(day) for day in (None, date(2031, 1, 1), date(2031, 12, 31))] == [
        0, 2031, 2031,
    ]  # fmt: skip


def test_every_slot_of_a_list_is_given_once_even_when_chance_rarely_finds_the_last() -> None:
    taken: set[int] = set()

    def claim(index: int) -> bool:
        fresh = index not in taken
        taken.add(index)
        return fresh

    drawn = [draw_index(2000, claim, lambda: set(taken)) for _ in range(2000)]
    assert sorted(drawn) == list(range(2000))


def test_a_full_list_gives_nothing() -> None:
    with pytest.raises(ValueError, match="no slot"):
        draw_index(4, lambda _: False, lambda: range(4))


def test_indexes_do_not_come_in_order() -> None:
    # 20 draws out of 2^17 in ascending order by chance: once in 20! (2.4e18) runs.
    drawn = [draw_index(1 << 17, lambda _: True, tuple) for _ in range(20)]
    assert drawn != sorted(drawn)
    assert max(drawn) - min(drawn) > 1000
