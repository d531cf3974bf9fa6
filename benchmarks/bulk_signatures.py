"""Verifies the signatures of a register's file credentials, side by side, and what they say."""

from __future__ import annotations

import multiprocessing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ecert.issuers.kept import read_kept
from ecert.verify import files
from ecert.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

    from ecert.sign.keys import PublicKey

_PAGE = 1_000
_ASKED = """
    SELECT c.seq, c.list_number, c.position, c.artefacts, l.id
    FROM credential AS c JOIN licence AS l ON l.row = c.licence
    WHERE c.seq > {after} AND c.seq <= {last} AND c.seq / {every} * {every} = c.seq
    ORDER BY c.seq LIMIT {page}
"""


@dataclass(frozen=True, slots=True)
class Verified:
    """What came out: how many were looked at, and what was wrong."""

    count: int
    faults: tuple[str, ...]


def verify_signatures(folder: Path, *, every: int, workers: int) -> Verified:
    """Verify one credential in ``every`` of the workspace in ``folder``.

    Each must be signed by the issuer's key for licences, name its own licence, and name the
    status list and index that the register has for it.
    """
    with Workspace.open(folder) as workspace, workspace.engine.read() as connection:
        last = connection.exec_driver_sql("SELECT COALESCE(MAX(seq), 0) FROM credential").scalar()
    share = -(-int(last or 0) // workers)
    parts = [(folder, every, share * part, share * (part + 1)) for part in range(workers)]
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        found = pool.starmap(_verify_part, parts)
    return Verified(
        sum(one.count for one in found), tuple(fault for one in found for fault in one.faults)
    )


def _verify_part(folder: Path, every: int, after: int, last: int) -> Verified:
    count, faults = 0, list[str]()
    with Workspace.open(folder) as workspace:
        base = workspace.settings.status_base
        keys = [entry.public for entry in workspace.keys.of("licence")]
        while True:
            asked = _ASKED.format(after=after, last=last, every=every, page=_PAGE)
            with workspace.engine.read() as connection:
                page = connection.exec_driver_sql(asked).all()
            if not page:
                return Verified(count, tuple(faults))
            for _, number, position, artefacts, licence_id in page:
                place = {"idx": position, "uri": f"{base}/{number}"}
                faults += _faults(bytes(artefacts), keys, licence_id, place)
            count += len(page)
            after = page[-1][0]


def _faults(
    artefacts: bytes, keys: list[PublicKey], licence_id: str, place: dict[str, object]
) -> list[str]:
    file = files.read(read_kept(artefacts).sd_jwt)
    # Raises: a signature that does not fit ends the measurement.
    file.verify(next(key for key in keys if key.kid == file.kid))
    said = file._claims  # noqa: SLF001 - it has just been proven
    if (said["licence_id"], said["status"]["status_list"]) != (licence_id, place):
        return [f"{licence_id} is not what its credential says"]
    return []
