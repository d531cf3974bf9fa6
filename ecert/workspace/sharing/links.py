"""Links for one download (下载地址): short-lived, for the caller that asked, and used once.

A link is the number of the line that the access log has for it: who asked, for which licence,
what for, and which kind of file to which day stands there, and no file lies anywhere meanwhile.
It opens nothing without the token of the very caller that it was made for.
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
    link = {
        "downloadUrl": f"{PATH}/{number}/{offered(answer)}",
        "urlExpiringTime": (at + limits.SHARE_LINK_LIFE).isoformat(),
    }
    return replace(answer, data=answer.data | link)


def offered(answer: ShareAnswer) -> str:
    """Return what a link is made for, as its path and the log say it: kind and last day."""
    if answer.status is not ShareStatus.DONE:
        return ""
    return f"{answer.data['fileType']}/{answer.data['expiryTime']}"


def good(made: Access | None, asked: str, token: str, at: datetime) -> Access | None:
    """Return the call that made a link, if the link is this caller's and has not ended.

    Args:
        made: The call of the number that the link names.
        asked: The kind and the day that the link names: those that were offered, and no others.
        token: The id of the caller's token.
        at: Now.
    """
    if made is None or (made.token, made.service, made.status) != (token, LINK, ShareStatus.DONE):
        return None
    if made.offered != asked:
        return None
    return made if made.at <= at < end_of(made) else None


def end_of(made: Access) -> datetime:
    """Return from when on a link opens nothing."""
    return made.at + limits.SHARE_LINK_LIFE


def request_of(made: Access) -> DownloadByIdRequest:
    """Return the download that a link stands for."""
    (licence_id,) = made.licences
    kind, _, day = made.offered.partition("/")
    return DownloadByIdRequest.model_validate(
        {"certIdentifier": licence_id, "fileType": kind, "expiryTime": day}
    )
