"""The raw signing rate of several cores at once: as many processes, each in a bare loop."""

from __future__ import annotations

import multiprocessing
from time import perf_counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from multiprocessing.synchronize import Barrier

SECONDS = 3.0
_ROUND = 500


def raw_rate(processes: int, size: int, *, seconds: float = SECONDS) -> float:
    """Return how many P-256 signatures a second all processes make together.

    Args:
        processes: How many sign side by side.
        size: Bytes of each message.
        seconds: How long they sign.
    """
    context = multiprocessing.get_context("spawn")
    start, results = context.Barrier(processes), context.Queue()
    crew = [
        context.Process(target=_sign, args=(start, results, size, seconds))
        for _ in range(processes)
    ]
    for process in crew:
        process.start()
    rates = [results.get() for _ in crew]
    for process in crew:
        process.join()
    return float(sum(rates))


def _sign(start: Barrier, results: Any, size: int, seconds: float) -> None:
    # The parent, which only waits, does not load it.
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    key, scheme = ec.generate_private_key(ec.SECP256R1()), ec.ECDSA(hashes.SHA256())
    message = b"x" * size
    start.wait()
    begin, count = perf_counter(), 0
    while perf_counter() - begin < seconds:
        for _ in range(_ROUND):
            key.sign(message, scheme)
        count += _ROUND
    results.put(count / (perf_counter() - begin))
