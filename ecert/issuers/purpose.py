"""Purpose copies (加注件, GB/T 36903): a file that is good for one purpose and a short time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ecert.errors import ForbiddenMoveError, FormatError
from ecert.limits import MAX_PURPOSE_CHARS
from ecert.model.calendar import end_of_day, office_day
from ecert.model.characters import require_visible

if TYPE_CHECKING:
    from datetime import date, datetime

    from ecert.model.licence import Licence


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a purpose copy says beside the licence.

    Attributes:
        text: What it is for (加注件制作事由), as a reader at a counter needs it.
        maker: Who made it (加注件制作者).
        valid_until: Its last day (加注件有效期截止时间), inclusive.

    Raises:
        FormatError: A text is empty, too long, or holds characters that show nothing.
    """

    text: str
    maker: str
    valid_until: date

    def __post_init__(self) -> None:
        for name, where in (("text", "加注件制作事由"), ("maker", "加注件制作者")):
            value = getattr(self, name)
            if not 1 <= len(value.strip()) <= MAX_PURPOSE_CHARS:
                raise FormatError(
                    f"应为1至{MAX_PURPOSE_CHARS}个字符",
                    f"1 to {MAX_PURPOSE_CHARS} characters are needed",
                    where=where,
                    fix_zh="请写明用途和制作者",
                    fix_en="Say what for, and who made it",
                )
            require_visible(value, FormatError, where=where)

    def require_fits(self, licence: Licence, at: datetime) -> None:
        """Require that the copy begins and ends within the licence's validity.

        Raises:
            ForbiddenMoveError: It would end before today, or after the licence.
        """
        require_last_day(self.valid_until, licence, at)

    def asked(self) -> dict[str, str]:
        """Return plain values for comparing a retry."""
        return {"purpose": self.text, "maker": self.maker, "until": self.valid_until.isoformat()}

    def claims(self, at: datetime) -> dict[str, Any]:
        """Return the claims that make a file credential a purpose copy."""
        return {
            "purpose_copy": {
                "purpose": self.text,
                "maker": self.maker,
                "made_at": int(at.timestamp()),
                "valid_until": self.valid_until.isoformat(),
            },
            "exp": end_of_day(self.valid_until),
        }


def require_last_day(day: date, licence: Licence, at: datetime) -> None:
    """Require that a copy whose last day is ``day`` ends within the licence's validity.

    Raises:
        ForbiddenMoveError: It would end before today, or after the licence.
    """
    last, first = licence.valid_until, max(office_day(at), licence.valid_from)
    if day < first or (last is not None and day > last):
        raise ForbiddenMoveError(
            "截止日期须在今天或以后，且不超过证照有效期",
            "a copy ends today or later, and not after its licence",
            where="截止日期",
            fix_zh="请填写较早的截止日期" if last and day > last else "请填写今后的日期",
            fix_en="Choose a day within the licence's validity",
        )
