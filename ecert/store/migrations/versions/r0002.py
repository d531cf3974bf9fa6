"""Licences by row, their holders, history of status, audit trail, objections, bulk work.

What was recorded before the audit trail enters it as one entry, its first: from then on nothing of
it can be changed unseen.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from alembic import op

if TYPE_CHECKING:
    from collections.abc import Iterator

revision = "0002"
down_revision = "0001"

_LONG: Final = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_PAGE_ROWS: Final = 1_000
_GENESIS: Final = "0" * 64
_LOST: Final = 14


def upgrade() -> None:
    """Rebuild the register's tables around the licence's row, and fill them."""
    for name in ("credential", "licence_event", "licence", "publication"):
        op.execute(f"CREATE TEMPORARY TABLE old_{name} AS SELECT * FROM {name}")  # noqa: S608
        op.drop_table(name)
    # Asked for each licence: without these the whole of each table would be read every time.
    op.execute("CREATE INDEX old_event_of ON old_licence_event (licence_id)")
    op.execute("CREATE INDEX old_credential_of ON old_credential (licence_id)")
    _audit()
    _licences()
    _status()
    _credentials()
    _papers()
    _bulk()
    _fill()
    for name in ("credential", "licence_event", "licence", "publication"):
        op.execute(f"DROP TABLE old_{name}")


# -- tables -----------------------------------------------------------------------------------


def _order() -> sa.Column[int]:
    return sa.Column("seq", _LONG, primary_key=True)


def _row(name: str = "licence") -> list[sa.schema.SchemaItem]:
    return [
        sa.Column(name, _LONG, nullable=False),
        sa.ForeignKeyConstraint([name], ["licence.row"]),
    ]


def _audited() -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("audit", _LONG, nullable=False),
        sa.ForeignKeyConstraint(["audit"], ["audit.number"], deferrable=True, initially="DEFERRED"),
    ]


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("number", _LONG, primary_key=True, autoincrement=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("events", sa.Integer, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("previous", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
    )
    op.create_table(
        "office_event",
        _order(),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        *_audited(),
    )
    op.create_index("ix_office_event_audit", "office_event", ["audit"])


def _licences() -> None:
    op.create_table(
        "licence",
        sa.Column("row", _LONG, primary_key=True, autoincrement=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("type_code", sa.Text, nullable=False),
        sa.Column("region", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("issued_on", sa.Text, nullable=False),
        sa.Column("valid_until", sa.Text),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.UniqueConstraint("id"),
    )
    op.create_index("ix_licence_number", "licence", ["number"])
    op.create_index("ix_licence_changed_at", "licence", ["changed_at"])
    op.create_index("licence_type_state", "licence", ["type_code", "state"])
    op.create_table(
        "holder",
        sa.Column("licence", _LONG, primary_key=True, autoincrement=False),
        sa.Column("number", sa.Text, primary_key=True),
        sa.ForeignKeyConstraint(["licence"], ["licence.row"]),
        sqlite_with_rowid=False,
    )
    op.create_index("holder_number", "holder", ["number"])
    op.create_table(
        "licence_event",
        _order(),
        *_row(),
        sa.Column("move", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("request_id", sa.Text),
        sa.Column("related", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        *_audited(),
    )
    op.create_index("ix_licence_event_licence", "licence_event", ["licence"])
    op.create_index("ix_licence_event_audit", "licence_event", ["audit"])


def _status() -> None:
    with op.batch_alter_table("status_list") as table:
        table.add_column(sa.Column("year", sa.Integer, nullable=False, server_default="0"))
    with op.batch_alter_table("status_list") as table:
        table.alter_column("year", existing_type=sa.Integer(), server_default=None)
    op.create_table(
        "status_change",
        sa.Column("number", _LONG, primary_key=True, autoincrement=False),
        sa.Column("list_number", sa.Integer, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("value", sa.Integer, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(["list_number"], ["status_list.number"]),
    )
    op.create_index("status_change_list", "status_change", ["list_number", "number"])


def _credentials() -> None:
    op.create_table(
        "credential",
        _order(),
        *_row(),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("list_number", sa.Integer, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("request_id", sa.Text, nullable=False),
        sa.Column("holder_jwk", sa.Text),
        sa.Column("reserved_at", sa.BigInteger, nullable=False),
        sa.Column("signed_at", sa.BigInteger),
        sa.Column("artefacts", sa.LargeBinary),
        sa.UniqueConstraint("list_number", "position"),
        sa.ForeignKeyConstraint(
            ["list_number", "position"], ["status_slot.list_number", "status_slot.position"]
        ),
        sa.UniqueConstraint("request_id"),
    )
    op.create_index("ix_credential_licence", "credential", ["licence"])


def _papers() -> None:
    op.create_table(
        "publication",
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("version", _LONG, primary_key=True, autoincrement=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("document", sa.LargeBinary, nullable=False),
        sa.Column("issued", sa.BigInteger, nullable=False),
        sa.Column("expires", sa.BigInteger, nullable=False),
        sa.Column("changes", _LONG, nullable=False),
    )
    op.create_table(
        "objection",
        _order(),
        sa.Column("id", sa.Text, nullable=False),
        *_row(),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.UniqueConstraint("id"),
    )
    op.create_index("ix_objection_licence", "objection", ["licence"])
    op.create_index("ix_objection_state", "objection", ["state"])
    op.create_table(
        "expected_count",
        sa.Column("type_code", sa.Text, primary_key=True),
        sa.Column("as_of", sa.Text, primary_key=True),
        sa.Column("how_many", sa.Integer, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
    )


def _bulk() -> None:
    op.create_table(
        "bulk_job",
        _order(),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.UniqueConstraint("id"),
    )
    op.create_table(
        "bulk_shard",
        sa.Column("job", _LONG, primary_key=True, autoincrement=False),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.Column("state", sa.Integer, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("reserved", sa.LargeBinary),
        sa.Column("slots", sa.Integer, nullable=False),
        sa.Column("done_at", sa.BigInteger),
        sa.Column("done", sa.Integer, nullable=False),
        sa.Column("refused", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["job"], ["bulk_job.seq"]),
    )
    op.create_index("bulk_shard_state", "bulk_shard", ["job", "state"])
    op.create_table(
        "bulk_refusal",
        sa.Column("job", _LONG, primary_key=True, autoincrement=False),
        sa.Column("row", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["job"], ["bulk_job.seq"]),
    )


# -- contents ---------------------------------------------------------------------------------


def _fill() -> None:
    over, count, last_at = hashlib.sha256(), 0, 0
    bind = op.get_bind()
    for row, old in enumerate(_paged("old_licence", "seq"), start=1):
        events = [dict(one) for one in _of("old_licence_event", old["id"])]
        credentials = [dict(one) for one in _of("old_credential", old["id"])]
        changed_at = max((one["at"] for one in events), default=0)
        content = _add_licence(bind, row, old, changed_at)
        digest = hashlib.sha256(content.encode()).hexdigest()
        lines = [(one, digest if one["move"] == "issue" else "", "") for one in events]
        lines += [(_lost(events, place), "", place) for place in _lost_places(bind, credentials)]
        for one, its_digest, related in lines:
            over.update(_add_event(bind, row, old["id"], one, its_digest, related))
            count, last_at = count + 1, max(last_at, one["at"])
        for one in credentials:
            _insert(bind, "credential", {
                name: one[name] for name in _CREDENTIAL
            } | {"licence": row})  # fmt: skip
    if count:
        _add_entry(bind, last_at, count, over.hexdigest())
    changes = _add_changes(bind, last_at)
    for old in _paged("old_publication", "kind"):
        told = changes if str(old["kind"]).startswith("status-list:") else 0
        _insert(bind, "publication", {**old, "changes": told})


_CREDENTIAL: Final = (
    "kind", "list_number", "position", "request_id", "holder_jwk", "reserved_at", "signed_at",
    "artefacts",
)  # fmt: skip


def _add_licence(bind: sa.Connection, row: int, old: dict[str, Any], changed_at: int) -> str:
    plain = json.loads(old["content"])
    del plain["state"]
    content = _json(plain)
    _insert(bind, "licence", {
        "row": row, "id": old["id"], "number": old["number"], "type_code": plain["type_code"],
        "region": plain["region"], "state": old["state"], "issued_on": plain["issued_on"],
        "valid_until": plain["valid_until"], "changed_at": changed_at, "content": content,
    })  # fmt: skip
    for number in sorted({one["number"] for one in plain["holders"]}):
        _insert(bind, "holder", {"licence": row, "number": number})
    return content


def _add_event(
    bind: sa.Connection, row: int, licence_id: str, one: dict[str, Any], digest: str, related: str
) -> bytes:
    said = [one[name] for name in ("move", "at", "reason", "document", "actor", "request_id")]
    names = ("move", "at", "reason", "document", "actor", "request_id")
    _insert(bind, "licence_event", dict(zip(names, said, strict=True)) | {
        "licence": row, "related": related, "digest": digest, "audit": 1,
    })  # fmt: skip
    return _json([licence_id, *said, related, digest], sort=False).encode() + b"\n"


def _lost_places(bind: sa.Connection, credentials: list[dict[str, Any]]) -> list[str]:
    slots = "SELECT value FROM status_slot WHERE list_number = :listed AND position = :place"
    lost = []
    for one in credentials:
        place = {"listed": one["list_number"], "place": one["position"]}
        if bind.execute(sa.text(slots), place).scalar_one() == _LOST:
            lost.append(f"{one['list_number']}-{one['position']}")
    return lost


def _lost(events: list[dict[str, Any]], place: str) -> dict[str, Any]:
    # Until now nothing was recorded of it but the value in the list.
    at = max((one["at"] for one in events), default=0)
    return {
        "move": "withdraw-credential", "at": at, "reason": f"升级前已收回 {place}", "document": "",
        "actor": "", "request_id": None,
    }  # fmt: skip


def _add_entry(bind: sa.Connection, at: int, events: int, digest: str) -> None:
    sealed = hashlib.sha256(_json([1, at, events, digest, _GENESIS], sort=False).encode())
    _insert(bind, "audit", {
        "number": 1, "at": at, "events": events, "digest": digest, "previous": _GENESIS,
        "hash": sealed.hexdigest(),
    })  # fmt: skip


def _add_changes(bind: sa.Connection, at: int) -> int:
    told = bind.execute(
        sa.text(
            "SELECT list_number, position, value FROM status_slot WHERE value != 0 "
            "ORDER BY list_number, position"
        )
    ).all()
    for number, one in enumerate(told, start=1):
        _insert(bind, "status_change", {
            "number": number, "list_number": one.list_number, "position": one.position,
            "value": one.value, "at": at,
        })  # fmt: skip
    return len(told)


def _paged(table: str, key: str) -> Iterator[dict[str, Any]]:
    bind, last = op.get_bind(), None
    while True:
        after = "" if last is None else f"WHERE {key} > :last "
        asked = f"SELECT * FROM {table} {after}ORDER BY {key} LIMIT {_PAGE_ROWS}"  # noqa: S608
        page = bind.execute(sa.text(asked), {} if last is None else {"last": last}).mappings().all()
        if not page:
            return
        yield from map(dict, page)
        last = page[-1][key]


def _of(table: str, licence_id: str) -> list[sa.RowMapping]:
    asked = f"SELECT * FROM {table} WHERE licence_id = :id ORDER BY seq"  # noqa: S608
    return list(op.get_bind().execute(sa.text(asked), {"id": licence_id}).mappings())


def _insert(bind: sa.Connection, table: str, values: dict[str, Any]) -> None:
    columns = ", ".join(values)
    marks = ", ".join(f":{name}" for name in values)
    bind.execute(sa.text(f"INSERT INTO {table} ({columns}) VALUES ({marks})"), values)  # noqa: S608


def _json(value: Any, *, sort: bool = True) -> str:
    # As orjson writes it: no spaces, no escapes but those that JSON demands.
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=sort)
