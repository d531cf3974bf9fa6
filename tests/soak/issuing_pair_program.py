"""A program that issues and signs at the counter, one licence after the other.

``python -m tests.soak.issuing_pair_program FOLDER SECONDS NUMBER`` waits for a line on its input,
then prints ``licence-id list-index`` for every licence that it was told is issued and signed.
"""

from __future__ import annotations

import sys
import time
from datetime import date

from guangan_people import person

from ecert.model.holders import Holder
from ecert.workspace import Workspace

_TYPE = "机动车驾驶证"
_APART = 1_000_000


def main(folder: str, seconds: str, number: str) -> None:
    """Issue until the time is over."""
    count = int(number) * _APART
    with Workspace.open(folder) as workspace:
        issuer = workspace.issuer
        workspace.unlock_licence_key()
        print("ready", flush=True)
        sys.stdin.readline()
        end = time.monotonic() + float(seconds)
        while time.monotonic() < end:
            holder = person(count)
            count += 1
            licence = issuer.issue(
                _TYPE, number=holder.number, holder=Holder(*holder),
                fields={"准驾车型": "C1"}, valid_until=date(2031, 6, 1),
            )  # fmt: skip
            issuer.file(licence.id)
            (credential,) = issuer.credentials(licence.id)
            print(licence.id, credential.id, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
