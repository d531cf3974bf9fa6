"""A desk over a verifier alone, without a workspace: no receipts, no list of matters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ecert.model.regions import name_of
from ecert.service.desk import KnownAge, ages_of, scenes_of
from ecert.verify.presentation import is_file
from ecert.workspace.receipts import without_receipt

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from ecert.clock import Clock
    from ecert.interop.matters.matter import Matter
    from ecert.service.entered import Entered
    from ecert.verify.verdict import Verdict
    from ecert.verify.verifier import Verifier
    from ecert.workspace.checking import Check


class PlainCheck(NamedTuple):
    """One check of a plain desk: the answer, and no receipt."""

    verdict: Verdict
    receipt: None = None
    fault: None = None
    named: None = None


class PlainDesk:
    """What a window's API asks, over one verifier; see `ecert.service.seat.WindowDesk`.

    Args:
        verifier: Who judges.  What it knows is its owner's to keep up to date.
        clock: The machine's time.
        name: What the window is called.
    """

    def __init__(self, verifier: Verifier, clock: Clock, *, name: str = "") -> None:
        self._verifier = verifier
        self._clock = clock
        self._name = name

    def now(self) -> datetime:
        """Return the machine's time."""
        return self._clock()

    def check(
        self,
        scanned: str | bytes,
        entered: Entered,
        *,
        clerk: str | None,  # noqa: ARG002 - receipts name them, and none are kept here
    ) -> PlainCheck:
        """Judge scanned digits, the text of a licence file, or the code in a picture.

        Raises:
            ScannerMissingError: The extra ``scan`` is not installed.
        """
        verifier, at = self._verifier, self._clock()
        matter, _, challenge = entered
        judge: Callable[..., Verdict] = verifier.verify
        if isinstance(scanned, bytes):
            judge = verifier.verify_picture
        elif is_file(scanned):
            judge = verifier.verify_file
        return PlainCheck(judge(scanned, matter=matter, challenge=challenge, at=at))

    def case_copy(self, check: Check | PlainCheck) -> str:  # noqa: ARG002 - there is never one
        """Return no case copy.

        Raises:
            FormatError: It rests on a receipt, and none are kept here.
        """
        raise without_receipt()

    def matters(self, text: str) -> tuple[Matter, ...]:  # noqa: ARG002 - there is no list
        """Return no matter: their list is a workspace's."""
        return ()

    def scenes(self, text: str) -> list[str]:
        """Return matters and scenes that recognition lists name, and which hold ``text``."""
        return scenes_of(self._verifier.knowledge, text)

    def known(self) -> tuple[KnownAge, ...]:
        """Return the age of every list, those that end first before the others."""
        return ages_of(self._verifier.knowledge, self.now())

    def window(self) -> dict[str, Any]:
        """Return whose window this is."""
        region = self._verifier.region
        return {
            "name": self._name or name_of(region),
            "region": region,
            "region_name": name_of(region),
            "demo": not self._verifier.knowledge.trust.has_real_roots,
        }
