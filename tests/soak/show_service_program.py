"""Runs a workspace's show service without its usual rates: folder, port."""

from __future__ import annotations

import sys

from ecert.online.storage import Rates
from ecert.service.running import run
from ecert.service.show import make_app
from ecert.workspace import Workspace
from ecert.workspace.show_desk import show_desk

ANY = 10**9


def main() -> None:
    """Serve until it is told to stop."""
    rates = Rates(misses_of_verifier=ANY, misses_of_address=ANY, requests_of_verifier=ANY)
    with Workspace.open(sys.argv[1]) as workspace:
        run(make_app(show_desk(workspace, rates=rates)), host="127.0.0.1", port=int(sys.argv[2]))


if __name__ == "__main__":
    main()
