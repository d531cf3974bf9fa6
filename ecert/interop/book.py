"""The recognition book: which recognition lists are in force here, and what they recognise.

Pure and in memory.  High-water marks are handed in and out, so that whoever keeps the documents
can move document and mark in one transaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecert.errors import DocumentRefusedError
from ecert.faults import DocumentFault
from ecert.interop.change import compare
from ecert.interop.decision import ListInForce, Question, RecognitionIndex
from ecert.interop.recognition import RecognitionList, matter_key
from ecert.model.calendar import office_day
from ecert.trust.roots import Role, starts_new_epoch
from ecert.trust.signatures import is_signed, open_envelope, require_signed
from ecert.trust.succession import Mark, check_restored, check_succession

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from ecert.interop.change import Change
    from ecert.interop.decision import Decision
    from ecert.sign.envelope import Envelope
    from ecert.trust.book import TrustBook
    from ecert.trust.roots import RootSet


class RecognitionBook:
    """The recognition lists in force on one machine.

    Args:
        marks: High-water marks of an earlier life, by slot.
    """

    KINDS = (f"{RecognitionList.TYP}:",)
    """How the slots of this book begin."""

    def __init__(self, marks: Mapping[str, Mark] | None = None) -> None:
        self._marks = {
            slot: mark for slot, mark in (marks or {}).items() if slot.startswith(self.KINDS)
        }
        self._lists: dict[str, ListInForce] = {}
        self._documents: dict[str, bytes] = {}
        self._index = RecognitionIndex()

    # -- what comes into force ----------------------------------------------------------------

    def propose(
        self,
        data: bytes,
        *,
        trust: TrustBook,
        reader: str,
        at: datetime,
        confirmed: bool = False,
    ) -> Change:
        """Say what the list ``data`` would change, if it may come in at all.  Changes nothing.

        Args:
            data: The envelope.
            trust: The pinned roots of the parties.
            reader: The region of this machine.
            at: The time here.
            confirmed: Whether a second person has confirmed.

        Raises:
            DocumentRefusedError: It may not come in, with the fault; what was in force stays.
        """
        envelope = open_envelope(data, RecognitionList.TYP)  # (1) our format, and of this kind
        incoming = RecognitionList.from_payload(envelope.unverified_payload)  # (2) well-formed
        _require_signatures(envelope, incoming, trust, at)  # (3) by enough keys of every party
        incoming.check_content()  # (4) no contradictions, nothing beyond what its parties may say
        mark, current = self._marks.get(incoming.slot), self.get(incoming.slot)
        check_succession(  # (5) for us, in date, no rollback, no jump
            incoming, envelope.digest, mark, reader=reader, at=at, confirmed=confirmed
        )
        change = compare(current, incoming, digest=envelope.digest)  # (6) what it would change
        _check_extent(change, confirmed=confirmed)  # (7) not too much for one person
        return change

    def accept(
        self,
        data: bytes,
        *,
        trust: TrustBook,
        reader: str,
        at: datetime,
        confirmed: bool = False,
    ) -> Change:
        """Bring the list ``data`` into force; arguments as for `propose`.

        Raises:
            DocumentRefusedError: It may not come in, with the fault; what was in force stays.
        """
        change = self.propose(data, trust=trust, reader=reader, at=at, confirmed=confirmed)
        self._put(change.incoming, change.mark, data)  # the only line that changes anything
        return change

    def _put(self, document: RecognitionList, mark: Mark, data: bytes) -> None:
        self._lists[document.slot] = ListInForce(document, mark.digest)
        self._documents[document.slot] = data
        self._marks[document.slot] = mark
        self._rebuild()

    # -- what is in force ---------------------------------------------------------------------

    def get(self, slot: str) -> RecognitionList | None:
        """Return the list that fills ``slot``, or None."""
        held = self._lists.get(slot)
        return None if held is None else held.document

    @property
    def lists(self) -> tuple[ListInForce, ...]:
        """All lists: real ones before samples, then by slot."""
        return self._index.lists

    def relevant(self, issuing_region: str, accepting_region: str) -> tuple[ListInForce, ...]:
        """Return the lists that the two regions, or those above them, have agreed on.

        Raises:
            RegionError: A region code does not have its form.
        """
        return self._index.relevant(issuing_region, accepting_region)

    def decide(
        self,
        *,
        licence_type: str,
        licence_region: str,
        issuer: str,
        reader_region: str,
        matter: str | None,
        at: datetime,
    ) -> Decision:
        """Say whether a licence of another region is recognised here.

        Args:
            licence_type: Its type code.
            licence_region: The region of its issuer.
            issuer: The code of its issuer.
            reader_region: The region of this machine.
            matter: The matter or scene; without one, only what holds for all matters counts.
            at: The time; entries hold by the day in Asia/Shanghai.

        Raises:
            RegionError: A region code does not have its form.
            ValueError: ``at`` has no time zone.
        """
        question = Question(
            licence_type,
            licence_region,
            issuer,
            reader_region,
            None if matter is None else matter_key(matter),
            office_day(at),
        )
        return self._index.decide(question, at)

    # -- keeping ------------------------------------------------------------------------------

    @property
    def marks(self) -> dict[str, Mark]:
        """The high-water marks by slot; a `Mark` also is the identity of what is in force."""
        return dict(self._marks)

    @property
    def documents(self) -> dict[str, bytes]:
        """The envelopes in force, by slot."""
        return dict(self._documents)

    @classmethod
    def restored(
        cls, documents: Iterable[bytes], marks: Mapping[str, Mark], *, trust: TrustBook
    ) -> RecognitionBook:
        """Return the book that handed out these `documents` and `marks`.

        Signatures and content are proven again; dates are not, for a list that has expired
        since must be known in order to be told apart from one that never came.

        Raises:
            DocumentRefusedError: A document is not the one that its mark names (an old backup),
                or it does not prove.
        """
        book = cls(marks)
        for data in documents:
            envelope = open_envelope(data, RecognitionList.TYP)
            document = RecognitionList.from_payload(envelope.unverified_payload)
            _require_signatures(envelope, document, trust, at=None)
            document.check_content()
            check_restored(document, envelope.digest, marks.get(document.slot))
            book._put(document, Mark(document.version, envelope.digest), data)
        return book

    def follow_roots(self, trust: TrustBook, before: RootSet | None = None) -> tuple[str, ...]:
        """Drop the lists that the pinned roots no longer prove, after roots have changed.

        Args:
            trust: The roots as they now are.
            before: The root set that has been replaced.  If nothing that only its keys have
                signed can pass any more, the marks of the dropped lists of that region go too:
                the cure after a stolen key has signed a version that no honest one fits above.

        Returns:
            The slots that are now empty.
        """
        dropped = {
            slot: held.document
            for slot, held in self._lists.items()
            if not _is_proven(self._documents[slot], held.document, trust)
        }
        for slot, document in dropped.items():
            del self._lists[slot], self._documents[slot]
            if before is not None and _starts_new_epoch(document, before, trust):
                del self._marks[slot]
        self._rebuild()
        return tuple(dropped)

    def _rebuild(self) -> None:
        # Built aside and put in place in one step: a verifier in another thread sees either
        # the lists of before or those of now.
        self._index = RecognitionIndex(self._lists.values())


def _require_signatures(
    envelope: Envelope, document: RecognitionList, trust: TrustBook, at: datetime | None
) -> None:
    """Require that every party signed with enough of its keys for recognition lists.

    With ``at``, its roots must be in date too; what is in force does not end with them.
    """
    for party in document.parties:
        roots = trust.roots_for(party) if at is None else trust.require_roots(party, at=at)
        if roots is None:
            raise DocumentRefusedError(DocumentFault.NOT_PINNED, party, party, where="parties")
        require_signed(envelope, roots, Role.RECOGNITION_LIST)


def _is_proven(data: bytes, document: RecognitionList, trust: TrustBook) -> bool:
    envelope = open_envelope(data, RecognitionList.TYP)
    governors = [trust.roots_for(party) for party in document.parties]
    return all(
        roots is not None and is_signed(envelope, roots, Role.RECOGNITION_LIST)
        for roots in governors
    )


def _starts_new_epoch(document: RecognitionList, before: RootSet, trust: TrustBook) -> bool:
    after = trust.roots(before.owner)
    # Every party must sign, so one whose old keys no longer suffice shuts out all old versions.
    return (
        after is not None
        and starts_new_epoch(before, after, Role.RECOGNITION_LIST)
        and any(trust.roots_for(party) == after for party in document.parties)
    )


def _check_extent(change: Change, *, confirmed: bool) -> None:
    if confirmed or not change.needs_second_person:
        return
    left = "、".join(change.parties_left)
    raise DocumentRefusedError(
        DocumentFault.LARGE_CHANGE,
        f"退出地区：{left}" if left else f"{change.share:.0%}",
        f"regions that leave: {left}" if left else f"{change.share:.0%}",
        where="entries",
        fix_zh="请核对差异后由第二人确认",
        fix_en="Have a second person compare and confirm",
    )
