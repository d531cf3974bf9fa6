"""The words for a licence's state that other systems write: there is no one vocabulary.

Codes of two digits are not read: 01 is 有效 in one system and 无效 in another.
"""

from __future__ import annotations

from typing import Final

from ecert.errors import FormatError
from ecert.model.licence import LicenceState

_WORDS: Final = {
    LicenceState.ISSUED: ("有效", "正常", "现势", "在用", "有效证照", "已签发"),
    LicenceState.SUSPENDED: ("暂扣", "已暂扣", "暂停", "中止"),
    LicenceState.SUPERSEDED: ("已换发", "换发", "被替代", "已变更", "已更正", "历史"),
    LicenceState.CANCELLED: ("注销", "已注销"),
    LicenceState.WITHDRAWN: ("撤销", "已撤销"),
    LicenceState.REVOKED: ("吊销", "已吊销"),
    LicenceState.TRANSFERRED: ("已转出", "转出", "办理转出"),
    LicenceState.EXPIRED: ("已过期", "过期", "失效", "过期失效"),
}
_BY_WORD: Final = {word: state for state, words in _WORDS.items() for word in (state.value, *words)}


def read_state(text: str) -> LicenceState:
    """Return the state that a source's word means; nothing written means in force.

    Raises:
        FormatError: The word is not known.
    """
    word = text.strip()
    if not word:
        return LicenceState.ISSUED
    found = _BY_WORD.get(word) or _BY_WORD.get(word.lower())
    if found is None:
        raise FormatError(
            "不认识这种证照状态", "this word for a state is not known", where="证照状态",
            fix_zh="可写：" + "、".join(words[0] for words in _WORDS.values()),
            fix_en="There are: " + ", ".join(_WORDS),
        )  # fmt: skip
    return found
