"""What a verdict tells beside reasons: of several licences together, and of the window meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ecert.reasons import Language
    from ecert.verify.verdict import Verdict

_HOLDERS_DIFFER = (
    "注意：这些证照不属于同一持证主体，请逐份核对",
    "Note: these licences are not one holder's; check each of them",
)
_HOLDERS_UNKNOWN = (
    "注意：所示信息不足以判断是否属于同一持证主体，请逐份核对",
    "Note: too little is shown to tell whether these are one holder's; check each of them",
)


def of_all(verdict: Verdict, language: Language) -> list[str]:
    """Tell how many licences there are, and whether the accepted ones are one holder's."""
    parts, zh = verdict.parts, language == "zh"
    good = sum(part.accepted for part in parts)
    lines = [
        f"共 {len(parts)} 份证照，予以认可 {good} 份；请逐份查看"
        if zh
        else f"{len(parts)} licences, {good} accepted; look at each"
    ]
    if good > 1 and verdict.one_holder is not True:
        told = _HOLDERS_DIFFER if verdict.one_holder is False else _HOLDERS_UNKNOWN
        lines.append(told[0] if zh else told[1])
    return lines


def of_window(facts: Mapping[str, object], language: Language) -> list[str]:
    """Tell for which window a code was made, or that its number was mistyped."""
    zh = language == "zh"
    if (other := facts.get("made_for_window")) is not None:
        return [f"此码用于：{other} 号窗口" if zh else f"Made for: window {other}"]
    if facts.get("number_shown") is False:
        return [
            "窗口数字：与本窗口给出的不符" if zh else "Number: not one that this window has shown"
        ]
    return []
