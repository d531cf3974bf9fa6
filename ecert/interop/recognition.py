"""The recognition list (互认清单): which region recognises which licences of another, for what.

Each entry has one direction.  Whether a list may come into force is decided in
`ecert.interop.book`; whether it contradicts itself, in `ecert.interop.content`.
"""

from __future__ import annotations

from datetime import date  # noqa: TC003 - pydantic reads annotations at run time
from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from ecert import limits
from ecert.interop.content import require_content
from ecert.interop.entry import ALL, Entry, Side, Withdrawal, is_empty, matter_key
from ecert.interop.mapping import Line  # noqa: TC001 - pydantic reads it at run time
from ecert.model.catalogue import LicenceType  # noqa: TC001 - pydantic reads it at run time
from ecert.trust.document import Document, RegionCode

__all__ = ["ALL", "Entry", "ListId", "RecognitionList", "Side", "Withdrawal", "matter_key"]

ListId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]


class RecognitionList(Document):
    """A recognition list between two or more regions.

    Attributes:
        list_id: Stays with the list through all its versions.
        title: Formal title (《…电子证照亮证互认实施清单》).
        document_number: Document number (文号).
        parties: The regions that agree on it, the owner among them; each of them signs.
        sample: Whether it is an invented sample, which every verdict then says.
        notice_days: Days between the notice of a change and the change, as agreed; None where
            nothing is agreed.
        types: Definitions of the parties' own types, so that whoever holds the list can name
            and read licences of them.
        entries: The lines; none is a list that has been retired.
    """

    TYP: ClassVar[str] = "ecert-recognition-list+jws"

    list_id: ListId
    title: Line
    document_number: Line
    parties: tuple[RegionCode, ...] = Field(min_length=2, max_length=64)
    sample: bool = False
    notice_days: Annotated[int, Field(ge=0, le=limits.MAX_NOTICE_DAYS)] | None = None
    types: tuple[LicenceType, ...] = Field(
        default=(), max_length=limits.MAX_CARRIED_TYPES, exclude_if=is_empty
    )
    entries: tuple[Entry, ...]

    @property
    def slot(self) -> str:
        """The place of this list; its owner is part of it, so that no other owner can fill it."""
        return f"{self.TYP}:{self.owner}:{self.list_id}"

    def check_content(self) -> None:
        """Check that the list does not contradict itself and says only what its parties may say.

        Raises:
            DocumentRefusedError: Fault `content` or `oversteps`, with every place that is wrong.
                The list is refused whole, never trimmed.
        """
        require_content(self)

    def find(self, source_type: str) -> tuple[Entry, ...]:
        """Return the entries for licences of that type code, in every direction.

        For people and reports; verification asks the index that `decision` lays out.
        """
        return tuple(entry for entry in self.entries if entry.source.type == source_type)

    def in_force(self, on: date) -> tuple[Entry, ...]:
        """Return the entries that hold on that day."""
        return tuple(entry for entry in self.entries if entry.in_force(on))
