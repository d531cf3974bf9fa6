"""The people of these tests, all invented."""

from __future__ import annotations

from datetime import date
from typing import Final

PASSPHRASE: Final = "correct horse 电池"
NUMBER: Final = "510681199003071237"
FIELDS: Final = {"准驾车型": "C1"}
UNTIL: Final = date(2031, 6, 1)
MATTER: Final = "机动车业务"
ISSUE: Final = (
    "-C", "guangan", "issue", "机动车驾驶证", "--holder", "张伟", "--number", NUMBER,
    "-f", "准驾车型=C1", "--until", "2031-06-01",
)  # fmt: skip
