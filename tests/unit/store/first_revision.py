"""A database as the first revision left it, filled as its programs filled it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alembic import command
from sqlalchemy import text

from ecert.store import revisions, upgrade
from ecert.store.engine import open_as_it_is
from tests.unit.issuers.sample_register import AT, a_licence

if TYPE_CHECKING:
    from sqlalchemy import Connection

MOMENT = int(AT.timestamp()) * 1_000_000 + AT.microsecond


def make(url: str) -> None:
    """Make and fill it: one licence suspended, with a lost telephone, and one revoked."""
    if url.startswith("sqlite"):
        Path(url.removeprefix("sqlite:///")).touch()
    with open_as_it_is(url) as engine, engine.upgrading() as connection:
        config = upgrade.configuration()
        config.attributes["connection"] = connection
        command.upgrade(config, revisions.FIRST)
        revisions.stamp_version(connection, revisions.FIRST)
        _fill(connection)


def _fill(connection: Connection) -> None:
    _insert(connection, "status_list", number=1, size=64, taken=3)
    for serial, state in ((1, "suspended"), (2, "revoked")):
        licence = a_licence(serial)
        _insert(
            connection, "licence", seq=serial * 10, id=str(licence.id), number=licence.number,
            state=state, content=json.dumps(licence.to_dict(), ensure_ascii=False),
        )  # fmt: skip
        move = {"suspended": "suspend", "revoked": "revoke"}[state]
        for later, moved in enumerate(("issue", move)):
            _insert(
                connection, "licence_event", licence_id=str(licence.id), move=moved,
                at=MOMENT + later, reason="旧", document="川公〔2026〕3号", actor="窗口1",
                request_id=f"{moved}-{serial}",
            )  # fmt: skip
    for position, value, serial in ((5, 2, 1), (7, 14, 1), (9, 1, 2)):
        _insert(connection, "status_slot", list_number=1, position=position, value=value)
        _insert(
            connection, "credential", id=f"1-{position}", licence_id=str(a_licence(serial).id),
            kind="wallet", list_number=1, position=position, request_id=f"nonce:{position}",
            holder_jwk='{"kty":"EC"}', reserved_at=MOMENT, signed_at=MOMENT, artefacts=b"signed",
        )  # fmt: skip
    _insert(
        connection, "publication", kind="status-list:1", version=4, digest="aa",
        document=b"token", issued=MOMENT, expires=MOMENT + 1,
    )  # fmt: skip


def _insert(connection: Connection, table: str, **values: Any) -> None:
    marks = ", ".join(f":{name}" for name in values)
    statement = f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})"  # noqa: S608
    connection.execute(text(statement), values)
