"""The withdrawal notices in force: a part of `ecert.interop.book.RecognitionBook`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecert.interop.layout import ListInForce
from ecert.interop.recognition import RecognitionList
from ecert.interop.withdrawal import (
    WithdrawalNotice,
    require_applicable,
    require_only_more,
    withheld,
)
from ecert.trust.roots import Role, starts_new_epoch
from ecert.trust.signatures import is_signed, open_envelope, require_signed
from ecert.trust.succession import Mark, check_restored, check_succession

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from ecert.trust.book import TrustBook
    from ecert.trust.roots import RootSet


class NoticeShelf:
    """The notices in force, by slot, with their high-water marks.

    Args:
        marks: High-water marks of an earlier life; other books' slots are left out.
    """

    def __init__(self, marks: Mapping[str, Mark] | None = None) -> None:
        self._marks = {
            slot: mark
            for slot, mark in (marks or {}).items()
            if slot.startswith(f"{WithdrawalNotice.TYP}:")
        }
        self._held: dict[str, tuple[WithdrawalNotice, str]] = {}
        self._documents: dict[str, bytes] = {}

    def propose(
        self,
        data: bytes,
        *,
        list_of: Callable[[str], RecognitionList | None],
        trust: TrustBook,
        reader: str,
        at: datetime,
        confirmed: bool = False,
    ) -> WithdrawalNotice:
        """Say whether a notice may come into force now, and return it.  Changes nothing.

        One that has expired may, because it only takes away, and a window that hears of it late
        must not go on recognising.

        Raises:
            DocumentRefusedError: It may not.
        """
        # (1) It is a notice, and keeps its rules.
        opened = open_envelope(data, WithdrawalNotice.TYP)
        notice = WithdrawalNotice.from_payload(opened.unverified_payload)
        # (2) Enough keys of its owner for recognition lists have signed it.
        require_signed(opened, trust.require_roots(notice.owner, at=at), Role.RECOGNITION_LIST)
        notice.check_content()
        # (3) It is for this region, not from the future, and follows the one in force.
        check_succession(
            notice, opened.digest, self._marks.get(notice.slot),
            reader=reader, at=at, confirmed=confirmed, lasting=True,
        )  # fmt: skip
        held = self._held.get(notice.slot)
        if held is not None and held[1] == opened.digest:
            return notice  # in force already, whatever has become of the list since
        # (4) It gives nothing back, and takes away only what is its owner's to take.
        document = list_of(notice.list_slot)
        if held is not None:
            require_only_more(held[0], notice, document)
        require_applicable(notice, document)
        return notice

    def put(self, notice: WithdrawalNotice, data: bytes) -> None:
        """Keep a notice that `propose` has returned."""
        digest = open_envelope(data, WithdrawalNotice.TYP).digest
        self._held[notice.slot] = notice, digest
        self._documents[notice.slot] = data
        self._marks[notice.slot] = Mark(notice.version, digest)

    def restore(self, data: bytes) -> None:
        """Take back what was stored.

        Its signatures were proven when it came.  Roots may have changed since, and what only
        takes away stays all the same (see `follow_roots`).

        Raises:
            DocumentRefusedError: It is malformed, or not the one that its mark names.
        """
        opened = open_envelope(data, WithdrawalNotice.TYP)
        notice = WithdrawalNotice.from_payload(opened.unverified_payload)
        notice.check_content()
        check_restored(notice, opened.digest, self._marks.get(notice.slot))
        self.put(notice, data)

    def over(self, held: ListInForce) -> ListInForce:
        """Return the list in force without what notices withhold from it."""
        found = withheld(held.document, self._held.values())
        return ListInForce(held.document, held.digest, found) if found else held

    def follow_roots(self, trust: TrustBook, before: RootSet | None) -> tuple[str, ...]:
        """Drop the notices of a region whose keys for lists have all but been replaced.

        That is the cure after enough keys were stolen, and its lists fall with them.  Where
        fewer were replaced a notice stays, though it may want a signature now: a change of keys
        must not bring back what was withdrawn.

        Args:
            trust: The roots as they now are.
            before: The root set that has been replaced, None if there was none.

        Returns:
            The slots that are now empty; their marks are forgotten.
        """
        after = None if before is None else trust.roots(before.owner)
        if before is None or after is None:
            return ()
        if not starts_new_epoch(before, after, Role.RECOGNITION_LIST):
            return ()
        dropped = [
            slot
            for slot, (notice, _) in self._held.items()
            if trust.roots_for(notice.owner) == after
            and not is_signed(
                open_envelope(self._documents[slot], WithdrawalNotice.TYP),
                after,
                Role.RECOGNITION_LIST,
            )
        ]
        for slot in dropped:
            del self._held[slot], self._documents[slot], self._marks[slot]
        return tuple(dropped)

    @property
    def notices(self) -> tuple[WithdrawalNotice, ...]:
        """The notices in force."""
        return tuple(notice for notice, _ in self._held.values())

    @property
    def marks(self) -> Mapping[str, Mark]:
        """The high-water marks, by slot."""
        return dict(self._marks)

    @property
    def documents(self) -> Mapping[str, bytes]:
        """The envelopes in force, by slot."""
        return dict(self._documents)


def split(documents: Iterable[bytes]) -> tuple[list[bytes], list[bytes]]:
    """Return the envelopes of recognition lists and those of notices apart, in their order."""
    lists: list[bytes] = []
    notices: list[bytes] = []
    for data in documents:
        opened = open_envelope(data, RecognitionList.TYP, WithdrawalNotice.TYP)
        (notices if opened.typ == WithdrawalNotice.TYP else lists).append(data)
    return lists, notices
