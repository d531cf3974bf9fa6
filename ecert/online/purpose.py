"""What a verifier says about each access: who, where, and what for.

The five words of the national interfaces (五要素: orgName, username, itemName, itemCode,
businessCode) and the use cause (useCause).  None may be left out; the holder reads them.
"""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from ecert import limits
from ecert.errors import FormatError
from ecert.model.characters import require_visible

Word = Annotated[str, StringConstraints(min_length=1, max_length=limits.MAX_PURPOSE_CHARS)]


class AccessPurpose(BaseModel):
    """Why a licence is fetched (调用事由), as the verifier states it."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", hide_input_in_errors=True)

    org_name: Word = Field(alias="orgName")
    """The organisation (使用单位)."""
    username: Word
    """The clerk or terminal (操作人员)."""
    item_name: Word = Field(alias="itemName")
    """The service matter (事项名称)."""
    item_code: Word = Field(alias="itemCode")
    """Its code (事项编码)."""
    business_code: Word = Field(alias="businessCode")
    """The number of this case (办件编号)."""
    use_cause: Word = Field(alias="useCause")
    """What the licence is used for (使用事由)."""

    @classmethod
    def read(cls, plain: object) -> Self:
        """Read a purpose as it came.

        Raises:
            FormatError: A word is missing, empty, too long, or not to be seen.
        """
        try:
            purpose = cls.model_validate(plain)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(map(str, first["loc"])) or "purpose"
            raise FormatError(
                f"调用事由不完整：六项均须填写，每项 1 至 {limits.MAX_PURPOSE_CHARS} 字",
                f"the purpose is incomplete: six words of 1 to {limits.MAX_PURPOSE_CHARS} "
                "characters each",
                where=where,
                fix_zh="请补全：orgName、username、itemName、itemCode、businessCode、useCause",
                fix_en="Give orgName, username, itemName, itemCode, businessCode and useCause",
            ) from error
        for name, word in purpose.plain().items():
            require_visible(word, FormatError, where=name)
            if not word.strip():
                raise FormatError(
                    "调用事由不能为空白", "a word of the purpose is blank", where=name,
                    fix_zh="请填写", fix_en="Fill it in",
                )  # fmt: skip
        return purpose

    def plain(self) -> dict[str, Any]:
        """Return the six words under the names of the interfaces."""
        return self.model_dump(by_alias=True)
