"""Recognition lists that two people decide on at the page, each step with its line in the trail."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, insert, select, update

from ecert.errors import RegisterError
from ecert.store.register import SQLTransaction
from ecert.store.tables import list_proposal

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from sqlalchemy import Connection, Row

    from ecert.issuers.records import OfficeEvent
    from ecert.store.engine import Engine


class ProposalState(StrEnum):
    """What has become of a proposed list."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    IN_FORCE = "in-force"
    WITHDRAWN = "withdrawn"
    REJECTED = "rejected"


OPEN: Final = frozenset({ProposalState.PROPOSED, ProposalState.ACCEPTED})
"""Somebody has still to do something about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListProposal:
    """A list that somebody has proposed.

    Attributes:
        id: Its name here.
        state: What has become of it.
        slot: Which list it would become.
        title: The list's title.
        version: Its version.
        digest: SHA-256 in hex of what is signed.
        base: The digest of the list in force that it was compared with; empty if there was none.
        draft: What is signed.
        signed: The envelope with the signatures so far; empty before the first.
        file: The workbook's name, as the browser told it.
        source: What it was made of, a `DraftSource` as JSON.
        proposer: Who has proposed it.
        proposer_token: The id of that person's token.
        proposed: When.
        decider: Who has accepted it; empty before.
        decider_token: The id of that person's token.
        decided: When.
        ended_by: Who has ended it: by the last signature, by withdrawing or rejecting it.
        ended: When.
    """

    id: str
    state: ProposalState
    slot: str
    title: str
    version: int
    digest: str
    base: str
    draft: bytes
    signed: bytes = b""
    file: str
    source: str
    proposer: str
    proposer_token: str
    proposed: datetime
    decider: str = ""
    decider_token: str = ""
    decided: datetime | None = None
    ended_by: str = ""
    ended: datetime | None = None


_COLUMNS: Final = [list_proposal.c[name] for name in ListProposal.__slots__]
_ONE: Final = select(*_COLUMNS).where(list_proposal.c.id == bindparam("key"))
_NEWEST: Final = (
    select(*_COLUMNS).order_by(list_proposal.c.seq.desc()).limit(bindparam("most"))
)  # fmt: skip
_ADD: Final = insert(list_proposal)


class SQLListProposals:
    """The proposals in a database: every process and machine of the office sees the same.

    Args:
        engine: The database.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def get(self, key: str) -> ListProposal | None:
        """Return the proposal of that id, or None.

        Raises:
            StoreError: The database refuses.
        """
        with self._engine.read() as connection:
            row = connection.execute(_ONE, {"key": key}).one_or_none()
        return None if row is None else _proposal(row)

    def newest(self, most: int) -> tuple[ListProposal, ...]:
        """Return the newest ones, the last first.

        Raises:
            StoreError: The database refuses.
        """
        with self._engine.read() as connection:
            found = connection.execute(_NEWEST, {"most": most})
            return tuple(_proposal(row) for row in found)

    def add(self, proposal: ListProposal, act: OfficeEvent) -> None:
        """Keep a new one and the act, both or neither.

        Raises:
            StoreError: The database refuses.
        """
        with self._engine.write() as connection:
            connection.execute(_ADD, asdict(proposal) | {"state": proposal.state.value})
            _record(connection, act)

    def change(self, before: ListProposal, act: OfficeEvent, **values: Any) -> ListProposal:
        """Change one and record the act, if it is still as it was read.

        Args:
            before: As it was read.
            act: What is done.
            **values: What changes: attributes of `ListProposal`.

        Raises:
            RegisterError: Somebody else has done something about it meanwhile.
            StoreError: The database refuses.
        """
        table = list_proposal.c
        statement = (
            update(list_proposal)
            .where(
                table.id == before.id,
                table.state == before.state.value,
                table.signed == before.signed,
            )
            .values({name: _kept(value) for name, value in values.items()})
        )
        with self._engine.write() as connection:
            if not connection.execute(statement).rowcount:
                raise RegisterError(
                    "刚才已有人处理过", "somebody has dealt with it meanwhile", where=before.title,
                    fix_zh="请刷新后再看", fix_en="Look again",
                )  # fmt: skip
            _record(connection, act)
            row = connection.execute(_ONE, {"key": before.id}).one()
            return _proposal(row)


def _record(connection: Connection, act: OfficeEvent) -> None:
    trail = SQLTransaction(connection)
    try:
        trail.add_office_event(act)
        trail.seal()
    finally:
        trail.close()


def _kept(value: Any) -> Any:
    return value.value if isinstance(value, ProposalState) else value


def _proposal(row: Row[Any]) -> ListProposal:
    plain = dict(zip(ListProposal.__slots__, row, strict=True))
    return ListProposal(**(plain | {"state": ProposalState(plain["state"])}))
