"""What PostgreSQL refuses, by its SQLSTATE; a refused connection, by the server's message."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sqlalchemy import exc

from ecert.store.wording import BUSY, DISK, FULL, UNFIT_TEXT, UNKNOWN, Wording

if TYPE_CHECKING:
    from collections.abc import Mapping

_UNREACHABLE: Final = Wording(
    "连不上数据库服务器",
    "the database server cannot be reached",
    "请检查地址、端口和网络，确认服务器已启动",
    "Check address, port and network, and that the server is running",
)
# The commit may have been done and only its acknowledgement lost.
_LOST: Final = Wording(
    "与数据库服务器的连接中断",
    "the connection to the database server was lost",
    "不能确定本次操作是否生效；请用同一请求号重试，已生效的不会重做",
    "It is not certain whether this took effect; try again with the same request id, "
    "which does nothing twice",
)
_NOT_NOW: Final = Wording(
    "数据库服务器正在启动或停止",
    "the database server is starting or stopping",
    "请稍后重试",
    "Try again in a moment",
)
_LOGIN: Final = Wording(
    "数据库服务器不接受此用户",
    "the database server does not accept this user",
    "请核对用户名和口令（~/.pgpass、PGPASSFILE 或 PGPASSWORD），并由管理员检查服务器的 pg_hba.conf",
    "Check user and password (~/.pgpass, PGPASSFILE or PGPASSWORD); "
    "the administrator checks the server's pg_hba.conf",
)
_NO_DATABASE: Final = Wording(
    "服务器上没有这个数据库",
    "there is no such database on the server",
    "请核对库名，或由管理员用 createdb 新建",
    "Check its name, or have the administrator make it with createdb",
)
_CROWDED: Final = Wording(
    "数据库服务器的连接数已满",
    "the database server takes no more connections",
    "请关闭不用的程序后重试，或由管理员提高 max_connections",
    "Close programs not in use and try again, or have max_connections raised",
)
_READ_ONLY: Final = Wording(
    "数据库只能读，不能写",
    "the database can be read but not written",
    "请确认连接的是主库，不是只读的备库",
    "Make sure that this is the primary server, not a read-only standby",
)
_FORBIDDEN: Final = Wording(
    "数据库用户没有所需的权限",
    "the database user lacks a permission",
    "请管理员授予该用户建表和读写的权限",
    "Have the administrator grant this user to make, read and write tables",
)
_CONFLICT: Final = Wording(
    "与其他程序的操作冲突",
    "another program's operation was in the way",
    "本次操作没有生效，请重试",
    "Nothing was changed; try again",
)
_TOO_LONG: Final = Wording(
    "数据库服务器因超时中止了操作",
    "the database server broke the operation off, as it took too long",
    "本次操作没有生效；请重试，仍不行时联系系统管理员",
    "Nothing was changed; try again, and then ask the system administrator",
)
_DAMAGED: Final = Wording(
    "数据库已损坏",
    "the database is damaged",
    "请停止使用，由系统管理员从备份恢复",
    "Stop using it; the system administrator restores a backup",
)
_ENCRYPTION: Final = Wording(
    "与数据库服务器建立不了加密连接",
    "no encrypted connection to the database server",
    "请检查地址中的 sslmode、sslrootcert，以及服务器的证书",
    "Check sslmode and sslrootcert in the address, and the server's certificate",
)

# By the whole code, or by its first two characters, the class.
_WORDING: Final[Mapping[str, Wording]] = {
    "08": _LOST,
    "57P01": _LOST,  # admin_shutdown
    "57P02": _LOST,  # crash_shutdown
    "57P03": _NOT_NOW,  # cannot_connect_now
    "57P04": _NO_DATABASE,  # database_dropped
    "57014": _TOO_LONG,  # query_canceled, as by statement_timeout
    "25P03": _TOO_LONG,  # idle_in_transaction_session_timeout
    "25P04": _TOO_LONG,  # transaction_timeout
    "25006": _READ_ONLY,
    "28": _LOGIN,
    "3D000": _NO_DATABASE,
    "40": _CONFLICT,  # serialization_failure, deadlock_detected
    "42501": _FORBIDDEN,
    "53100": FULL,
    "53300": _CROWDED,
    "53": UNKNOWN,
    "55P03": BUSY,  # lock_not_available
    "58": DISK,
    "22021": UNFIT_TEXT,
    "XX001": _DAMAGED,
    "XX002": _DAMAGED,
}

# A server that refuses a connection says why in its own language and libpq passes no code on.
_REFUSED_CONNECTIONS: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), code, wording)
    for pattern, code, wording in (
        (r"too many (clients|connections)|slots are reserved|太多的客户|连接太多|已保留的连接位置",
         "53300", _CROWDED),
        (r"the database system is|数据库系统", "57P03", _NOT_NOW),
        (r"authentication failed|password|pg_hba\.conf|认证失败|\brole \"|角色 ?\"",
         "28000", _LOGIN),
        (r"database \".*\" does not exist|数据库 ?\".*\" ?不存在", "3D000", _NO_DATABASE),
        (r"permission denied for database|访问数据库.*的权限不够", "42501", _FORBIDDEN),
        (r"\b(SSL|TLS|certificate)\b", "08001", _ENCRYPTION),
    )
)  # fmt: skip

# Its other kinds are violated constraints and wrong statements.
_REFUSALS: Final = frozenset({exc.OperationalError, exc.DatabaseError, exc.InternalError})


def explain(error: exc.DBAPIError) -> tuple[Wording | None, str]:
    """Return the words for an error and the name or SQLSTATE of it; no words for a bug."""
    code = getattr(error.orig, "sqlstate", None)
    if code:
        usual = UNKNOWN if type(error) in _REFUSALS else None
        return _WORDING.get(code, _WORDING.get(code[:2], usual)), code
    name = type(error.orig).__name__
    if isinstance(error, exc.DataError) and "NUL" in str(error.orig):
        return UNFIT_TEXT, name
    if error.connection_invalidated:
        return _LOST, name
    # Only what happens before a statement has none; SQLAlchemy knows of no statement then.
    if isinstance(error, exc.OperationalError) and error.statement is None:
        return _explain_connecting(str(error.orig), name)
    return (UNKNOWN if type(error) in _REFUSALS else None), name


def _explain_connecting(message: str, name: str) -> tuple[Wording, str]:
    for pattern, code, wording in _REFUSED_CONNECTIONS:
        if pattern.search(message):
            return wording, code
    return _UNREACHABLE, name
