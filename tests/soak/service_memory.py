"""A hundred thousand codes at one worker: what it holds in memory afterwards is what it held early.

Every code is a fresh one and is accepted once.  The service's clock goes on between the rounds,
so that the memory of used codes forgets what has run out, as on any day.
"""

from __future__ import annotations

import http.client
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import sample
from window_service import AT, ServedWindow

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

CLIENTS: Final = 4
ROUNDS: Final = 10
"""Memory is noted after each; the first tenth warms caches, pools and the allocator."""
PAUSE: Final = timedelta(seconds=120)
"""Between rounds: the codes of the round before have run out then."""
_MIB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class ServiceMemory:
    """What came out.

    Attributes:
        verified: How many codes were accepted, all of them.
        early_mib: The worker's resident memory after a tenth.
        late_mib: The same after all.
        most_mib: The most after any round.
        grown_mib: What it has grown in between.
    """

    verified: int
    early_mib: float
    late_mib: float
    most_mib: float
    grown_mib: float


def verify_many(folder: Path, *, count: int, receipts: str = "off") -> ServiceMemory:
    """Verify ``count`` codes and return what the worker's memory did.

    Args:
        folder: Where.
        count: How many codes.
        receipts: The window's setting ``receipts``.
    """
    resident: list[float] = []
    each = count // ROUNDS
    with ServedWindow(folder, receipts=receipts) as window:
        for turn in range(ROUNDS):
            moment = AT + turn * PAUSE
            window.tell(moment)
            codes = list(window.codes(each, made=moment))
            with ThreadPoolExecutor(CLIENTS) as pool:
                shares = [codes[place::CLIENTS] for place in range(CLIENTS)]
                assert sum(pool.map(lambda share: _post(window, share), shares)) == each
            resident.append(window.resident / _MIB)
    return ServiceMemory(
        verified=each * ROUNDS, early_mib=resident[0], late_mib=resident[-1],
        most_mib=max(resident), grown_mib=resident[-1] - resident[0],
    )  # fmt: skip


def require_steady(memory: ServiceMemory, *, most_mib: float) -> None:
    """Require that it has not grown by more than ``most_mib`` mebibytes.

    Raises:
        AssertionError: It has.
    """
    assert memory.grown_mib <= most_mib, f"grown by {memory.grown_mib:.1f} MiB: {memory}"


def _post(window: ServedWindow, codes: Sequence[str]) -> int:
    connection = http.client.HTTPConnection(urlsplit(window.address).netloc, timeout=60)
    headers = window.headers | {"content-type": "application/json"}
    for code in codes:
        body = json.dumps({"code": code, "matter": sample.MATTER})
        connection.request("POST", "/api/verify", body=body, headers=headers)
        answer = connection.getresponse()
        told = json.loads(answer.read())
        assert (answer.status, told.get("reason")) == (200, "ok"), (answer.status, told)
    connection.close()
    return len(codes)
