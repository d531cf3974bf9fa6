"""Links for one download (下载地址): short-lived, for the caller that asked, and used once.

A link is the number of the line that the access log has for it: who asked, for which licence and
what for stands there, and no file lies anywhere meanwhile.  It opens nothing without the token of
the very caller that it was made for.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from ecert import limits
from ecert.issuers.sharing.numbers import ShareStatus
from ecert.workspace.sharing.requests import LINK, DownloadByIdRequest

if TYPE_CHECKING:
    from datetime import datetime

    from ecert.issuers.sharing.access import Access
    from ecert.workspace.sharing.answers import ShareAnswer

PATH: Final = "/CertShare/file"


def linked(answer: ShareAnswer, number: int, at: datetime) -> ShareAnswer:
    """Return the answer to ``downloadUrl`` with its link; a refusal stays as it is."""
    if answer.status is not ShareStatus.DONE:
        return answer
    data = answer.data
    link = {
        "downloadUrl": f"{PATH}/{number}/{data['fileType']}/{data['expiryTime']}",
        "urlExpiringTime": (at + limits.SHARE_LINK_LIFE).isoformat(),
    }
    return replace(answer, data=data | link)


def good(made: Access | None, token: str, at: datetime) -> Access | None:
    """Return the call that made a link, if the link is this caller's and has not ended."""
    if made is None or (made.token, made.service, made.status) != (token, LINK, ShareStatus.DONE):
        return None
    return made if made.at <= at < end_of(made) else None


def end_of(made: Access) -> datetime:
    """Return from when on a link opens nothing."""
    return made.at + limits.SHARE_LINK_LIFE


def request_of(made: Access, kind: str, day: str) -> DownloadByIdRequest:
    """Return the download that a link stands for."""
    (licence_id,) = made.licences
    return DownloadByIdRequest.model_validate(
        {"certIdentifier": licence_id, "fileType": kind, "expiryTime": day}
    )
