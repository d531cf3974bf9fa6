"""Files that the list keeper's page gives out: workbooks, approval sheets, drafts."""

from __future__ import annotations

import tempfile
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple
from urllib.parse import quote

from fastapi import APIRouter, Body, Depends, Path, Query, Request, Response

from ecert.errors import FormatError
from ecert.interop.draft import DraftSource
from ecert.interop.workbook.approval import write_approval
from ecert.interop.workbook.template import write_template
from ecert.interop.workbook.writing import write_list
from ecert.service.authentication import require
from ecert.service.lists_given import CheckedList
from ecert.service.lists_state import ToldRoute, lists_of
from ecert.show.approval_pdf import approval_pdf
from ecert.workspace.access import Role
from ecert.workspace.drawing_fonts import fonts_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from ecert.interop.decision import ListInForce
    from ecert.interop.recognition import RecognitionList
    from ecert.workspace import Workspace

_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PDF: Final = "application/pdf"
_PDF_END: Final = "-pdf"
_JSON: Final = "application/json"
router = APIRouter(
    prefix="/api/lists", tags=["lists"], route_class=ToldRoute,
    dependencies=[Depends(require(Role.LIST_KEEPER))],
)  # fmt: skip
Workbook = Annotated[bytes, Body(media_type="application/octet-stream")]
Key = Annotated[str, Path(pattern="^[0-9a-f]{16}$")]
What = Annotated[str, Path(pattern="^(annotated|corrected|approval|approval-pdf)$")]
Paper = Annotated[str, Path(pattern="^(draft|signed|approval|approval-pdf|workbook)$")]
Slot = Annotated[str, Query(min_length=1, max_length=500)]


@router.get("/template", response_class=Response)
def template(request: Request) -> Response:
    """Return the workbook that an office fills in."""
    catalogue = lists_of(request).workspace.catalogue
    return _made("互认清单模板.xlsx", lambda path: write_template(path, catalogue))


@router.get("/in-force", response_class=Response)
def in_force(request: Request, slot: Slot) -> Response:
    """Return a list in force as a workbook, to make the next version of it."""
    lists = lists_of(request).workspace.knowledge.recognition.lists
    found = [one.document for one in lists if one.document.slot == slot]
    if not found:
        raise FormatError("没有这份现行清单", "no list in force has this id", where=slot[:100])
    return _made(f"{found[0].title}.xlsx", lambda path: write_list(path, found[0]))


@router.post("/file/{what}", response_class=Response)
def file(
    request: Request, what: What, data: Workbook,
    given: Annotated[CheckedList, Query()],
) -> Response:  # fmt: skip
    """Return an annotated copy, the table in our own form, or the sheet for approval."""
    lists = lists_of(request)
    check = lists.check(data, given, given.moment(lists.clock()))
    if what == "annotated":
        return _made("已标注.xlsx", lambda path: lists.checking.annotate(
            data, given.kind, check, path))  # fmt: skip
    document = check.reading.document
    if document is None:
        raise FormatError("还有错误没有改正", "there are errors left in the table")
    if what == "corrected":
        return _made("已选定类型.xlsx", lambda path: write_list(path, document))

    said = _Approval(document, check.digest, check.held, check.source())
    return _approval(lists.workspace, said, as_pdf=what.endswith(_PDF_END))


@router.get("/proposals/{key}/{paper}", response_class=Response)
def paper(request: Request, key: Key, paper: Paper) -> Response:
    """Return the draft, the signed list, the sheet for approval, or the table."""
    lists = lists_of(request)
    found = lists.desk.get(key)
    document = lists.desk.document(found)
    if paper == "draft":
        return _sent(found.draft, "草案.json", _JSON)
    if paper == "signed":
        if not found.signed:
            raise FormatError("还没有签名", "nobody has signed it yet")
        return _sent(found.signed, "清单.signed.json", _JSON)
    if paper == "workbook":
        return _made(f"{found.title}.xlsx", lambda path: write_list(path, document))
    held = lists.desk.held(found)
    said = _Approval(
        document, found.digest,
        None if held is None or held.digest == found.digest else held,
        DraftSource.model_validate_json(found.source),
    )  # fmt: skip
    return _approval(lists.workspace, said, as_pdf=paper.endswith(_PDF_END))


class _Approval(NamedTuple):
    document: RecognitionList
    digest: str
    held: ListInForce | None
    source: DraftSource | None


def _approval(workspace: Workspace, said: _Approval, *, as_pdf: bool) -> Response:
    what: Any = said._asdict() | {"catalogue": workspace.catalogue}
    document = what.pop("document")
    if as_pdf:
        data = approval_pdf(document, fonts=fonts_of(workspace), **what)
        return _sent(data, "会签对照表.pdf", _PDF)
    return _made("会签对照表.xlsx", lambda path: write_approval(path, document, **what))


def _made(name: str, write: Callable[[FilePath], object]) -> Response:
    with tempfile.TemporaryDirectory(prefix="ecert-list-") as folder:
        path = FilePath(folder) / "made.xlsx"
        write(path)
        return _sent(path.read_bytes(), name, _XLSX)


def _sent(data: bytes, name: str, media: str) -> Response:
    # Whatever a title holds, the name is sent as UTF-8 in percent signs.
    told = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    return Response(data, media_type=media, headers={"content-disposition": told})
