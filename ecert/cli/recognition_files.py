"""Recognition lists as commands name them: a draft, a signed file, a sample, or one in force."""

from __future__ import annotations

from datetime import datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from ecert import limits
from ecert.cli.arguments import read_day, require_file
from ecert.cli.terminal import Terminal, read_bounded
from ecert.cli.words import told
from ecert.errors import DocumentRefusedError, FormatError, ParseError
from ecert.model.calendar import SHANGHAI

if TYPE_CHECKING:
    from ecert.interop.recognition import RecognitionList
    from ecert.model.catalogue import Catalogue

AnyList = Annotated[
    str,
    typer.Argument(
        metavar="FILE|ID",
        help=told(
            "互认清单：草案（JSON）、签名文件、样例名，或现行清单的编号",
            "A list: a draft (JSON), a signed file, a sample's name, or the id of one in force",
        ),
    ),
]
OnDay = Annotated[
    str | None,
    typer.Option("--at", metavar="DAY", help=told("按这一天判断，默认今天", "As of this day")),
]


class KnownHere(NamedTuple):
    """What is known in the folder of this run.

    Attributes:
        catalogue: The licence types; the built-in ones where the folder is no workspace.
        lists: The recognition lists in force; none where it is no workspace.
    """

    catalogue: Catalogue
    lists: tuple[RecognitionList, ...]

    def in_force(self, like: RecognitionList) -> RecognitionList | None:
        """Return the list in force of the same owner and id, if there is one."""
        return next((one for one in self.lists if one.slot == like.slot), None)


def known_here(terminal: Terminal) -> KnownHere:
    """Return what the workspace knows; outside of one, what comes with the program."""
    from ecert.model.catalogue import builtin
    from ecert.workspace.settings import FILE

    if not (terminal.folder / FILE).exists():
        return KnownHere(builtin(), ())
    with terminal.workspace() as workspace:
        held = tuple(one.document for one in workspace.knowledge.recognition.lists)
        return KnownHere(workspace.catalogue, held)


def read_list(source: str, known: KnownHere) -> RecognitionList:
    """Return the list that ``source`` names; signatures are not looked at.

    Raises:
        FormatError: There is no such list, or it is malformed.
    """
    path = Path(source)
    if path.is_file():
        return _parsed(read_bounded(path, limits.MAX_ENVELOPE_BYTES), source)
    held = [one for one in known.lists if one.list_id == source]
    if len(held) == 1:
        return held[0]
    if held:
        raise FormatError(
            "几个地区都有这个编号的清单", "several owners have a list of this id", where=source,
            fix_zh="请给出文件", fix_en="Give the file",
        )  # fmt: skip
    if path.suffix or "/" in source:
        require_file(path)
    return _parsed(_sample(source, known), source)


def _sample(source: str, known: KnownHere) -> bytes:
    from ecert.demo import fixture

    try:
        return fixture(source)
    except FormatError as error:
        ids = "、".join(one.list_id for one in known.lists)
        raise FormatError(
            "没有这个文件，现行清单中也没有这个编号",
            "no such file, and no list of this id in force",
            where=source, fix_zh=f"现行清单：{ids or '无'}", fix_en=f"In force: {ids or 'none'}",
        ) from error  # fmt: skip


def _parsed(data: bytes, source: str) -> RecognitionList:
    from ecert.interop.recognition import RecognitionList
    from ecert.sign import envelope
    from ecert.sign.strict import parse_json_object

    try:
        if len(data) > limits.MAX_ENVELOPE_BYTES:
            raise ParseError("the document is too large")
        if "signatures" in parse_json_object(data):
            data = envelope.parse(data).unverified_payload
        return RecognitionList.from_payload(data)
    except ParseError as error:
        raise FormatError(
            "文件不是互认清单，也不是清单草案", f"neither a list nor a draft of one ({error.en})",
            where=source, fix_zh="请对照格式说明修改", fix_en="Compare with the format",
        ) from error  # fmt: skip
    except DocumentRefusedError as error:
        raise FormatError(
            error.zh, error.en, where=source,
            fix_zh="请对照格式说明修改", fix_en="Compare with the format",
        ) from error  # fmt: skip


def moment_of(day: str | None, where: str = "--at") -> datetime:
    """Return noon of a day in Asia/Shanghai, or now.

    Raises:
        FormatError: It is not a day.
    """
    from ecert.clock import system_clock

    if day is None:
        return system_clock()
    return datetime.combine(read_day(day, where), time(12), SHANGHAI)
