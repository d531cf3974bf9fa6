"""The ledger of bulk work: the port that a database fulfils."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from ecert.issuers.bulk.job import BulkJob, Progress, Refusal
    from ecert.issuers.bulk.results import RowResult
    from ecert.issuers.bulk.rows import GrantRow
    from ecert.model.licence import Licence


@dataclass(frozen=True, slots=True)
class Shard:
    """Rows as they are planned: their number and their bytes."""

    rows: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Reserved:
    """A shard whose serials and status indexes are durable.

    Attributes:
        rows: The rows that will be issued.
        serials: One for each row.
        places: List number and index for each row; empty if no credential is signed.
        at: When it was reserved: what its licences and credentials are dated by.
    """

    rows: Sequence[GrantRow]
    serials: Sequence[str]
    places: Sequence[tuple[int, int]]
    at: datetime


@dataclass(frozen=True, slots=True)
class Granted:
    """One licence of a shard, ready to be recorded.

    Attributes:
        row: Its row in the file.
        licence: The licence.
        place: List number and index of its credential; None if there is none.
        reserved_at: When they were reserved, in microseconds since 1970.
        artefacts: What was signed; None if nothing was.
        content: `Licence.content`, if it is at hand.
    """

    row: int
    licence: Licence
    place: tuple[int, int] | None = None
    reserved_at: int = 0
    artefacts: bytes | None = None
    content: bytes | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of a shard that was to be recorded.

    Attributes:
        is_new: False if nothing was left to do.
        ahead: The reservation of the shard that comes after it, if it could be made with it.
    """

    is_new: bool
    ahead: Reserved | None = None


class BulkLedger(Protocol):
    """The ledger of one issuer's bulk work; each method is one transaction."""

    def begin(self, job: BulkJob) -> None:
        """Record a job that is being planned, and drop plans broken off more than a day ago."""
        ...

    def discard(self, job_id: str) -> None:
        """Drop a job that is being planned, and all that was recorded of it."""
        ...

    def add(self, job_id: str, shards: Sequence[Shard], refusals: Sequence[Refusal]) -> None:
        """Record more of a plan."""
        ...

    def planned(self, job: BulkJob) -> None:
        """Record that the plan is complete; it enters the audit trail."""
        ...

    def approve(self, job_id: str, by: str, at: datetime) -> BulkJob:
        """Record the second person's approval.

        Raises:
            BulkError: It is the same person, or the job cannot be approved.
        """
        ...

    def cancel(self, job_id: str, by: str, at: datetime) -> BulkJob:
        """Close a job: what is done stays, the rest is dropped with its personal data.

        Status indexes that were reserved are never given to anybody else.

        Raises:
            BulkError: Nothing is left to cancel, or it is not said who does it.
        """
        ...

    def job(self, job_id: str) -> BulkJob:
        """Return one job.

        Raises:
            BulkError: There is none with this number.
        """
        ...

    def jobs(self) -> tuple[BulkJob, ...]:
        """Return all jobs, newest first."""
        ...

    def progress(self, job_id: str) -> Progress:
        """Return how far a job has come."""
        ...

    def open_shards(self, job_id: str) -> tuple[int, ...]:
        """Return the numbers of the shards that are not done."""
        ...

    def refusals(self, job_id: str) -> Iterator[Refusal]:
        """Iterate over the rows that were refused, by row."""
        ...

    def issued(self, job_id: str) -> Iterator[tuple[int, str, str]]:
        """Iterate over what a job has issued or moved: row, licence id and licence number."""
        ...

    def results(self, job_id: str) -> Iterator[RowResult]:
        """Iterate over every row of a job's file in order: all that it has, at one moment."""
        ...

    def reserve(self, job_id: str, number: int, at: datetime) -> Reserved | None:
        """Reserve a shard, or return the reservation that it has; None if nothing is to do."""
        ...

    def record(
        self,
        job_id: str,
        number: int,
        granted: Sequence[Granted],
        at: datetime,
        ahead: int | None = None,
    ) -> Recorded:
        """Record a shard's licences and that it is done, and reserve shard ``ahead`` with it.

        A licence whose type and number somebody else has issued since is refused.
        """
        ...

    def move(self, job_id: str, number: int, at: datetime) -> bool:
        """Carry out a shard of moves and record that it is done; False if nothing was to do."""
        ...
