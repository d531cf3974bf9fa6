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
from ecert.interop.notices import NoticeShelf, split
from ecert.interop.proving import is_proven, new_epoch, require_parties
from ecert.interop.recognition import RecognitionList, matter_key
from ecert.interop.withdrawal import WithdrawalNotice
from ecert.model.calendar import office_day
from ecert.trust.signatures import open_envelope
from ecert.trust.succession import Mark, check_restored, check_succession

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from ecert.interop.change import Change
    from ecert.interop.decision import Decision
    from ecert.trust.book import TrustBook
    from ecert.trust.roots import RootSet


class RecognitionBook:
    """The recognition lists in force on one machine.

    Args:
        marks: High-water marks of an earlier life, by slot.
    """

    KINDS = (f"{RecognitionList.TYP}:",)
    """How the slots of its lists begin."""
    TYPES = (RecognitionList.TYP, WithdrawalNotice.TYP)
    """The kinds of document that it takes."""

    def __init__(self, marks: Mapping[str, Mark] | None = None) -> None:
        self._marks = {
            slot: mark for slot, mark in (marks or {}).items() if slot.startswith(self.KINDS)
        }
        self._lists: dict[str, ListInForce] = {}
        self._documents: dict[str, bytes] = {}
        self._shelf = NoticeShelf(marks)
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
        require_parties(envelope, incoming, trust, at)  # (3) by enough keys of every party
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

    def propose_any(
        self,
        data: bytes,
        *,
        trust: TrustBook,
        reader: str,
        at: datetime,
        confirmed: bool = False,
    ) -> tuple[RecognitionList | WithdrawalNotice, Change | None]:
        """Say what a list or a withdrawal notice would bring; arguments as for `propose`.

        Raises:
            DocumentRefusedError: It may not come in; what was in force stays.
        """
        if open_envelope(data, *self.TYPES).typ == RecognitionList.TYP:
            change = self.propose(data, trust=trust, reader=reader, at=at, confirmed=confirmed)
            return change.incoming, change
        notice = self._shelf.propose(
            data, list_of=self.get, trust=trust, reader=reader, at=at, confirmed=confirmed
        )
        return notice, None

    def accept_any(
        self,
        data: bytes,
        *,
        trust: TrustBook,
        reader: str,
        at: datetime,
        confirmed: bool = False,
    ) -> None:
        """Bring a list or a withdrawal notice into force; arguments as for `propose`.

        Raises:
            DocumentRefusedError: It may not come in; what was in force stays.
        """
        document, change = self.propose_any(
            data, trust=trust, reader=reader, at=at, confirmed=confirmed
        )
        if change is not None:
            self._put(change.incoming, change.mark, data)
        elif isinstance(document, WithdrawalNotice):
            self._shelf.put(document, data)
            self._rebuild()

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

    @property
    def notices(self) -> tuple[WithdrawalNotice, ...]:
        """The withdrawal notices in force."""
        return self._shelf.notices

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
        return self._marks | dict(self._shelf.marks)

    @property
    def documents(self) -> dict[str, bytes]:
        """The envelopes in force, by slot."""
        return self._documents | dict(self._shelf.documents)

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
        lists, notices = split(documents)
        for data in notices:
            book._shelf.restore(data)
        for data in lists:
            envelope = open_envelope(data, RecognitionList.TYP)
            document = RecognitionList.from_payload(envelope.unverified_payload)
            require_parties(envelope, document, trust, at=None)
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
            if not is_proven(self._documents[slot], held.document, trust)
        }
        for slot, document in dropped.items():
            del self._lists[slot], self._documents[slot]
            if before is not None and new_epoch(document, before, trust):
                del self._marks[slot]
        fallen = self._shelf.follow_roots(trust, before)
        self._rebuild()
        return (*dropped, *fallen)

    def _rebuild(self) -> None:
        # Built aside and put in place in one step: a verifier in another thread sees either
        # the lists of before or those of now.
        self._index = RecognitionIndex(map(self._shelf.over, self._lists.values()))


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
