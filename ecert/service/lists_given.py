"""What comes with a workbook: its name, and what is said about the list beside it."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from ecert.errors import FormatError
from ecert.interop.workbook.head import HeadGiven
from ecert.interop.workbook.texts import split
from ecert.limits import MAX_CHECK_AGE, MAX_NAME_CHARS
from ecert.model.calendar import SHANGHAI
from ecert.model.region_names import regions_named

_Text = Annotated[str, Field(max_length=MAX_NAME_CHARS)]
_Hash = Annotated[str, Field(pattern="^([0-9a-f]{64})?$")]
_FIRST, _LAST = date(2000, 1, 1), date(2200, 1, 1)
_MOST: Final = 20
_MOST_CHARS: Final = 2_000


class UploadedList(BaseModel):
    """What a page says beside the workbook; what is blank is not said."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: Annotated[str, Field(min_length=1, max_length=1_000)]
    title: _Text = ""
    list_id: _Text = ""
    document_number: _Text = ""
    owner: _Text = ""
    parties: Annotated[str, Field(max_length=_MOST_CHARS)] = ""
    expires: Annotated[date, Field(ge=_FIRST, le=_LAST)] | None = None
    follow: bool = False

    @property
    def kind(self) -> str:
        """What the name ends with, in small letters, as ``.xlsx``."""
        dot = self.file.rfind(".")
        return self.file[dot:].lower() if dot >= 0 else ""

    @property
    def shown_name(self) -> str:
        """The name as it is kept: what shows nothing is left out."""
        return "".join(one for one in self.file if one.isprintable())[:MAX_NAME_CHARS]

    def given(self) -> HeadGiven:
        """Return what is said.

        Raises:
            FormatError: A region is not known, or not one alone.
        """
        owner = _regions(self.owner)
        if len(owner) > 1:
            raise FormatError("只能写一个地区", "one region is needed", where=self.owner)
        expires = None
        if self.expires is not None:
            expires = datetime.combine(self.expires, time.min, SHANGHAI)
        return HeadGiven(
            title=self.title or None, list_id=self.list_id or None,
            document_number=self.document_number or None, owner=owner[0] if owner else None,
            parties=_regions(self.parties) or None, expires=expires, is_next=self.follow,
        )  # fmt: skip


class CheckedList(UploadedList):
    """The same, and what the page has shown of it."""

    at: AwareDatetime
    digest: _Hash = ""
    base: _Hash = ""

    def moment(self, now: datetime) -> datetime:
        """Return when it was checked; by that the same workbook gives the same list.

        Raises:
            FormatError: That is too long ago, or has not come yet.
        """
        if not now - MAX_CHECK_AGE <= self.at <= now:
            raise FormatError(
                "检查结果已过时", "it was checked too long ago", where="at",
                fix_zh="请重新检查", fix_en="Check it again",
            )  # fmt: skip
        return self.at


class Seen(BaseModel):
    """What somebody has seen who accepts a list."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    digest: _Hash
    base: _Hash


class Chosen(BaseModel):
    """Which licence type a name stands for."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    name: Annotated[str, Field(min_length=1, max_length=MAX_NAME_CHARS)]
    type: Annotated[str, Field(min_length=1, max_length=MAX_NAME_CHARS)]


def _regions(text: str) -> tuple[str, ...]:
    names = split(text, quoted=False) if text.strip() else []
    if len(names) > _MOST:
        raise FormatError(f"最多写{_MOST}个地区", f"at most {_MOST} regions", where="parties")
    return tuple(dict.fromkeys(code for one in names for code in regions_named(one)))
