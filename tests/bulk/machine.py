"""A machine that helps with bulk work: told a workspace, and when others are taken for dead."""

from __future__ import annotations

import sys
from datetime import timedelta

from ecert.store.queue_worker import QueueWorker
from ecert.workspace import Workspace
from ecert.workspace.queue_crew import ShardsOfAll


def main() -> None:
    """Work until told to end, and print a line for every shard."""
    folder, stalled = sys.argv[1], timedelta(seconds=float(sys.argv[2]))
    with Workspace.open(folder) as workspace:
        shards = ShardsOfAll(workspace)

        def carry_out(job: str, shard: int) -> None:
            if shards(job, shard):
                _tell(f"done {shard}")

        url = str(workspace.settings.database_in(workspace.path))
        _tell("ready")
        QueueWorker(
            url, carry_out, heartbeat=stalled / 4, stalled=stalled,
            on_fault=lambda error: _tell(error.message("zh")),
        ).run()  # fmt: skip


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
