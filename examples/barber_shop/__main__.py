"""Starts the example with a demonstration of its own: ``python examples/barber_shop``."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import uvicorn
from barber_shop import HERE, make_app

from ecert.clock import system_clock
from ecert.testing import DemoClock, DemoWorld


class Now(DemoClock):
    """The machine's own time, for a holder who really stands there."""

    def __call__(self):  # noqa: ANN204
        """Return the time."""
        return system_clock()


def main() -> None:
    """Serve on this machine alone until Ctrl+C."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8400)
    port = parser.parse_args().port
    with (
        tempfile.TemporaryDirectory() as folder,
        DemoWorld.make(Path(folder), workspace=True, clock=Now()) as world,
    ):
        window = world.require_workspace()
        window.matters.import_table(HERE / "matters.csv")
        app = make_app(window, Path(folder) / "cases")

        # The holder's telephone, for the demonstration: a fresh code of both licences.
        @app.get("/demo/code")
        def code() -> dict[str, str]:
            return {"code": world.code("居民身份证", "营业执照")}

        print(f"http://127.0.0.1:{port}/   （演示密钥，不得作为办理依据 / demonstration keys）")
        uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")


if __name__ == "__main__":
    main()
