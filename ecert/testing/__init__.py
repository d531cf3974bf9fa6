"""For the tests of applications that use ecert: a small demonstration world, and bad codes.

pytest finds the fixtures by itself (`ecert.testing.plugin`).  Everything is under demonstration
keys, which whatever is not in demo mode refuses.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ecert.testing.bad_codes import BAD_CODES, BadCode
    from ecert.testing.world import DemoClock, DemoWorld

_HOMES = {
    "BAD_CODES": "ecert.testing.bad_codes",
    "BadCode": "ecert.testing.bad_codes",
    "DemoClock": "ecert.testing.world",
    "DemoWorld": "ecert.testing.world",
}

__all__ = ["BAD_CODES", "BadCode", "DemoClock", "DemoWorld"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'ecert.testing' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
