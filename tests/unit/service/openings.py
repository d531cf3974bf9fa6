"""What opens for whom: every route of the service, in one closed table.

A new route needs a line here, or ``test_roles.py`` fails.  The administrator opens everything
that any role opens, and so is in no line.
"""

from __future__ import annotations

from typing import Final

from ecert.workspace.access import Role

PUBLIC: Final = "public"
"""Opens without a token; nothing personal, and nothing of the office's, is in it."""
EVERY_ROLE: Final = frozenset(Role)

_PAGES: Final = {("GET", "/"): PUBLIC, ("GET", "/static/{name}"): PUBLIC}
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
}
_OPERATION: Final = {
    ("GET", "/health"): PUBLIC,
    ("GET", "/ready"): PUBLIC,
    ("GET", "/metrics"): {Role.AUDITOR},
    ("GET", "/api/openapi.json"): PUBLIC,
}

OPENINGS: Final = _PAGES | _SESSION | _WINDOW | _OPERATION
