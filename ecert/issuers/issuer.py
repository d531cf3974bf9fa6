"""The issuer (证照颁发机构): issues licences, delivers credentials, changes and publishes status.

Everything follows one order: reserve, record, sign, record.  Serial and status index are durable
before anything is signed, and a request id makes every retry safe.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from ecert.clock import Clock, system_clock
from ecert.issuers.acts import Acts
from ecert.issuers.application import Application
from ecert.issuers.archive import Archive
from ecert.issuers.bulk.work import ShardWorker
from ecert.issuers.changes import Order
from ecert.issuers.credentials import Credentials
from ecert.issuers.drafting import Office
from ecert.issuers.granting import Granting
from ecert.issuers.mandates import Mandates
from ecert.issuers.objections import Objections
from ecert.issuers.printing import Printing
from ecert.issuers.publish import Publisher
from ecert.issuers.stock.face import Stock
from ecert.model.catalogue import Catalogue, builtin
from ecert.model.codes import parse_uscc
from ecert.model.holders import Holder
from ecert.model.regions import parse_region

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

    from ecert.issuers.bulk.job import BulkJob
    from ecert.issuers.bulk.ledger import BulkLedger
    from ecert.issuers.keyring import Keyring
    from ecert.issuers.publish import RegionSigners
    from ecert.issuers.purpose import Purpose
    from ecert.issuers.records import CredentialRecord, LicenceEvent
    from ecert.issuers.register import Register
    from ecert.model.identifiers import LicenceId
    from ecert.model.licence import Licence
    from ecert.show.delivery import Delivery


class Issuer(Acts, Printing):
    """One issuing authority on its register.

    Args:
        code: Its unified social credit code (证照颁发机构代码).
        name: Its name (证照颁发机构).
        region: Its region, six digits.
        keyring: Its licence and status keys.
        register: Where it keeps its licences.
        signers: The region's keys for trust list and catalogue.
        catalogue: The licence types it may issue.
        status_base: Address below which its status lists are published; only ever compared.
        clock: Where ``at`` comes from when it is left out.
    """

    def __init__(
        self,
        *,
        code: str,
        name: str,
        region: str,
        keyring: Keyring,
        register: Register,
        signers: RegionSigners,
        catalogue: Catalogue | None = None,
        status_base: str | None = None,
        clock: Clock = system_clock,
    ) -> None:
        self.code = parse_uscc(code)
        self.name = name
        self.region = parse_region(region)
        self.catalogue = builtin() if catalogue is None else catalogue
        self._keyring = keyring
        self._register = register
        self._clock = clock
        self._publisher = Publisher(
            code=self.code,
            name=name,
            region=self.region,
            keyring=keyring,
            register=register,
            signers=signers,
            # .invalid never resolves (RFC 6761): the address is compared, not fetched.
            status_base=status_base or f"https://status.invalid/{self.code}",
        )
        self._credentials = Credentials(
            self.code, register, keyring, self.catalogue, self._publisher.status_uri
        )
        self._office = office = Office(self.code, name, self.region)
        self._granting = Granting(office, register, self.catalogue)
        self.archive = Archive(register, clock)
        """What the register holds: found, counted, audited."""
        self.objections = Objections(register, self._granting, clock)
        """Objections (异议) to what stands on a licence."""
        self.mandates = Mandates(self.code, register, clock)
        """The places of mandates (委托) in the status lists."""
        self.stock = Stock(office, register, self.catalogue, clock)
        """Stock taking (归集): what exists already, what is held, what is told."""

    @classmethod
    def demo(
        cls, name: str, *, region: str, alg: str = "ES256", clock: Clock = system_clock
    ) -> Issuer:
        """Return an issuer in memory, under the published demonstration keys of its province."""
        from ecert.issuers.demonstration import demo_issuer  # noqa: PLC0415

        return demo_issuer(name, region=region, alg=alg, clock=clock)

    # -- licences -----------------------------------------------------------------------------

    def issue(
        self,
        type_name: str,
        *,
        number: str,
        holder: Holder | Sequence[Holder],
        fields: Mapping[str, object],
        valid_until: date | None,
        valid_from: date | None = None,
        issued_on: date | None = None,
        portrait: bytes | None = None,
        predecessor: LicenceId | None = None,
        actor: str = "",
        request_id: str | None = None,
        at: datetime | None = None,
    ) -> Licence:
        """Issue a licence and record it.

        Args:
            type_name: Name, alias or code of the licence type.
            number: The number printed on the licence (证照编号).
            holder: The holder, or several.
            fields: Values by field name or GB/T short name.
            valid_until: Last day, inclusive; None is 长期.
            valid_from: First day; the day of issue if left out.
            issued_on: Day of issue; today if left out.
            portrait: The holder's photograph, a JPEG or PNG file (PictureError if it is none).
            predecessor: The licence that it continues (转入: that of the region it comes from).
            actor: Who issues it, for the record.
            request_id: Makes a retry safe: the same id with the same content gives the same
                licence.
            at: The time; now if left out.

        Raises:
            CatalogueError: Unknown licence type.
            FieldsError: The application does not fit the type; all faults are listed.
            RequestConflictError: ``request_id`` was used with other content.
        """
        application = Application(
            type_name=type_name, number=number, portrait=portrait,
            holders=(holder,) if isinstance(holder, Holder) else tuple(holder),
            fields=fields, valid_until=valid_until, valid_from=valid_from, issued_on=issued_on,
        )  # fmt: skip
        order = Order(actor=actor)
        if request_id is not None:
            order["request_id"] = request_id
        at = at or self._clock()
        return self._granting.issue([application], order, at, predecessor=predecessor)[0]

    def issue_together(
        self, applications: Sequence[Application], **order: Unpack[Order]
    ) -> tuple[Licence, ...]:
        """Issue several licences in one act (一件事): all of them, or none.

        Raises as `issue`.
        """
        at = order.get("at") or self._clock()
        return self._granting.issue(applications, order, at)

    def licence(self, licence_id: LicenceId | str) -> Licence:
        """Return a licence as the register has it now.

        Raises:
            UnknownLicenceError: There is none with this id.
        """
        with self._register.view() as view:
            return view.licence(str(licence_id))

    # -- credentials --------------------------------------------------------------------------

    def nonce(self, *, at: datetime | None = None) -> str:
        """Return a fresh nonce for a wallet's proof of possession; it lives ten minutes."""
        return self._credentials.nonce(at or self._clock())

    def deliver(
        self, licence_id: LicenceId | str, proof: str, *, at: datetime | None = None
    ) -> Delivery:
        """Sign a wallet credential (卡包凭证) for the wallet that made ``proof``.

        The same proof again gives the same credential again.

        Args:
            licence_id: The licence.
            proof: What `Wallet.request` made of a fresh `nonce`.
            at: The time; now if left out.

        Raises:
            ProofError: The proof does not hold, or its nonce is not fresh.
            ForbiddenMoveError: The licence is not in force.
            UnknownLicenceError: There is no such licence.
            CustodyError: No licence key is in force.
        """
        return self._credentials.deliver(str(licence_id), proof, at or self._clock())

    def file(
        self,
        licence_id: LicenceId | str,
        *,
        request_id: str | None = None,
        at: datetime | None = None,
    ) -> str:
        """Sign a file credential (电子证照文件): an SD-JWT VC that is bound to no wallet.

        Raises as `deliver`, but for the proof.
        """
        return self._credentials.file(str(licence_id), request_id, at or self._clock())

    def purpose_copy(
        self,
        licence_id: LicenceId | str,
        purpose: Purpose,
        *,
        request_id: str | None = None,
        at: datetime | None = None,
    ) -> str:
        """Sign a purpose copy (加注件): a file that is good for one purpose and a short time.

        Raises as `file`; ForbiddenMoveError also if it would outlive the licence.
        """
        return self._credentials.purpose_copy(
            str(licence_id), purpose, request_id, at or self._clock()
        )

    def credentials(self, licence_id: LicenceId | str) -> tuple[CredentialRecord, ...]:
        """Return the credentials of a licence, oldest first."""
        with self._register.view() as view:
            return view.credentials_of(str(licence_id))

    def events(self, licence_id: LicenceId | str) -> tuple[LicenceEvent, ...]:
        """Return what happened to a licence, oldest first."""
        with self._register.view() as view:
            return view.events(str(licence_id))

    def shard_worker(self, job: BulkJob, ledger: BulkLedger) -> ShardWorker:
        """Return what carries out the shards of a bulk job in this process.

        Raises:
            BulkError: The job may not be run: see `ShardWorker`.
        """
        uri = self._publisher.status_uri
        return ShardWorker(job, ledger, self._office, self._keyring, self.catalogue, uri)

    # -- publication --------------------------------------------------------------------------

    def status_list(self, number: int = 1, *, at: datetime | None = None) -> str:
        """Return the signed status list ``number`` as of now; unchanged ones are not re-signed.

        Raises:
            CustodyError: No status key is in force.
        """
        return self._publisher.status_list(number, at or self._clock())

    def status_lists(self, *, at: datetime | None = None) -> tuple[str, ...]:
        """Return all status lists in use."""
        return self._publisher.status_lists(at or self._clock())

    def status_aggregation(self, *, at: datetime | None = None) -> bytes:
        """Return the addresses of all status lists in use, as JSON to be published beside them."""
        return self._publisher.aggregation(at or self._clock())

    def trust_list(self, *, at: datetime | None = None) -> bytes:
        """Return the signed trust list that names this issuer and its keys."""
        return self._publisher.trust_list(at or self._clock())

    def catalogue_document(self, *, at: datetime | None = None) -> bytes:
        """Return the signed catalogue of the types that this issuer's region defines itself."""
        return self._publisher.catalogue(self.catalogue, at or self._clock())

    def manifest(self, documents: Iterable[bytes | str], *, at: datetime | None = None) -> bytes:
        """Return the signed manifest (清册) that binds ``documents`` together, as published."""
        return self._publisher.manifest(documents, at or self._clock())

    def roots(self) -> bytes:
        """Return the region's root keys, to be exchanged once and by hand."""
        return self._publisher.roots
