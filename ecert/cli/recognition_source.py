"""Where the commands on recognition lists take lists, types and regions from."""

from __future__ import annotations

import json
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ecert import limits
from ecert.cli.terminal import read_bounded
from ecert.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecert.cli.terminal import Terminal
    from ecert.interop.decision import ListInForce
    from ecert.interop.draft import DraftSource
    from ecert.interop.recognition import RecognitionList
    from ecert.model.catalogue import Catalogue
    from ecert.workspace import Workspace


@contextmanager
def surroundings(terminal: Terminal) -> Iterator[Workspace | None]:
    """Give the workspace if the folder is one: tables can be made and checked without."""
    from ecert.workspace.settings import FILE

    if not (terminal.folder / FILE).exists():
        yield None
        return
    with terminal.workspace() as workspace:
        yield workspace


def known_types(workspace: Workspace | None) -> Catalogue:
    """Return the types that are known here."""
    from ecert.model.catalogue import builtin

    return builtin() if workspace is None else workspace.knowledge.catalogue


def find_list(
    source: str, workspace: Workspace | None
) -> tuple[RecognitionList, str, Path | None]:  # fmt: skip
    """Return a list, the digest of what is signed, and its file if it is a draft.

    Raises:
        FormatError: There is no such file, and no list of that identifier in force.
        DocumentRefusedError: The file is no list, or contradicts itself.
    """
    from ecert.interop.draft import digest_of, read_draft
    from ecert.interop.recognition import RecognitionList
    from ecert.trust.signatures import open_envelope

    path = Path(source)
    if path.is_file():
        data = read_bounded(path, limits.MAX_ENVELOPE_BYTES)
        if _has_signatures(data):
            envelope = open_envelope(data, RecognitionList.TYP)
            document = RecognitionList.from_payload(envelope.unverified_payload)
            document.check_content()
            return document, envelope.digest, None
        document = read_draft(path)
        return document, digest_of(document), path
    held = [] if workspace is None else [
        one for one in workspace.knowledge.recognition.lists if one.document.list_id == source
    ]  # fmt: skip
    if len(held) == 1:
        return held[0].document, held[0].digest, None
    raise FormatError(
        "没有这个文件，也没有这份现行清单" if not held else "有几份现行清单用这个标识",
        "neither a file nor the identifier of one list in force", where=source,
        fix_zh="用 ecert recognition show 查看现行清单；也可给出文件",
        fix_en="See: ecert recognition show; or name a file",
    )  # fmt: skip


def _has_signatures(data: bytes) -> bool:
    # Which of the two readers is asked; each of them is strict.
    try:
        plain = json.loads(data)
    except ValueError:
        return False
    return isinstance(plain, dict) and "signatures" in plain


def held_list(
    document: RecognitionList, digest: str, workspace: Workspace | None
) -> ListInForce | None:
    """Return what is in force in the list's place, unless it is the list itself."""
    lists = () if workspace is None else workspace.knowledge.recognition.lists
    found = [one for one in lists if one.document.slot == document.slot and one.digest != digest]
    return found[0] if found else None


def draft_source(draft: Path | None) -> DraftSource | None:
    """Return what a draft was made of, if that is told beside it."""
    from ecert.interop.draft import read_source

    return None if draft is None else read_source(draft)


def one_region(text: str | None) -> str | None:
    """Return the code of the one region that ``text`` names.

    Raises:
        FormatError: It names none, or several.
    """
    from ecert.model.region_names import regions_named

    if text is None:
        return None
    found = regions_named(text)
    if len(found) != 1:
        raise FormatError("只能写一个地区", "one region is needed", where=text)
    return found[0]


def several_regions(text: str | None) -> tuple[str, ...] | None:
    """Return the codes of the regions that ``text`` names.

    Raises:
        RegionError: There is no such region.
    """
    from ecert.interop.workbook.texts import split
    from ecert.model.region_names import regions_named

    if text is None:
        return None
    codes = [code for one in split(text, quoted=False) for code in regions_named(one)]
    return tuple(dict.fromkeys(codes))
