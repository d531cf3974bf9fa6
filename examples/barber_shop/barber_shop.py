"""开办理发店：a department's own application, with ecert behind one dependency.

It asks for the licences that its matter needs, takes a scanned code, and files the case copy and
the receipt under the case number.  Whatever is not accepted never reaches `open_case`.
"""

import os
import re
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException
from fastapi.responses import FileResponse

from ecert.service import Accepted, Recognised, router, types_of
from ecert.workspace import Workspace

MATTER = "开办理发店"
HERE = Path(__file__).parent
CASE = re.compile(r"[0-9]{4}-[0-9]{1,8}")


def clerk() -> str:
    """Put your own sign-in here: return who asks, or raise an HTTPException."""
    return "理发店专窗"


def make_app(workspace: Workspace, files: Path) -> FastAPI:
    """Return the application.

    Args:
        workspace: The window's workspace; its matters name 开办理发店.
        files: The folder of case files.
    """
    app = FastAPI(title=MATTER, docs_url=None, redoc_url=None, openapi_url=None)
    matter = workspace.matters.catalogue.require(MATTER, workspace.settings.region)
    needed = Recognised(
        workspace, matter=MATTER, types=types_of(matter), sign_in=clerk, case="case"
    )
    # The clerk's check API as well, behind the same sign-in: /window/api/verify and so on.
    app.include_router(router(workspace, sign_in=clerk), prefix="/window")

    def fresh_case(case: str) -> None:
        # Looked at before the code is: an accepted code is used up.
        if CASE.fullmatch(case) is None:
            raise HTTPException(422, {"zh": "办件编号如 2026-0001", "en": "such as 2026-0001"})
        if (files / case).exists():
            raise HTTPException(409, {"zh": "此办件已收件", "en": "this case is filed already"})

    @app.get("/")
    def page() -> FileResponse:
        return FileResponse(HERE / "page.html", headers={"cache-control": "no-store"})

    @app.get("/needs")
    def needs() -> list[dict[str, Any]]:
        """What to ask for today, and from where it is recognised."""
        at, region = workspace.clock(), workspace.settings.region
        return [
            {
                "any_of": [option.type_name for option in need.options],
                "recognised_from": sorted(
                    {
                        source.entry.source.region
                        for option in need.options
                        for source in option.recognised
                    }
                ),
            }
            for need in workspace.matters.requirements(matter, region, at=at).needs
        ]

    @app.post("/cases/{case}", status_code=201, dependencies=[Depends(fresh_case)])
    def open_case(case: str, shown: Annotated[Accepted, Depends(needed)]) -> dict[str, Any]:
        """File what was shown; the paper it replaces is not asked for again (免提交)."""
        if shown.receipt is None or shown.case_copy is None:
            raise HTTPException(503, {"zh": "回执未能留存", "en": "no receipt could be kept"})
        file_case(files / case, receipt=shown.receipt.token, case_copy=shown.case_copy)
        return {
            "case": case,
            "receipt": shown.receipt.receipt.number,
            "licences": [
                {"type": one.type_name, "holder": one.holders[0][0], "bearer": one.bearer}
                for one in shown.licences
            ],
            "next": [part.next_step("zh") for part in shown.verdict.parts],
        }

    return app


def file_case(folder: Path, *, receipt: str, case_copy: str) -> None:
    """Keep both, readable by this account alone: the case copy holds personal data."""
    draft = folder.with_name(f".{folder.name}.part")
    draft.mkdir(parents=True, mode=0o700)
    for name, text in (("回执.jwt", receipt), ("存卷件.jwt", case_copy)):
        with os.fdopen(os.open(draft / name, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(text)
    draft.rename(folder)
