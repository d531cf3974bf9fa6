"""``python -m ecert``: the command line, where no script was installed."""

from __future__ import annotations

from ecert.cli import main

if __name__ == "__main__":
    main()
