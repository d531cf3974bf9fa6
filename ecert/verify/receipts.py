"""Where receipts are kept: the port that a database fulfils, and one in memory."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final, Protocol

from ecert import limits
from ecert.errors import FormatError
from ecert.verify.receipt import ReceiptHead
from ecert.verify.signed_receipt import SignedReceipt, open_receipt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    Write = Callable[[ReceiptHead], Sequence[SignedReceipt]]
    """Given the end of a chain, returns the signed receipts that follow it, in their order."""

FIRST: Final = ("", 0)
"""Before the first receipt of the first window."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredReceipt:
    """A receipt as it is kept: its text, and beside it what it is found by.

    Attributes:
        window: The window's name; empty if its chain is gone.
        number: Its number.
        at: When the code was checked.
        case: The case number, if there is one.
        outcome: The answer.
        licences: The licence ids, in alphabetical order.
        token: The signed receipt.
    """

    window: str
    number: int
    at: datetime
    case: str | None
    outcome: str
    licences: tuple[str, ...]
    token: str

    @classmethod
    def of(cls, signed: SignedReceipt) -> StoredReceipt:
        """Return a signed receipt as it is to be kept."""
        said = signed.receipt
        return cls(
            window=said.window, number=said.number, at=said.at, case=said.case,
            outcome=said.outcome.value, licences=tuple(sorted(said.licences)), token=signed.token,
        )  # fmt: skip

    def open(self) -> SignedReceipt:
        """Take the signed receipt apart; nothing in it is proven.

        Raises:
            ParseError: It is damaged.
        """
        return open_receipt(self.token)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptQuery:
    """Which receipts are wanted: all that fit everything that is given.

    Attributes:
        window: Of this window.
        case: With this case number (办件编号), exactly.
        licence: About this licence id.
        outcome: With this answer.
        since: Checked at this moment or later.
        until: Checked before this moment.
        after: Behind this one, in the order of windows and numbers.
        limit: At most so many.

    Raises:
        FormatError: ``limit`` is out of range.
    """

    window: str | None = None
    case: str | None = None
    licence: str | None = None
    outcome: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    after: tuple[str, int] = FIRST
    limit: int = 100

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= limits.MAX_RECEIPTS_FOUND:
            raise FormatError(
                f"应为 1 至 {limits.MAX_RECEIPTS_FOUND}",
                f"1 to {limits.MAX_RECEIPTS_FOUND} are handed out at a time", where="limit",
            )  # fmt: skip

    def fits(self, one: StoredReceipt) -> bool:
        """Tell whether a receipt is wanted."""
        return (
            self.window in {None, one.window}
            and self.case in {None, one.case}
            and (self.licence is None or self.licence in one.licences)
            and self.outcome in {None, one.outcome}
            and (self.since is None or one.at >= self.since)
            and (self.until is None or one.at < self.until)
            and (one.window, one.number) > self.after
        )


class ReceiptView(Protocol):
    """All receipts as they are at one moment."""

    def heads(self) -> Sequence[ReceiptHead]:
        """Return where every window's chain ends, by the windows' names."""
        ...

    def walk(self, window: str | None = None) -> Iterator[StoredReceipt]:
        """Return all receipts, or those of one window, by window and number.

        Those of the window ``""`` are of chains whose heads are gone.
        """
        ...

    def strays(self) -> int:
        """Return how many entries of the indexes belong to no receipt."""
        ...


class ReceiptStore(Protocol):
    """Keeps the receipts of one or several windows, each in a chain of its own."""

    def append(self, window: str, write: Write) -> Sequence[SignedReceipt]:
        """Add what ``write`` makes of the end of the window's chain, and return it.

        One step: nobody else adds to the chain meanwhile, and either all of it is kept or none.

        Raises:
            StoreError: They cannot be kept.
        """
        ...

    def get(self, window: str, number: int) -> StoredReceipt | None:
        """Return one receipt."""
        ...

    def find(self, query: ReceiptQuery) -> Sequence[StoredReceipt]:
        """Return receipts, by window and number."""
        ...

    def view(self) -> AbstractContextManager[ReceiptView]:
        """Open a view that sees one moment and holds up nobody."""
        ...


class ReceiptsInHand(ReceiptView):
    """A view of receipts that are all in memory.

    Args:
        kept: The receipts.
        heads: Where their chains end.
    """

    def __init__(self, kept: Iterable[StoredReceipt], heads: Iterable[ReceiptHead]) -> None:
        self._kept = sorted(kept, key=lambda one: (one.window, one.number))
        self._heads = tuple(sorted(heads))

    def heads(self) -> Sequence[ReceiptHead]:
        """See `ReceiptView.heads`."""
        return self._heads

    def walk(self, window: str | None = None) -> Iterator[StoredReceipt]:
        """See `ReceiptView.walk`."""
        return (one for one in self._kept if window in {None, one.window})

    def strays(self) -> int:
        """See `ReceiptView.strays`: there are no indexes."""
        return 0


class MemoryReceipts(ReceiptStore):
    """Receipts of one process, lost with it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._heads: dict[str, ReceiptHead] = {}
        self._kept: dict[tuple[str, int], StoredReceipt] = {}

    def append(self, window: str, write: Write) -> Sequence[SignedReceipt]:
        """See `ReceiptStore.append`."""
        with self._lock:
            head = self._heads.get(window, ReceiptHead(window))
            made = require_next(head, write(head))
            self._kept |= {(window, one.receipt.number): StoredReceipt.of(one) for one in made}
            if made:
                self._heads[window] = made[-1].head
            return made

    def get(self, window: str, number: int) -> StoredReceipt | None:
        """See `ReceiptStore.get`."""
        return self._kept.get((window, number))

    def find(self, query: ReceiptQuery) -> Sequence[StoredReceipt]:
        """See `ReceiptStore.find`."""
        with self.view() as view:
            found = (one for one in view.walk(query.window) if query.fits(one))
            return tuple(islice(found, query.limit))

    @contextmanager
    def view(self) -> Iterator[ReceiptView]:
        """See `ReceiptStore.view`."""
        with self._lock:
            now = ReceiptsInHand(self._kept.values(), self._heads.values())
        yield now


def require_next(head: ReceiptHead, made: Sequence[SignedReceipt]) -> Sequence[SignedReceipt]:
    """Require receipts that follow ``head`` one after the other.

    Raises:
        ValueError: Whoever made them did not look at the head.
    """
    for one in made:
        said = one.receipt
        if (said.window, said.number - 1, said.previous) != head:
            raise ValueError("a receipt does not follow the head that it was given")
        head = one.head
    return made
