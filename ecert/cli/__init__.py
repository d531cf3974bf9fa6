"""The command line ``ecert``: one file per actor, and no logic of its own."""

from __future__ import annotations

import gc
import os
import sys


def main() -> None:
    """Run the command line and end the process with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        # A console of code page 936 lacks some characters of names; that must not end a run.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    # Nothing of a run this short is worth collecting while modules are being loaded.
    gc.set_threshold(100_000)
    # Looking for plug-ins of other packages takes longer than checking a code.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    try:
        from ecert.cli.entry import run
    except ModuleNotFoundError as error:
        if error.name not in {"typer", "rich"}:
            raise
        print(
            "× 未安装命令行组件，请安装：pip install 'ecert[cli]'\n"
            "  The command line is not installed: pip install 'ecert[cli]'",
            file=sys.stderr,
        )
        sys.exit(2)
    sys.exit(run())
