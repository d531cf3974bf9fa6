"""Which desk a request is for, and who sits at it: given to a router where it is included."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from fastapi import Depends, HTTPException, Request

from ecert.limits import MAX_NAME_CHARS
from ecert.service.authentication import REFUSED
from ecert.store.tokens import AccessToken

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime

    from ecert.interop.matters.matter import Matter
    from ecert.service.desk import KnownAge
    from ecert.service.entered import Entered
    from ecert.service.plain_desk import PlainCheck
    from ecert.verify.verdict import Verdict
    from ecert.workspace.checking import Check


class WindowDesk(Protocol):
    """What the API of a window asks; see `ecert.service.desk.Desk`."""

    def now(self) -> datetime:
        """Return the machine's time."""

    def check(
        self, scanned: str | bytes, entered: Entered, *, clerk: str | None
    ) -> Check | PlainCheck:
        """Judge what was scanned."""

    def case_copy(self, check: Check | PlainCheck) -> str:
        """Return the case copy of an accepted check."""

    def matters(self, text: str) -> Sequence[Matter]:
        """Return the matters that fit what a clerk has typed."""

    def scenes(self, text: str) -> list[str]:
        """Return scenes that hold ``text``."""

    def known(self) -> tuple[KnownAge, ...]:
        """Return the age of every list."""

    def window(self) -> dict[str, Any]:
        """Return whose window this is."""


@dataclass(frozen=True, slots=True)
class Seat:
    """One request's place.

    Attributes:
        desk: What it asks.
        clerk: Who asks, as receipts name them.
        count: Told every verdict.
    """

    desk: WindowDesk
    clerk: str
    count: Callable[[Verdict], None]


def seat(
    desk: WindowDesk,
    sign_in: Callable[..., Any],
    count: Callable[[Verdict], None] = lambda _: None,
    *,
    count_for: Callable[[Any], Callable[[Verdict], None]] | None = None,
) -> Callable[..., Awaitable[None]]:
    """Return the dependency that gives a router its desk and lets in whom ``sign_in`` lets in.

    Args:
        desk: What requests ask.
        sign_in: A dependency of FastAPI.  It returns an access token or the name of who asks, and
            raises for whoever may not.
        count: Told every verdict.
        count_for: In the place of ``count``: given what ``sign_in`` returned, it returns what is
            told the verdicts of this caller.
    """

    # Not `Annotated`: an annotation is read where ``sign_in`` is not in sight.  Async, though it
    # waits for nothing: a plain function would be sent to a thread of its own.
    async def take(request: Request, who: Any = Depends(sign_in)) -> None:
        request.state.ecert_seat = Seat(
            desk, clerk_of(who), count if count_for is None else count_for(who)
        )

    return take


def seat_of(request: Request) -> Seat:
    """Return the place of a request; a router that was given no desk answers nothing.

    Raises:
        RuntimeError: The router was included without `seat`.
    """
    found = getattr(request.state, "ecert_seat", None)
    if not isinstance(found, Seat):
        raise RuntimeError("this router was given no desk and no sign-in: see seat()")  # noqa: TRY004
    return found


def clerk_of(who: object) -> str:
    """Return the name that a sign-in gives.

    Raises:
        HTTPException: 401; it let nobody in: None or an empty name.
        TypeError: It gives something else than a token or a name.
    """
    name = who.name if isinstance(who, AccessToken) else who
    if name is None or name == "":
        raise HTTPException(401, REFUSED)
    if not isinstance(name, str):
        raise TypeError("a sign-in returns an access token or the clerk's name")
    if len(name) > MAX_NAME_CHARS:
        raise HTTPException(401, REFUSED)
    return name
