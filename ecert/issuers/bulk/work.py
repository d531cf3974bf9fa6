"""Carries out one shard of a job: reserve, sign, record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecert.errors import BulkError
from ecert.issuers.bulk.ledger import Granted
from ecert.issuers.credential import StatusPlace, prepare_file
from ecert.issuers.drafting import licence_of
from ecert.issuers.kept import keep
from ecert.issuers.lifecycle import Move
from ecert.issuers.records import microseconds
from ecert.model.calendar import office_day
from ecert.model.identifiers import LicenceId
from ecert.sign.concealment import Salts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from ecert.issuers.bulk.job import BulkJob
    from ecert.issuers.bulk.ledger import BulkLedger, Reserved
    from ecert.issuers.credential import UnsignedFile
    from ecert.issuers.drafting import Office
    from ecert.issuers.keyring import Keyring
    from ecert.model.catalogue import Catalogue, LicenceType
    from ecert.model.licence import Licence
    from ecert.sign.custody import Signer

_SALTS_AT_ONCE: Final = 1_000


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
        self._salts = Salts(_SALTS_AT_ONCE)

    def carry_out(self, number: int, at: datetime) -> bool:
        """Carry out shard ``number``; False if it was done already."""
        if self._job.move is not Move.ISSUE:
            return self._ledger.move(self._job.id, number, at)
        # (1) Serials and status indexes are durable, and the same at every try.
        reserved = self._ledger.reserve(self._job.id, number, at)
        if reserved is None:
            return False
        # (2) Sign, outside any transaction: it takes the longest, and holds up nobody.
        granted = self._sign(reserved)
        # (3) Licences, events, credentials and the ledger's line stand or fall together.
        return self._ledger.record(self._job.id, number, granted, at)

    def _sign(self, reserved: Reserved) -> list[Granted]:
        licences = self._licences(reserved)
        if not reserved.places:
            return [
                Granted(row.row, licence)
                for row, licence in zip(reserved.rows, licences, strict=True)
            ]
        # All are prepared, then all are signed: see `ecert.sign.jws.typed_input`.
        unsigned = list(self._prepared(licences, reserved))
        signatures = [signer.sign(one.sd_jwt.signing_input) for signer, one in unsigned]
        moment = microseconds(reserved.at)
        parts = zip(reserved.rows, licences, reserved.places, unsigned, signatures, strict=True)
        return [
            Granted(row.row, licence, place, moment, keep(one.sd_jwt, signature))
            for row, licence, place, (_, one), signature in parts
        ]

    def _licences(self, reserved: Reserved) -> list[Licence]:
        today = office_day(reserved.at)
        licences = []
        for row, serial in zip(reserved.rows, reserved.serials, strict=True):
            licence_type = self._types[row.application.type_name]
            licence_id = LicenceId.make(licence_type.code, self._office.code, serial)
            licences.append(
                licence_of(row.application, licence_type, self._office, licence_id, today)
            )
        return licences

    def _prepared(
        self, licences: Sequence[Licence], reserved: Reserved
    ) -> Iterator[tuple[Signer, UnsignedFile]]:
        lists = {listed for listed, _ in reserved.places}
        uris = {listed: self._status_uri(listed) for listed in lists}
        codes = {licence.type_code for licence in licences}
        signers = {
            code: self._keyring.signer("licence", reserved.at, type_code=code) for code in codes
        }
        for licence, (listed, index) in zip(licences, reserved.places, strict=True):
            signer = signers[licence.type_code]
            place = StatusPlace(listed, index, uris[listed])
            licence_type = self._types[licence.type_code]
            yield (
                signer,
                prepare_file(
                    licence, licence_type, signer.public, place, at=reserved.at, salts=self._salts
                ),
            )


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
