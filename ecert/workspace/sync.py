"""Brings a window's knowledge up to date from the sources in its settings.

What fails leaves what is in force, and one source that fails stops no other.  Addresses come from
the settings, and those of status lists also from trust lists in force: both are on somebody's word
that was proven or given.  Nothing that a document merely contains is fetched.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from ecert.errors import DocumentRefusedError, EcertError, FetchError
from ecert.faults import DocumentFault, FetchFault
from ecert.issuers.manifests import name_document
from ecert.sheets.atomic import atomic_file
from ecert.sign import envelope
from ecert.status.status_list import TYP as STATUS
from ecert.workspace import webroot
from ecert.workspace.intake import Intake, take_in, unpack
from ecert.workspace.knowledge_file import write_knowledge
from ecert.workspace.sync_memory import SyncMemory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime
    from pathlib import Path

    from ecert.client import Fetched, Request
    from ecert.verify.knowledge import Knowledge
    from ecert.workspace.settings import Settings

    FetchAll = Callable[[Sequence[Request]], tuple[Fetched | FetchError, ...]]

HELD: Final = "held"
"""The folder in which a workspace keeps what waits for a second person."""
_REQUIRED: Final = webroot.TRUST_LIST
_PARTS: Final = (webroot.ROOTS, webroot.MANIFEST, webroot.TRUST_LIST, webroot.CATALOGUE)
# A list of an office that only tries things out: the address exists to be compared (RFC 6761).
_NOWHERE: Final = ".invalid"


@dataclass(slots=True)
class SyncRow:
    """What became of one source or of one status list.

    Attributes:
        name: The source's first address, or the status list's.
        intakes: What its documents came to, of all addresses.
        errors: Which addresses gave nothing, and why.
        reached: Whether an address gave what was wanted, if only that nothing has changed.
        held: The file that waits for a second person.
        mirrors: All addresses of a source.
    """

    name: str
    intakes: list[Intake] = field(default_factory=list)
    errors: list[EcertError] = field(default_factory=list)
    reached: bool = False
    held: Path | None = None
    mirrors: tuple[str, ...] = ()

    @property
    def lacks_lists(self) -> bool:
        """Whether documents were refused because others that belong to them are not here."""
        faults = {getattr(error, "fault", None) for error in self.refusals}
        return DocumentFault.MANIFEST in faults

    @property
    def result(self) -> str:
        """``new``, ``unchanged``, ``held`` or ``failed``."""
        if any(one.changed for one in self.intakes):
            return "held" if self.held is not None else "new"
        if self.held is not None:
            return "held"
        return "unchanged" if self.reached and not self.refusals else "failed"

    @property
    def refusals(self) -> list[EcertError]:
        """What was refused and is not in force by another address."""
        return [one.error for one in self.intakes if one.error is not None and not one.is_held]

    @property
    def is_conflict(self) -> bool:
        """Whether what is held contradicts another region, which nobody here can settle."""
        faults = {getattr(one.error, "fault", None) for one in self.intakes if one.is_held}
        return DocumentFault.CONFLICT in faults

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "source": self.name,
            "result": self.result,
            "documents": [one.to_dict() for one in self.intakes],
            "errors": [
                {"where": one.where, "zh": one.message("zh"), "en": one.message("en")}
                for one in self.errors
            ],
            "held": None if self.held is None else str(self.held),
        }


class Sync:
    """One run over all sources.

    Args:
        folder: The workspace's folder.
        settings: Its settings.
        knowledge: Where documents come into force.
        fetch: Fetches addresses side by side.
        at: Now.
    """

    def __init__(
        self, folder: Path, settings: Settings, knowledge: Knowledge, *, fetch: FetchAll,
        at: datetime,
    ) -> None:  # fmt: skip
        self._folder = folder
        self._settings = settings
        self._knowledge = knowledge
        self._fetch = fetch
        self._at = at
        self._memory = SyncMemory.read(folder)
        self._refused: list[bytes] = []

    def run(self) -> tuple[SyncRow, ...]:
        """Fetch everything, and bring into force what may come."""
        # (1) The status lists that are known to exist: they wait for nobody.
        rows = {uri: self._status(uri) for uri in self._addresses()}
        # (2) The sources, each with all its mirrors: the best that is valid comes into force.
        sources = [self._source(mirrors) for mirrors in self._settings.sources]
        # (3) Status lists of which only now it is known that, or where, they are.
        for uri in self._addresses():
            if uri not in rows or rows[uri].result == "failed":
                rows[uri] = self._status(uri)
        # (4) Sources whose documents only lacked these.
        sources = [self._source(row.mirrors) if row.lacks_lists else row for row in sources]
        self._memory.write(self._folder)
        return (*sources, *rows.values())

    # -- sources ------------------------------------------------------------------------------

    def _source(self, mirrors: tuple[str, ...]) -> SyncRow:
        row = SyncRow(mirrors[0], mirrors=mirrors)
        wanted = {mirror: _parts(mirror) for mirror in mirrors}
        answers = self._get([url for urls in wanted.values() for url in urls])
        for mirror, urls in wanted.items():
            came: list[bytes] = []
            failed: list[FetchError] = []
            for url in urls:
                answer = answers[url]
                if isinstance(answer, FetchError):
                    absent = answer.fault is FetchFault.STATUS and not url.endswith(_REQUIRED)
                    if not (absent and mirror.endswith("/")):
                        failed.append(answer)
                elif answer.data is not None:
                    came.append(answer.data)
            row.errors += failed
            if not failed:
                row.reached = True
                self._take(row, mirror, urls, came, answers)
        _settle(row)
        return row

    def _take(
        self,
        row: SyncRow,
        mirror: str,
        urls: Iterable[str],
        came: list[bytes],
        answers: dict[str, Fetched | FetchError],
    ) -> None:
        try:
            documents = [one for data in came for one in unpack(data)]
        except DocumentRefusedError as error:
            error.where = error.where or mirror
            row.errors.append(error)
            row.reached = bool(row.intakes)
            return
        found = take_in(documents, self._knowledge, at=self._at, extras=self._refused)
        row.intakes += found
        waiting = [data for one in found if one.is_held for data in one.documents]
        if waiting:
            row.held = self._hold(mirror, tuple(dict.fromkeys(waiting)))
        for url in urls:
            answer = answers[url]
            if not isinstance(answer, FetchError) and answer.data is not None:
                self._memory.note(url, answer.etag, answer.data, found)

    def _hold(self, mirror: str, waiting: tuple[bytes, ...]) -> Path:
        folder = self._folder / HELD
        folder.mkdir(mode=0o700, exist_ok=True)
        numbers = {url: n for n, urls in enumerate(self._settings.sources, 1) for url in urls}
        # One file for each source, with all that waits: it is replaced by what comes later.
        path = folder / f"source-{numbers[mirror]}.json"
        one = waiting[0] if len(waiting) == 1 else None
        is_list = one is not None and envelope.parse(one).typ == "ecert-recognition-list+jws"
        with atomic_file(path) as file:
            file.write(one if one is not None and is_list else write_knowledge(waiting))
        return path

    # -- status lists ---------------------------------------------------------------------------

    def _addresses(self) -> tuple[str, ...]:
        """Return the addresses of status lists that trust lists in force have registered."""
        trust, own = self._knowledge.trust, self._settings.code
        owners = dict.fromkeys(slot.rpartition(":")[2] for slot in trust.documents)
        lists = [found for owner in owners if (found := trust.trust_list(owner)) is not None]
        return tuple(
            ref.uri
            for one in lists
            for issuer in one.issuers
            if issuer.code != own
            for ref in issuer.status_lists
        )

    def _status(self, uri: str) -> SyncRow:
        row = SyncRow(uri)
        host = uri.partition("://")[2].partition("/")[0]
        places = [*([] if host.endswith(_NOWHERE) else [uri]), *self._relays(uri)]
        for url, answer in self._get(places).items():
            if isinstance(answer, FetchError):
                # That a relay has no such list says nothing: it may serve other offices.
                if url == uri or answer.fault is not FetchFault.STATUS:
                    row.errors.append(answer)
                continue
            slot = None if answer.data is None else _slot(answer.data)
            if answer.data is None:
                row.reached = True
                continue
            if slot != f"{STATUS}:{uri}":
                # A relay may have another office's list under this number.
                if url == uri or slot is None:
                    row.errors.append(_not_this_list(url))
                continue
            row.reached = True
            found = take_in([answer.data], self._knowledge, at=self._at)
            row.intakes += found
            self._refused += [answer.data for one in found if one.error is not None]
            self._memory.note(url, answer.etag, answer.data, found)
        _settle(row)
        return row

    def _relays(self, uri: str) -> list[str]:
        """Return where the list ``uri`` may lie beside the trust list that registers it."""
        entry, name = self._knowledge.trust.status_issuer(uri), uri.rpartition("/")[2]
        if entry is None or not (name.isascii() and name.isdigit()):
            return []
        owner = entry.trust_list.owner
        return [
            f"{mirror}{name}.jwt"
            for mirrors in self._settings.sources
            for mirror in mirrors
            if self._memory.owner_at(f"{mirror}{webroot.TRUST_LIST}") == owner
        ]

    # -- fetching -----------------------------------------------------------------------------

    def _get(self, urls: Iterable[str]) -> dict[str, Fetched | FetchError]:
        from ecert.client import Request

        wanted = tuple(dict.fromkeys(urls))
        in_force = self._knowledge.in_force
        requests = [Request(url, self._memory.etag(url, in_force)) for url in wanted]
        return dict(zip(wanted, self._fetch(requests), strict=True)) if requests else {}


def _parts(mirror: str) -> tuple[str, ...]:
    return tuple(f"{mirror}{name}" for name in _PARTS) if mirror.endswith("/") else (mirror,)


def _settle(row: SyncRow) -> None:
    """Let what one mirror refused count no more where another had something as good or better."""
    good = {one.slot for intake in row.intakes for one in intake.accepted}
    for intake in list(row.intakes):
        slots = {_slot(data) for data in intake.documents}
        if intake.error is not None and not intake.is_held and slots <= good:
            row.intakes.remove(intake)
            intake.error.where = intake.error.where or row.name
            row.errors.append(intake.error)


def _not_this_list(url: str) -> DocumentRefusedError:
    return DocumentRefusedError(
        DocumentFault.WRONG_KIND, "不是这个地址的状态表", "not the status list of this address",
        where=url,
    )  # fmt: skip


def _slot(data: bytes) -> str | None:
    with suppress(EcertError, UnicodeDecodeError, KeyError):
        return name_document(data).slot
    return None
