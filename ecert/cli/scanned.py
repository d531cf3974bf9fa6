"""What is to be checked, as it comes in: a scan, a picture, a file of either."""

from __future__ import annotations

from pathlib import Path

from ecert import limits
from ecert.cli.terminal import read_bounded
from ecert.errors import FormatError, ParseError
from ecert.reasons import Reason

# Digits of the shortest code, an online one; less between other characters is a file's name.
_SHORTEST = 24
PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"RIFF", b"GIF8", b"BM")


def is_code(text: str) -> bool:
    """Tell whether ``text`` is a code's digits as a scanner types them, and so no path."""
    from ecert.show.keystrokes import Disturbance, read_digits

    try:
        digits, disturbed = read_digits(text)
    except ParseError:
        return False
    # A file may be named for a number.
    return len(digits) >= _SHORTEST or not disturbed & {Disturbance.PREFIX, Disturbance.SUFFIX}


def _is_spoilt_scan(text: str) -> bool:
    """Tell whether ``text`` is a code that an input method has spoilt, and no licence id."""
    from ecert.show.keystrokes import read_digits

    try:
        read_digits(text)
    except ParseError as error:
        return (
            error.reason is Reason.INCOMPLETE_SCAN
            and sum(character.isdigit() for character in text) >= _SHORTEST
            and not text.isascii()
        )
    return False


def read_scanned(text: str) -> str | bytes | Path:
    """Return what is to be checked: text as it is, a picture as its path or bytes.

    Raises:
        FormatError: Neither digits nor an existing file.
    """
    if text == "-":
        return _content(read_bounded(Path("-"), limits.MAX_PICTURE_BYTES))
    if is_code(text) or _is_spoilt_scan(text):
        return text
    path = Path(text)
    if len(text) > limits.MAX_SCAN_CHARS or not path.is_file():
        raise FormatError(
            "不是亮证码的数字，也没有这个文件", "neither the digits of a code nor a file",
            where=text[:40],
            fix_zh="扫码请关闭中文输入法；图片请检查路径",
            fix_en="Switch the input method off for a scanner; check the path of a picture",
        )  # fmt: skip
    with path.open("rb") as file:
        head = file.read(limits.MAX_TOKEN_CHARS + 1)
    content = _content(head)
    return path if isinstance(content, bytes) else content


def _content(data: bytes) -> str | bytes:
    """Return ``data`` as text if it is some, otherwise as the bytes of a picture."""
    if data.startswith(PICTURES) or len(data) > limits.MAX_TOKEN_CHARS:
        return data
    try:
        return data.decode("utf-8").strip()
    except UnicodeDecodeError:
        return data
