"""What something claims to be, before any of it is proven."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ecert.errors import FormatError


@dataclass(frozen=True, slots=True)
class Unproven:
    """What something claims to be.

    Attributes:
        kind: Its kind, for programs.
        zh: Its kind in Chinese.
        en: Its kind in English.
        facts: What it says, without the holder's data.
        personal: What it says of its holder.
    """

    kind: str
    zh: str
    en: str
    facts: dict[str, Any]
    personal: dict[str, Any] = field(default_factory=dict)


def unknown() -> FormatError:
    """Return the refusal of what this library does not know."""
    return FormatError(
        "认不出这是什么", "this is nothing that ecert knows",
        fix_zh="可以是亮证码、图片、证照标识、电子证照文件、状态表、名单、送达件、委托书、卡包文件",
        fix_en="It may be a show code, a picture, a licence id, a credential, a status list, "
        "a list, a delivery, a mandate or a wallet",
    )  # fmt: skip
