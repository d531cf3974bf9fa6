"""The receipts of a window: their key, their chain, finding them, replaying them."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from ecert import __version__
from ecert.errors import CustodyError, FormatError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from ecert.clock import Clock
    from ecert.verify.case_copy import CaseCopy
    from ecert.verify.policy import Policy
    from ecert.verify.presentation import Presented
    from ecert.verify.receipt import Receipt, ReceiptHead
    from ecert.verify.receipt_check import ReceiptKey, ReceiptReport
    from ecert.verify.receipt_replay import Replay
    from ecert.verify.receipts import ReceiptQuery, ReceiptStore, StoredReceipt
    from ecert.verify.signed_receipt import SignedReceipt
    from ecert.verify.verdict import Verdict
    from ecert.workspace.checking import Check, Checking
    from ecert.workspace.keyfiles import KeyEntry
    from ecert.workspace.unlocking import LockedKey

SOFTWARE = f"ecert {__version__}"


class ProvenCopy(NamedTuple):
    """A case copy (存卷件) whose signatures were proven."""

    copy: CaseCopy
    receipt: SignedReceipt


class ReceiptDesk:
    """The receipts of one workspace.

    Args:
        workspace: Whose.
        clock: Where the time comes from.
    """

    def __init__(self, workspace: Checking, clock: Clock) -> None:
        self._workspace = workspace
        self._clock = clock
        self._signers: dict[str, LockedKey] = {}

    @property
    def window(self) -> str:
        """The name of this window, which its receipts carry."""
        settings = self._workspace.settings
        return settings.window_name or settings.name

    @cached_property
    def store(self) -> ReceiptStore:
        """Where they are kept."""
        from ecert.store.receipts import SQLReceipts

        return SQLReceipts(self._workspace.engine)

    # -- the key ------------------------------------------------------------------------------

    @property
    def keys(self) -> tuple[ReceiptKey, ...]:
        """The keys that sign receipts or have signed them, oldest first."""
        from ecert.verify.receipt_check import ReceiptKey

        return tuple(
            ReceiptKey(entry.public, entry.valid_from, entry.valid_until)
            for entry in self._workspace.keys.of("receipt")
        )

    def signer(self, at: datetime) -> LockedKey:
        """Return the key that signs receipts at ``at``, still locked.

        Raises:
            CustodyError: There is none.
        """
        keys = self._workspace.keys
        # A window runs for months, and its key is rolled over by another program.
        keys.refresh()
        active = [entry for entry in keys.of("receipt") if entry.state(at) == "active"]
        if not active:
            raise CustodyError(
                "没有签回执的密钥", "there is no key for receipts", where="receipt",
                fix_zh="请用 ecert receipt key new 生成", fix_en="Make one: ecert receipt key new",
            )  # fmt: skip
        newest = active[-1]
        # Opening a key file takes a hundred times as long as a signature.
        return self._signers.setdefault(newest.public.kid, keys.signer(newest))

    def new_key(
        self,
        passphrase: Callable[[], str],
        *,
        alg: str | None = None,
        valid_from: datetime | None = None,
    ) -> KeyEntry:
        """Make the first key for receipts, or the next one; the one in force ends when it begins.

        What ended keys have signed stays provable: the keyring keeps them.

        Args:
            passphrase: Asked for the first key's; the next has the passphrase of the one before.
            alg: The suite; by default that of the key before, or of the settings.
            valid_from: When it begins; with the next second by default.  The first begins now.

        Raises:
            FormatError: ``valid_from`` has passed, or is not after the newest key's.
            CustodyError: A key cannot be opened, made or written.
        """
        keys, settings, at = self._workspace.keys, self._workspace.settings, self._clock()
        keys.refresh()
        if keys.of("receipt"):
            # Keys change at whole seconds; what the old one signs in this one still counts.
            start = valid_from or at.replace(microsecond=0) + timedelta(seconds=1)
            return keys.roll_over("receipt", valid_from=start, at=at, alg=alg)
        from ecert.workspace.creation import require_passphrase
        from ecert.workspace.keyfiles import DEMO_PASSPHRASE

        secret = DEMO_PASSPHRASE if settings.demo else passphrase()
        if not settings.demo:
            require_passphrase(secret)
        return keys.add_first("receipt", secret, at=at, alg=alg or settings.alg)

    # -- keeping ------------------------------------------------------------------------------

    def keep(
        self,
        verdict: Verdict,
        presented: Presented,
        signer: LockedKey,
        *,
        policy: Policy,
        clerk: str | None,
        case: str | None,
        challenge: str | None,
    ) -> SignedReceipt:
        """Sign the receipt of a verdict as the next of this window's chain, and keep it.

        Raises:
            StoreError: It cannot be kept.
        """
        from ecert.verify.receipt import receipt_of
        from ecert.verify.signed_receipt import sign_receipt

        draft = receipt_of(
            verdict, presented, window=self.window, known=self._workspace.knowledge.in_force,
            policy=policy, software=SOFTWARE, clerk=clerk, case=case,
            challenge=challenge,
        )  # fmt: skip
        (kept,) = self.store.append(
            self.window, lambda head: (sign_receipt(draft.after(head), signer),)
        )
        return kept

    def case_copy(self, check: Check) -> str:
        """Return the case copy (存卷件) of an accepted check: it holds personal data.

        Raises:
            NotAcceptedError: The verdict is not `accepted`.
            FormatError: The check has no receipt, or names no case.
            CustodyError: There is no key for receipts, or it cannot be opened.
        """
        from ecert.verify.case_copy import make_case_copy

        check.verdict.require_accepted()
        if check.receipt is None or check.receipt.receipt.case is None:
            raise without_receipt()
        signer = self.signer(check.verdict.at)
        return make_case_copy(check.verdict, check.receipt, check.presented, signer)

    # -- looking ------------------------------------------------------------------------------

    def find(self, query: ReceiptQuery) -> Sequence[StoredReceipt]:
        """Return receipts; see `ReceiptStore.find`."""
        return self.store.find(query)

    def require(self, number: int, window: str | None = None) -> StoredReceipt:
        """Return one receipt, of this window by default.

        Raises:
            FormatError: There is none of this number.
        """
        found = self.store.get(window or self.window, number)
        if found is None:
            raise FormatError(
                "没有这份回执", "there is no such receipt",
                where=f"{window or self.window} {number}",
                fix_zh="请用 ecert receipt list 查看", fix_en="See ecert receipt list",
            )  # fmt: skip
        return found

    def heads(self) -> Sequence[ReceiptHead]:
        """Return where each window's chain ends: note it down where the window cannot write."""
        with self.store.view() as view:
            return view.heads()

    def verify(
        self,
        *,
        window: str | None = None,
        noted: Iterable[str] = (),
        progress: Callable[[int], None] | None = None,
    ) -> ReceiptReport:
        """Check all receipts, or those of one window; see `check_receipts`.

        Raises:
            StoreError: They cannot be read.
        """
        from ecert.verify.receipt_check import check_receipts

        with self.store.view() as view:
            return check_receipts(view, self.keys, window=window, noted=noted, progress=progress)

    # -- replaying ----------------------------------------------------------------------------

    def prove(self, signed: SignedReceipt) -> Receipt:
        """Return what a receipt says, if a key of this workspace signed it while in force.

        Raises:
            SignatureError: None did.
        """
        said = signed.receipt
        signed.verify([key.public for key in self.keys if key.covers(said.at)])
        return said

    def prove_copy(self, token: str) -> ProvenCopy:
        """Return a case copy whose signatures and hashes fit.

        Raises:
            ParseError: It is damaged, or put together from two.
            SignatureError: A signature does not fit.
        """
        from ecert.verify.case_copy import open_case_copy

        copy = open_case_copy(token)
        keys = [key.public for key in self.keys if key.covers(copy.made)]
        return ProvenCopy(copy, copy.verify(token, keys))

    def replay(self, receipt: Receipt, presentation: str) -> Replay:
        """Verify the same presentation again; see `replay_receipt`.

        Raises:
            FormatError: The presentation is another, or cannot be replayed.
            ParseError: The receipt names rules of another version of the program.
        """
        from ecert.verify.receipt_replay import replay_receipt

        knowledge = self._workspace.knowledge
        past = knowledge.as_of(receipt.at)
        return replay_receipt(receipt, presentation, past=past, today=knowledge, at=self._clock())


def without_receipt() -> FormatError:
    """Return the error for a case copy of a check that left no receipt, or names no case."""
    return FormatError(
        "存卷件要有办件编号和回执", "a case copy needs a case number and a receipt",
        where="case", fix_zh="请给出办件编号", fix_en="Give the case number",
    )  # fmt: skip
