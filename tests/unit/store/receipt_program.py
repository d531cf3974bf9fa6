"""A program that keeps receipts at one window, for tests that race it.

``python -m tests.unit.store.receipt_program DATABASE COUNT FIRST`` appends ``COUNT`` receipts, one
by one, with a key of its own, whose JWK is the first line that it prints.
"""

from __future__ import annotations

import json
import sys

from ecert.sign.keys import PrivateKey
from ecert.store.engine import open_engine
from ecert.store.receipts import SQLReceipts
from tests.unit.verify.sample_receipts import WINDOW, a_receipt, follow


def main(database: str, count: str, first: str) -> None:
    """Append, and print each number after its commit."""
    key = PrivateKey.generate()
    _tell(json.dumps(key.public.jwk()))
    with open_engine(database) as engine:
        store = SQLReceipts(engine)
        for number in range(int(first), int(first) + int(count)):
            (kept,) = store.append(WINDOW, follow([a_receipt(number)], key))
            _tell(f"{kept.receipt.number} {kept.receipt.case}")


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
