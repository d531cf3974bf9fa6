"""The withdrawal notice (撤回通知): one party stops the recognition of entries at once.

A recognition list needs every party's signature; an emergency must not wait for the other side.
So one party alone signs a notice, which can only take away: it names entries of one list and the
day from which they recognise nothing.  It holds over every version of the list that was issued
before it; a later version, which its owner has signed too, speaks for itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date  # noqa: TC003 - pydantic reads annotations at run time
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field, StringConstraints

from ecert import limits
from ecert.errors import DocumentRefusedError
from ecert.faults import DocumentFault
from ecert.interop.entry import Note  # noqa: TC001 - pydantic reads it at run time
from ecert.interop.mapping import Line  # noqa: TC001 - pydantic reads it at run time
from ecert.interop.recognition import ListId, RecognitionList
from ecert.model.regions import covers
from ecert.trust.document import Document, RegionCode, Strict, content_fault

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ecert.interop.entry import Entry


class WithdrawnEntry(Strict):
    """One line of a notice.

    Attributes:
        entry: Id of the entry in the list.
        on: From this day on, inclusive, nothing is recognised by the entry.
        basis: The document number or order behind it.
        note: A remark.
    """

    entry: Annotated[Line, StringConstraints(max_length=64)]
    on: date
    basis: Line
    note: Note = ""


class WithdrawalNotice(Document):
    """A party's word that entries of a list no longer hold.

    ``expires`` is the day by which the next version of the list is due; past it the notice goes
    on withholding, because time alone must never bring recognition back.

    Attributes:
        list_owner: The owner of the list.
        list_id: The list.
        withdrawals: The entries.
    """

    TYP: ClassVar[str] = "ecert-recognition-withdrawal+jws"

    list_owner: RegionCode
    list_id: ListId
    withdrawals: tuple[WithdrawnEntry, ...] = Field(min_length=1, max_length=limits.MAX_WITHDRAWALS)

    @property
    def slot(self) -> str:
        """The place of this party's notices about this list."""
        return f"{self.TYP}:{self.owner}:{self.list_owner}:{self.list_id}"

    @property
    def list_slot(self) -> str:
        """The place of the list that it speaks about."""
        return f"{RecognitionList.TYP}:{self.list_owner}:{self.list_id}"

    def check_content(self) -> None:
        """Check that it names each entry once, and that its dates are in order.

        Raises:
            DocumentRefusedError: Fault `content`.
        """
        named = [line.entry for line in self.withdrawals]
        if len(set(named)) != len(named):
            raise content_fault("同一条目列了两次", "an entry stands there twice", "withdrawals")
        if self.expires <= self.issued:
            raise content_fault("失效时间不晚于签发时间", "it expires before it is made", "expires")

    def speaks_over(self, document: RecognitionList) -> bool:
        """Tell whether it holds over this version of the list.

        A later version was signed by the notice's owner as well, in the knowledge of the notice.
        """
        return (
            self.list_slot == document.slot
            and self.owner in document.parties
            and document.issued <= self.issued
        )


@dataclass(frozen=True, slots=True)
class Withheld:
    """An entry that a notice withholds.

    Attributes:
        line: What the notice says of it.
        notice: The notice.
        digest: SHA-256 of the notice's payload in hex.
    """

    line: WithdrawnEntry
    notice: WithdrawalNotice
    digest: str


def withheld(
    document: RecognitionList, notices: Iterable[tuple[WithdrawalNotice, str]]
) -> dict[str, Withheld]:
    """Return the entries of ``document`` that the notices withhold, by id.

    Where both parties withdraw one entry, the earlier day counts.

    Args:
        document: The list in force.
        notices: Notices in force with the digests of their payloads.
    """
    found: dict[str, Withheld] = {}
    entries = {entry.id: entry for entry in document.entries}
    for notice, digest in notices:
        if not notice.speaks_over(document):
            continue
        for line in notice.withdrawals:
            entry, earlier = entries.get(line.entry), found.get(line.entry)
            if entry is None or not is_side(notice.owner, entry):
                continue
            if earlier is None or line.on < earlier.line.on:
                found[line.entry] = Withheld(line, notice, digest)
    return found


def is_side(owner: str, entry: Entry) -> bool:
    """Tell whether ``owner`` speaks for the issuing or the accepting side of ``entry``."""
    return covers(owner, entry.source.region) or covers(owner, entry.target.region)


def require_applicable(notice: WithdrawalNotice, document: RecognitionList | None) -> None:
    """Require that a notice speaks of entries of the list in force that are its owner's own.

    Raises:
        DocumentRefusedError: Fault `content` (no such list here, no such entry) or `oversteps`
            (not a party of the list, or an entry between two others).
    """
    if document is None:
        raise DocumentRefusedError(
            DocumentFault.CONTENT,
            f"本机没有清单 {notice.list_owner} {notice.list_id}",
            f"the list {notice.list_owner} {notice.list_id} is not in force here",
            where="list_id", fix_zh="请先导入该清单，再导入通知",
            fix_en="Import the list first, then the notice",
        )  # fmt: skip
    if notice.owner not in document.parties:
        raise _oversteps("签发地区不是该清单的缔约地区", "its owner is no party", "owner")
    entries = {entry.id: entry for entry in document.entries}
    for line in notice.withdrawals:
        where = f"withdrawals.{line.entry}"
        if line.entry not in entries:
            raise content_fault("清单中没有此条目", "the list has no such entry", where)
        if not is_side(notice.owner, entries[line.entry]):
            raise _oversteps(
                "此条目的颁发地区和认可地区都不是签发地区",
                "neither side of the entry is the owner's", where,
            )  # fmt: skip


def require_only_more(
    before: WithdrawalNotice, after: WithdrawalNotice, document: RecognitionList | None
) -> None:
    """Require that a later notice gives nothing back that an earlier one withholds.

    Recognition comes back by a new version of the list, which every party signs.

    Args:
        before: The notice in force.
        after: The one that would replace it.
        document: The list in force; what it has answered may be left out, and entries that it
            no longer has.

    Raises:
        DocumentRefusedError: Fault `content`.
    """
    if document is not None and not before.speaks_over(document):
        return
    days = {line.entry: line.on for line in after.withdrawals}
    listed = None if document is None else {entry.id for entry in document.entries}
    for line in before.withdrawals:
        if listed is not None and line.entry not in listed:
            continue
        if line.entry not in days or days[line.entry] > line.on:
            raise DocumentRefusedError(
                DocumentFault.CONTENT,
                "通知只能撤回，不能恢复或推迟", "a notice takes away and never gives back",
                where=f"withdrawals.{line.entry}",
                fix_zh="恢复认可须由各方签署清单的下一版",
                fix_en="Recognition comes back by the next version of the list",
            )  # fmt: skip


def _oversteps(zh: str, en: str, where: str) -> DocumentRefusedError:
    return DocumentRefusedError(DocumentFault.OVERSTEPS, zh, en, where=where)
