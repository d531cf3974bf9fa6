"""A program that runs a bulk job, for campaigns that kill it.

``python -m tests.soak.running_program FOLDER JOB WORKERS ENGINE ACKNOWLEDGED`` appends a line
``row licence-id digest-of-the-credential`` to ACKNOWLEDGED for every licence of a shard, after the
shard was committed.  It ends with 3, and the error on stderr, where the library refuses.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from ecert.errors import EcertError
from ecert.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ecert.issuers.bulk.job import Progress
    from ecert.workspace.bulk import BulkEngine

REFUSED = 3
_SHARDS = """
    SELECT s.number, s.reserved FROM bulk_shard AS s JOIN bulk_job AS j ON j.seq = s.job
    WHERE j.id = '{job}' AND s.state = 2 ORDER BY s.number
"""
_LICENCES = """
    SELECT l.row, l.id, c.artefacts FROM licence AS l JOIN credential AS c ON c.licence = l.row
    WHERE l.row >= {first} AND l.row < {first} + {many} ORDER BY l.row
"""


def issued(
    workspace: Workspace, job_id: str, told: set[int]
) -> Iterator[tuple[int, Mapping[int, tuple[str, str]]]]:
    """Yield the shards that are done and not ``told``, with licence id and digest by row."""
    with workspace.engine.read() as connection:
        for number, result in connection.exec_driver_sql(_SHARDS.format(job=job_id)).all():
            if number in told:
                continue
            plain = orjson.loads(bytes(result))
            asked = _LICENCES.format(first=plain["first"], many=len(plain["rows"]))
            found = connection.exec_driver_sql(asked).all()
            assert len(found) == len(plain["rows"]), "the shard is done, its licences are not"
            yield (
                number,
                {
                    row: (one.id, hashlib.sha256(bytes(one.artefacts)).hexdigest())
                    for row, one in zip(plain["rows"], found, strict=True)
                },
            )


def main(folder: str, job_id: str, workers: str, engine: BulkEngine, acknowledged: str) -> int:
    """Run the job to its end, or until something refuses."""
    told: set[int] = set()
    with Workspace.open(folder) as workspace, Path(acknowledged).open("a") as file:

        def acknowledge(_: Progress) -> None:
            for shard, licences in issued(workspace, job_id, told):
                told.add(shard)
                lines = (f"{row} {id_} {digest}\n" for row, (id_, digest) in licences.items())
                file.write("".join(lines))
                file.flush()

        print("running", flush=True)
        try:
            progress = workspace.bulk.run(
                job_id, workers=int(workers), engine=engine, on_progress=acknowledge
            )
        except EcertError as error:
            print(error.message("zh"), error.message("en"), sep="\n", file=sys.stderr, flush=True)
            return REFUSED
    print(f"done {progress.done}", flush=True)
    return 0 if progress.finished else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))  # type: ignore[arg-type]  # the campaign's own words
