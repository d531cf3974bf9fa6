"""What opens for whom: every route of the service, in one closed table.

A new route needs a line here, or ``test_roles.py`` fails.  The administrator opens everything
that any role opens, and so is in no line.
"""

from __future__ import annotations

from typing import Final

from ecert.workspace.access import Role
from ecert.workspace.sharing.requests import INTERFACES

PUBLIC: Final = "public"
"""Opens without a token; nothing personal, and nothing of the office's, is in it."""
PARTNER: Final = "partner"
"""Takes its token in the body, as provinces do; ``tests/sharing`` says what it opens for whom."""
EVERY_ROLE: Final = frozenset(Role)

_PAGES: Final = dict.fromkeys(
    (
        ("GET", "/"), ("GET", "/lists"), ("GET", "/hall"), ("GET", "/receipts"),
        ("GET", "/static/{name}"), ("GET", "/api/docs"), ("GET", "/published/{name}"),
    ),
    PUBLIC,
)  # fmt: skip
_SESSION: Final = {
    # With a token in the body; without one there is nothing to refuse.
    ("POST", "/api/session"): PUBLIC,
    ("GET", "/api/session"): EVERY_ROLE,
    ("DELETE", "/api/session"): PUBLIC,
}
_WINDOW: Final = {
    ("POST", "/api/verify"): {Role.CLERK},
    ("POST", "/api/verify/picture"): {Role.CLERK},
    ("GET", "/api/window"): {Role.CLERK},
    ("GET", "/api/matters"): {Role.CLERK},
    ("POST", "/api/challenge"): {Role.CLERK},
    ("POST", "/api/objections"): {Role.CLERK},
    ("GET", "/api/consents/types"): {Role.CLERK},
    ("POST", "/api/consents"): {Role.CLERK},
    ("POST", "/api/consents/answer"): {Role.CLERK},
    ("POST", "/api/hall/sign"): {Role.CLERK},
}
_LISTS: Final = dict.fromkeys(
    (
        ("GET", "/api/lists"),
        ("GET", "/api/lists/in-force"),
        ("GET", "/api/lists/template"),
        ("GET", "/api/lists/proposals/{key}"),
        ("GET", "/api/lists/proposals/{key}/{paper}"),
        ("POST", "/api/lists/check"),
        ("POST", "/api/lists/choices"),
        ("POST", "/api/lists/file/{what}"),
        ("POST", "/api/lists/proposals"),
        ("POST", "/api/lists/proposals/{key}/accept"),
        ("POST", "/api/lists/proposals/{key}/end"),
        ("POST", "/api/lists/proposals/{key}/sign"),
        ("POST", "/api/lists/proposals/{key}/signed"),
    ),
    frozenset({Role.LIST_KEEPER}),
)
_HALL: Final = dict.fromkeys(
    (
        ("GET", "/api/hall/day"),
        ("GET", "/api/hall/days"),
        ("GET", "/api/hall/export"),
        ("GET", "/api/hall/lists"),
        ("GET", "/api/hall/windows"),
        ("GET", "/api/receipts"),
        ("GET", "/api/receipts/chain"),
        ("GET", "/api/receipts/export"),
        ("GET", "/api/receipts/keys"),
        ("GET", "/api/receipts/one"),
        ("GET", "/api/receipts/windows"),
        ("POST", "/api/receipts/check"),
        ("POST", "/api/receipts/replay"),
    ),
    frozenset({Role.AUDITOR}),
)
_REGISTER: Final = dict.fromkeys(
    (
        ("GET", "/api/register/objections"),
        ("GET", "/api/register/objections/{objection}"),
        ("POST", "/api/register/objections/{objection}/dismiss"),
        ("POST", "/api/register/objections/{objection}/uphold"),
        ("POST", "/api/register/find"),
        ("POST", "/api/register/issue"),
        ("POST", "/api/register/licence"),
        ("POST", "/api/register/move"),
    ),
    frozenset({Role.ISSUER}),
)
_SHARING: Final = dict.fromkeys(
    (
        ("GET", "/CertShare/file/{number}/{kind}/{day}"),
        *(("POST", f"/CertShare/{name}") for name in INTERFACES),
    ),
    PARTNER,
)
_OPERATION: Final = {
    ("GET", "/health"): PUBLIC,
    ("GET", "/ready"): PUBLIC,
    ("GET", "/metrics"): {Role.AUDITOR},
    ("GET", "/api/openapi.json"): PUBLIC,
}

OPENINGS: Final = _PAGES | _SESSION | _WINDOW | _LISTS | _HALL | _REGISTER | _SHARING | _OPERATION
