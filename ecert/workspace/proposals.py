"""Documents that wait for a second person (待第二人确认), and who proposed them.

What belongs together waits together, as one file of knowledge.

The document lies in the folder ``held`` under its digest.  Who proposed it, and who accepted it,
stands in the audit trail of the workspace and nowhere else: a file that somebody puts there by
hand has no proposer and is not accepted.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ecert import limits
from ecert.errors import DocumentRefusedError, FormatError, ParseError, WorkspaceError
from ecert.faults import DocumentFault
from ecert.issuers.records import OfficeEvent
from ecert.model.people import person_key
from ecert.sign import envelope
from ecert.workspace.knowledge_file import is_knowledge, read_knowledge

if TYPE_CHECKING:
    from datetime import datetime

    from ecert.clock import Clock
    from ecert.verify.knowledge import Acceptance
    from ecert.workspace import Workspace

FOLDER: Final = "held"
PROPOSED: Final = "list-propose"
ACCEPTED: Final = "list-accept"
REJECTED: Final = "list-reject"
_WAITS_FOR_TWO: Final = frozenset({DocumentFault.LARGE_CHANGE, DocumentFault.VERSION_JUMP})
_FILE_NAME: Final = re.compile(r"[0-9a-f]{64}\.json")
_DIGEST_CHARS: Final = 64
# As many as tell two digests apart when a person copies one.
_LEAST_CHARS: Final = 8


@dataclass(frozen=True, slots=True)
class Proposal:
    """A document that waits.

    Attributes:
        digest: SHA-256 of its payload in hex; of several documents, of their file.
        data: The envelope, or the file.
        proposed_by: Everybody who has proposed it, the first one first.
        proposed_at: When the first one did.
    """

    digest: str
    data: bytes
    proposed_by: tuple[str, ...]
    proposed_at: datetime

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "held": self.digest,
            "proposed_by": list(self.proposed_by),
            "proposed_at": self.proposed_at.isoformat(),
        }


class Proposals:
    """The documents of one workspace that wait for a second person."""

    def __init__(self, workspace: Workspace, clock: Clock) -> None:
        self._workspace = workspace
        self._clock = clock
        self._folder = workspace.path / FOLDER

    def examine(self, data: bytes) -> tuple[tuple[Acceptance, ...], bool]:
        """Say what documents would bring, and whether that takes a second person.

        Raises:
            DocumentRefusedError: They may not come into force, whoever confirms.
        """
        try:
            return self._propose(data, confirmed=False), False
        except DocumentRefusedError as error:
            if error.fault not in _WAITS_FOR_TWO:
                raise
        return self._propose(data, confirmed=True), True

    def _propose(self, data: bytes, *, confirmed: bool) -> tuple[Acceptance, ...]:
        knowledge = self._workspace.knowledge
        if is_knowledge(data):
            return knowledge.propose_all(read_knowledge(data), confirmed=confirmed)
        return (knowledge.propose(data, confirmed=confirmed),)

    def hold(self, data: bytes, by: str) -> Proposal:
        """Let a document wait, proposed by the person ``by``.

        Raises:
            DocumentRefusedError: It may not come into force, whoever confirms.
            FormatError: ``by`` is empty.
            WorkspaceError: It cannot be written.
        """
        accepted, _ = self.examine(data)
        digest = _digest(data)
        # The line in the trail comes last: a file without one counts for nothing.
        self._write(digest, data)
        self._record(PROPOSED, digest, accepted, by)
        return self.get(digest)

    def waiting(self) -> tuple[Proposal, ...]:
        """Return everything that waits, by digest."""
        if not self._folder.is_dir():
            return ()
        names = sorted(
            p.name for p in self._folder.iterdir() if _FILE_NAME.fullmatch(p.name) and p.is_file()
        )
        found = (self._read(name.removesuffix(".json")) for name in names)
        return tuple(one for one in found if one is not None)

    def get(self, digest: str) -> Proposal:
        """Return the one that waits under ``digest``, or its beginning.

        Raises:
            FormatError: There is none, or several begin like that.
        """
        asked = "".join(digest.split()).lower()
        found = [one for one in self.waiting() if one.digest.startswith(asked)]
        if len(asked) < _LEAST_CHARS or len(found) != 1:
            raise FormatError(
                "没有这份待确认的清单，或不止一份", "nothing waits under it, or several do",
                where=digest[:_DIGEST_CHARS], fix_zh="用 ecert recognition accept 查看",
                fix_en="See ecert recognition accept",
            )  # fmt: skip
        return found[0]

    def accept(self, digest: str, by: str) -> tuple[Acceptance, ...]:
        """Bring what waits into force, on the word of a second person.

        The approval is recorded first: what is in force always has its two names.

        Raises:
            FormatError: Nothing waits under ``digest``, or ``by`` is empty.
            DocumentRefusedError: ``by`` alone has proposed it, or it may not come into force
                any more.
        """
        proposal = self.get(digest)
        _require_other(proposal, by)
        accepted = self._propose(proposal.data, confirmed=True)
        self._record(ACCEPTED, proposal.digest, accepted, by)
        knowledge = self._workspace.knowledge
        if is_knowledge(proposal.data):
            done = knowledge.accept_all(read_knowledge(proposal.data), confirmed=True)
        else:
            done = (knowledge.accept(proposal.data, confirmed=True),)
        self._remove(proposal.digest)
        return done

    def reject(self, digest: str, by: str) -> Proposal:
        """Drop what waits; anybody may, and it is recorded.

        Raises:
            FormatError: Nothing waits under ``digest``, or ``by`` is empty.
        """
        proposal = self.get(digest)
        subject, at = _subject(proposal.digest), self._clock()
        with self._workspace.register.transaction() as tx:
            tx.add_office_event(OfficeEvent(REJECTED, subject, at, _require_name(by)))
        self._remove(proposal.digest)
        return proposal

    # -- keeping ------------------------------------------------------------------------------

    def _record(self, act: str, digest: str, accepted: tuple[Acceptance, ...], by: str) -> None:
        detail = " ".join(f"{one.slot} {one.version}" for one in accepted)
        event = OfficeEvent(act, _subject(digest), self._clock(), _require_name(by), detail)
        with self._workspace.register.transaction() as tx:
            tx.add_office_event(event)

    def _read(self, digest: str) -> Proposal | None:
        from ecert.store.acts import acts_about

        with (self._folder / f"{digest}.json").open("rb") as file:
            data = file.read(limits.MAX_KNOWLEDGE_FILE_BYTES + 1)
        acts = acts_about(self._workspace.engine, _subject(digest))
        # What was rejected must be proposed anew.
        since = max((n for n, one in enumerate(acts, 1) if one.act == REJECTED), default=0)
        proposed = [one for one in acts[since:] if one.act == PROPOSED]
        # What has been exchanged or damaged waits no more, and hides nothing else that does.
        if not proposed or not _is(digest, data):
            return None
        names = dict.fromkeys(one.actor for one in proposed)
        return Proposal(digest, data, tuple(names), proposed[0].at)

    def _write(self, digest: str, data: bytes) -> None:
        path = self._folder / f"{digest}.json"
        temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            with temporary.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            raise WorkspaceError(
                "待确认的清单写不下去", f"it cannot be held ({error.strerror})", where=str(path),
                fix_zh="请检查权限和磁盘空间", fix_en="Check permissions and space",
            ) from error  # fmt: skip

    def _remove(self, digest: str) -> None:
        (self._folder / f"{digest}.json").unlink(missing_ok=True)


def _digest(data: bytes) -> str:
    if is_knowledge(data):
        return hashlib.sha256(data).hexdigest()
    return envelope.parse(data).digest


def _is(digest: str, data: bytes) -> bool:
    try:
        return _digest(data) == digest
    except ParseError:
        return False


def _subject(digest: str) -> str:
    return f"document:{digest}"


def _require_name(by: str) -> str:
    if not person_key(by):
        raise FormatError("须写明姓名", "a name is needed", where="--by")
    return by.strip()


def _require_other(proposal: Proposal, by: str) -> None:
    mine = person_key(_require_name(by))
    if all(person_key(name) == mine for name in proposal.proposed_by):
        names = "、".join(proposal.proposed_by)
        raise DocumentRefusedError(
            DocumentFault.LARGE_CHANGE,
            "确认人须是另一人", "the second person is another than the first", where="--by",
            fix_zh=f"提出人为{names}", fix_en=f"It was proposed by {names}",
        )  # fmt: skip
