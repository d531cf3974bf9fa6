"""The door as a function: a question goes in, an answer comes out, through the same bytes."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeAlias

import orjson
import pytest

from ecert.conformance.door import Door

Ask: TypeAlias = Callable[..., dict[str, Any]]


@pytest.fixture
def ask() -> Ask:
    """Ask one door, whose books last for the test."""
    door = Door()

    def asked(op: str, **parameters: Any) -> dict[str, Any]:
        line = json.dumps({"op": op, **parameters}, ensure_ascii=False).encode()
        answer: dict[str, Any] = orjson.loads(orjson.dumps(door.answer(line)))
        return answer

    return asked
