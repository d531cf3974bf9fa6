"""What a clerk does at the counter beside looking: check, show a number, take an objection."""

from __future__ import annotations

import logging
import threading
from functools import partial
from typing import TYPE_CHECKING, Final

from ecert.errors import FormatError, MatterError, PictureError
from ecert.online.purpose import AccessPurpose
from ecert.service.asking import Asking
from ecert.service.entered import Entered
from ecert.show.online import OnlineCode, is_online
from ecert.workspace.checking import Check, UnreadPicture
from ecert.workspace.named_checks import NamedChecks
from ecert.workspace.objections import ObjectionDesk
from ecert.workspace.online_window import OnlineWindow
from ecert.workspace.receipts import without_receipt
from ecert.workspace.show_services import ShowServices

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from ecert.service.plain_desk import PlainCheck
    from ecert.verify.challenges import HeldChallenge
    from ecert.verify.verdict import Verdict
    from ecert.workspace import Workspace
    from ecert.workspace.named_checks import NamedCheck
    from ecert.workspace.objections import TakenObjection

# What stands for the code of a scene, which no table of matters has.
_NO_CODE: Final = "-"
_LOG: Final = logging.getLogger("ecert.service")


class Counter:
    """The counter of one window; every method may be called from several threads.

    Args:
        workspace: The window's workspace.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._keeping = threading.Lock()
        # Made once, here: a cached property made by two threads at once would be made twice.
        self._checks = workspace.checks
        self._verifier = workspace.verifier
        self._objections = ObjectionDesk(workspace)
        self.asking = Asking(workspace, self._verifier, self)
        self._named = NamedChecks(workspace.receipts)

    @property
    def window(self) -> int | None:
        """The window's number in its hall, if it shows numbers to be answered."""
        return self._verifier.window

    @property
    def keeps_receipts(self) -> bool:
        """Whether a check with a case number leaves a receipt here."""
        return self._workspace.settings.receipts != "off"

    def open_key(self, *, at: datetime) -> None:
        """Open the receipt key, where receipts are kept.

        Raises:
            CustodyError: There is none, or it cannot be opened.
        """
        if self.keeps_receipts:
            self._workspace.receipts.signer(at).unlock()

    def check(
        self,
        scanned: str | bytes,
        entered: Entered,
        *,
        clerk: str | None,
        keep: bool = False,
        at: datetime,
    ) -> Check:
        """Judge scanned digits, the text of a licence file, or the code in a picture.

        An online code is fetched from the show service that the settings name for its region.
        The receipt is kept where the settings or ``keep`` say so, with the clerk's name; a check
        without one is remembered for a while, so that an objection can name it.

        Raises:
            FormatError: An online code needs a matter, a case number and a clerk, and one is
                missing.
            ScannerMissingError: The extra ``scan`` is not installed.
            StoreError: The memory of used codes refuses; nothing is accepted then.
            EcertError: A receipt is required, and cannot be kept: see `CheckDesk.check`.
        """
        read = _read(scanned)
        fetch = self._fetching(read, entered, clerk, at)
        return self.take(read, entered, clerk=clerk, keep=keep, fetch=fetch, at=at)

    def take(
        self,
        scanned: str | UnreadPicture,
        entered: Entered,
        *,
        clerk: str | None,
        keep: bool = False,
        fetch: Callable[[], Verdict] | None,
        at: datetime,
    ) -> Check:
        """Judge what was scanned, or what ``fetch`` brings of it, and keep the receipt or a name.

        Raises:
            EcertError: As `check`.
        """
        check = self._judged(scanned, entered, clerk, keep=keep, fetch=fetch, at=at)
        if check.receipt is not None or clerk is None:
            return check
        return check._replace(named=self._named.note(check.verdict, clerk=clerk))

    def _judged(
        self,
        scanned: str | UnreadPicture,
        entered: Entered,
        clerk: str | None,
        *,
        keep: bool,
        fetch: Callable[[], Verdict] | None,
        at: datetime,
    ) -> Check:
        matter, case, challenge = entered
        if not (self.keeps_receipts or keep):
            return self._checks.check(
                scanned, matter=matter, challenge=challenge, keep=False, fetch=fetch, at=at
            )
        checked = partial(
            self._checks.check, scanned, matter=matter, challenge=challenge, case=case,
            clerk=clerk, fetch=fetch, at=at,
        )  # fmt: skip
        if fetch is not None:
            # Other windows do not wait for a network.
            check = checked()
        else:
            # A chain is written by one at a time in any case, and its key is opened once.
            with self._keeping:
                check = checked()
        if check.fault is not None:
            _LOG.error("no receipt was kept: %s", check.fault.en)
        return check

    def case_copy(self, check: Check | PlainCheck) -> str:
        """Return the case copy (存卷件) of an accepted check; it holds personal data.

        Raises:
            EcertError: See `ReceiptDesk.case_copy`.
        """
        if not isinstance(check, Check):
            raise without_receipt()
        return self._workspace.receipts.case_copy(check)

    def challenge(self, *, at: datetime) -> HeldChallenge:
        """Give out a number for this window to show; the next code answers it, once.

        Raises:
            FormatError: The window has no number.
            StoreError: The database refuses.
        """
        if self.window is None:
            raise FormatError(
                "还不知道这是几号窗口", "this window has no number yet", where="window",
                fix_zh="请在 ecert.toml 中写 window = 编号",
                fix_en="Write window = NUMBER into ecert.toml",
            )  # fmt: skip
        return self._verifier.challenge(at=at)

    def take_objection(
        self,
        named: NamedCheck,
        fields: Sequence[str],
        *,
        raised_by: str,
        statement: str,
        evidence: str,
        clerk: str,
        request: str | None = None,
        at: datetime,
    ) -> TakenObjection:
        """Record that somebody finds something wrong on a licence that was checked here.

        Raises:
            FormatError: This window has made no such check of late, or a text lacks its form.
            EcertError: See `NamedChecks.licence` and `ObjectionDesk.take`.
        """
        licence_id = self._named.licence(named, clerk=clerk, at=at)
        return self._objections.take(
            licence_id, fields, raised_by=raised_by, statement=statement, evidence=evidence,
            clerk=clerk, receipt=named.receipt, request=request, at=at,
        )  # fmt: skip

    # -- online codes -------------------------------------------------------------------------

    def _fetching(
        self, scanned: str | UnreadPicture, entered: Entered, clerk: str | None, at: datetime
    ) -> Callable[[], Verdict] | None:
        """Return how to fetch what lies behind an online code; None if nothing is to be."""
        if isinstance(scanned, UnreadPicture) or entered.challenge is not None:
            return None
        if not is_online(scanned):
            return None
        region = OnlineCode.parse(scanned).region
        if ShowServices.read(self._workspace.path).get(region) is None:
            return None  # nothing can be asked for, so nobody has to say what for
        purpose = self.purpose(entered, clerk)
        window = OnlineWindow(self._workspace, self._verifier, at=at)
        return lambda: window.verify(scanned, purpose, matter=entered.matter)

    def purpose(
        self, entered: Entered, clerk: str | None, *, cause: str | None = None
    ) -> AccessPurpose:
        """Return what the holder will read about it.

        Raises:
            FormatError: Matter, case number or clerk is missing, or a word is of the wrong form.
        """
        if not entered.matter or not entered.case or not clerk:
            raise FormatError(
                "在线码须写明用途，供持证人查看：请先填写事项和办件编号，再扫一次",
                "an online code needs a purpose: enter matter and case number, then scan again",
                where="case",
            )
        return AccessPurpose.read(
            {
                "orgName": self._workspace.settings.name,
                "username": clerk,
                "itemName": entered.matter,
                "itemCode": self._code_of(entered.matter),
                "businessCode": entered.case,
                "useCause": cause or f"窗口核验：{entered.matter}",
            }
        )

    def _code_of(self, matter: str) -> str:
        try:
            region = self._workspace.settings.region
            return self._workspace.matters.catalogue.require(matter, region).code
        except MatterError:
            return _NO_CODE


def _read(scanned: str | bytes) -> str | UnreadPicture:
    """Return the code in a picture, or that it was looked through in vain: no other waits for it.

    Raises:
        ParseError: What the picture holds has too many digits for any code.
    """
    if isinstance(scanned, str):
        return scanned
    from ecert.show import scan  # noqa: PLC0415 - the decoder is loaded when used

    try:
        return scan.read(scanned)
    except PictureError as error:
        return UnreadPicture(scanned, error)
