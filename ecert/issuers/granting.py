"""Grants licences: new ones, several in one act (一件事), and new versions of old ones."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, TypedDict

import orjson

from ecert.errors import FieldsError
from ecert.issuers.application import Application
from ecert.issuers.changes import Order, enter, event_of, order_digest
from ecert.issuers.drafting import draft_licence
from ecert.issuers.lifecycle import Move, allowed, require_replacement
from ecert.issuers.portraits import Portrait, no_portrait
from ecert.issuers.requests import earlier_result, remember, request_digest
from ecert.model.calendar import office_day

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from ecert.issuers.drafting import Office
    from ecert.issuers.register import Register, RegisterTransaction
    from ecert.model.catalogue import Catalogue, LicenceType
    from ecert.model.holders import Holder
    from ecert.model.identifiers import LicenceId
    from ecert.model.licence import Licence


class Changes(TypedDict, total=False):
    """What is different on a new version of a licence; what is left out stays.

    Attributes:
        number: The number printed on the licence.
        holders: The holders.
        fields: The fields that change, by name or short name; None takes one away.
        valid_from: First day.
        valid_until: Last day, inclusive; None is 长期.
        issued_on: Day of issue; the day of the change if left out.
        portrait: Another photograph of the holder; None takes the present one away.
    """

    number: str
    holders: Sequence[Holder]
    fields: Mapping[str, object]
    valid_from: date
    valid_until: date | None
    issued_on: date
    portrait: bytes | None


class Granting:
    """What one office grants on one register."""

    def __init__(self, office: Office, register: Register, catalogue: Catalogue) -> None:
        self._office = office
        self._register = register
        self._catalogue = catalogue

    def issue(
        self,
        applications: Sequence[Application],
        order: Order,
        at: datetime,
        *,
        predecessor: LicenceId | None = None,
    ) -> tuple[Licence, ...]:
        """Issue all the licences asked for, or none; see `Issuer.issue_together`."""
        # (1) Each type exists, and everything fits it.
        today = office_day(at)
        pictures = [self._portrait(one.type_name, one.portrait) for one in applications]
        licences = [
            draft_licence(
                one, self._catalogue.require(one.type_name), self._office, today,
                predecessor=predecessor, portrait=picture,
            )
            for one, picture in zip(applications, pictures, strict=True)
        ]  # fmt: skip
        # As checked, so that an alias or a short name makes no other request of the same; but over
        # the dates that were asked: a retry may come after midnight.
        asked = [
            replace(one, type_name=licence.type_code, fields=licence.fields).asked()
            for one, licence in zip(applications, licences, strict=True)
        ]
        digest = request_digest({"asked": asked, "predecessor": str(predecessor)})
        request_id = order.get("request_id")
        with self._register.transaction() as tx:
            # (2) A retry gets the licences that it already made.
            if (known := earlier_result(tx, request_id, "issue", digest)) is not None:
                return tuple(tx.licence(one) for one in orjson.loads(known))
            # (3) Licences, first events and request stand or fall together.
            for licence, picture in zip(licences, pictures, strict=True):
                _add(tx, licence, order, at, picture)
            ids = [str(licence.id) for licence in licences]
            remember(tx, request_id, "issue", digest, orjson.dumps(ids).decode())
        return tuple(licences)

    def _portrait(self, type_name: str, given: bytes | None) -> Portrait | None:
        """Return the portrait ready to be kept, where one is given and the type has portraits."""
        if given is None:
            return None
        licence_type = self._catalogue.require(type_name)
        if not licence_type.portrait:
            raise FieldsError([no_portrait(licence_type)], where=licence_type.name)
        return Portrait.prepared(given)

    def replace(
        self, licence_id: str, move: Move, changes: Changes, order: Order, at: datetime
    ) -> Licence:
        """Issue the next version of a licence, and mark the old one as superseded."""
        require_replacement(move)
        digest = order_digest(licence_id, order, changes=asked_changes(changes))
        request_id = order.get("request_id")
        with self._register.transaction() as tx:
            # (1) A retry gets the version that it already made.
            if (known := earlier_result(tx, request_id, move.value, digest)) is not None:
                return tx.licence(known)
            # (2) Old and new version change together, or not at all.
            new = self.replace_in(tx, licence_id, move, changes, order, at)
            remember(tx, request_id, move.value, digest, str(new.id))
        return new

    def replace_in(
        self,
        tx: RegisterTransaction,
        licence_id: str,
        move: Move,
        changes: Changes,
        order: Order,
        at: datetime,
    ) -> Licence:
        """Do what `replace` does, within a transaction that does more than that."""
        old = tx.licence(licence_id)
        state = allowed(old.standing(office_day(at)), move)
        licence_type = self._catalogue.require(old.type_code)
        application = _application(old, changes, licence_type)
        picture = self._portrait(old.type_code, changes.get("portrait"))
        new = draft_licence(
            application, licence_type, self._office, office_day(at), replaces=old, portrait=picture
        )
        if "portrait" not in changes:
            new = replace(new, portrait=old.portrait)
        enter(tx, event_of(licence_id, move, order, at, related=str(new.id)), state)
        _add(tx, new, order, at, picture)
        return new


def _add(
    tx: RegisterTransaction, licence: Licence, order: Order, at: datetime, picture: Portrait | None
) -> None:
    related = "" if licence.predecessor is None else str(licence.predecessor)
    if picture is not None:
        tx.add_portrait(picture)
    tx.add_licence(licence)
    tx.add_event(
        event_of(str(licence.id), Move.ISSUE, order, at, related=related, digest=licence.digest())
    )


def _application(old: Licence, changes: Changes, licence_type: LicenceType) -> Application:
    fields: dict[str, object] = dict(old.fields)
    for name, value in changes.get("fields", {}).items():
        spec = licence_type.get_field(name)
        # A name that the type does not have is kept: the check of the application says so.
        fields[name if spec is None else spec.name] = value
    return Application(
        type_name=old.type_code,
        number=changes.get("number", old.number),
        holders=tuple(changes.get("holders", old.holders)),
        fields={name: value for name, value in fields.items() if value is not None},
        valid_until=changes.get("valid_until", old.valid_until),
        valid_from=changes.get("valid_from", old.valid_from),
        issued_on=changes.get("issued_on"),
    )


def asked_changes(changes: Changes) -> dict[str, object]:
    """Return plain values for comparing a retry."""
    asked: dict[str, object] = {
        name: str(changes[name])
        for name in ("number", "valid_from", "valid_until", "issued_on")
        if name in changes
    }
    if "holders" in changes:
        asked["holders"] = [[one.name, one.number, one.number_type] for one in changes["holders"]]
    if "portrait" in changes:
        given = changes["portrait"]
        asked["portrait"] = None if given is None else hashlib.sha256(given).hexdigest()
    fields = changes.get("fields", {})
    # None takes a field away; it is not the word "None".
    said = {name: None if value is None else str(value) for name, value in fields.items()}
    return asked | {"fields": said}
