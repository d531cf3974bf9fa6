"""The bodies and questions that the hall's API takes."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from ecert.limits import MAX_NAME_CHARS, MAX_REPORTED_LISTS, MAX_SAFE_INTEGER, MAX_SILENT_MINUTES

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_FIRST: Final = datetime(2000, 1, 1, tzinfo=UTC)
_LAST: Final = datetime(2199, 12, 31, tzinfo=UTC)


def _one_spelling(value: object) -> object:
    # A number would be taken for seconds since 1970.
    if isinstance(value, str) and not _DAY.fullmatch(value):
        raise ValueError("a day is written YYYY-MM-DD")
    return value


def _written(value: object) -> object:
    if value is not None and not isinstance(value, str):
        raise ValueError("a moment is text")
    return value


def _within_reach(moment: datetime) -> datetime:
    # The hall tells it again in its own zone, where the ends of the calendar have no place.
    if not _FIRST <= moment <= _LAST:
        raise ValueError("from the year 2000 to the year 2199")
    return moment


Day = Annotated[date, BeforeValidator(_one_spelling)]
TokenId = Annotated[str, Field(min_length=1, max_length=64)]
Silent = Annotated[int, Field(ge=1, le=MAX_SILENT_MINUTES)]
Form = Literal["xlsx", "csv"]
Language = Literal["zh", "en"]
_Name = Annotated[str, Field(min_length=1, max_length=MAX_NAME_CHARS)]
_Version = Annotated[int, Field(ge=0, le=MAX_SAFE_INTEGER)]
_Moment = Annotated[
    AwareDatetime, BeforeValidator(_written), Field(strict=False), AfterValidator(_within_reach)
]


class SignReport(BaseModel):
    """What a window with a database of its own says of itself."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    window: _Name
    machine: _Name
    software: _Name
    synced: _Moment | None = None
    expires: _Moment | None = None
    lists: Annotated[dict[_Name, _Version], Field(max_length=MAX_REPORTED_LISTS)]
