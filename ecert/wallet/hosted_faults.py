"""What hosted wallets refuse, in words that name no holder: only the database."""

from __future__ import annotations

from ecert.errors import VaultError


def absent(where: str) -> VaultError:
    """There is no wallet of this account."""
    return VaultError(
        "没有这个账户的卡包", "there is no wallet of this account", where=where,
        fix_zh="请核对账户标识；新用户请先新建卡包",
        fix_en="Check the account's id; make a wallet first for a new one",
    )  # fmt: skip


def taken(where: str) -> VaultError:
    """A wallet was to be made for an account that has one."""
    return VaultError(
        "这个账户已有卡包，不会覆盖", "this account has a wallet already; nothing is overwritten",
        where=where, fix_zh="请打开已有的卡包", fix_en="Open the one that is there",
    )  # fmt: skip


def changed(where: str) -> VaultError:
    """Somebody else wrote in between, or removed it."""
    return VaultError(
        "卡包已被其他程序更改，为免丢失内容，未作操作",
        "another program has changed the wallet; nothing was done, so that nothing is lost",
        where=where, fix_zh="请重新打开卡包后再操作", fix_en="Open the wallet again and repeat",
    )  # fmt: skip


def older(where: str) -> VaultError:
    """The row is authentic, but older than what was seen before."""
    return VaultError(
        "卡包记录比已知的旧，可能被换回旧记录或从备份恢复",
        "the wallet's record is older than what is known: an old one was put back, or a backup",
        where=where,
        fix_zh="请联系系统管理员核对数据库", fix_en="Ask the administrator to look into it",
    )  # fmt: skip


def damaged(where: str) -> VaultError:
    """The row does not open as this holder's."""
    return VaultError(
        "卡包记录已损坏、被改动或被调换",
        "the wallet's record is damaged, altered or another's", where=where,
        fix_zh="请从备份恢复", fix_en="Restore a backup",
    )  # fmt: skip


def not_set_up(where: str) -> VaultError:
    """The database is not one of hosted wallets."""
    return VaultError(
        "这个数据库还没有设置托管卡包", "hosted wallets are not set up in this database",
        where=where, fix_zh="请先运行 ecert wallets init", fix_en="Run ecert wallets init first",
    )  # fmt: skip


def set_up_before(where: str) -> VaultError:
    """Setting up was asked for a second time."""
    return VaultError(
        "这个数据库已设置托管卡包，不会重设",
        "hosted wallets are set up in this database already",
        where=where, fix_zh="请直接使用", fix_en="Use them as they are",
    )  # fmt: skip


def not_rewrapped(where: str, count: int) -> VaultError:
    """Some wrapped keys are damaged, so that rotation had to leave them."""
    return VaultError(
        f"有 {count} 个卡包的密钥记录已损坏，未能更换保管密钥，其余已完成",
        f"the key records of {count} wallets are damaged and stay as they are; the others are done",
        where=where,
        fix_zh="请运行 ecert wallets check 核对，并从备份恢复",
        fix_en="See them with ecert wallets check, and restore a backup",
    )
