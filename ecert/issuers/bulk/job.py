"""Bulk jobs: what is to be done, by whose order, and how far it has come."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from ecert.issuers.lifecycle import Move
from ecert.issuers.records import require_aware

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ecert.issuers.changes import Order

SHARD_ROWS = 5_000
"""Licences of one shard.  An index of random keys is written page by page: the more rows go into
one transaction, the more of them share a page."""
SHARD_MOVES = 500
"""Moves of one shard: each is several statements, and others wait for them."""
MASS_ROWS = 100
"""A job that takes something away from more licences than this needs a second person."""
TAKES_AWAY = frozenset({Move.SUSPEND, Move.CANCEL, Move.WITHDRAW, Move.REVOKE, Move.TRANSFER})


class JobState(StrEnum):
    """How a job stands."""

    PLANNING = "planning"
    PLANNED = "planned"
    CLOSED = "closed"

    @property
    def zh(self) -> str:
        """The office's word for it."""
        return {"planning": "计划未完成", "planned": "已计划", "closed": "已取消"}[self.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkJob:
    """One job.

    Attributes:
        id: Its number.
        move: What is done to each row: `Move.ISSUE`, or a move of the life cycle.
        state: How it stands.
        source: Name of the file.
        source_digest: SHA-256 of the file in hex.
        planned_at: When it was planned.
        planned_by: Who planned it.
        approved_by: The second person, empty as long as there is none.
        approved_at: When the second person approved it.
        reason: Why, for the record of every row.
        document: Number of the decision (文号).
        related: What else every row is about, as the region of a transfer.
        files: Whether a file credential is signed for every licence issued.
        types: The types that occur, each with the digest of the definition that it was checked by.
        rows: Rows that will be done.
        bad: Rows that were refused when it was planned.
    """

    id: str
    move: Move
    state: JobState
    source: str
    source_digest: str
    planned_at: datetime
    planned_by: str
    approved_by: str = ""
    approved_at: datetime | None = None
    reason: str = ""
    document: str = ""
    related: str = ""
    files: bool = True
    types: Mapping[str, str]
    rows: int = 0
    bad: int = 0

    def __post_init__(self) -> None:
        require_aware(self.planned_at)

    @property
    def needs_approval(self) -> bool:
        """Whether a second person must approve it, and none has."""
        return self.move in TAKES_AWAY and self.rows > MASS_ROWS and not self.approved_by

    @property
    def order(self) -> Order:
        """What orders each row."""
        return {"reason": self.reason, "document": self.document, "actor": self.planned_by}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job has come.

    Attributes:
        shards: How many shards it has.
        shards_done: How many of them are done.
        rows: Rows in all shards.
        done: Rows that were carried out.
        refused: Rows that were refused when their shard's turn came.
    """

    shards: int
    shards_done: int
    rows: int
    done: int
    refused: int

    @property
    def finished(self) -> bool:
        """Whether nothing is left to do."""
        return self.shards_done == self.shards


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that was not carried out.

    Attributes:
        row: Its number in the file, as a spreadsheet counts.
        where: The cell or column.
        zh: Why, in Chinese, with the way out.
        en: Why, in English.
    """

    row: int
    where: str
    zh: str
    en: str
