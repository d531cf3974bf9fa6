"""The holder's portrait on the command line: a file that goes in, and one that comes out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ecert import limits
from ecert.cli.arguments import require_file
from ecert.cli.terminal import read_bounded
from ecert.cli.words import told

PortraitFile = Annotated[
    Path | None,
    typer.Option(
        "--portrait", metavar="FILE",
        help=told(
            "持证人照片（JPEG 或 PNG）；重新压缩，不留拍摄信息",
            "The holder's photograph (JPEG or PNG); drawn anew, without what the camera noted",
        ),
    ),
]  # fmt: skip
PortraitOutput = Annotated[
    Path | None,
    typer.Option(
        "--portrait", metavar="FILE",
        help=told(
            "把电子证照文件中的照片写入此文件，与本人比对；用后请删除",
            "Write a licence file's portrait here, to compare it with the person; then delete it",
        ),
    ),
]  # fmt: skip


def read_portrait(path: Path) -> bytes:
    """Return the content of a picture's file; what is larger than any picture is cut off."""
    return read_bounded(require_file(path), limits.MAX_PICTURE_BYTES)


def without_portrait(claims: dict[str, Any]) -> dict[str, Any]:
    """Return claims as people may read them: of a portrait no more than that it is there."""
    return claims | {"portrait": True} if "portrait" in claims else claims
