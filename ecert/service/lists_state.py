"""What the endpoints of the list keeper share: the desks behind them, and how errors are told."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute

from ecert.errors import CustodyError, EcertError, RegisterError, StoreError
from ecert.service.lists_answers import told_error

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from datetime import datetime

    from ecert.clock import Clock
    from ecert.service.lists_given import UploadedList
    from ecert.workspace import Workspace
    from ecert.workspace.lists.checking import ListCheck, ListChecking
    from ecert.workspace.lists.deciding import ListDesk

_CONFLICTS: Final = (RegisterError, CustodyError)


class ToldRoute(APIRoute):
    """Tells errors with how to mend them: whoever looks at a table wants to know."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """See `APIRoute`."""
        handle = super().get_route_handler()

        async def told(request: Request) -> Response:
            try:
                return await handle(request)
            except StoreError:
                raise
            except EcertError as error:
                return JSONResponse(
                    told_error(error), 409 if isinstance(error, _CONFLICTS) else 400
                )

        return told


@dataclass(slots=True)
class Lists:
    """What the endpoints share.

    Attributes:
        workspace: The workspace.
        clock: The machine's time.
        checking: Looks workbooks through.
        desk: Keeps and decides.
        one: Workbooks are looked through one by one, for windows are waiting too.
    """

    workspace: Workspace
    clock: Clock
    checking: ListChecking
    desk: ListDesk
    one: threading.Lock = field(default_factory=threading.Lock)

    def check(self, data: bytes, given: UploadedList, at: datetime) -> ListCheck:
        """Look a workbook through, against what is in force now."""
        with self.one:
            self.desk.look_up()
            return self.checking.check(data, given.kind, given.given(), at)


def lists_of(request: Request) -> Lists:
    """Return what the endpoints share."""
    found: Lists = request.app.state.lists
    return found
