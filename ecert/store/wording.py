"""What every database may refuse, in the office's words."""

from __future__ import annotations

from typing import Final, NamedTuple


class Wording(NamedTuple):
    """What is wrong and how to mend it, in both languages."""

    zh: str
    en: str
    fix_zh: str
    fix_en: str


BUSY: Final = Wording(
    "数据库正忙，另一程序正在写入",
    "the database is busy: another program is writing",
    "本次操作没有生效，请稍后重试",
    "Nothing was changed; try again in a moment",
)
FULL: Final = Wording(
    "磁盘已满",
    "the disk is full",
    "本次操作没有生效；请腾出空间后重试",
    "Nothing was changed; free some space, then try again",
)
DISK: Final = Wording(
    "磁盘读写出错",
    "reading or writing the disk failed",
    "本次操作没有生效；请停止签发，由系统管理员检查磁盘后重试",
    "Nothing was changed; stop issuing until the disk has been checked, then try again",
)
UNKNOWN: Final = Wording(
    "数据库拒绝了操作",
    "the database refused the operation",
    "本次操作没有生效，请联系系统管理员",
    "Nothing was changed; ask the system administrator",
)
UNFIT_TEXT: Final = Wording(
    "文字中有数据库不能保存的字符",
    "a text holds a character that the database cannot keep",
    "本次操作没有生效；请去掉不可见字符后重试",
    "Nothing was changed; remove invisible characters, then try again",
)
