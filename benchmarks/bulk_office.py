"""An office with the 216 types of Guang'an, and what bulk jobs must leave in its register."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Final

from guangan import SEED
from guangan_types import write_types

from ecert.workspace import Workspace
from ecert.workspace.own_types import add_types

if TYPE_CHECKING:
    from pathlib import Path

    from ecert.issuers.bulk.planning import Plan

REGION: Final = "511600"
NAME: Final = "四川省广安市示例局"
CLERK: Final = "甲"
_SOUND: Final = {
    "licence ids that are not one for each licence": """
        SELECT COUNT(*) - COUNT(DISTINCT id) FROM licence""",
    "licences of one type and number": """
        SELECT COUNT(*) FROM (SELECT 1 FROM licence GROUP BY type_code, number
                              HAVING COUNT(*) > 1) AS twice""",
    "licences that have not one event": """
        SELECT COUNT(*) FROM licence AS l WHERE
            (SELECT COUNT(*) FROM licence_event AS e WHERE e.licence = l.row) <> 1""",
    "licences that have not one credential": """
        SELECT COUNT(*) FROM licence AS l WHERE
            (SELECT COUNT(*) FROM credential AS c WHERE c.licence = l.row) <> 1""",
    "credentials that were never signed": """
        SELECT COUNT(*) FROM credential WHERE artefacts IS NULL""",
    "credentials that share a slot": """
        SELECT COUNT(*) FROM (SELECT 1 FROM credential GROUP BY list_number, position
                              HAVING COUNT(*) > 1) AS shared""",
    "credentials beyond the end of their list": """
        SELECT COUNT(*) FROM credential AS c LEFT JOIN status_list AS l
            ON l.number = c.list_number AND c.position >= 0 AND c.position < l.size
            WHERE l.number IS NULL""",
    "lists with more credentials than they gave indexes": """
        SELECT COUNT(*) FROM status_list AS l WHERE l.taken <
            (SELECT COUNT(*) FROM credential AS c WHERE c.list_number = l.number)""",
    "slots that no credential has": """
        SELECT COUNT(*) FROM status_list AS l WHERE l.taken >
            (SELECT COUNT(*) FROM credential AS c WHERE c.list_number = l.number)""",
}


def make_office(folder: Path, *, database: str | None = None, seed: int = SEED) -> Workspace:
    """Make a workspace that may issue all 216 types.

    Args:
        folder: Where; absent or empty.
        database: Address of an empty database; None for SQLite in the folder.
        seed: What the types are drawn from.
    """
    workspace = Workspace.init(folder, region=REGION, name=NAME, demo=True, database=database)
    add_types(workspace.path, workspace.catalogue, write_types(folder / "new-types", seed))
    return workspace


def plan(workspace: Workspace, path: Path) -> Plan:
    """Plan the issue of a file of stock."""
    desk = workspace.bulk
    with desk.open_applications(path) as (reader, table):
        return desk.planner(path).grants(reader, table, planned_by=CLERK, at=desk.now())


def faults_of_register(workspace: Workspace, *, whole: bool = True) -> list[str]:
    """Return everything that is wrong with a register that bulk jobs alone have filled.

    Args:
        workspace: Whose register.
        whole: Whether all jobs are finished: then no slot may be without a credential.
    """
    found = []
    with workspace.engine.read() as connection:
        for what, asked in _SOUND.items():
            if what.startswith("slots") and not whole:
                continue
            count = connection.exec_driver_sql(asked).scalar_one()
            if count:
                found.append(f"{count} {what}")
        if workspace.engine.kind == "sqlite":
            told = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
            found += [] if told == ["ok"] else told
            if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
                found.append("rows that refer to nothing")
    report = workspace.issuer.archive.check_audit()
    return found + [f"audit: {finding}" for finding in report.findings]


def faults_of_report(workspace: Workspace, job_id: str, path: Path) -> list[str]:
    """Return what a job's report leaves out, tells twice, or tells of another licence.

    Every row of the file must be either issued, with its own number, or refused.
    """
    ledger = workspace.bulk.ledger
    refused = {refusal.row for refusal in ledger.refusals(job_id)}
    issued = ledger.issued(job_id)
    found: list[str] = []
    told = next(issued, None)
    with path.open(encoding=_encoding(path), newline="") as file:
        rows = csv.reader(file)
        place = next(rows).index("证照编号")
        for row, values in enumerate(rows, start=2):
            if told is not None and told[0] == row:
                if told[2] != values[place] or row in refused:
                    found.append(f"row {row} is not what was issued for it")
                told = next(issued, None)
            elif row not in refused:
                found.append(f"row {row} was skipped")
    if told is not None:
        found.append(f"row {told[0]} is told twice, or is none of the file")
    return found


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(1 << 12)
    try:
        start.decode("utf-8")
    except UnicodeDecodeError as error:
        # A character that is cut off at the end of what was read says nothing.
        return "utf-8" if error.start > len(start) - 4 else "gb18030"
    return "utf-8"
