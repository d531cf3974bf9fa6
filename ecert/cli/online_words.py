"""Options of online codes: what a holder discloses, and what a window says that it is for."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Annotated

import typer

from ecert.cli.words import told
from ecert.errors import FormatError

if TYPE_CHECKING:
    from ecert.online.purpose import AccessPurpose

Clerk = Annotated[
    str | None,
    typer.Option(
        "--clerk",
        help=told(
            "在线码：操作人员（username），默认为本机登录名",
            "Online codes: the clerk (username); the login name by default",
        ),
    ),
]
ItemCode = Annotated[
    str | None,
    typer.Option(
        "--item-code", help=told("在线码：事项编码（itemCode）", "Online codes: the matter's code")
    ),
]
BusinessCode = Annotated[
    str | None,
    typer.Option(
        "--case",
        help=told("在线码：办件编号（businessCode）", "Online codes: the number of this case"),
    ),
]
UseCause = Annotated[
    str | None,
    typer.Option(
        "--cause", help=told("在线码：使用事由（useCause）", "Online codes: what it is used for")
    ),
]

Online = Annotated[
    bool,
    typer.Option(
        "--online",
        help=told(
            "在线码：32 位数字，须联网，完整出示（ecert show-service use 设置亮证服务）",
            "An online code: 32 digits, in full, over the network (see ecert show-service use)",
        ),
    ),
]
Fields = Annotated[
    list[str] | None,
    typer.Option(
        "--field",
        metavar="NAME",
        help=told("在线码只出示这些照面信息", "Disclose only these fields by an online code"),
    ),
]


def read_purpose(
    office: str,
    matter: str | None,
    clerk: str | None,
    item_code: str | None,
    business_code: str | None,
    use_cause: str | None,
) -> AccessPurpose:
    """Return the purpose that the holder will read.

    Raises:
        FormatError: A word is missing or of the wrong form.
    """
    from ecert.online.purpose import AccessPurpose

    words = {
        "--for": matter, "--item-code": item_code, "--case": business_code, "--cause": use_cause,
    }  # fmt: skip
    if missing := [name for name, word in words.items() if not word]:
        raise FormatError(
            "在线码须写明用途，供持证人查看", "an online code needs a purpose",
            where=" ".join(missing),
            fix_zh="请补上：--for 事项 --item-code 事项编码 --case 办件编号 --cause 使用事由",
            fix_en="Add: --for MATTER --item-code CODE --case NUMBER --cause TEXT",
        )  # fmt: skip
    return AccessPurpose.read(
        {
            "orgName": office,
            "username": clerk or getpass.getuser(),
            "itemName": matter,
            "itemCode": item_code,
            "businessCode": business_code,
            "useCause": use_cause,
        }
    )
