"""The forms of a workspace's settings."""

from __future__ import annotations

from typing import Final

from ecert.errors import FormatError, ParseError, StoreError
from ecert.limits import MAX_MIRRORS, MAX_NAME_CHARS, MAX_SOURCES
from ecert.model.characters import require_visible
from ecert.sign import suites

RECEIPTS: Final = ("off", "on", "required")


def require_name(text: str, where: str) -> None:
    """Require a name that people can read.

    Raises:
        FormatError: It does not have its form.
    """
    if not 1 <= len(text) <= MAX_NAME_CHARS or text != text.strip():
        raise FormatError(
            f"应为1至{MAX_NAME_CHARS}个字符，首尾不能有空格",
            f"1 to {MAX_NAME_CHARS} characters are needed, without spaces at the ends",
            where=where,
        )
    require_visible(text, FormatError, where=where)


def require_receipts(text: str) -> None:
    """Require a rule of receipts.

    Raises:
        FormatError: It does not have its form.
    """
    if text not in RECEIPTS:
        raise FormatError(
            "没有这种设置", "there is no such setting", where="receipts",
            fix_zh="可用：off、on、required", fix_en="There are: off, on, required",
        )  # fmt: skip


def require_webhooks(text: str, networks: tuple[str, ...] = ()) -> None:
    """Require who sends webhooks, and where inside they may go.

    Raises:
        FormatError: It does not have its form.
    """
    if text not in {"off", "deliver"}:
        raise FormatError(
            "没有这种设置", "there is no such setting", where="webhooks",
            fix_zh="可用：off、deliver", fix_en="There are: off, deliver",
        )  # fmt: skip
    if networks:
        from ecert.client.receivers import AllowedReceivers

        AllowedReceivers.read(networks)


def require_address(url: str) -> None:
    """Require a database's address.

    Raises:
        FormatError: It does not have its form.
    """
    from ecert.store import addresses

    try:
        address = addresses.read_address(url)
        addresses.require_no_password(address)
    except StoreError as error:
        raise FormatError(
            error.zh, error.en, where="database", fix_zh=error.fix_zh, fix_en=error.fix_en
        ) from error
    # A relative one would mean another file in every folder that a program is started in.
    if addresses.kind_of(address) == addresses.SQLITE and not _is_absolute(
        addresses.name_of(address)
    ):
        raise FormatError(
            "数据库文件要写绝对路径", "the path of a database file must be absolute",
            where="database", fix_zh="请写成 sqlite:////绝对路径/文件名.db",
            fix_en="Write sqlite:////absolute/path/file.db",
        )  # fmt: skip


def _is_absolute(path: str) -> bool:
    from pathlib import Path

    return Path(path).is_absolute()


def require_base(text: str) -> None:
    """Require an address below which status lists can stand.

    Raises:
        FormatError: It does not have its form.
    """
    from ecert.trust.trust_list import StatusListRef

    try:
        # As the trust list will register it, with as long a number as there will ever be.
        StatusListRef(number=1, uri=f"{text}/{10**9}")
    except ValueError as error:
        raise FormatError(
            "状态表地址写法不对", "not an address for status lists", where="status_base",
            fix_zh="请写成 https://域名/路径，不带问号、井号和结尾的斜杠",
            fix_en="Write https://host/path, without a query, a fragment or a slash at its end",
        ) from error  # fmt: skip


def require_suite(alg: str) -> None:
    """Require a signature suite.

    Raises:
        FormatError: It does not have its form.
    """
    try:
        suites.by_alg(alg)
    except ParseError as error:
        raise FormatError(
            "没有这种签名算法", "there is no such signature suite", where="alg",
            fix_zh="可用：ES256、SGD_SM3_SM2", fix_en="There are: ES256, SGD_SM3_SM2",
        ) from error  # fmt: skip


def require_sources(sources: tuple[tuple[str, ...], ...], where: str = "") -> None:
    """Require addresses to fetch from.

    Raises:
        FormatError: It does not have its form.
    """
    if not sources:
        return
    from ecert.trust.trust_list import require_uri

    if len(sources) > MAX_SOURCES or any(not 1 <= len(one) <= MAX_MIRRORS for one in sources):
        raise FormatError(
            f"来源不超过 {MAX_SOURCES} 个，每个 1 至 {MAX_MIRRORS} 个地址",
            f"at most {MAX_SOURCES} sources, each of 1 to {MAX_MIRRORS} addresses",
            where="sources",
        )
    for url in (url for one in sources for url in one):
        try:
            require_uri(url)
        except ParseError as error:
            raise FormatError(
                "来源的地址写法不对", "this is no address of a source", where=where or url[:80],
                fix_zh="请写成 https://域名/路径，不带问号和井号；文件夹以斜杠结尾",
                fix_en="Write https://host/path, without query or fragment; a folder ends in /",
            ) from error  # fmt: skip
