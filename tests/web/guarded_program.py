"""``ecert`` in a process, and in its workers, in which any attempt to reach another machine fails.

Every attempt is noted in the file that ``ATTEMPTS`` names, so that swallowing the error hides
nothing.  (libpq opens its own connection, to the database that the settings name.)
"""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import Any

_LOOKED_UP = {None, "", "127.0.0.1", b"127.0.0.1"}


def _guard(event: str, arguments: tuple[Any, ...]) -> None:
    outgoing = event in {"socket.connect", "socket.sendto"} and (
        arguments[0].family != socket.AF_UNIX
    )
    if outgoing or (event == "socket.getaddrinfo" and arguments[0] not in _LOOKED_UP):
        with Path(os.environ["ATTEMPTS"]).open("a") as file:
            file.write(f"{event} {arguments[1:]}\n")
        raise ConnectionRefusedError(f"the guard: {event}")


sys.addaudithook(_guard)

if __name__ == "__main__":
    from ecert.cli import main

    main()
