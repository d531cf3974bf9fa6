"""Receipts in SQL: each window's chain, its end, and what receipts are found by."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    BigInteger,
    Text,
    and_,
    bindparam,
    func,
    insert,
    literal,
    select,
    tuple_,
    update,
)

from ecert.store.as_kept import as_kept, is_whole
from ecert.store.tables import receipt, receipt_licence, receipt_window
from ecert.verify.receipt import ReceiptHead
from ecert.verify.receipts import (
    FIRST,
    ReceiptQuery,
    ReceiptStore,
    ReceiptView,
    StoredReceipt,
    require_next,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Connection, CursorResult, Row, Select

    from ecert.store.engine import Engine
    from ecert.verify.receipts import Write
    from ecert.verify.signed_receipt import SignedReceipt

    Run = Callable[..., CursorResult[Any]]

_PAGE_ROWS: Final = 500
_BEFORE_ALL: Final = -(1 << 62)

_HEADS: Final = select(
    receipt_window.c.seq, as_kept(receipt_window.c.name), as_kept(receipt_window.c.number),
    as_kept(receipt_window.c.digest),
).order_by(receipt_window.c.name)  # fmt: skip
_HEAD: Final = select(receipt_window).where(receipt_window.c.name == bindparam("window"))
_OPEN: Final = insert(receipt_window)
_MOVE: Final = (
    update(receipt_window)
    .where(receipt_window.c.seq == bindparam("chain"))
    .values(number=bindparam("last"), digest=bindparam("hash"))
)
_ADD: Final = insert(receipt)
_ADD_LICENCE: Final = insert(receipt_licence)

# A chain whose head is gone is read too: its receipts are then of no window.
_NAME: Final = func.coalesce(receipt_window.c.name, "")
# Whatever is in a row: one that is damaged is told as damaged, and hides none of the others.
_RECEIPTS: Final[Select[Any]] = select(
    *map(as_kept, receipt.c), as_kept(receipt_window.c.name, optional=True),
).select_from(
    receipt.outerjoin(receipt_window, receipt_window.c.seq == receipt.c.chain)
)  # fmt: skip
_BY_CHAIN: Final = (
    _RECEIPTS.where(
        receipt.c.chain == bindparam("chain", type_=BigInteger),
        receipt.c.number > bindparam("after", type_=BigInteger),
        # Others have no place in a chain, which lacks them; they are told as strays.
        is_whole(receipt.c.number),
    )
    .order_by(receipt.c.number)
    .limit(_PAGE_ROWS)
)
# Chains whose heads are gone: asked so, the many receipts of a chain are not looked at.
_CHAINS: Final = (
    select(receipt.c.chain)
    .where(~receipt.c.chain.in_(select(receipt_window.c.seq)), is_whole(receipt.c.chain))
    .distinct()
)
_LICENCES: Final = (
    select(as_kept(receipt_licence.c.licence), receipt_licence.c.chain, receipt_licence.c.number)
    .where(
        receipt_licence.c.chain == bindparam("chain", type_=BigInteger),
        receipt_licence.c.number.between(
            bindparam("first", type_=BigInteger), bindparam("last", type_=BigInteger)
        ),
    )
    .order_by(receipt_licence.c.number, receipt_licence.c.licence)
)
_ONE: Final = _RECEIPTS.where(
    receipt_window.c.name == bindparam("window", type_=Text),
    receipt.c.number == bindparam("number", type_=BigInteger),
)
_STRAYS: Final = (
    select(func.count())
    .select_from(
        receipt_licence.outerjoin(
            receipt,
            and_(
                receipt.c.chain == receipt_licence.c.chain,
                receipt.c.number == receipt_licence.c.number,
            ),
        )
    )
    .where(receipt.c.number.is_(None))
)
_UNPLACED: Final = (
    select(func.count()).select_from(receipt).where(~is_whole(receipt.c.chain, receipt.c.number))
)


class SQLReceipts(ReceiptStore):
    """A `ReceiptStore` in a database; several processes may append to one window."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def append(self, window: str, write: Write) -> Sequence[SignedReceipt]:
        """See `ReceiptStore.append`.

        Raises:
            StoreError: The database is busy, full, read-only, damaged, or otherwise refuses;
                then nothing of it is kept.
        """
        # The writer's lock stands before the head is read: no two follow the same one.
        with self._engine.write() as connection:
            chain, head = _head(connection, window)
            made = require_next(head, write(head))
            if made:
                _add(connection, chain, made)
                last = made[-1].head
                connection.execute(
                    _MOVE, {"chain": chain, "last": last.number, "hash": last.digest}
                )
            return made

    def get(self, window: str, number: int) -> StoredReceipt | None:
        """See `ReceiptStore.get`."""
        with self._engine.read() as connection:
            rows = connection.execute(_ONE, {"window": window, "number": number}).all()
            return next(iter(_stored(connection.execute, rows)), None)

    def find(self, query: ReceiptQuery) -> Sequence[StoredReceipt]:
        """See `ReceiptStore.find`."""
        with self._engine.read() as connection:
            return tuple(_stored(connection.execute, connection.execute(_asked(query)).all()))

    @contextmanager
    def view(self) -> Iterator[ReceiptView]:
        """See `ReceiptStore.view`."""
        with self._engine.read() as connection:
            yield _SQLView(connection.execute)


class _SQLView(ReceiptView):
    def __init__(self, run: Run) -> None:
        self._run = run

    def heads(self) -> Sequence[ReceiptHead]:
        return tuple(ReceiptHead(row.name, row.number, row.digest) for row in self._run(_HEADS))

    def walk(self, window: str | None = None) -> Iterator[StoredReceipt]:
        names = {row.seq: row.name for row in self._run(_HEADS)}
        chains = set(names) | set(self._run(_CHAINS).scalars())
        for chain in sorted(chains, key=lambda chain: (names.get(chain, ""), chain)):
            if window in {None, names.get(chain, "")}:
                yield from _walk(self._run, chain)

    def strays(self) -> int:
        return sum(int(self._run(asked).scalar_one()) for asked in (_STRAYS, _UNPLACED))


def _head(connection: Connection, window: str) -> tuple[int, ReceiptHead]:
    row = connection.execute(_HEAD, {"window": window}).one_or_none()
    if row is not None:
        return row.seq, ReceiptHead(row.name, row.number, row.digest)
    head = ReceiptHead(window)
    opened = connection.execute(
        _OPEN, {"name": window, "number": head.number, "digest": head.digest}
    )
    key = opened.inserted_primary_key
    if key is None:
        raise RuntimeError("the database did not say which row it has added")
    return int(key[0]), head


def _add(connection: Connection, chain: int, made: Sequence[SignedReceipt]) -> None:
    kept = [StoredReceipt.of(one) for one in made]
    connection.execute(
        _ADD,
        [
            {
                "chain": chain, "number": one.number, "at": one.at, "case_number": one.case,
                "outcome": one.outcome, "token": one.token,
            }
            for one in kept
        ],
    )  # fmt: skip
    licences = [
        {"licence": licence, "chain": chain, "number": one.number}
        for one in kept
        for licence in one.licences
    ]
    if licences:
        connection.execute(_ADD_LICENCE, licences)


def _asked(query: ReceiptQuery) -> Select[Any]:
    asked = _RECEIPTS
    if query.licence is not None:
        asked = asked.join(
            receipt_licence,
            and_(
                receipt_licence.c.chain == receipt.c.chain,
                receipt_licence.c.number == receipt.c.number,
                receipt_licence.c.licence == query.licence,
            ),
        )
    if query.window is not None:
        asked = asked.where(receipt_window.c.name == query.window)
    if query.case is not None:
        asked = asked.where(receipt.c.case_number == query.case)
    if query.outcome is not None:
        asked = asked.where(receipt.c.outcome == query.outcome)
    if query.since is not None:
        asked = asked.where(receipt.c.at >= query.since)
    if query.until is not None:
        asked = asked.where(receipt.c.at < query.until)
    window, number = query.after
    if query.window is not None and window == query.window:
        # So the index of the chain is entered at the number, not walked from its begin.
        asked = asked.where(receipt.c.number > number)
    elif query.after != FIRST:
        asked = asked.where(
            tuple_(_NAME, receipt.c.number) > tuple_(literal(window), literal(number))
        )
    return asked.order_by(_NAME, receipt.c.number).limit(query.limit)


def _walk(run: Run, chain: int) -> Iterator[StoredReceipt]:
    after = _BEFORE_ALL
    while page := run(_BY_CHAIN, {"chain": chain, "after": after}).all():
        yield from _stored(run, page)
        after = page[-1].number


def _stored(run: Run, page: Sequence[Row[Any]]) -> Iterator[StoredReceipt]:
    """Yield the receipts of a page with their licences, asked for together where they lie so."""
    found: dict[tuple[int, int], list[str]] = {}
    for row in _licence_rows(run, page):
        found.setdefault((row.chain, row.number), []).append(row.licence)
    for row in page:
        yield StoredReceipt(
            window=row.name or "",
            number=row.number,
            at=row.at,
            case=row.case_number,
            outcome=row.outcome,
            licences=tuple(found.get((row.chain, row.number), ())),
            token=row.token,
        )


def _licence_rows(run: Run, page: Sequence[Row[Any]]) -> Iterator[Row[Any]]:
    begin = 0
    for place, row in enumerate(page):
        last = place + 1 == len(page)
        if last or (page[place + 1].chain, page[place + 1].number) != (row.chain, row.number + 1):
            within = {"chain": row.chain, "first": page[begin].number, "last": row.number}
            yield from run(_LICENCES, within)
            begin = place + 1
