"""Bad codes, each with what it must come to: for a window, show them all and compare.

``BAD_CODES`` names makers.  A maker brings a `DemoWorld` to where its code is bad (time passes, a
licence is revoked, a code is shown twice) and returns the code.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from ecert.issuers.issuer import Issuer
from ecert.reasons import Outcome, Reason
from ecert.show import digits
from ecert.testing.world import DRIVING, MATTER

if TYPE_CHECKING:
    from collections.abc import Callable

    from ecert.testing.world import DemoWorld


@dataclass(frozen=True, slots=True)
class BadCode:
    """One bad code (样例坏码) and what it must come to.

    Attributes:
        name: Its name in `BAD_CODES`.
        code: What is scanned.
        reason: The reason; ``reason.number`` is what the clerk reads out.
        matter: The matter that it is shown for.
    """

    name: str
    code: str
    reason: Reason
    matter: str = MATTER

    @property
    def outcome(self) -> Outcome:
        """The outcome; never `accepted`."""
        return self.reason.outcome


_ORDER: Final = {"reason": "样例", "document": "样例〔2026〕1号"}


def _altered(world: DemoWorld, place: Callable[[bytes], int]) -> str:
    kind, data = digits.decode(world.code())
    if not isinstance(data, bytes):
        raise TypeError("an online code has no bytes")
    at = place(data)
    return digits.encode(kind, data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])


def _tampered(world: DemoWorld) -> str:
    """Somebody wrote another name into the licence."""
    return _altered(world, lambda data: data.index("张伟".encode()) + 5)


def _other_holder(world: DemoWorld) -> str:
    """The holder's own signature does not fit."""
    return _altered(world, lambda data: len(data) - 1)


def _incomplete(world: DemoWorld) -> str:
    return world.code()[:-9]


def _address(_: DemoWorld) -> str:
    return "https://example.invalid/?code=1"


def _huge(_: DemoWorld) -> str:
    return "1" * 5000


def _stale(world: DemoWorld) -> str:
    code = world.code()
    world.clock.advance(minutes=5)
    return code


def _early(world: DemoWorld) -> str:
    licence = world.licences[DRIVING].id
    return world.wallet.show(licence, at=world.clock() + timedelta(minutes=10)).text


def _replayed(world: DemoWorld) -> str:
    code = world.code()
    world.verifier.verify(code, matter=MATTER).require_accepted()
    return code


def _other_window(world: DemoWorld) -> str:
    """It answers the number of another hall's window."""
    return world.code(challenge="12-482913")


def _moved(how: str) -> Callable[[DemoWorld], str]:
    def make(world: DemoWorld) -> str:
        getattr(world.issuer, how)(world.licences[DRIVING].id, **_ORDER)
        world.sync()
        return world.code()

    return make


def _expired(world: DemoWorld) -> str:
    world.issue(valid_until=world.clock().date() + timedelta(days=1))
    world.sync()
    world.clock.advance(days=3)
    # Its lists are of this day, so that nothing else is wrong.
    world.sync()
    return world.code()


def _unknown_issuer(world: DemoWorld) -> str:
    """An issuer of the same province, which is on no list that the window knows."""
    stranger = Issuer.demo("四川省广安市民政局", region="511600", clock=world.clock)
    world.issue(issuer=stranger)
    return world.code()


def _no_status(world: DemoWorld) -> str:
    """The window has not fetched a status list for three days."""
    world.clock.advance(days=3)
    return world.code()


def _not_listed(world: DemoWorld) -> str:
    world.issue(
        "残疾人证", fields={"残疾类别": "视力", "残疾等级": "二级"}, valid_until=date(2031, 6, 1)
    )
    world.sync()
    return world.code("残疾人证")


_MAKERS: Final[dict[str, tuple[Callable[[DemoWorld], str], Reason]]] = {
    "tampered": (_tampered, Reason.SIGNATURE),
    "holder-signature": (_other_holder, Reason.SIGNATURE),
    "unknown-issuer": (_unknown_issuer, Reason.UNKNOWN_ISSUER),
    "stale": (_stale, Reason.CODE_EXPIRED),
    "too-early": (_early, Reason.CODE_FROM_FUTURE),
    "replayed": (_replayed, Reason.REPLAYED),
    "another-window": (_other_window, Reason.AUDIENCE),
    "revoked": (_moved("revoke"), Reason.REVOKED),
    "withdrawn": (_moved("withdraw"), Reason.WITHDRAWN),
    "cancelled": (_moved("cancel"), Reason.CANCELLED),
    "suspended": (_moved("suspend"), Reason.SUSPENDED),
    "expired": (_expired, Reason.EXPIRED),
    "not-recognised": (_not_listed, Reason.TYPE_NOT_LISTED),
    "status-stale": (_no_status, Reason.STATUS_STALE),
    "incomplete-scan": (_incomplete, Reason.INCOMPLETE_SCAN),
    "no-code": (_address, Reason.MALFORMED),
    "too-large": (_huge, Reason.TOO_LARGE),
}


def _maker(name: str) -> Callable[[DemoWorld], BadCode]:
    make, reason = _MAKERS[name]
    return lambda world: BadCode(name, make(world), reason)


def _other_matter(world: DemoWorld) -> BadCode:
    return BadCode("another-matter", world.code(), Reason.MATTER_NOT_COVERED, "图书借阅")


BAD_CODES: Final[dict[str, Callable[[DemoWorld], BadCode]]] = {
    **{name: _maker(name) for name in _MAKERS},
    "another-matter": _other_matter,
}
"""Every bad code by name: a function that brings a world to it."""
