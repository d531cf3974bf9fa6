"""Objections at a window (异议): into the register, or kept for the office that issued."""

from __future__ import annotations

import hashlib
import json
import secrets
from typing import TYPE_CHECKING, Any, NamedTuple

from ecert.errors import UnknownLicenceError
from ecert.model.identifiers import LicenceId
from ecert.store.window_objections import SQLWindowObjections, WindowObjection

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ecert.workspace.workspace import Workspace


class TakenObjection(NamedTuple):
    """An objection that a window has taken."""

    id: str
    own: bool
    """Whether it is in this office's own register; else it is kept, to be sent."""


class ObjectionDesk:
    """Takes objections at the window of a workspace.

    Args:
        workspace: Whose; where it issues the licence itself, its register takes the objection.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._kept = SQLWindowObjections(workspace.engine)

    def take(
        self,
        licence_id: str,
        fields: Sequence[str],
        *,
        raised_by: str,
        statement: str,
        evidence: str = "",
        clerk: str,
        receipt: int | None = None,
        request: str | None = None,
        at: datetime,
    ) -> TakenObjection:
        """Record that somebody finds something on a licence wrong.

        Args:
            licence_id: One that this window has recorded: see `NamedChecks.licence`.
            fields: What is found wrong, as it is called on the licence.
            raised_by: Who says so.
            statement: What is wrong, and what would be right.
            evidence: What it rests on.
            clerk: Who takes it; in the own register this stands in the licence's life.
            receipt: Number of the check's receipt in this window's chain, where there is one.
            request: Makes a retry of this clerk safe.
            at: Now.

        Raises:
            LicenceIdError: That is no licence id.
            FormatError: A text is empty or too long, or the licence has no such field.
            RequestConflictError: The request was used with other content.
            StoreError: The database refuses.
        """
        named = str(LicenceId.parse(licence_id))
        window = self._workspace.receipts.window
        key = None if request is None else _key(window, clerk, request)
        if self._is_own(named):
            objection = self._workspace.issuer.objections.raise_objection(
                named, fields, raised_by=raised_by, statement=statement, evidence=evidence,
                taken_by=clerk, document="" if receipt is None else f"{window} 核验回执 {receipt}",
                request_id=None if key is None else f"objection:{key}", at=at,
            )  # fmt: skip
            return TakenObjection(objection.id, own=True)
        kept = WindowObjection(
            id=secrets.token_hex(6).upper() if key is None else key[:12].upper(),
            licence_id=named, fields=tuple(fields), raised_by=raised_by, raised_at=at,
            statement=statement, evidence=evidence, window=window, clerk=clerk,
        )  # fmt: skip
        self._kept.add(kept)
        return TakenObjection(kept.id, own=False)

    def kept(self, *, only_new: bool = False) -> Sequence[WindowObjection]:
        """Return what is kept for other offices, the oldest first.

        Raises:
            StoreError: The database refuses.
        """
        return self._kept.all(only_new=only_new)

    def export(self, kept: Sequence[WindowObjection]) -> dict[str, Any]:
        """Return what the issuing offices are sent, by the code of each."""
        offices: dict[str, list[dict[str, Any]]] = {}
        for one in kept:
            plain = one.to_dict()
            del plain["exported"]
            offices.setdefault(LicenceId.parse(one.licence_id).issuer, []).append(plain)
        return {"offices": [{"issuer": code, "objections": of} for code, of in offices.items()]}

    def mark_exported(self, kept: Sequence[WindowObjection], *, at: datetime) -> None:
        """Note that they were written out.

        Raises:
            StoreError: The database refuses.
        """
        self._kept.mark_exported([one.id for one in kept], at=at)

    def _is_own(self, licence_id: str) -> bool:
        if self._workspace.settings.code is None:
            return False
        with self._workspace.register.view() as view:
            try:
                view.licence(licence_id)
            except UnknownLicenceError:
                return False
        return True


def _key(window: str, clerk: str, request: str) -> str:
    # Two clerks' pages may think of the same; and the own register knows other requests too.
    return hashlib.sha256(json.dumps([window, clerk, request]).encode()).hexdigest()
