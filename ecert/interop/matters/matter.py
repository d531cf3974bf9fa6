"""A service matter (事项) and what it needs: groups of licences, any one of a group is enough."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from ecert import limits
from ecert.errors import FormatError, MatterError
from ecert.interop.mapping import require_line
from ecert.model.characters import is_plain
from ecert.model.regions import parse_region

if TYPE_CHECKING:
    from collections.abc import Sized

_TYPE_CODE: Final = re.compile(r"[0-9A-Z]{18}[0-9]{3}")


@dataclass(frozen=True, slots=True)
class LicenceChoice:
    """A licence type that will do.

    Attributes:
        type: Licence type code (证照类型代码, GB/T 36904).
        own_region: Whether only a licence of the matter's own region will do: issued there, by an
            authority below it, or by one above it.
        fields: Fields of the type (照面信息) that the matter has to see; none if any will do.
    """

    type: str
    own_region: bool = False
    fields: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if _TYPE_CODE.fullmatch(self.type) is None:
            raise MatterError(
                "证照类型代码应为21位", "a licence type code has 21 characters", where="证照类型"
            )
        _require_count("照面信息", self.fields, limits.MAX_FIELDS)
        for name in self.fields:
            _require_text("照面信息", name, limits.MAX_NAME_CHARS)
        _require_once("照面信息", self.fields)


@dataclass(frozen=True, slots=True)
class PaperChoice:
    """A paper that no electronic licence stands in for.

    Attributes:
        name: What it is called.
    """

    name: str

    def __post_init__(self) -> None:
        _require_text("材料名称", self.name, limits.MAX_NAME_CHARS)


Choice = LicenceChoice | PaperChoice


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that a matter needs; any one of its choices is enough.

    Attributes:
        choices: What will do, the preferred first.
    """

    choices: tuple[Choice, ...]

    def __post_init__(self) -> None:
        if not self.choices:
            raise MatterError("没有写明材料", "a need names nothing", where="所需证照")
        _require_count("所需证照", self.choices, limits.MAX_CHOICES)
        names = [one.type if isinstance(one, LicenceChoice) else one.name for one in self.choices]
        _require_once("所需证照", names)

    @property
    def licences(self) -> tuple[LicenceChoice, ...]:
        """The licence types among its choices."""
        return tuple(one for one in self.choices if isinstance(one, LicenceChoice))

    @property
    def papers(self) -> tuple[PaperChoice, ...]:
        """The papers among its choices."""
        return tuple(one for one in self.choices if isinstance(one, PaperChoice))

    @property
    def paper_only(self) -> bool:
        """Whether nothing but paper will do."""
        return not any(isinstance(one, LicenceChoice) for one in self.choices)


@dataclass(frozen=True, slots=True)
class Matter:
    """A service matter (事项).

    Attributes:
        code: Its code (事项编码, 实施编码) as the office has it.
        name: Its name.
        region: Where it is handled, six digits; regions below it are meant too.
        department: The department that handles it; may be empty.
        needs: What it needs, all of them; none if nothing has to be shown.
        aliases: Other names, and scenes (应用场景) by which recognition lists know it.
    """

    code: str
    name: str
    region: str
    department: str = ""
    needs: tuple[Need, ...] = ()
    aliases: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _require_text("事项编码", self.code, limits.MAX_MATTER_CODE_CHARS)
        _require_text("事项名称", self.name, limits.MAX_NAME_CHARS)
        parse_region(self.region)
        if self.department:
            _require_department(self.department)
        _require_count("所需证照", self.needs, limits.MAX_NEEDS)
        if len(self.needs) > 1:
            _require_once("所需证照", self.needs)
        _require_count("事项别名", self.aliases, limits.MAX_MATTER_ALIASES)
        for name in self.aliases:
            _require_text("事项别名", name, limits.MAX_NAME_CHARS)
        _require_once("事项别名", self.aliases)

    @property
    def names(self) -> tuple[str, ...]:
        """Its name, then its aliases."""
        return (self.name, *self.aliases)

    @property
    def paperless(self) -> bool:
        """Whether all it needs can be met without paper (免提交), by a holder from here."""
        return not any(need.paper_only for need in self.needs)


def _require_text(where: str, text: str, most: int) -> None:
    if not text:
        raise MatterError("没有填写", "it is empty", where=where)
    if len(text) > most:
        raise MatterError(
            f"超过{most}个字符", f"it has more than {most} characters", where=where,
            fix_zh="请写得短些", fix_en="Write it shorter",
        )  # fmt: skip
    if is_plain(text) and " " not in {text[0], text[-1]}:
        return
    try:
        require_line(text)
    except FormatError as error:
        raise MatterError(
            error.zh, error.en, where=where, fix_zh=error.fix_zh, fix_en=error.fix_en
        ) from error


@lru_cache(maxsize=4096)
def _require_department(name: str) -> None:
    # Few departments have all the matters.
    _require_text("实施部门", name, limits.MAX_NAME_CHARS)


def _require_count(where: str, values: Sized, most: int) -> None:
    if len(values) > most:
        raise MatterError(f"超过{most}项", f"there are more than {most}", where=where)


def _require_once(where: str, values: tuple[object, ...] | list[str]) -> None:
    if len(set(values)) < len(values):
        raise MatterError("有重复", "one of them is repeated", where=where)
