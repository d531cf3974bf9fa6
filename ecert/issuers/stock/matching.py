"""Finds an incoming licence's place in the register: new, known, a newer version, or a conflict."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from ecert.errors import ForbiddenMoveError, UnknownLicenceError
from ecert.issuers.changes import Order, enter, event_of
from ecert.issuers.lifecycle import Move, allowed, require_grounds
from ecert.issuers.stock.report import Outcome, Taking
from ecert.model.identifiers import LicenceId
from ecert.model.licence import LicenceState

if TYPE_CHECKING:
    from datetime import datetime

    from ecert.issuers.register import RegisterTransaction
    from ecert.issuers.stock.existing import Batch, Incoming
    from ecert.model.licence import Licence

MARK: Final = "归集："
"""What the reason of an event begins with that was taken in and not done here."""
_TO: Final = {
    LicenceState.SUSPENDED: Move.SUSPEND,
    LicenceState.SUPERSEDED: Move.RENEW,
    LicenceState.CANCELLED: Move.CANCEL,
    LicenceState.WITHDRAWN: Move.WITHDRAW,
    LicenceState.REVOKED: Move.REVOKE,
    LicenceState.TRANSFERRED: Move.TRANSFER,
}
_BACK: Final = {
    LicenceState.SUSPENDED: Move.REINSTATE,
    LicenceState.TRANSFERRED: Move.TAKE_BACK,
}
# What makes a licence this one; the names of type and issuer may be written otherwise.
_PART_ZH: Final = {
    "number": "证照编号",
    "holders": "持证主体",
    "fields": "照面信息",
    "region": "行政区划",
    "issuer_code": "证照颁发机构代码",
    "issued_on": "证照颁发日期",
    "valid_from": "有效期起始日期",
    "valid_until": "有效期截止日期",
    "predecessor": "原证照",
}


class Placing:
    """Places licences of one batch, within one transaction."""

    def __init__(self, tx: RegisterTransaction, batch: Batch, at: datetime) -> None:
        self._tx = tx
        self._batch = batch
        self._at = at

    def place(self, incoming: Incoming) -> Outcome:
        """Record a licence that is new here, or say what it is.

        Raises:
            ForbiddenMoveError: Its state needs a decision, and none is named; nothing is written.
        """
        held = self._held(incoming)
        if held is not None:
            return self._known(held, incoming)
        family = self._family(incoming)
        if incoming.existing.licence_id is None and family:
            newest = family[-1]
            if len({one.id.serial for one in family}) > 1 or incoming.existing.version is None:
                return _conflict(incoming, newest, _parts(newest, incoming))
            version = incoming.licence.id.version
            if any(one.id.version == version for one in family):
                return _conflict(incoming, newest, _parts(newest, incoming))
            of = newest.id
            incoming = incoming.with_id(LicenceId.make(of.type_code, of.issuer, of.serial, version))
        return self._new(incoming, family)

    # -- which licences of the register it belongs to -------------------------------------------

    def _held(self, incoming: Incoming) -> Licence | None:
        """Return the same licence, if the register has it."""
        if incoming.existing.licence_id is None:
            # Without an id, a licence is known by what stands on it.
            alike = [one for one in self._family(incoming) if not _parts(one, incoming)]
            return alike[-1] if alike else None
        try:
            return self._tx.licence(str(incoming.licence.id))
        except UnknownLicenceError:
            return None

    def _family(self, incoming: Incoming) -> list[Licence]:
        """Return the versions of the same licence, oldest first.

        A new version has the serial and the number of the one before (GB/T 36904); without a
        licence id, the number alone tells.
        """
        of = incoming.licence.id
        known = incoming.existing.licence_id is not None
        found = [
            one
            for one in self._tx.find_by_number(incoming.licence.number)
            if (one.id.type_code, one.id.issuer) == (of.type_code, of.issuer)
            and (not known or one.id.serial == of.serial)
        ]
        return sorted(found, key=lambda one: one.id.version)

    # -- known ----------------------------------------------------------------------------------

    def _known(self, held: Licence, incoming: Incoming) -> Outcome:
        if parts := _parts(held, incoming):
            return _conflict(incoming, held, parts)
        if held.state is incoming.state or self._is_overtaken(held, incoming):
            return Outcome(Taking.SKIPPED, incoming.existing.row, str(held.id))
        events = self._tx.events(str(held.id))
        if not all(one.reason.startswith(MARK) for one in events):
            return _conflict(incoming, held, ["state"])
        move = _BACK.get(held.state) if incoming.state is LicenceState.ISSUED else None
        move = move or _TO.get(incoming.state)
        try:
            if move is None or allowed(held.state, move) is not incoming.state:
                return _conflict(incoming, held, ["state"])
        except ForbiddenMoveError:
            return _conflict(incoming, held, ["state"])
        self._move(incoming, held, move, related="")
        return Outcome(Taking.MOVED, incoming.existing.row, str(held.id))

    def _is_overtaken(self, held: Licence, incoming: Incoming) -> bool:
        """Tell whether a newer version ended this one, which its source still calls in force."""
        return (
            held.state is LicenceState.SUPERSEDED
            and incoming.state is LicenceState.ISSUED
            and any(one.id.version > held.id.version for one in self._family(incoming))
        )

    # -- new ------------------------------------------------------------------------------------

    def _new(self, incoming: Incoming, family: list[Licence]) -> Outcome:
        version = incoming.licence.id.version
        older = [one for one in family if one.id.version < version]
        newer = [one for one in family if one.id.version > version]
        before, after = (older[-1] if older else None), (newer[0] if newer else None)
        # (1) A version is followed only by one that may follow it.
        if before is not None and after is None:
            if before.state not in {LicenceState.ISSUED, LicenceState.SUPERSEDED}:
                return _conflict(incoming, before, ["state"])
            if incoming.licence.predecessor is None:
                licence = replace(incoming.licence, predecessor=before.id)
                incoming = replace(incoming, licence=licence)
        if after is not None and incoming.state is LicenceState.ISSUED:
            incoming = replace(incoming, state=LicenceState.SUPERSEDED)
        # (2) What its state needs is there before anything is written.
        move = _TO.get(incoming.state)
        if move is not None:
            require_grounds(move, MARK, self._order(incoming)["document"])
        # (3) Licence, issue and the move to its state are one.
        self._record(incoming)
        if move is not None:
            related = "" if after is None else str(after.id)
            self._move(incoming, incoming.licence, move, related=related)
        if before is not None and after is None and before.state is LicenceState.ISSUED:
            self._move(incoming, before, Move.RENEW, related=str(incoming.licence.id))
        return Outcome(Taking.RECORDED, incoming.existing.row, str(incoming.licence.id))

    def _record(self, incoming: Incoming) -> None:
        licence = incoming.licence
        related = "" if licence.predecessor is None else str(licence.predecessor)
        self._tx.add_licence(licence)
        order = Order(
            reason=f"{MARK}{self._batch.source}",
            document=self._batch.document,
            actor=self._batch.actor,
        )
        self._tx.add_event(
            event_of(
                str(licence.id), Move.ISSUE, order, self._at,
                related=related, digest=licence.digest(),
            )
        )  # fmt: skip

    def _move(self, incoming: Incoming, licence: Licence, move: Move, *, related: str) -> None:
        event = event_of(str(licence.id), move, self._order(incoming), self._at, related=related)
        # Not its standing: the move was made in the past, perhaps before its last day.
        enter(self._tx, event, allowed(licence.state, move))

    def _order(self, incoming: Incoming) -> Order:
        since = incoming.existing.state_since
        when = "" if since is None else f"（{since.isoformat()}）"
        return Order(
            reason=f"{MARK}{self._batch.source}{when}",
            document=incoming.existing.document or self._batch.document,
            actor=self._batch.actor,
        )


def _parts(held: Licence, incoming: Incoming) -> list[str]:
    """Return the parts in which the two differ, by name; none if they are one licence."""
    left, right = _compared(held), _compared(incoming.licence)
    if incoming.existing.predecessor is None:
        # The register may have named it: the version before.
        left["predecessor"] = right["predecessor"] = None
    return [name for name in left if left[name] != right[name]]


def _compared(licence: Licence) -> dict[str, Any]:
    plain = licence.to_dict()
    return {name: plain[name] for name in _PART_ZH}


def _conflict(incoming: Incoming, held: Licence, parts: list[str]) -> Outcome:
    if parts == ["state"]:
        zh = f"库中状态为“{held.state.zh}”，来源为“{incoming.state.zh}”"
        en = f'the register says "{held.state}", its source "{incoming.state}"'
    else:
        zh = "库中已有，内容不同：" + "、".join(_PART_ZH[name] for name in parts)
        en = "the register has it with other content: " + ", ".join(parts)
    return Outcome(Taking.CONFLICT, incoming.existing.row, str(held.id), zh, en)
