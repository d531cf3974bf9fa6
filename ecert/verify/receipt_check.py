"""Checks chains of receipts: every signature, every link, every column beside a receipt.

(1) Each receipt is signed by a key of the window, in force when the code was checked.
(2) Numbers run from 1 without gaps, and each receipt names the hash of the one before.
(3) What a receipt is found by is what it says.
(4) The chain ends where its head says, and holds the heads that were noted down elsewhere.
    A window that is asked for by name has a head, and every head has a window's name.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from ecert.errors import FormatError, ParseError, TrustError
from ecert.model.characters import require_visible
from ecert.verify.receipt import GENESIS, ReceiptHead
from ecert.verify.receipts import StoredReceipt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from ecert.sign.keys import PublicKey
    from ecert.verify.receipts import ReceiptView
    from ecert.verify.signed_receipt import SignedReceipt

MAX_FINDINGS: Final = 100
"""More are counted, but not told one by one."""
PROGRESS_EVERY: Final = 1_000


class ReceiptKey(NamedTuple):
    """A key that signs, or signed, a window's receipts."""

    public: PublicKey
    valid_from: datetime
    valid_until: datetime | None = None
    """From this moment on it may not."""

    def covers(self, at: datetime) -> bool:
        """Tell whether it was in force."""
        return self.valid_from <= at and (self.valid_until is None or at < self.valid_until)


class ReceiptFault(StrEnum):
    """What a check of receipts can find."""

    DAMAGED = "damaged"
    UNKNOWN_KEY = "unknown-key"
    KEY_NOT_IN_FORCE = "key-not-in-force"
    SIGNATURE = "signature"
    GAP = "gap"
    BROKEN_CHAIN = "broken-chain"
    INDEX_CHANGED = "index-changed"
    STRAY_INDEX = "stray-index"
    HEAD_CHANGED = "head-changed"
    CUT_SHORT = "cut-short"

    @property
    def zh(self) -> str:
        """What it means, in Chinese."""
        return _FAULTS[self][0]

    @property
    def en(self) -> str:
        """What it means, in English."""
        return _FAULTS[self][1]


_FAULTS: Final = {
    ReceiptFault.DAMAGED: ("回执损坏", "the receipt is damaged"),
    ReceiptFault.UNKNOWN_KEY: (
        "签名密钥不是本窗口登记的",
        "it is signed with a key that is not registered",
    ),
    ReceiptFault.KEY_NOT_IN_FORCE: (
        "核验时签名密钥不在有效期内",
        "its key was not in force when the code was checked",
    ),
    ReceiptFault.SIGNATURE: ("回执的签名不符", "the signature does not fit"),
    ReceiptFault.GAP: ("回执缺号", "a receipt is missing"),
    ReceiptFault.BROKEN_CHAIN: ("回执链断开", "the chain of hashes is broken"),
    ReceiptFault.INDEX_CHANGED: (
        "检索信息与回执内容不符",
        "what it is found by is not what it says",
    ),
    ReceiptFault.STRAY_INDEX: (
        "有检索信息不属于任何回执",
        "an entry of the index belongs to no receipt",
    ),
    ReceiptFault.HEAD_CHANGED: (
        "链头与最后一份回执不符（末尾可能被删去）",
        "the head is not the last receipt's: the end may have been taken away",
    ),
    ReceiptFault.CUT_SHORT: (
        "回执链中没有以前记下的链头",
        "the chain does not contain the head that was noted down",
    ),
}


class ReceiptFinding(NamedTuple):
    """One thing that is wrong, and where."""

    fault: ReceiptFault
    window: str
    number: int
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ReceiptReport:
    """What a check of receipts found.

    Attributes:
        receipts: How many were checked.
        heads: Where each window's chain ends: note them down elsewhere.
        findings: What is wrong, at most `MAX_FINDINGS`.
        more: How many further findings there are.
    """

    receipts: int
    heads: tuple[ReceiptHead, ...]
    findings: tuple[ReceiptFinding, ...]
    more: int

    @property
    def clean(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings


def check_receipts(
    view: ReceiptView,
    keys: Iterable[ReceiptKey],
    *,
    window: str | None = None,
    noted: Iterable[str] = (),
    progress: Callable[[int], None] | None = None,
) -> ReceiptReport:
    """Check all receipts, or those of one window.

    Args:
        view: The receipts, as they are at one moment.
        keys: Those of the windows, ended ones among them.
        window: Only this one's; it is expected to have a chain.
        noted: Heads that were noted down before; the chains must contain each of them.
        progress: Told every `PROGRESS_EVERY` receipts how many were checked.

    Raises:
        StoreError: They cannot be read.
    """
    check = _Check(keys, noted)
    for stored in view.walk(window):
        check.take(stored)
        if progress is not None and check.count % PROGRESS_EVERY == 0:
            progress(check.count)
    heads = view.heads()
    check.end([head for head in heads if window in {None, head.window}])
    for head in heads:
        if not _is_name(head.window):
            check.found(ReceiptFault.HEAD_CHANGED, head.window, head.number)
    if window is not None:
        _look_around(check, view, window, heads)
    # Of one window alone they cannot be told apart.
    elif strays := view.strays():
        check.found(ReceiptFault.STRAY_INDEX, "", 0, str(strays))
    return check.report()


def _look_around(
    check: _Check, view: ReceiptView, window: str, heads: Sequence[ReceiptHead]
) -> None:
    """Tell what makes one window's chain look empty: its head is gone, or another's name."""
    if not check.count and window not in {head.window for head in heads}:
        check.found(ReceiptFault.HEAD_CHANGED, window, 0)
    # Receipts of a chain without a head are of no window: they may be of this one.
    if window and next(iter(view.walk("")), None) is not None:
        check.found(ReceiptFault.HEAD_CHANGED, "", 0)


def _is_name(window: str) -> bool:
    try:
        require_visible(window, FormatError, where="window")
    except FormatError:
        return False
    return bool(window)


class _Check:
    def __init__(self, keys: Iterable[ReceiptKey], noted: Iterable[str]) -> None:
        self.count = 0
        self._keys = {key.public.kid: key for key in keys}
        self._noted = {one: False for one in noted if one != GENESIS}
        self._heads: dict[str, ReceiptHead] = {}
        self._findings: list[ReceiptFinding] = []
        self._more = 0

    def found(self, fault: ReceiptFault, window: str, number: int, detail: str = "") -> None:
        if len(self._findings) < MAX_FINDINGS:
            self._findings.append(ReceiptFinding(fault, window, number, detail))
        else:
            self._more += 1

    def report(self) -> ReceiptReport:
        heads = tuple(head for _, head in sorted(self._heads.items()))
        return ReceiptReport(self.count, heads, tuple(self._findings), self._more)

    def take(self, stored: StoredReceipt) -> None:
        window, number = stored.window, stored.number
        self.count += 1
        before = self._heads.get(window, ReceiptHead(window))
        if gap := number != before.number + 1:
            self.found(ReceiptFault.GAP, window, before.number + 1)
        try:
            signed = stored.open()
        except ParseError as error:
            self.found(ReceiptFault.DAMAGED, window, number, error.where)
            # The next one cannot name the hash of what is no longer there.
            self._heads[window] = ReceiptHead(window, number, "")
            return
        self._signature(signed, window, number)
        if StoredReceipt.of(signed) != stored:
            self.found(ReceiptFault.INDEX_CHANGED, window, number)
        digest = signed.digest
        # What is missing or damaged cannot be the one that this names.
        if not gap and before.digest and signed.receipt.previous != before.digest:
            self.found(ReceiptFault.BROKEN_CHAIN, window, number)
        if digest in self._noted:
            self._noted[digest] = True
        self._heads[window] = ReceiptHead(window, number, digest)

    def end(self, heads: Sequence[ReceiptHead]) -> None:
        told = {head.window: head for head in heads}
        for window in sorted(told.keys() | self._heads.keys()):
            last = self._heads.get(window, ReceiptHead(window))
            if told.get(window, ReceiptHead(window)) != last:
                self.found(ReceiptFault.HEAD_CHANGED, window, last.number)
        for digest, seen in self._noted.items():
            if not seen:
                self.found(ReceiptFault.CUT_SHORT, "", 0, digest)

    def _signature(self, signed: SignedReceipt, window: str, number: int) -> None:
        key = self._keys.get(signed.kid)
        if key is None:
            self.found(ReceiptFault.UNKNOWN_KEY, window, number, signed.kid)
            return
        if not key.covers(signed.receipt.at):
            self.found(ReceiptFault.KEY_NOT_IN_FORCE, window, number, signed.kid)
        try:
            signed.verify([key.public])
        except TrustError:
            self.found(ReceiptFault.SIGNATURE, window, number)
