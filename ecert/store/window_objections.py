"""Objections that windows took to licences of other offices, kept until they are sent."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, insert, select, update

from ecert.errors import FormatError
from ecert.issuers.records import require_aware
from ecert.issuers.requests import used_otherwise
from ecert.limits import MAX_FIELDS, MAX_NAME_CHARS, MAX_OBJECTION_CHARS
from ecert.model.characters import require_visible
from ecert.store.tables import window_objection as table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ecert.store.engine import Engine

_COLUMNS: Final = (
    "id", "licence", "fields", "raised_by", "raised_at", "statement", "evidence", "window",
    "clerk", "exported",
)  # fmt: skip
_ALL: Final = select(*(table.c[name] for name in _COLUMNS)).order_by(table.c.seq)
_NEW: Final = _ALL.where(table.c.exported.is_(None))
_ONE: Final = _ALL.where(table.c.id == bindparam("its_id"))
_ADD: Final = insert(table)
_EXPORTED: Final = (
    update(table)
    .where(table.c.id == bindparam("its_id"), table.c.exported.is_(None))
    .values(exported=bindparam("moment"))
)


_ANY_TIME: Final = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowObjection:
    """What somebody at a window finds wrong on a licence that another office issued.

    Attributes:
        id: Its number.
        licence_id: The licence.
        fields: What is found wrong, as it is called at the window.
        raised_by: Who says so.
        raised_at: When.
        statement: What is wrong, and what would be right.
        evidence: What it rests on.
        window: The window's name.
        clerk: Who took it.
        exported: When it was written out for the issuing office; None before.

    Raises:
        FormatError: A text is empty, too long, or holds characters that nobody sees.
    """

    id: str
    licence_id: str
    fields: tuple[str, ...]
    raised_by: str = field(repr=False)
    raised_at: datetime
    statement: str = field(repr=False)
    evidence: str = field(default="", repr=False)
    window: str = ""
    clerk: str = ""
    exported: datetime | None = None

    def __post_init__(self) -> None:
        require_aware(self.raised_at)
        if not 1 <= len(self.fields) <= MAX_FIELDS:
            raise _length("异议所指", MAX_FIELDS)
        for where, text, least, most in (
            ("异议人", self.raised_by, 1, MAX_NAME_CHARS),
            ("异议内容", self.statement, 1, MAX_OBJECTION_CHARS),
            ("依据", self.evidence, 0, MAX_OBJECTION_CHARS),
            *(("异议所指", name, 1, MAX_NAME_CHARS) for name in self.fields),
        ):
            if not least <= len(text.strip()) <= len(text) <= most:
                raise _length(where, most)
            require_visible(text, FormatError, where=where)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "id": self.id, "licence": self.licence_id, "fields": list(self.fields),
            "raised_by": self.raised_by, "raised_at": self.raised_at.isoformat(),
            "statement": self.statement, "evidence": self.evidence, "window": self.window,
            "clerk": self.clerk,
            "exported": None if self.exported is None else self.exported.isoformat(),
        }  # fmt: skip


class SQLWindowObjections:
    """Window objections in a database.

    Args:
        engine: The database.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, one: WindowObjection) -> None:
        """Keep an objection; one that is kept already, as a retry brings it, stays as it is.

        Raises:
            RequestConflictError: Another is kept under its id.
            StoreError: The database refuses.
        """
        row = {name: getattr(one, "licence_id" if name == "licence" else name) for name in _COLUMNS}
        row["fields"] = json.dumps(one.fields, ensure_ascii=False)
        with self._engine.write() as connection:
            known = connection.execute(_ONE, {"its_id": one.id}).one_or_none()
            if known is None:
                connection.execute(_ADD, row)
            elif _said(_read(*known)) != _said(one):
                raise used_otherwise(one.id)

    def all(self, *, only_new: bool = False) -> Sequence[WindowObjection]:
        """Return what is kept, the oldest first; ``only_new`` leaves out what was exported.

        Raises:
            StoreError: The database refuses.
        """
        with self._engine.read() as connection:
            return [_read(*row) for row in connection.execute(_NEW if only_new else _ALL)]

    def mark_exported(self, ids: Iterable[str], *, at: datetime) -> None:
        """Note that objections were written out.

        Raises:
            StoreError: The database refuses.
        """
        require_aware(at)
        rows = [{"its_id": one, "moment": at} for one in ids]
        if rows:
            with self._engine.write() as connection:
                connection.execute(_EXPORTED, rows)


def _read(one: str, licence: str, fields: str, *rest: Any) -> WindowObjection:
    names = ("raised_by", "raised_at", "statement", "evidence", "window", "clerk", "exported")
    return WindowObjection(
        id=one, licence_id=licence, fields=tuple(json.loads(fields)),
        **dict(zip(names, rest, strict=True)),
    )  # fmt: skip


def _said(one: WindowObjection) -> WindowObjection:
    """Return what an objection says, whenever it was said and whatever became of it."""
    return replace(one, raised_at=_ANY_TIME, exported=None)


def _length(where: str, most: int) -> FormatError:
    return FormatError(
        f"应为1至{most}个字符", f"1 to {most} characters are needed", where=where
    )  # fmt: skip
