"""Carries out one shard of a job: reserve, sign, record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecert.errors import BulkError
from ecert.issuers.bulk.ledger import Granted
from ecert.issuers.bulk.writing import FileWriter
from ecert.issuers.drafting import licence_of
from ecert.issuers.kept import keep_lines
from ecert.issuers.lifecycle import Move
from ecert.issuers.records import microseconds
from ecert.model.calendar import office_day
from ecert.model.identifiers import LicenceId
from ecert.sign.jws import typed_input
from ecert.sign.sdjwt_issuing import TYP

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from ecert.issuers.bulk.job import BulkJob
    from ecert.issuers.bulk.ledger import BulkLedger, Reserved
    from ecert.issuers.drafting import Office
    from ecert.issuers.keyring import Keyring
    from ecert.model.catalogue import Catalogue, LicenceType
    from ecert.sign.custody import Signer

# What is made of so many rows stays in the processor's cache until it is signed.
_AT_ONCE: Final = 50


class ShardWorker:
    """What one process needs to carry out shards of one job.

    Args:
        job: The job.
        ledger: Where it is recorded.
        office: Who issues.
        keyring: The issuer's keys.
        catalogue: The types it issues.
        status_uri: Gives the address of a status list by its number.

    Raises:
        BulkError: A second person must approve the job first, or a type's definition is another
            than the one by which the rows were checked.
    """

    def __init__(
        self,
        job: BulkJob,
        ledger: BulkLedger,
        office: Office,
        keyring: Keyring,
        catalogue: Catalogue,
        status_uri: Callable[[int], str],
    ) -> None:
        if job.needs_approval:
            raise _unapproved(job)
        self._job = job
        self._ledger = ledger
        self._office = office
        self._keyring = keyring
        self._types = {
            code: _same_definition(catalogue.require(code), digest)
            for code, digest in job.types.items()
        }
        self._status_uri = status_uri
        self._writer = FileWriter(office, self._types)
        self._ahead: dict[int, Reserved] = {}

    def carry_out(self, number: int, at: datetime, ahead: int | None = None) -> bool:
        """Carry out shard ``number``; False if it was done already.

        Args:
            number: The shard.
            at: Now.
            ahead: The shard that comes next, if that is known.  It is reserved in the transaction
                that records this one: whoever lets go of the database between the two waits for
                somebody else's record.
        """
        if self._job.move is not Move.ISSUE:
            return self._ledger.move(self._job.id, number, at)
        # (1) Serials and status indexes are durable, and the same at every try.
        reserved = self._ahead.pop(number, None) or self._ledger.reserve(self._job.id, number, at)
        if reserved is None:
            return False
        # (2) Sign, outside any transaction: it takes the longest, and holds up nobody.
        granted = self._sign(reserved)
        # (3) Licences, events, credentials and the ledger's line stand or fall together.
        recorded = self._ledger.record(self._job.id, number, granted, at, ahead)
        self._ahead = {} if ahead is None or recorded.ahead is None else {ahead: recorded.ahead}
        return recorded.is_new

    def _sign(self, reserved: Reserved) -> list[Granted]:
        if not reserved.places:
            return self._without_files(reserved)
        # Slice by slice, what is over would go unseen.
        lengths = {len(reserved.rows), len(reserved.serials), len(reserved.places)}
        if len(lengths) > 1:
            raise ValueError("a shard's rows, serials and status indexes are not as many")
        at = reserved.at
        codes = {row.application.type_name for row in reserved.rows}
        signers = {code: self._keyring.signer("licence", at, type_code=code) for code in codes}
        lists = {listed for listed, _ in reserved.places}
        uris = {listed: self._status_uri(listed) for listed in lists}
        granted: list[Granted] = []
        for start in range(0, len(reserved.rows), _AT_ONCE):
            granted += self._sign_some(reserved, slice(start, start + _AT_ONCE), signers, uris)
        return granted

    def _sign_some(
        self,
        reserved: Reserved,
        some: slice,
        signers: Mapping[str, Signer],
        uris: Mapping[int, str],
    ) -> Iterator[Granted]:
        rows, places = reserved.rows[some], reserved.places[some]
        files = list(self._writer.write(rows, reserved.serials[some], places, uris, reserved.at))
        # All are written, then all are signed: see `ecert.sign.jws.typed_input`.
        hands = [signers[row.application.type_name] for row in rows]
        inputs = [
            typed_input(TYP, file.payload, hand.public)
            for hand, file in zip(hands, files, strict=True)
        ]
        signatures = [hand.sign(given) for hand, given in zip(hands, inputs, strict=True)]
        moment = microseconds(reserved.at)
        parts = zip(rows, places, files, inputs, signatures, strict=True)
        for row, place, file, given, signature in parts:
            header = given[: given.index(b".")]
            kept = keep_lines(header, file.payload, file.plain, signature)
            yield Granted(row.row, file.licence, place, moment, kept, file.content)

    def _without_files(self, reserved: Reserved) -> list[Granted]:
        today = office_day(reserved.at)
        granted = []
        for row, serial in zip(reserved.rows, reserved.serials, strict=True):
            licence_type = self._types[row.application.type_name]
            licence_id = LicenceId.make(licence_type.code, self._office.code, serial)
            licence = licence_of(row.application, licence_type, self._office, licence_id, today)
            granted.append(Granted(row.row, licence))
        return granted


def _same_definition(licence_type: LicenceType, digest: str) -> LicenceType:
    if licence_type.integrity() != digest:
        raise BulkError(
            f"“{licence_type.name}”的定义在计划之后有变动",
            f'the definition of "{licence_type.name}" has changed since the plan',
            where=licence_type.code, fix_zh="请重新计划（ecert bulk plan）",
            fix_en="Plan it again (ecert bulk plan)",
        )  # fmt: skip
    return licence_type


def _unapproved(job: BulkJob) -> BulkError:
    return BulkError(
        f"批量{job.move.zh} {job.rows} 份证照须由另一人审批",
        f'"{job.move}" of {job.rows} licences needs the approval of a second person',
        where=job.id, fix_zh=f"由{job.planned_by}以外的人运行 ecert bulk approve {job.id}",
        fix_en=f"Let somebody else run: ecert bulk approve {job.id}",
    )  # fmt: skip
