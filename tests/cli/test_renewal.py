"""``ecert renew``: the next version of a licence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ecert.cli import failures
from ecert.workspace import Workspace
from tests.cli.people import NUMBER

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Runs

RENEW = ("-C", "guangan", "renew", "1", "--reason", "到期")


def _versions(place: Path) -> list[tuple[int, str]]:
    with Workspace.open(place / "guangan") as workspace:
        rows = workspace.issuer.archive.rows()
        return [(row.licence.id.version, row.licence.state.value) for row in rows]


@pytest.mark.parametrize(
    ("cause", "move", "word"),
    [
        ("换发", "renew", "换发"), ("change", "change", "变更"), ("延续", "extend", "延续"),
        ("reissue", "reissue", "补发"), ("更正", "correct", "更正"),
    ],
)  # fmt: skip
def test_each_cause_makes_the_next_version(
    ecert: Runs, place: Path, cause: str, move: str, word: str
) -> None:
    ran = ecert(*RENEW, "--cause", cause, "--until", "2031-12-31")
    assert ran.code == 0
    assert f"√ 已{word}" in ran.out
    assert "001 → 002" in ran.out
    assert "ecert deliver" in ran.err
    assert _versions(place) == [(1, "superseded"), (2, "issued")]
    events = ecert("-C", "guangan", "licence", "events", "1", "--json").json["events"]
    assert events[-1]["move"] == move


def test_what_is_not_said_stays_and_what_is_changes(ecert: Runs, place: Path) -> None:
    ran = ecert(
        *RENEW, "--cause", "change", "-f", "准驾车型=C2", "--no-end", "--holder", "张伟伟", "--json"
    )
    new = ran.json["new"]
    assert (new["number"], new["fields"], new["valid_until"]) == (NUMBER, {"准驾车型": "C2"}, None)
    assert new["holders"] == [{"name": "张伟伟", "number": NUMBER, "number_type": "111"}]
    assert new["predecessor"] == ran.json["licence"]
    assert ran.json["row"] == 2


def test_an_empty_value_takes_a_field_away(ecert: Runs, place: Path) -> None:
    ecert(*RENEW, "--cause", "change", "-f", "档案编号=510000123456")
    ran = ecert(
        "-C", "guangan", "renew", "2", "--cause", "change", "--reason", "误录", "-f", "档案编号=",
        "--json",
    )  # fmt: skip
    assert ran.json["new"]["fields"] == {"准驾车型": "C1"}


def test_the_number_then_means_the_newest_version(ecert: Runs, place: Path) -> None:
    ecert(*RENEW, "--cause", "renew")
    ran = ecert("-C", "guangan", "cancel", NUMBER, "--reason", "本人放弃")
    assert ran.code == 0
    assert _versions(place) == [(1, "superseded"), (2, "cancelled")]


def test_all_faults_of_the_new_version_are_told_and_nothing_changes(
    ecert: Runs, place: Path
) -> None:
    ran = ecert(*RENEW, "--cause", "change", "-f", "准驾车型=Z9", "-f", "没有的=1")
    assert ran.code == failures.USAGE
    assert "准驾车型" in ran.err
    assert "没有的" in ran.err
    assert _versions(place) == [(1, "issued")]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--cause", "丢了"), "--cause"),
        (("--cause", "renew", "--until", "2031-06-01", "--no-end"), "--no-end"),
        (("--cause", "renew", "--until", "明年"), "--until"),
        (("--cause", "renew", "--reason", " "), "--reason"),
    ],
)
def test_wrong_usage_names_the_option(
    ecert: Runs, place: Path, arguments: tuple[str, ...], told: str
) -> None:
    ran = ecert(*RENEW, *arguments)
    assert ran.code == failures.USAGE
    assert told in ran.err
    assert _versions(place) == [(1, "issued")]


def test_a_suspended_licence_is_not_renewed(ecert: Runs, place: Path) -> None:
    ecert("-C", "guangan", "suspend", "1", "--reason", "酒驾", "--document", "广公决〔2026〕1号")
    for more in ((), ("--dry-run",)):
        ran = ecert(*RENEW, "--cause", "renew", *more)
        assert ran.code == failures.REFUSED
        assert "暂扣" in ran.err


def test_dry_run_tells_and_changes_nothing(ecert: Runs, place: Path) -> None:
    ran = ecert(*RENEW, "--cause", "renew", "--dry-run", "--json")
    assert (ran.json["row"], ran.json["dry_run"]) == (None, True)
    assert _versions(place) == [(1, "issued")]


def test_a_retry_gives_the_version_that_it_made(ecert: Runs, place: Path) -> None:
    order = (*RENEW, "--cause", "renew", "--request-id", "r1", "--json")
    first = ecert(*order).json["new"]["id"]
    assert ecert(*order).json["new"]["id"] == first
    assert len(_versions(place)) == 2
