"""What revision 0002 moves from the old tables into the new ones.

Like a revision, it is never edited, and names nothing of today's program: the form in which an
event enters the audit trail is written out here.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from alembic import op

if TYPE_CHECKING:
    from collections.abc import Iterator

_PAGE_ROWS: Final = 1_000
_GENESIS: Final = "0" * 64
_LOST: Final = 14


def fill() -> None:
    """Fill the new tables from the old ones, which are there under the names ``old_…``."""
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
    # The order of the fields is that of the licence.
    content = _json(plain, sort=False)
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
