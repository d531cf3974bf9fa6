"""A matter request (事项亮证需求): what a window asks a wallet for, with what it recognises.

A wallet knows no recognition list.  Whoever knows the lists (a window, a show service) makes the
request of them, for one matter and one day, and the wallet chooses from it what to show.  It is
not signed: it decides nothing, the holder agrees before anything is shown, and the most that a
false one can bring about is that the holder is asked for more.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import orjson
from pydantic import ValidationError

from ecert import limits
from ecert.errors import EcertError, MatterError, ParseError
from ecert.interop.entry import ALL, Entry, matter_key
from ecert.interop.mapping import require_line
from ecert.interop.matters.matter import Matter
from ecert.interop.matters.matter_file import read_matters, write_matters
from ecert.interop.precedence import Rank
from ecert.model.calendar import office_day
from ecert.model.regions import covers, name_of, parse_region
from ecert.sign.strict import parse_json_object

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from ecert.interop.decision import ListInForce

FORM: Final = "ecert-matter-request"
VERSION: Final = 1
_WHERE: Final = "事项亮证需求"
_SCENE: Final = "-"
_KEYS: Final = frozenset({"form", "version", "region", "on", "matter", "entries"})
_ENTRY_KEYS: Final = frozenset({"entry", "matter", "sample"})


@dataclass(frozen=True, slots=True)
class RequestedEntry:
    """An entry of a recognition list that holds for the matter.

    Attributes:
        entry: The entry.
        matter: The name of the matter under which it has to be verified; None if any will do.
        sample: Whether its list is a sample.
    """

    entry: Entry
    matter: str | None
    sample: bool

    def includes(self, licence_type: str, region: str, issuer: str) -> bool:
        """Tell whether it is about licences of that type, region and issuer."""
        entry = self.entry
        return (
            licence_type == entry.source.type
            and covers(entry.source.region, region)
            and (ALL in entry.issuers or issuer in entry.issuers)
        )


@dataclass(frozen=True, slots=True)
class MatterRequest:
    """What a matter needs in one region on one day, and what is recognised there for it.

    Attributes:
        matter: The matter; a mere scene (应用场景) needs nothing by itself.
        region: Where it is handled, six digits.
        on: The day, in Asia/Shanghai.
        entries: What is recognised, in its precedence.
    """

    matter: Matter
    region: str
    on: date
    entries: tuple[RequestedEntry, ...]

    @property
    def is_scene(self) -> bool:
        """Whether no more than a name is known, as recognition lists name scenes."""
        return self.matter.code == _SCENE

    def about(self, types: Collection[str]) -> MatterRequest:
        """Return the request with no more than the entries for licences of these types."""
        kept = tuple(one for one in self.entries if one.entry.source.type in types)
        return replace(self, entries=kept)

    def entries_for(
        self, licence_type: str, region: str, issuer: str
    ) -> tuple[RequestedEntry, ...]:
        """Return the entries about licences of that type, region and issuer."""
        return tuple(one for one in self.entries if one.includes(licence_type, region, issuer))

    def to_bytes(self) -> bytes:
        """Return the request as JSON.

        Raises:
            MatterError: More entries, or more bytes, than a wallet takes.
        """
        plain: dict[str, Any] = {
            "form": FORM,
            "version": VERSION,
            "region": self.region,
            "on": self.on.isoformat(),
            "matter": orjson.loads(write_matters([self.matter])),
            "entries": [
                {
                    "entry": one.entry.model_dump(mode="json"),
                    "matter": one.matter,
                    "sample": one.sample,
                }
                for one in self.entries
            ],
        }
        data = orjson.dumps(plain)
        if (
            len(self.entries) > limits.MAX_REQUEST_ENTRIES
            or len(data) > limits.MAX_MATTER_REQUEST_BYTES
        ):
            raise _too_large()
        return data

    @classmethod
    def from_bytes(cls, data: bytes) -> MatterRequest:
        """Read a request; nothing in it is proven.

        Raises:
            MatterError: It is no such request, is of a newer program, or is too large.
        """
        if len(data) > limits.MAX_MATTER_REQUEST_BYTES:
            raise _too_large()
        try:
            plain = parse_json_object(data, where=_WHERE)
        except ParseError as error:
            raise _damaged(error.en) from error
        if plain.get("form") != FORM:
            raise _damaged("not a matter request")
        if plain.get("version") != VERSION:
            raise MatterError(
                "由其他版本的程序写成", "another version of the program has written it",
                where=_WHERE, fix_zh="请更新程序", fix_en="Update the program",
            )  # fmt: skip
        if plain.keys() != _KEYS or not isinstance(plain["entries"], list):
            raise _damaged("parts are missing or unknown")
        if len(plain["entries"]) > limits.MAX_REQUEST_ENTRIES:
            raise _too_large()
        matters = read_matters(orjson.dumps(plain["matter"]))
        if len(matters) != 1:
            raise _damaged("one matter is wanted")
        region = plain["region"]
        if not isinstance(region, str):
            raise _damaged("the region is not text")
        return cls(
            matters[0], parse_region(region), _day(plain["on"]),
            tuple(_read_entry(row) for row in plain["entries"]),
        )  # fmt: skip


def request_for(
    matter: Matter,
    region: str,
    *,
    lists: Iterable[ListInForce],
    at: datetime,
    types: Collection[str] | None = None,
) -> MatterRequest:
    """Return what ``matter`` needs in ``region`` at that time, with what is recognised for it.

    Args:
        matter: The matter.
        region: The reader's region.
        lists: The recognition lists in force, such as ``knowledge.recognition.lists``.
        at: The time; a list that has expired says nothing.
        types: Only licences of these types matter; None for those that the matter needs, and for
            a `scene` all.

    Raises:
        MatterError: The matter is not handled in ``region``.
        RegionError: A region code does not have its form.
        ValueError: ``at`` has no time zone.
    """
    parse_region(region)
    if not covers(matter.region, region):
        raise MatterError(
            f"“{matter.name}”由{name_of(matter.region)}办理，不在{name_of(region)}办理",
            f"{matter.code} is handled in {matter.region}, not in {region}", where="事项",
            fix_zh="请核对地区，或改用本地区的事项", fix_en="Compare the region",
        )  # fmt: skip
    day = office_day(at)
    found = [
        (Rank.of(held.document, entry), RequestedEntry(entry, name, held.document.sample))
        for held in lists
        if held.expires > at
        for entry in held.document.entries
        if covers(entry.target.region, region) and held.holds(entry, day)
        for name in _names_in(entry, matter)
    ]
    if types is None and matter.code != _SCENE:
        needed = {choice.type for need in matter.needs for choice in need.licences}
        # Whatever else a licence of these types might become here speaks, too, if it comes first.
        types = {one.entry.source.type for _, one in found if one.entry.target.type in needed}
    kept = sorted(
        ((rank, one) for rank, one in found if types is None or one.entry.source.type in types),
        key=lambda pair: pair[0],
    )
    return MatterRequest(matter, region, day, tuple(one for _, one in kept))


def scene(name: str, region: str) -> Matter:
    """Return a matter of which only the name is known, as recognition lists name scenes.

    Raises:
        MatterError: The name does not have its form.
        RegionError: ``region`` does not have its form.
    """
    return Matter(code=_SCENE, name=name, region=region)


def _names_in(entry: Entry, matter: Matter) -> tuple[str | None, ...]:
    if ALL in entry.matters:
        return (None,)
    listed = set(map(matter_key, entry.matters))
    return tuple(name for name in matter.names if matter_key(name) in listed)


def _read_entry(row: object) -> RequestedEntry:
    if not isinstance(row, dict) or row.keys() != _ENTRY_KEYS or type(row["sample"]) is not bool:
        raise _damaged("an entry has other parts than it should")
    name = row["matter"]
    if name is not None and not isinstance(name, str):
        raise _damaged("the name of the matter is not text")
    try:
        if name is not None:
            require_line(name)
        entry = Entry.model_validate_json(orjson.dumps(row["entry"]))
    except (ValidationError, EcertError) as error:
        raise _damaged("an entry does not have its form") from error
    return RequestedEntry(entry, name, row["sample"])


def _day(text: object) -> date:
    try:
        day = date.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:
        raise _damaged("the day is not written YYYY-MM-DD")
    return day


def _damaged(en: str) -> MatterError:
    return MatterError(
        "不是事项亮证需求，或已损坏", f"no matter request, or damaged: {en}", where=_WHERE,
        fix_zh="请窗口重新给出", fix_en="Let the window give it again",
    )  # fmt: skip


def _too_large() -> MatterError:
    entries, mebibytes = limits.MAX_REQUEST_ENTRIES, limits.MAX_MATTER_REQUEST_BYTES // 2**20
    return MatterError(
        f"超过{entries:,}条，或超过{mebibytes} MB",
        f"more than {entries:,} entries, or than {mebibytes} MiB",
        where=_WHERE,
    )
