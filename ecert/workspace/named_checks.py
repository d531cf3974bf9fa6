"""Which check at this window an objection is about: the licence comes from the window's record.

A page or a program names the receipt of a check, or the check itself where no receipt was kept;
it names no licence.  So nobody objects, from a window, to a licence that was not shown there.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Final, NamedTuple

from ecert.errors import FormatError
from ecert.limits import MAX_NAMED_CHECKS, NAMED_CHECK_LIFE
from ecert.reasons import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ecert.verify.verdict import Verdict
    from ecert.workspace.receipts import ReceiptDesk

_ID_BYTES: Final = 16


class NamedCheck(NamedTuple):
    """One licence of one check, as a window names it.

    Attributes:
        receipt: The number of its receipt in this window's chain.
        check: Its name in the window's memory, where no receipt was kept.
        part: Which licence of the code, from 1.
    """

    receipt: int | None = None
    check: str | None = None
    part: int = 1


class _Noted(NamedTuple):
    licences: tuple[str | None, ...]
    clerk: str
    at: datetime


class NamedChecks:
    """The checks of one window that can still be named.

    Args:
        receipts: The window's receipts.
        most: How many checks without a receipt are remembered; the oldest make room.
    """

    def __init__(self, receipts: ReceiptDesk, *, most: int = MAX_NAMED_CHECKS) -> None:
        self._receipts = receipts
        self._most = most
        self._noted: OrderedDict[str, _Noted] = OrderedDict()
        self._lock = threading.Lock()

    def note(self, verdict: Verdict, *, clerk: str) -> str | None:
        """Remember a check that left no receipt; returns its name, None if nothing was accepted."""
        licences = tuple(part.licence_id if part.accepted else None for part in verdict.parts)
        if not any(licences):
            return None
        name = secrets.token_hex(_ID_BYTES)
        with self._lock:
            self._noted[name] = _Noted(licences, clerk, verdict.at)
            while len(self._noted) > self._most:
                self._noted.popitem(last=False)
        return name

    def licence(self, named: NamedCheck, *, clerk: str, at: datetime) -> str:
        """Return the licence id that the window itself has recorded for a check.

        Raises:
            FormatError: This clerk made no such check here of late, or accepted nothing in it.
            ParseError: The receipt is damaged.
            SignatureError: No key of this window has signed the receipt.
            StoreError: The database refuses.
        """
        found = self._of_receipt(named.receipt) if named.check is None else self._of(named.check)
        if found is None or found.clerk != clerk or not _is_recent(found.at, at):
            raise _not_here()
        licence = _nth(found.licences, named.part)
        if licence is None:
            raise _not_accepted()
        return licence

    def _of(self, name: str) -> _Noted | None:
        with self._lock:
            return self._noted.get(name)

    def _of_receipt(self, number: int | None) -> _Noted | None:
        desk = self._receipts
        kept = None if number is None else desk.store.get(desk.window, number)
        if kept is None:
            return None
        said = desk.prove(kept.open())
        # What the columns say is not signed: the receipt itself names window and number.
        if (said.window, said.number, said.clerk is None) != (desk.window, number, False):
            return None
        licences = (
            part.licence if part.outcome is Outcome.ACCEPTED else None for part in said.parts
        )
        return _Noted(tuple(licences), said.clerk or "", said.at)


def _is_recent(made: datetime, at: datetime) -> bool:
    # Neither long ago nor, with a clock set back, from the future.
    return abs(at - made) <= NAMED_CHECK_LIFE


def _nth(licences: Sequence[str | None], part: int) -> str | None:
    return licences[part - 1] if 1 <= part <= len(licences) else None


def _not_here() -> FormatError:
    minutes = int(NAMED_CHECK_LIFE.total_seconds() // 60)
    return FormatError(
        "本窗口近期没有做过这次核验，不能据此提出异议",
        "this window has made no such check of late: no objection can rest on it",
        where="check", fix_zh=f"请持证人重新亮证，核验后{minutes}分钟内提出",
        fix_en=f"Let the holder show the licence again, and object within {minutes} minutes",
    )  # fmt: skip


def _not_accepted() -> FormatError:
    return FormatError(
        "这次核验中没有这份予以认可的证照", "that check has accepted no such licence", where="part",
        fix_zh="只能对核验通过的证照提出异议", fix_en="Object to a licence that was accepted",
    )  # fmt: skip
