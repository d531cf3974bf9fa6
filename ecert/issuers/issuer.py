"""The issuer (证照颁发机构): issues licences, delivers credentials, changes and publishes status.

Everything follows one order: reserve, record, sign, record.  Serial and status index are durable
before anything is signed, and a request id makes every retry safe.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from ecert.clock import Clock, system_clock
from ecert.issuers.changes import Order, carry_out
from ecert.issuers.credentials import Credentials
from ecert.issuers.drafting import draft_licence
from ecert.issuers.lifecycle import Move
from ecert.issuers.publish import Publisher
from ecert.issuers.register import LicenceEvent
from ecert.issuers.requests import earlier_result, remember, request_digest
from ecert.model.calendar import office_day
from ecert.model.catalogue import Catalogue, builtin
from ecert.model.codes import parse_uscc
from ecert.model.holders import Holder
from ecert.model.regions import parse_region
from ecert.status.values import StatusValue

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from ecert.issuers.keyring import Keyring
    from ecert.issuers.publish import RegionSigners
    from ecert.issuers.register import CredentialRecord, Register
    from ecert.model.identifiers import LicenceId
    from ecert.model.licence import Licence
    from ecert.show.delivery import Delivery


class Issuer:
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
            valid_from: First day; today if left out.
            issued_on: Day of issue; today if left out.
            request_id: Makes a retry safe: the same id with the same content gives the same
                licence.
            at: The time; now if left out.

        Raises:
            CatalogueError: Unknown licence type.
            FieldsError: The application does not fit the type; all faults are listed.
            RequestConflictError: ``request_id`` was used with other content.
        """
        at = at or self._clock()
        today = office_day(at)
        holders = (holder,) if isinstance(holder, Holder) else tuple(holder)
        start = valid_from or today
        # (1) The type exists, and everything fits it.
        licence_type = self.catalogue.require(type_name)
        values = licence_type.check_fields(fields, holders, number, start, valid_until)
        licence = draft_licence(
            licence_type, issuer_code=self.code, issuer_name=self.name, region=self.region,
            number=number, holders=holders, fields=values,
            issued_on=issued_on or today, valid_from=start, valid_until=valid_until,
        )  # fmt: skip
        # Over what was asked, not over the dates filled in: a retry may come after midnight.
        asked = {"issued_on": str(issued_on), "valid_from": str(valid_from)}
        digest = request_digest(licence.to_dict() | {"id": ""} | asked)
        with self._register.transaction() as tx:
            # (2) A retry gets the licence that it already made.
            if (known := earlier_result(tx, request_id, "issue", digest)) is not None:
                return tx.licence(known)
            # (3) Licence, first event and request stand or fall together.
            tx.add_licence(licence)
            tx.add_event(LicenceEvent(str(licence.id), Move.ISSUE, at, "", "", "", request_id))
            remember(tx, request_id, "issue", digest, str(licence.id))
        return licence

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

    def paper_code(
        self, licence_id: LicenceId | str, *, profile: str = "minimal", at: datetime | None = None
    ) -> str:
        """Sign a compact credential for paper and return its code, to be printed.

        It proves no holder: whoever checks it is told to check the identity document.

        Raises:
            CatalogueError: The type has no such profile.
            CodeTooLargeError: The profile does not fit one code.
        """
        return self._credentials.paper_code(str(licence_id), profile, at or self._clock())

    def withdraw_credential(self, credential_id: str) -> None:
        """Cut off one credential (a lost phone); licence and other credentials are not touched.

        Args:
            credential_id: List number and index, ``1-70231``, as `credentials` tells it.

        Raises:
            UnknownLicenceError: There is no such credential.
        """
        with self._register.transaction() as tx:
            tx.set_status(tx.credential(credential_id).id, int(StatusValue.CREDENTIAL_WITHDRAWN))

    def credentials(self, licence_id: LicenceId | str) -> tuple[CredentialRecord, ...]:
        """Return the credentials of a licence, oldest first."""
        with self._register.view() as view:
            return view.credentials_of(str(licence_id))

    # -- life cycle ---------------------------------------------------------------------------
    # Each raises ForbiddenMoveError, UnknownLicenceError and RequestConflictError.

    def suspend(self, licence_id: LicenceId | str, **order: Unpack[Order]) -> Licence:
        """Suspend a licence (暂扣); it can be reinstated."""
        return self._move(licence_id, Move.SUSPEND, order)

    def reinstate(self, licence_id: LicenceId | str, **order: Unpack[Order]) -> Licence:
        """Give a suspended licence back (发还)."""
        return self._move(licence_id, Move.REINSTATE, order)

    def cancel(self, licence_id: LicenceId | str, **order: Unpack[Order]) -> Licence:
        """Cancel a licence (注销): it ended or was given up."""
        return self._move(licence_id, Move.CANCEL, order)

    def withdraw(self, licence_id: LicenceId | str, **order: Unpack[Order]) -> Licence:
        """Withdraw a licence (撤销): it should not have been granted."""
        return self._move(licence_id, Move.WITHDRAW, order)

    def revoke(self, licence_id: LicenceId | str, **order: Unpack[Order]) -> Licence:
        """Revoke a licence (吊销): a punishment."""
        return self._move(licence_id, Move.REVOKE, order)

    def _move(self, licence_id: LicenceId | str, move: Move, order: Order) -> Licence:
        at = order.get("at") or self._clock()
        return carry_out(self._register, str(licence_id), move, order, at)

    def events(self, licence_id: LicenceId | str) -> tuple[LicenceEvent, ...]:
        """Return what happened to a licence, oldest first."""
        with self._register.view() as view:
            return view.events(str(licence_id))

    # -- publication --------------------------------------------------------------------------

    def status_list(self, number: int = 1, *, at: datetime | None = None) -> str:
        """Return the signed status list ``number`` as of now; unchanged ones are not re-signed.

        Raises:
            CustodyError: No status key is in force.
        """
        return self._publisher.status_list(number, at or self._clock())

    def status_lists(self, *, at: datetime | None = None) -> tuple[str, ...]:
        """Return all status lists."""
        at = at or self._clock()
        return tuple(self.status_list(number, at=at) for number in self._publisher.list_numbers())

    def trust_list(self, *, at: datetime | None = None) -> bytes:
        """Return the signed trust list that names this issuer and its keys."""
        return self._publisher.trust_list(at or self._clock())

    def catalogue_document(self, *, at: datetime | None = None) -> bytes:
        """Return the signed catalogue of the types that this issuer's region defines itself."""
        return self._publisher.catalogue(self.catalogue, at or self._clock())

    def roots(self) -> bytes:
        """Return the region's root keys, to be exchanged once and by hand."""
        return self._publisher.roots
