"""Services over HTTP: the clerk's page and its API, the show service; the one room with FastAPI.

`router` and `Recognised` are for applications of others: see ``docs/guides/integrating.md``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ecert.service.embedding import router
    from ecert.service.recognised import Accepted, Recognised, types_of

_HOMES = {
    "Accepted": "ecert.service.recognised",
    "Recognised": "ecert.service.recognised",
    "types_of": "ecert.service.recognised",
    "router": "ecert.service.embedding",
}

__all__ = ["Accepted", "Recognised", "router", "types_of"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'ecert.service' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
