"""Clocks that differ: what the window says, at each bound and one second beyond it.

The table is the one of docs/formats/show-code.md.  ``apart`` is how far the phone's clock is
ahead of the window's, ``waited`` how long the code was on the screen, both in seconds.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import NamedTuple

import pytest

import ecert
from ecert.reasons import Reason
from ecert.verify.policy import Policy
from tests.conftest import ROOT
from tests.flows.world import MATTER, World, refuses

OK, EXPIRED, FUTURE = Reason.OK, Reason.CODE_EXPIRED, Reason.CODE_FROM_FUTURE
AUDIENCE = Reason.AUDIENCE
STRICT = Policy(max_ahead=timedelta(seconds=10), max_late=timedelta(0))


class Scan(NamedTuple):
    apart: int
    waited: int
    reason: Reason


TABLE = [
    # the same time
    Scan(0, 0, OK), Scan(0, 60, OK), Scan(0, 90, OK), Scan(0, 91, EXPIRED),
    # 30 s ahead
    Scan(30, 0, OK), Scan(30, 60, OK), Scan(30, 120, OK), Scan(30, 121, EXPIRED),
    # 30 s behind
    Scan(-30, 0, OK), Scan(-30, 60, OK), Scan(-30, 61, EXPIRED),
    # as far ahead as may be, and a second further
    Scan(90, 0, OK), Scan(91, 0, FUTURE), Scan(91, 1, OK),
    # as far behind as may be, and a second further
    Scan(-90, 0, OK), Scan(-90, 1, EXPIRED), Scan(-91, 0, EXPIRED),
    # 120 s ahead: too early, until the code is half a minute old
    Scan(120, 0, FUTURE), Scan(120, 29, FUTURE), Scan(120, 30, OK), Scan(120, 60, OK),
    # 120 s behind
    Scan(-120, 0, EXPIRED), Scan(-120, 60, EXPIRED),
    # ten minutes
    Scan(600, 0, FUTURE), Scan(600, 60, FUTURE), Scan(-600, 0, EXPIRED),
]  # fmt: skip

STRICT_TABLE = [
    Scan(0, 0, OK), Scan(0, 60, OK), Scan(0, 61, EXPIRED),
    Scan(10, 0, OK), Scan(11, 0, FUTURE), Scan(11, 1, OK),
    Scan(30, 0, FUTURE), Scan(30, 19, FUTURE), Scan(30, 20, OK),
    Scan(-30, 0, OK), Scan(-30, 30, OK), Scan(-30, 31, EXPIRED),
    Scan(-60, 0, OK), Scan(-61, 0, EXPIRED),
    Scan(120, 60, FUTURE), Scan(-120, 0, EXPIRED),
]  # fmt: skip


def name(scan: object) -> str:
    assert isinstance(scan, Scan)
    return f"{scan.apart:+d} s, scanned after {scan.waited} s"


def _scan(world: World, scan: Scan, window: ecert.Verifier, challenge: str | None = None) -> None:
    made = world.clock() + timedelta(seconds=scan.apart)
    code = world.code(at=made, challenge=challenge)
    world.clock.advance(seconds=scan.waited)
    verdict = window.verify(code, matter=MATTER)
    if scan.reason is OK:
        assert verdict.accepted, verdict.explain("en")
        return
    refuses(verdict, scan.reason)
    (finding,) = verdict.findings
    at = finding.facts.get("at", world.clock())
    assert at == world.clock(), "the finding names both times"


@pytest.mark.parametrize("scan", TABLE, ids=name)
def test_the_window_says_what_is_documented(world: World, scan: Scan) -> None:
    _scan(world, scan, world.window)


@pytest.mark.parametrize("scan", STRICT_TABLE, ids=name)
def test_a_policy_tightens_both_tolerances(world: World, scan: Scan) -> None:
    world.window.policy = STRICT
    _scan(world, scan, world.window)


@pytest.mark.parametrize(
    "scan",
    [
        Scan(0, 0, OK), Scan(30, 0, OK), Scan(90, 0, OK), Scan(91, 0, FUTURE), Scan(120, 0, FUTURE),
        Scan(-30, 0, OK), Scan(-31, 0, AUDIENCE), Scan(-90, 0, AUDIENCE),
    ],
    ids=name,
)  # fmt: skip
def test_with_a_number_of_the_window_a_phone_is_at_most_half_a_minute_behind(
    world: World, scan: Scan
) -> None:
    window = ecert.Verifier(
        "500000", knowledge=world.window.knowledge, clock=world.clock, window=12
    )
    _scan(world, scan, window, window.challenge().challenge.text)


def test_no_policy_loosens_a_tolerance() -> None:
    assert Policy(max_ahead=timedelta(seconds=90), max_late=timedelta(seconds=30)) == Policy()
    for looser in ({"max_ahead": timedelta(seconds=91)}, {"max_late": timedelta(seconds=31)}):
        with pytest.raises(ValueError, match="between"):
            Policy(**looser)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="between"):
        Policy(max_late=-timedelta(microseconds=1))


@pytest.mark.parametrize(
    ("behind", "reason"), [(119, Reason.OK), (120, Reason.OK), (121, Reason.CLOCK_DOUBTFUL)]
)
def test_a_window_whose_clock_is_set_back_doubts_itself(
    world: World, behind: int, reason: Reason
) -> None:
    newest = world.window.knowledge.newest_signed
    assert newest is not None
    at = newest - timedelta(seconds=behind)
    verdict = world.window.verify(world.code(at=at), matter=MATTER, at=at)
    assert verdict.reason is reason
    assert verdict.accepted is (reason is Reason.OK)


def test_a_window_set_back_to_2020_accepts_nothing(world: World) -> None:
    at = world.clock().replace(year=2020)
    refuses(world.window.verify(world.code(at=at), matter=MATTER, at=at), Reason.NOT_YET_VALID)


def test_the_format_page_has_the_same_table() -> None:
    page = (ROOT / "docs" / "formats" / "show-code.md").read_text("utf-8")
    rows = re.findall(r"^\| ([+−]?\d+) s[^|]*\| ([^|]+)\|", page, re.MULTILINE)
    told = {int(apart.replace("−", "-")): text.strip() for apart, text in rows}
    assert told == {
        0: "accepted up to 90 s after it was made, then `code-expired`",
        30: "accepted up to 120 s, then `code-expired`",
        -30: "accepted up to 60 s, then `code-expired`",
        90: "accepted up to 180 s, then `code-expired`",
        -90: "accepted in the very moment at best, then `code-expired`",
        120: "`code-from-future` for the first 30 s, then accepted up to 210 s",
        -120: "`code-expired` always",
    }
