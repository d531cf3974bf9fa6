"""A program that reserves credentials in a register, for tests that race and kill it.

``python -m tests.unit.store.issuing_program DATABASE REQUESTS SEED [PATIENT]`` walks all requests
in an order of its own and prints ``request list index`` after each commit.  With a fourth argument
it asks again, with the same request id, when the database is gone for a while.
"""

from __future__ import annotations

import random  # noqa: TID251 - a seeded order, repeatable
import sys
import time
from typing import TYPE_CHECKING

from ecert.errors import StoreError
from ecert.issuers.register import RecordedRequest
from ecert.store.engine import open_engine
from ecert.store.register import SQLRegister
from tests.unit.issuers.sample_register import a_credential, a_licence, an_event

if TYPE_CHECKING:
    from ecert.issuers.register import Register


def issue(register: Register, request: int) -> str:
    """Carry one request out once, whoever asks and however often; return ``list index``."""
    with register.transaction() as tx:
        known = tx.request(f"r{request}")
        if known is not None:
            return known.result
        tx.add_licence(a_licence(request))
        tx.add_event(an_event(request))
        number, index = tx.allocate_index(1024, 0.5)
        tx.add_credential(a_credential(number, index, serial=request, name=f"c{request}"))
        tx.record_request(RecordedRequest(f"r{request}", "issue", "", f"{number} {index}"))
        return f"{number} {index}"


def _insist(register: Register, request: int) -> str:
    """Ask again until the database is back, as an office's system would."""
    deadline = time.monotonic() + 60
    while True:
        try:
            return issue(register, request)
        except StoreError as error:
            if time.monotonic() > deadline:
                raise
            sys.stderr.write(f"{error.en}\n")
            time.sleep(0.05)


def main(database: str, requests: str, seed: str, patient: str = "") -> None:
    """Carry all requests out."""
    order = list(range(int(requests)))
    random.Random(int(seed)).shuffle(order)
    with open_engine(database) as engine:
        register = SQLRegister(engine)
        for request in order:
            result = (_insist if patient else issue)(register, request)
            # The acknowledgement comes after the commit; a test holds the register to it.
            sys.stdout.write(f"{request} {result}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
