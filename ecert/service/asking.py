"""What a clerk asks of a holder (向持证人申请出示): which types, what for, and how it was answered.

Nothing of a request is kept between two looks at it: whoever asks says it again, so that any
process of a service may answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from ecert import limits
from ecert.errors import FormatError, MatterError, RegionError
from ecert.reasons import Reason
from ecert.service.settlements import Settlements
from ecert.show.online import is_online
from ecert.workspace.online_window import OnlineWindow, as_one

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from ecert.service.counter import Counter
    from ecert.service.entered import Entered
    from ecert.verify.verdict import Verdict
    from ecert.verify.verifier import Verifier
    from ecert.workspace import Workspace
    from ecert.workspace.checking import Check

# What may pass while the holder still reads.
_PASSING: Final = frozenset({None, Reason.SERVICE_UNREACHABLE, Reason.SERVICE_BUSY})
# What the holder has said, once and for all.
_ANSWERS: Final = frozenset({Reason.OK, Reason.CONSENT_DECLINED})


class AskedType(NamedTuple):
    """A licence type that may be asked for, by its code, and what it is called here."""

    code: str
    name: str


class Wish(NamedTuple):
    """What a clerk asks a holder for.

    Attributes:
        code: The digits of the code that the holder opened.
        types: The licence types, by code or name.
        entered: Matter and case number.
        cause: What it is used for (使用事由); words made of the matter if left out.
    """

    code: str
    types: tuple[str, ...]
    entered: Entered
    cause: str | None = None


class Settled(NamedTuple):
    """The end of a request.

    Attributes:
        check: The answer and its receipt, as of a scan.
        said: What the holder said: see `OnlineWindow.look`.
        types: What was asked for, in the order of the verdict's parts.
        again: Whether it was told before.
    """

    check: Check
    said: Reason | None
    types: tuple[AskedType, ...]
    again: bool = False


class Asking:
    """Requests of one window to holders; every method may be called from several threads.

    Args:
        workspace: The window's workspace.
        verifier: Who judges.
        counter: Who keeps receipts, and says what things are for.
    """

    def __init__(self, workspace: Workspace, verifier: Verifier, counter: Counter) -> None:
        self._workspace = workspace
        self._verifier = verifier
        self._counter = counter
        self._matters = workspace.matters
        self._settlements: Settlements[Settled] = Settlements()

    def types(self, matter: str, *, at: datetime) -> tuple[AskedType, ...]:
        """Return the types that a matter needs, or that a list recognises for it; perhaps none."""
        region = self._workspace.settings.region
        try:
            request = self._matters.request(matter, region, at=at)
        except (MatterError, RegionError):
            return ()
        needed = [one.type for need in request.matter.needs for one in need.licences]
        listed = [
            one.entry.source.type for one in request.entries
            if one.matter is not None or not request.is_scene
        ]  # fmt: skip
        codes = dict.fromkeys([*needed, *listed])
        return tuple(self._named(code) for code in codes)[: limits.MAX_CONSENT_TYPES]

    def begin(self, wish: Wish, *, clerk: str, at: datetime) -> Settled | tuple[AskedType, ...]:
        """Ask; returns what was asked for once the holder can read it, else why nobody can.

        Raises:
            FormatError: No online code, or matter, case number or cause are missing.
            CatalogueError: There is no such type.
            EcertError: A receipt is required, and cannot be kept.
        """
        types, codes, window = self._read(wish, at)
        purpose = self._counter.purpose(wish.entered, clerk, cause=wish.cause)
        begun = window.begin(wish.code, codes, purpose, matter=wish.entered.matter)
        if begun is None:
            return types
        check = self._checked(wish, clerk, at, lambda: begun)
        return Settled(check, begun.reason, types)

    def answer(
        self, wish: Wish, *, clerk: str, last: bool, at: datetime
    ) -> Settled | Reason | None:
        """Look whether the holder has answered, and settle it if so.

        What the holder has said is settled once.  For a minute the same clerk is told it again, in
        this process; after that, and in others, that it was settled.

        Args:
            wish: As it was begun.
            clerk: Who asks.
            last: Whether nobody waits any longer: then it is settled, whatever there is.
            at: The time.

        Returns:
            What was settled; otherwise why there is no answer yet: None, or what may pass.

        Raises:
            FormatError: It was settled before; or as `begin`.
            EcertError: As `begin`.
        """
        key = wish, clerk
        if (found := self._settlements.find(key, at=at)) is not None:
            if not found.is_over and not last:
                return None
            if (done := found.wait()) is not None:
                return done._replace(again=True)
        types, codes, window = self._read(wish, at)
        purpose = self._counter.purpose(wish.entered, clerk, cause=wish.cause)
        said = window.look(wish.code)
        if said in _PASSING and not last:
            return said

        def fetch() -> Verdict:
            matter = wish.entered.matter
            return as_one(window.settle(wish.code, codes, purpose, matter=matter, said=said))

        def settle() -> Settled:
            # Fetched when its receipt can be kept, and not before: it can be had once.
            return Settled(self._checked(wish, clerk, at, fetch), said, types)

        return self._settlements.settle(key, settle, at=at) if said in _ANSWERS else settle()

    def _checked(self, wish: Wish, clerk: str, at: datetime, fetch: Callable[[], Verdict]) -> Check:
        return self._counter.take(wish.code, wish.entered, clerk=clerk, fetch=fetch, at=at)

    def _read(
        self, wish: Wish, at: datetime
    ) -> tuple[tuple[AskedType, ...], Sequence[str], OnlineWindow]:
        if not is_online(wish.code):
            raise FormatError(
                "这不是持证人的申请码（32 位数字），或没有读全",
                "not the holder's code of 32 digits, or not all of it", where="code",
                fix_zh="请持证人在“我的证照”的“授权”中生成申请码，再扫一次",
                fix_en="Ask the holder to make one in My licences, Consent, and scan it again",
            )  # fmt: skip
        types = tuple(
            dict.fromkeys(self._found(one, wish.entered.matter, at) for one in wish.types)
        )
        codes = [one.code for one in types]
        return types, codes, OnlineWindow(self._workspace, self._verifier, at=at)

    def _found(self, text: str, matter: str | None, at: datetime) -> AskedType:
        known = self._workspace.catalogue.get(text)
        if known is not None:
            return AskedType(known.code, known.name)
        # A list may speak of a type that nothing is known of here but its code.
        for one in self.types(matter, at=at) if matter else ():
            if text == one.code:
                return one
        return self._named(self._workspace.catalogue.require(text).code)

    def _named(self, code: str) -> AskedType:
        known = self._workspace.catalogue.get(code)
        return AskedType(code, code if known is None else known.name)
