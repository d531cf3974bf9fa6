"""gmssl of PyPI, the SM2 of pure Python that is downloaded most.

The first line on stdin is the task, every further line asks for a round.
"""

from __future__ import annotations

import json
import sys
from importlib import metadata
from typing import Any

from gmssl.sm2 import CryptSM2
from harness import LocalBench
from raw_sm2 import foreign, raw_signing, raw_verifying


def main() -> None:
    """Serve rounds of signing, then verifying, until the input ends."""
    task = json.loads(sys.stdin.readline())
    d, message = bytes.fromhex(task["d"]), bytes.fromhex(task["message"])
    key = CryptSM2(private_key=task["d"], public_key=task["point"])
    signature = bytes.fromhex(task["signature"])
    if not key.verify_with_sm3(task["signature"], message):
        raise ValueError("gmssl does not verify our signature")
    cases = {
        "sign": [
            raw_signing(d, message),
            foreign("sign", lambda: key.sign_with_sm3(message)),
        ],
        "verify": [
            raw_verifying(d, message, signature),
            foreign("verify", lambda: key.verify_with_sm3(task["signature"], message)),
        ],
    }
    bench = LocalBench("gmssl", cases[sys.argv[1]])
    _answer({"title": f"gmssl {metadata.version('gmssl')}, pure Python", "raw": bench.raw})
    for _ in sys.stdin:
        _answer(bench.round())


def _answer(value: Any) -> None:
    print(json.dumps(value), flush=True)


if __name__ == "__main__":
    main()
