"""Serves a window at the moment that it is told: FOLDER PORT; see `window_service`."""

from __future__ import annotations

import signal
import sys
from datetime import datetime
from pathlib import Path

import uvicorn

from ecert.service.journal import set_up
from ecert.service.serve import application
from ecert.workspace import Workspace


def main() -> None:
    """Serve until stopped, with uvicorn as ``ecert serve`` runs it."""
    folder, port = Path(sys.argv[1]), int(sys.argv[2])
    moment = datetime.fromisoformat((folder / "moment").read_text("utf-8"))

    def look(*_: object) -> None:
        nonlocal moment
        moment = datetime.fromisoformat((folder / "moment").read_text("utf-8"))

    signal.signal(signal.SIGHUP, look)

    def clock() -> datetime:
        return moment

    set_up()
    app = application(Workspace.open(folder / "window", clock=clock), clock=clock)
    uvicorn.run(
        app, host="127.0.0.1", port=port, log_config=None, access_log=False,
        server_header=False, proxy_headers=False,
    )  # fmt: skip


if __name__ == "__main__":
    main()
