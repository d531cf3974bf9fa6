"""What became of each row of a job's file."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class RowOutcome(StrEnum):
    """What became of a row."""

    DONE = "done"
    REFUSED = "refused"
    OPEN = "open"
    GIVEN_UP = "given-up"

    @property
    def zh(self) -> str:
        """The office's word for it."""
        return {
            "done": "已办理", "refused": "未办理", "open": "待办理", "given-up": "任务取消，未办理",
        }[self.value]  # fmt: skip


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of one row.

    Attributes:
        row: Its number in the file, as a spreadsheet counts.
        outcome: What became of it.
        licence_id: The licence that was issued or moved.
        number: Its number, which is often a person's.
        where: The cell or column for which it was refused.
        zh: Why it was refused, in Chinese, with the way out.
        en: Why, in English.
    """

    row: int
    outcome: RowOutcome
    licence_id: str = ""
    number: str = ""
    where: str = ""
    zh: str = ""
    en: str = ""
