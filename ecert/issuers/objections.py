"""Objections (异议): someone finds something on a licence wrong, and the office decides."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Unpack

from ecert.errors import FormatError
from ecert.issuers import refusals
from ecert.issuers.changes import Order, event_of, order_digest
from ecert.issuers.granting import asked_changes
from ecert.issuers.lifecycle import Move
from ecert.issuers.records import Objection, ObjectionState
from ecert.issuers.requests import earlier_result, remember, request_digest
from ecert.limits import MAX_OBJECTION_CHARS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ecert.clock import Clock
    from ecert.issuers.granting import Changes, Granting
    from ecert.issuers.register import Register, RegisterTransaction
    from ecert.model.identifiers import LicenceId
    from ecert.model.licence import Licence


class Objections:
    """The objections to licences of one register."""

    def __init__(self, register: Register, granting: Granting, clock: Clock) -> None:
        self._register = register
        self._granting = granting
        self._clock = clock

    def raise_objection(
        self,
        licence_id: LicenceId | str,
        fields: Sequence[str],
        *,
        raised_by: str,
        statement: str,
        evidence: str = "",
        taken_by: str = "",
        document: str = "",
        request_id: str | None = None,
        at: datetime | None = None,
    ) -> Objection:
        """Record that someone finds something on a licence wrong.

        Args:
            licence_id: The licence.
            fields: What is found wrong, as it is called on the licence.
            raised_by: Who says so.
            statement: What is wrong, and what would be right.
            evidence: What it rests on.
            taken_by: The official who took it, who stands in the licence's life; without one,
                ``raised_by`` does.
            document: What is on paper or record of it, such as the receipt of a check.
            request_id: Makes a retry safe.
            at: The time; now if left out.

        Raises:
            UnknownLicenceError: There is no such licence.
            FormatError: A text is empty or too long, or the licence has no such field.
            RequestConflictError: The request id was used with other content.
        """
        moment = at or self._clock()
        objection = Objection(
            id=secrets.token_hex(6).upper(), licence_id=str(licence_id), fields=tuple(fields),
            raised_by=raised_by, raised_at=moment, statement=statement, evidence=evidence,
        )  # fmt: skip
        said = [objection.licence_id, list(fields), raised_by, statement, evidence]
        taken = {"taken_by": taken_by, "document": document} if taken_by or document else {}
        digest = request_digest({"objection": said} | taken)
        with self._register.transaction() as tx:
            # (1) A retry finds it recorded.
            if (known := earlier_result(tx, request_id, "object", digest)) is not None:
                return tx.objection(known)
            # (2) It is about something that stands on the licence.
            _require_told(objection, tx.licence(objection.licence_id))
            # (3) Objection and event stand or fall together.
            tx.add_objection(objection)
            order = Order(reason="异议", document=document, actor=taken_by or raised_by)
            tx.add_event(
                event_of(objection.licence_id, Move.OBJECT, order, moment, related=objection.id)
            )
            remember(tx, request_id, "object", digest, objection.id)
        return objection

    def uphold(self, objection_id: str, changes: Changes, **order: Unpack[Order]) -> Licence:
        """Uphold an objection: the licence is corrected (更正), its history kept.

        Returns:
            The corrected version.

        Raises:
            RegisterError: There is no such objection, or it was decided before.
            ForbiddenMoveError: The licence's state allows no correction, or no reason is given.
            FieldsError: The correction does not fit the type.
            RequestConflictError: The request id was used with other content.
        """
        at, request_id = order.get("at") or self._clock(), order.get("request_id")
        digest = order_digest(objection_id, order, changes=asked_changes(changes))
        with self._register.transaction() as tx:
            # (1) A retry gets the version that it already made.
            if (known := earlier_result(tx, request_id, "uphold", digest)) is not None:
                return tx.licence(known)
            # (2) It waits for a decision.
            objection = _open_objection(tx, objection_id)
            # (3) Correction and decision stand or fall together.
            new = self._granting.replace_in(
                tx, objection.licence_id, Move.CORRECT, changes, order, at
            )
            decided = _decided(objection, ObjectionState.UPHELD, order, at)
            tx.decide_objection(replace(decided, correction=str(new.id)))
            remember(tx, request_id, "uphold", digest, str(new.id))
        return new

    def dismiss(self, objection_id: str, **order: Unpack[Order]) -> Objection:
        """Dismiss an objection, with the reason.

        Raises:
            RegisterError: There is no such objection, or it was decided before.
            ForbiddenMoveError: No reason is given.
            RequestConflictError: The request id was used with other content.
        """
        at, request_id = order.get("at") or self._clock(), order.get("request_id")
        digest = order_digest(objection_id, order)
        with self._register.transaction() as tx:
            if earlier_result(tx, request_id, "dismiss", digest) is not None:
                return tx.objection(objection_id)
            objection = _open_objection(tx, objection_id)
            decided = _decided(objection, ObjectionState.DISMISSED, order, at)
            tx.decide_objection(decided)
            tx.add_event(
                event_of(objection.licence_id, Move.DISMISS, order, at, related=objection.id)
            )
            remember(tx, request_id, "dismiss", digest, objection.id)
        return decided

    def one(self, objection_id: str) -> Objection:
        """Return one objection.

        Raises:
            RegisterError: There is none with this id.
        """
        with self._register.view() as view:
            return view.objection(objection_id)

    def of(self, licence_id: LicenceId | str) -> tuple[Objection, ...]:
        """Return the objections to a licence, oldest first."""
        with self._register.view() as view:
            return tuple(view.objections(str(licence_id)))

    def open(self) -> tuple[Objection, ...]:
        """Return all objections that wait for a decision, oldest first."""
        with self._register.view() as view:
            return tuple(view.objections(only_open=True))


def _open_objection(tx: RegisterTransaction, objection_id: str) -> Objection:
    objection = tx.objection(objection_id)
    if not objection.is_open:
        raise refusals.objection_decided(objection_id)
    return objection


def _decided(objection: Objection, state: ObjectionState, order: Order, at: datetime) -> Objection:
    return replace(
        objection, state=state, decided_by=order.get("actor", ""), decided_at=at,
        decision=order.get("reason", ""),
    )  # fmt: skip


def _require_told(objection: Objection, licence: Licence) -> None:
    for name, text in (("异议人", objection.raised_by), ("异议内容", objection.statement)):
        if not 1 <= len(text.strip()) <= MAX_OBJECTION_CHARS:
            raise FormatError(
                f"应为1至{MAX_OBJECTION_CHARS}个字符",
                f"1 to {MAX_OBJECTION_CHARS} characters are needed",
                where=name,
            )  # fmt: skip
    known = {*licence.fields, "证照编号", "持证主体", "持证主体代码", "有效期", "颁发日期"}
    strange = [name for name in objection.fields if name not in known]
    if strange or not objection.fields:
        raise FormatError(
            "这份证照上没有所指的信息", "the licence has no such field",
            where="异议所指", fix_zh=f"可选：{'、'.join(sorted(known))}",
            fix_en=f"there are: {', '.join(sorted(known))}",
        )  # fmt: skip
