"""Why, by which decision and by whom: what every act on a licence must say."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Annotated

import typer

from ecert.cli.words import told
from ecert.errors import ForbiddenMoveError, FormatError

if TYPE_CHECKING:
    from ecert.issuers.changes import Order
    from ecert.issuers.issuer import Issuer
    from ecert.issuers.lifecycle import Move
    from ecert.issuers.records import Objection
    from ecert.model.licence import Licence
    from ecert.workspace import Workspace

Why = Annotated[str, typer.Option("--reason", help=told("理由，记入证照库", "Why, for the record"))]
Document = Annotated[
    str, typer.Option("--document", help=told("决定书文号", "Number of the decision (文号)"))
]
Actor = Annotated[
    str | None,
    typer.Option(
        "--actor",
        help=told(
            "经办人，默认为操作系统的登录用户",
            "Who ordered it; the operating system's user by default",
        ),
    ),
]


def this_user() -> str:
    """Return the name of the operating system's user; empty if it has none."""
    try:
        import os
        import pwd
    except ImportError:  # Windows
        return getpass.getuser()
    try:
        # Not what the environment says: everybody may set that.
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return ""


def ordered(
    reason: str = "", document: str = "", actor: str | None = None, request_id: str | None = None
) -> Order:
    """Return the order that these options make."""
    from ecert.issuers.changes import Order

    order = Order(reason=reason, document=document, actor=this_user() if actor is None else actor)
    if request_id is not None:
        order["request_id"] = request_id
    return order


def demand(move: Move, order: Order) -> None:
    """Require what the record of ``move`` must say.

    Raises:
        FormatError: An option is missing; it is named.
    """
    from ecert.issuers.lifecycle import require_grounds

    try:
        require_grounds(move, order.get("reason", ""), order.get("document", ""))
    except ForbiddenMoveError as error:
        # Here it is an option left out, not a licence that may not be touched.
        raise FormatError(
            error.zh, error.en, where=f"--{error.where}", fix_zh=error.fix_zh, fix_en=error.fix_en
        ) from error


def rehearsing(
    workspace: Workspace, licence: Licence, objection: Objection | None = None
) -> Issuer:
    """Return the office on a register that holds this licence alone and is forgotten."""
    from ecert.issuers.memory import MemoryRegister

    register = MemoryRegister()
    with register.transaction() as tx:
        tx.add_licence(licence)
        if objection is not None:
            tx.add_objection(objection)
    return workspace.issuer_on(register)
