"""What to show where what was asked for does not fit one code: said by trying, not by guessing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecert.errors import CodeTooLargeError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


def refusal(
    error: CodeTooLargeError,
    licences: Sequence[Mapping[str, bytes]],
    asked: Sequence[str],
    write: Callable[[Sequence[bytes]], object],
) -> CodeTooLargeError:
    """Return ``error`` with what does fit: the largest profile, else how many of the licences.

    Args:
        error: Why the code could not be written.
        licences: The compact credentials of each licence by profile.
        asked: The profile in which each was asked for.
        write: Writes a code of some credentials, or raises `CodeTooLargeError`.
    """

    def fits(credentials: Sequence[bytes]) -> bool:
        try:
            write(credentials)
        except CodeTooLargeError:
            return False
        return True

    wanted = [held[profile] for held, profile in zip(licences, asked, strict=True)]
    smaller = _smaller(licences, sum(map(len, wanted)))
    for profile, credentials in smaller:
        if fits(credentials):
            return _with_fix(
                error, f"请改用 {profile} 亮证方式", f"Use the profile {profile}, which fits"
            )
    least = smaller[-1][1] if smaller else wanted
    most = next((n for n in range(len(least) - 1, 0, -1) if fits(least[:n])), 0)
    if most:
        name_zh, name_en = (
            (f"用 {smaller[-1][0]} ", f" in {smaller[-1][0]}") if smaller else ("", "")
        )
        return _with_fix(
            error,
            f"{name_zh}一次最多出示前 {most} 份，请分次出示",
            f"At most the first {most} fit one code{name_en}: show them in turn",
        )
    return _with_fix(
        error, "此证照放不进亮证码，请出示电子证照文件", "It fits no code: hand over its file"
    )


def _smaller(licences: Sequence[Mapping[str, bytes]], size: int) -> list[tuple[str, list[bytes]]]:
    """Return the profiles that all licences have and that take less, the largest first."""
    common = [name for name in licences[0] if all(name in held for held in licences)]
    found = [(name, [held[name] for held in licences]) for name in common]
    less = [one for one in found if sum(map(len, one[1])) < size]
    return sorted(less, key=lambda one: -sum(map(len, one[1])))


def _with_fix(error: CodeTooLargeError, zh: str, en: str) -> CodeTooLargeError:
    return CodeTooLargeError(error.zh, error.en, where=error.where, fix_zh=zh, fix_en=en)
