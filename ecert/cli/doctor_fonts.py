"""``ecert doctor fonts``: which characters can be drawn here, and with which fonts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from ecert.cli.command import command
from ecert.cli.failures import UNDETERMINED
from ecert.cli.font_options import Fonts, chain
from ecert.cli.terminal import Terminal, read_bounded
from ecert.cli.words import told
from ecert.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ecert.show.fonts import FontChain

Text = Annotated[str | None, typer.Option("--text", help=told("查这段文字", "Look at this text"))]
TextFile = Annotated[
    str | None,
    typer.Option(
        "--file", metavar="FILE", help=told("查此文本文件（UTF-8）", "Look at this UTF-8 text")
    ),
]
Register = Annotated[
    bool,
    typer.Option(
        "--register",
        help=told("查证照库中所有证照的文字", "Look at every licence of the register"),
    ),
]
# The ideographs of GB 18030, by the blocks of Unicode (first and last code point).
BLOCKS: Final = (
    ("汉字（基本区）", "CJK", 0x4E00, 0x9FFF),
    ("扩展 A", "Extension A", 0x3400, 0x4DBF),
    ("扩展 B", "Extension B", 0x20000, 0x2A6DF),
    ("扩展 C", "Extension C", 0x2A700, 0x2B739),
    ("扩展 D", "Extension D", 0x2B740, 0x2B81D),
    ("扩展 E", "Extension E", 0x2B820, 0x2CEA1),
    ("扩展 F", "Extension F", 0x2CEB0, 0x2EBE0),
    ("扩展 G", "Extension G", 0x30000, 0x3134A),
    ("扩展 H", "Extension H", 0x31350, 0x323AF),
    ("扩展 I", "Extension I", 0x2EBF0, 0x2EE5D),
)
_MAX_TEXT_BYTES: Final = 64 * 1024 * 1024
# So many missing characters are listed for people; JSON has all.
_LISTED: Final = 40


def declare(app: typer.Typer) -> None:
    """Add the command to the group ``app``."""
    command(
        app, "fonts", zh="检查字体：哪些字能印，缺哪些字",
        en="Check fonts: which characters can be drawn, and which are missing",
    )(fonts)  # fmt: skip


def fonts(
    terminal: Terminal,
    text: Text = None,
    file: TextFile = None,
    register: Register = False,
    fonts: Fonts = None,
) -> None:
    """Tell the fonts, what they cover, and what is missing; the exit code is 3 if something is."""
    looked_at = text is not None or file is not None or register
    using = chain(fonts, terminal.folder, _settings(terminal))
    wanted: dict[str, int] = {}
    for one in _texts(terminal, text, file, register=register):
        _count(one, wanted)
    missing = using.missing(wanted)
    plain = {
        "fonts": [{"file": str(face.file.path), "name": face.file.name} for face in using.faces],
        "blocks": [_block(using, *row) for row in BLOCKS],
        "looked_at": {"characters": len(wanted), "missing": [
            {"character": one, "code": " ".join(f"U+{ord(each):04X}" for each in one),
             "times": wanted[one]} for one in missing
        ]} if looked_at else None,
    }  # fmt: skip
    terminal.emit(plain, _lines(terminal, plain))
    if missing or not using.faces:
        raise typer.Exit(UNDETERMINED)


def _settings(terminal: Terminal) -> str | None:
    from pathlib import Path

    from ecert.workspace.settings import FILE, Settings

    if terminal.folder == Path() and not (terminal.folder / FILE).exists():
        return None
    return Settings.read(terminal.folder).fonts


def _texts(
    terminal: Terminal, text: str | None, file: str | None, *, register: bool
) -> Iterator[str]:
    from pathlib import Path

    if text is not None:
        yield text
    if file is not None:
        yield _read(Path(file))
    if register:
        with terminal.workspace() as workspace:
            for row in workspace.issuer.archive.rows():
                licence = row.licence
                yield from (licence.type_name, licence.issuer_name, licence.number)
                yield from (holder.name for holder in licence.holders)
                for name, value in licence.fields.items():
                    yield from (name, value)


def _read(path: Path) -> str:
    data = read_bounded(path, _MAX_TEXT_BYTES)
    try:
        if len(data) > _MAX_TEXT_BYTES:
            raise FormatError("文件过大", "the file is too large", where=str(path))
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError(
            "不是 UTF-8 文本", "not text in UTF-8", where=str(path),
            fix_zh="请另存为 UTF-8", fix_en="Save it as UTF-8",
        ) from error  # fmt: skip


def _count(text: str, wanted: dict[str, int]) -> None:
    from ecert.show.fonts import clusters

    for one in clusters(text):
        if one not in "\t\r\n":
            wanted[one] = wanted.get(one, 0) + 1


def _block(using: FontChain, zh: str, en: str, first: int, last: int) -> dict[str, Any]:
    claimed = sum(using.claims(chr(code)) for code in range(first, last + 1))
    return {"zh": zh, "en": en, "first": f"U+{first:04X}", "last": f"U+{last:04X}",
            "characters": last - first + 1, "covered": claimed}  # fmt: skip


def _lines(terminal: Terminal, plain: dict[str, Any]) -> Iterator[str]:
    words = terminal.words
    if not plain["fonts"]:
        yield words(
            "! 没有找到中文字体：Debian 请安装 fonts-wqy-microhei、fonts-hanazono",
            "! No Chinese font found: on Debian install fonts-wqy-microhei, fonts-hanazono",
        )
    for one in plain["fonts"]:
        yield f"√ {one['name']}  {one['file']}"
    for one in plain["blocks"]:
        mark = "√" if one["covered"] == one["characters"] else "!"
        name = words(one["zh"], one["en"])
        yield f"{mark} {name}  {one['covered']:,}/{one['characters']:,}"
    if plain["looked_at"] is None:
        return
    missing = plain["looked_at"]["missing"]
    count = plain["looked_at"]["characters"]
    yield words(
        f"{'!' if missing else '√'} 查了 {count:,} 个不同的字，缺 {len(missing):,} 个",
        f"{'!' if missing else '√'} {count:,} different characters, {len(missing):,} missing",
    )
    for one in missing[:_LISTED]:
        yield words(
            f"!   {one['code']}（{one['times']:,} 次）",
            f"!   {one['code']} ({one['times']:,} times)",
        )
    if len(missing) > _LISTED:
        yield words("    其余见 --json", "    the rest with --json")
