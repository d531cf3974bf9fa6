"""The cheapest way to meet several needs, checked against trying everything."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from ecert.show.covering import Option, cheapest

COSTS = {
    (licence, profile): 5 + 3 * profile + licence for licence in range(4) for profile in (1, 2)
}
options = st.sampled_from(
    [Option(str(licence), str(profile), cost) for (licence, profile), cost in COSTS.items()]
)


def cost_of(chosen: tuple[Option | None, ...]) -> tuple[int, int] | None:
    """How many needs are open and what the rest costs; None if a licence has two profiles."""
    taken = {one for one in chosen if one is not None}
    if len({one.licence_id for one in taken}) < len(taken):
        return None
    return chosen.count(None), sum(one.cost for one in taken)


@given(st.lists(st.lists(options, max_size=4), max_size=4))
def test_nothing_cheaper_exists(needs: list[list[Option]]) -> None:
    found = cheapest(needs)
    assert all(one is None or one in need for one, need in zip(found, needs, strict=True))
    every = (cost_of(chosen) for chosen in product(*([*need, None] for need in needs)))
    assert cost_of(tuple(found)) == min(cost for cost in every if cost is not None)


def test_one_licence_in_a_larger_profile_may_be_less_than_two() -> None:
    small, large, other = Option("a", "minimal", 9), Option("a", "full", 14), Option("b", "m", 8)
    assert cheapest([[small, large], [large, other]]) == [large, large]


def test_between_equals_the_preferred_wins() -> None:
    first, second = Option("a", "minimal", 9), Option("b", "minimal", 9)
    assert cheapest([[first, second]]) == [first]
    assert cheapest([[second, first]]) == [second]


def test_a_need_that_nothing_meets_is_left_open() -> None:
    only = Option("a", "minimal", 9)
    assert cheapest([[], [only], []]) == [None, only, None]
    assert cheapest([]) == []


def test_past_its_steps_the_first_try_counts() -> None:
    needs = [[Option(f"{need}-{one}", "m", 9) for one in range(8)] for need in range(32)]
    assert cheapest(needs, steps=1) == [need[0] for need in needs]
