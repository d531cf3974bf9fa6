"""What every foreign implementation does here: build its cases, then run a round when asked.

Run as ``python peer_x.py issue`` or ``… verify``.  The first line on stdin is the licence, every
further line asks for a round; each is answered by one JSON line.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from importlib import metadata
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from harness import Case, LocalBench

Licence = dict[str, Any]
"""``claims``; ``hidden`` and ``shown``: paths of what is selectively disclosable, and disclosed."""
CaseMaker = Callable[[Licence], Sequence[Case]]

AUDIENCE = "https://window.invalid/500000"


def new_key() -> ec.EllipticCurvePrivateKey:
    """Return a new P-256 key."""
    return ec.generate_private_key(ec.SECP256R1())


def serve(package: str, issue: CaseMaker, verify: CaseMaker) -> None:
    """Build the cases of the subject named on the command line, and run rounds until EOF."""
    make = {"issue": issue, "verify": verify}[sys.argv[1]]
    bench = LocalBench(package, make(json.loads(sys.stdin.readline())))
    _answer({"title": f"{package} {metadata.version(package)}", "raw": bench.raw})
    for _ in sys.stdin:
        _answer(bench.round())


def _answer(value: object) -> None:
    print(json.dumps(value), flush=True)
