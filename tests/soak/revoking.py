"""Thousands of licences revoked in one job; the next published lists show exactly those."""

from __future__ import annotations

import csv
import random  # noqa: TID251 - a seeded order, repeatable
from dataclasses import dataclass
from datetime import timedelta
from time import perf_counter
from typing import TYPE_CHECKING

from ecert.issuers.kept import read_kept
from ecert.issuers.lifecycle import Move
from ecert.status.status_list import open_token
from ecert.workspace import Workspace
from tests.soak.campaign import prepare

if TYPE_CHECKING:
    from pathlib import Path

    from tests.soak.campaign import Campaign

# Verdicts that are asked for, of either kind; the lists themselves are compared entry by entry.
_ASKED = 25
_CREDENTIALS = """
    SELECT l.id, c.list_number, c.position, c.artefacts
    FROM licence AS l JOIN credential AS c ON c.licence = l.row ORDER BY l.row
"""


@dataclass(frozen=True, slots=True)
class RevokeFigures:
    """What came out.

    Attributes:
        licences: In the register.
        revoked: In one job.
        lists: Published after it.
        seconds: How long the job took.
        publishing: How long publishing all lists took.
    """

    licences: int
    revoked: int
    lists: int
    seconds: float
    publishing: float


def revoke_at_random(
    folder: Path, *, rows: int, shard_rows: int, revoked: int, seed: int,
    database: str | None = None,
) -> RevokeFigures:  # fmt: skip
    """Issue, revoke some at random in one job, publish, and read the lists as a verifier does.

    Args:
        folder: Where.
        rows: Rows of the job that issues.
        shard_rows: Licences of a shard.
        revoked: How many are revoked.
        seed: What chance is drawn from.
        database: Address of an empty database; None for SQLite.
    """
    campaign = prepare(folder, rows=rows, shard_rows=shard_rows, seed=seed, database=database)
    with Workspace.open(campaign.folder) as office:
        office.bulk.run(campaign.job_id, workers=2)
        # Published before too: what is served must be replaced.
        office.bundle()
        everything = _credentials(office)
        chosen = set(random.Random(seed).sample(sorted(everything), revoked))
        begin = perf_counter()
        _revoke(office, campaign, sorted(chosen))
        seconds = perf_counter() - begin
        begin = perf_counter()
        tokens = office.issuer.status_lists()
        publishing = perf_counter() - begin
        office.bundle()
        _require_exactly(office, tokens, everything, chosen)
        _require_verdicts(office, everything, chosen, random.Random(seed))
    return RevokeFigures(len(everything), revoked, len(tokens), seconds, publishing)


def _credentials(office: Workspace) -> dict[str, tuple[int, int, bytes]]:
    with office.engine.read() as connection:
        found = connection.exec_driver_sql(_CREDENTIALS).all()
    return {one.id: (one.list_number, one.position, bytes(one.artefacts)) for one in found}


def _revoke(office: Workspace, campaign: Campaign, chosen: list[str]) -> None:
    path = campaign.path.with_name("revoke.csv")
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["证照标识"], *([one] for one in chosen)])
    desk = office.bulk
    plan = desk.plan_moves(
        path, Move.REVOKE, {"reason": "示例", "document": "示例〔2026〕1号", "actor": "甲"}
    )
    assert (plan.job.rows, plan.job.bad) == (len(chosen), 0)
    if plan.job.needs_approval:
        desk.ledger.approve(plan.job.id, "乙", desk.now())
    progress = desk.run(plan.job.id, workers=2)
    assert (progress.done, progress.refused) == (len(chosen), 0)


def _require_exactly(
    office: Workspace,
    tokens: tuple[str, ...],
    everything: dict[str, tuple[int, int, bytes]],
    chosen: set[str],
) -> None:
    keys = [entry.public for entry in office.keys.of("status")]
    # Lists rise by a second each time they change, even twice in one second.
    at = office.bulk.now() + timedelta(seconds=2)
    shown: dict[tuple[int, int], int] = {}
    for token in tokens:
        opened = open_token(token, keys, at=at)
        number = int(opened.uri.rpartition("/")[2])
        values = opened.values
        for index in range(len(values)):
            if value := values.value(index):
                shown[number, index] = value
    expected = {everything[one][:2] for one in chosen}
    assert set(shown) == expected, "the lists show others than those that were revoked"
    assert len(set(shown.values())) == 1


def _require_verdicts(
    office: Workspace,
    everything: dict[str, tuple[int, int, bytes]],
    chosen: set[str],
    chance: random.Random,
) -> None:
    at = office.bulk.now() + timedelta(seconds=2)
    left = sorted(everything.keys() - chosen)
    few = min(_ASKED, len(chosen), len(left))
    asked = dict.fromkeys(chance.sample(sorted(chosen), few), True)
    asked |= dict.fromkeys(chance.sample(left, few), False)
    for licence_id, is_revoked in asked.items():
        token = read_kept(everything[licence_id][2]).sd_jwt
        verdict = office.verifier.verify_file(token, at=at)
        reasons = {finding.reason.value for part in verdict.parts for finding in part.findings}
        assert verdict.accepted is not is_revoked, reasons
        assert ("revoked" in reasons) is is_revoked, reasons
