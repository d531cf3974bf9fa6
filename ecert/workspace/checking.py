"""What a window does with a scan: checks it, and keeps the receipt where the settings say so."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ecert import limits
from ecert.errors import EcertError, FormatError, PictureError
from ecert.model.characters import require_visible

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from ecert.clock import Clock
    from ecert.store.engine import Engine
    from ecert.verify.knowledge import Knowledge
    from ecert.verify.presentation import Presented
    from ecert.verify.signed_receipt import SignedReceipt
    from ecert.verify.verdict import Verdict
    from ecert.verify.verifier import Verifier
    from ecert.workspace.hall import HallDesk
    from ecert.workspace.keyfiles import KeyFolder
    from ecert.workspace.receipts import ReceiptDesk
    from ecert.workspace.settings import Settings
    from ecert.workspace.unlocking import LockedKey


class Checking:
    """The part of a `Workspace` that is about checks and their receipts."""

    settings: Settings
    _clock: Clock

    if TYPE_CHECKING:

        @property
        def engine(self) -> Engine: ...  # noqa: D102

        @property
        def keys(self) -> KeyFolder: ...  # noqa: D102

        @property
        def knowledge(self) -> Knowledge: ...  # noqa: D102

        @property
        def verifier(self) -> Verifier: ...  # noqa: D102

    @cached_property
    def checks(self) -> CheckDesk:
        """Checks at this window, each with its receipt where the settings say so."""
        return self.checks_by(self.verifier)

    def checks_by(self, verifier: Verifier) -> CheckDesk:
        """Return checks by another verifier of this window: other rules, another number."""
        return CheckDesk(self, verifier, self._clock)

    @cached_property
    def receipts(self) -> ReceiptDesk:
        """The receipts (核验回执) of this window."""
        from ecert.workspace.receipts import ReceiptDesk

        return ReceiptDesk(self, self._clock)

    @cached_property
    def hall(self) -> HallDesk:
        """The hall that this workspace's database belongs to."""
        from ecert.workspace.hall import HallDesk

        return HallDesk(self, self._clock)


class Check(NamedTuple):
    """One check: the answer, and what was kept of it."""

    verdict: Verdict
    presented: Presented
    receipt: SignedReceipt | None = None
    """Its receipt; None if none is kept, or if it could not be."""
    fault: EcertError | None = None
    """Why it could not be kept, where the settings give the answer out all the same."""
    named: str | None = None
    """Its name in the window's memory, where it has no receipt: see `NamedChecks`."""


class UnreadPicture(NamedTuple):
    """A picture in which no code was read: to look once more would take as long, in vain."""

    data: bytes
    error: PictureError


class CheckDesk:
    """Checks at one window.

    Args:
        workspace: Whose.
        verifier: Who judges.
        clock: Where the time comes from.
    """

    def __init__(self, workspace: Checking, verifier: Verifier, clock: Clock) -> None:
        self._workspace = workspace
        self._verifier = verifier
        self._clock = clock

    def check(
        self,
        scanned: str | bytes | Path | UnreadPicture,
        *,
        matter: str | None = None,
        case: str | None = None,
        clerk: str | None = None,
        challenge: str | None = None,
        keep: bool | None = None,
        fetch: Callable[[], Verdict] | None = None,
        at: datetime | None = None,
    ) -> Check:
        """Check what was scanned, and keep the receipt.

        With ``receipts = "required"`` no answer is given out whose receipt cannot be kept: the
        error is raised in its place, and the holder makes another code.

        Args:
            scanned: The digits of a code, the text of a file credential, or a picture, which may
                have been looked through in vain before.
            matter: The service matter or scene.
            case: The case number (办件编号).
            clerk: Who checks.
            challenge: The number that this window showed.
            keep: Whether to keep a receipt; by default as the settings say, and always where a
                case or a clerk is named.
            fetch: For an online code: fetches what lies behind it, and judges that.
            at: The time of the check; now by default.

        Raises:
            FormatError: A text lacks its form, or a receipt is required and nobody is named.
            CustodyError: A receipt is required, and there is no key for it.
            StoreError: A receipt is required, and cannot be kept.
        """
        at = at or self._clock()
        setting = self._workspace.settings.receipts
        named = case is not None or clerk is not None
        keep = (named or setting != "off") if keep is None else keep or setting == "required"
        if not keep:
            verdict, presented = self._verify(scanned, matter, challenge, at, fetch)
            return Check(verdict, presented)
        # (1) Whatever would make the receipt fail is looked at before the code is used up.
        require_texts(matter=matter, case=case, clerk=clerk, challenge=challenge)
        required = setting == "required"
        if required and clerk is None:
            raise _nobody()
        signer, fault = self._signer(at, required=required)
        # (2) The answer.
        verdict, presented = self._verify(scanned, matter, challenge, at, fetch)
        if signer is None:
            return Check(verdict, presented, fault=fault)
        # (3) Its receipt.
        return self._kept(
            verdict, presented, signer,
            required=required, clerk=clerk, case=case, challenge=challenge,
        )  # fmt: skip

    def _kept(
        self,
        verdict: Verdict,
        presented: Presented,
        signer: LockedKey,
        *,
        required: bool,
        clerk: str | None,
        case: str | None,
        challenge: str | None,
    ) -> Check:
        try:
            receipt = self._workspace.receipts.keep(
                verdict, presented, signer, policy=self._verifier.policy, clerk=clerk, case=case,
                challenge=challenge,
            )  # fmt: skip
        except EcertError as error:
            if required:
                raise
            return Check(verdict, presented, fault=error)
        return Check(verdict, presented, receipt)

    def _signer(
        self, at: datetime, *, required: bool
    ) -> tuple[LockedKey | None, EcertError | None]:
        try:
            signer = self._workspace.receipts.signer(at)
            signer.unlock()
        except EcertError as error:
            if required:
                raise
            return None, error
        return signer, None

    def _verify(
        self,
        scanned: str | bytes | Path | UnreadPicture,
        matter: str | None,
        challenge: str | None,
        at: datetime,
        fetch: Callable[[], Verdict] | None = None,
    ) -> tuple[Verdict, Presented]:
        from ecert.verify.presentation import (
            is_file,
            presented_code,
            presented_file,
            presented_online,
        )

        # What lies behind an online code answers no window's number: it is not fetched then.
        if fetch is not None and challenge is None:
            return fetch(), presented_online(str(scanned))

        verifier = self._verifier
        if isinstance(scanned, UnreadPicture):
            return self._verify_unread(scanned, matter, at)
        if isinstance(scanned, bytes | Path):
            return self._verify_picture(scanned, matter, challenge, at)
        if is_file(scanned):
            verdict = verifier.verify_file(scanned, matter=matter, challenge=challenge, at=at)
            return verdict, presented_file(scanned)
        verdict = verifier.verify(scanned, matter=matter, challenge=challenge, at=at)
        return verdict, presented_code(scanned)

    def _verify_picture(
        self, picture: bytes | Path, matter: str | None, challenge: str | None, at: datetime
    ) -> tuple[Verdict, Presented]:
        from ecert.show import scan

        try:
            code = scan.read(picture)
        except PictureError as error:
            data = picture if isinstance(picture, bytes) else picture.read_bytes()
            return self._verify_unread(UnreadPicture(data, error), matter, at)
        return self._verify(code, matter, challenge, at)

    def _verify_unread(
        self, picture: UnreadPicture, matter: str | None, at: datetime
    ) -> tuple[Verdict, Presented]:
        from ecert.verify.presentation import presented_picture

        verdict = self._verifier.judge_unread(picture.error, matter=matter, at=at)
        return verdict, presented_picture(picture.data)


def require_texts(
    *, matter: str | None, case: str | None, clerk: str | None, challenge: str | None
) -> None:
    """Require texts that a receipt can hold.

    Raises:
        FormatError: One is empty, too long, or holds characters that nobody sees.
    """
    for name, text, most in (
        ("matter", matter, limits.MAX_NAME_CHARS),
        ("case", case, limits.MAX_CASE_CHARS),
        ("clerk", clerk, limits.MAX_NAME_CHARS),
        ("challenge", challenge, limits.MAX_CHALLENGE_CHARS),
    ):
        if text is None:
            continue
        if not 1 <= len(text.strip()) <= len(text) <= most:
            raise FormatError(
                f"应为1至{most}个字符", f"1 to {most} characters are needed", where=name
            )
        require_visible(text, FormatError, where=name)


def _nobody() -> FormatError:
    return FormatError(
        "本窗口的核验必须留存回执，请写明核验人", "receipts are required here: say who checks",
        where="clerk", fix_zh="请给出核验人（--clerk）", fix_en="Name the clerk (--clerk)",
    )  # fmt: skip
