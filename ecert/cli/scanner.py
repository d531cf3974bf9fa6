"""``ecert doctor scanner``: how many digits a scanner can send, and what stands in its way."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from ecert.cli.failures import UNDETERMINED
from ecert.cli.terminal import Terminal, write_whole
from ecert.cli.words import told
from ecert.errors import FormatError
from ecert.show.keystrokes import Disturbance
from ecert.show.scanner_check import (
    LENGTHS,
    NEEDS,
    ScannerReport,
    ScanState,
    SheetScan,
    read_scans,
    sheet_code,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

Sheet = Annotated[
    Path | None,
    typer.Option(
        "--sheet",
        metavar="FILE",
        help=told(
            "写出测试页（.html 可打印，.png 图片），不扫描",
            "Write the test sheet (.html to print, .png), and scan nothing",
        ),
    ),
]
Draw = Annotated[
    int | None,
    typer.Option(
        "--draw",
        metavar="DIGITS",
        help=told(
            "在屏幕上画出这一长度的测试码，不扫描",
            "Draw the test code of so many digits on the screen, and scan nothing",
        ),
    ),
]
# Scans of a whole sheet, several times over.
_MAX_CHARS: Final = 1 << 20
_ENDS: Final = {"q", "quit", "完", "结束", "."}


def scanner(terminal: Terminal, sheet: Sheet = None, draw: Draw = None) -> None:
    """Read what a scanner sends of the test sheet, and tell what it can do."""
    if sheet is not None:
        _write(terminal, sheet)
    elif draw is not None:
        _draw(terminal, draw)
    else:
        report = read_scans(_listen(terminal))
        plain = _plain(report)
        terminal.emit(plain, _lines(terminal, report, plain))
        if not all(report.enough_for.values()) or report.unreliable:
            raise typer.Exit(UNDETERMINED)


def _write(terminal: Terminal, path: Path) -> None:
    from ecert.show.scanner_sheet import sheet_html, sheet_png

    if path.suffix not in {".html", ".png"}:
        raise FormatError(
            "不认识的文件种类", "unknown kind of file", where=str(path),
            fix_zh="请用 .html 或 .png", fix_en="Use .html or .png",
        )  # fmt: skip
    write_whole(path, sheet_html().encode("utf-8") if path.suffix == ".html" else sheet_png())
    done = terminal.words(
        f"√ 测试页已写入 {path}，请打印或显示后运行 ecert doctor scanner",
        f"√ The sheet is in {path}: print or show it, then run ecert doctor scanner",
    )
    terminal.emit({"sheet": str(path), "lengths": list(LENGTHS)}, [done])


def _draw(terminal: Terminal, length: int) -> None:
    from ecert.show import render

    if length not in LENGTHS:
        lengths = "、".join(map(str, LENGTHS))
        raise FormatError(
            "没有这一长度的测试码", "there is no test code of this length", where="--draw",
            fix_zh=f"可用：{lengths}", fix_en=f"There are: {lengths.replace('、', ', ')}",
        )  # fmt: skip
    code = sheet_code(length)
    drawing = render.terminal(code, colour="NO_COLOR" not in os.environ)
    terminal.emit({"length": length, "digits": code}, [drawing])


def _listen(terminal: Terminal) -> str:
    if not sys.stdin.isatty():
        # A scanner that sends bytes of another encoding is what this is to find out.
        return sys.stdin.buffer.read(_MAX_CHARS).decode("utf-8", "replace")
    terminal.note(
        "请由短到长逐个扫描测试页（ecert doctor scanner --sheet 测试页.html），扫完输入 q 并回车",
        "Scan the sheet (ecert doctor scanner --sheet sheet.html), the shortest first; "
        "then type q and Enter",
    )
    lines: list[str] = []
    for line in sys.stdin:
        if line.strip().lower() in _ENDS:
            break
        lines.append(line)
        for scan in read_scans(line).scans:
            print(_scan_line(terminal, scan), file=sys.stderr)
    return "".join(lines)


# -- telling ----------------------------------------------------------------------------------


def _plain(report: ScannerReport) -> dict[str, Any]:
    return {
        "scans": [
            {
                "state": scan.state.value,
                "length": scan.length or None,
                "received": scan.received,
                "disturbed": sorted(one.value for one in scan.disturbed),
            }
            for scan in report.scans
        ],
        "longest": report.longest,
        "limit": report.limit,
        "unreliable": report.unreliable,
        "disturbed": sorted(one.value for one in report.disturbed),
        "enough_for": report.enough_for,
        "advice": [{"zh": zh, "en": en} for zh, en in _advice(report)],
    }


def _lines(terminal: Terminal, report: ScannerReport, plain: dict[str, Any]) -> Iterator[str]:
    words = terminal.words
    for scan in report.scans:
        yield _scan_line(terminal, scan)
    yield words(
        f"一次最多完整收到 {report.longest} 位", f"At most {report.longest} digits arrived whole"
    )
    if report.limit is not None:
        yield words(
            f"扫码枪发到 {report.limit} 位就停止", f"The scanner stops after {report.limit} digits"
        )
    for name, enough in report.enough_for.items():
        zh, en = _CODES[name]
        yield f"{'√' if enough else '×'} " + words(
            f"{zh}（需 {NEEDS[name]} 位）", f"{en} ({NEEDS[name]} digits)"
        )
    for advice in plain["advice"]:
        yield words("下一步：", "Next: ") + advice[terminal.language]


def _scan_line(terminal: Terminal, scan: SheetScan) -> str:
    words, got = terminal.words, scan.received
    match scan.state:
        case ScanState.WHOLE:
            return words(f"√ {scan.length} 位：完整", f"√ {scan.length} digits: whole")
        case ScanState.CUT:
            return words(
                f"× {scan.length} 位：只收到前 {got} 位",
                f"× {scan.length} digits: only the first {got} arrived",
            )
        case ScanState.DAMAGED:
            return words(
                f"× 测试码有缺漏、重复或错位（收到 {got} 位）",
                f"× A test code arrived damaged ({got} digits)",
            )
        case ScanState.FOREIGN:
            return words("× 不是测试码", "× This is no test code")


def _advice(report: ScannerReport) -> Iterator[tuple[str, str]]:
    if not report.scans:
        yield (
            "没有收到任何内容：请检查接线，并把扫码枪设为键盘模式",
            "Nothing arrived: check the cable, and set the scanner to keyboard mode",
        )
        return
    for disturbance in Disturbance:
        if disturbance in report.disturbed:
            yield _IN_THE_WAY[disturbance]
    if report.unreliable:
        yield (
            "数字有缺漏或错位：请关闭输入法，并在扫码枪设置中加大按键间隔",
            (
                "Digits are lost or out of place: switch the input method off, and set the "
                "scanner to a longer pause between keys"
            ),
        )
    enough = report.enough_for
    if all(enough.values()):
        yield "这把扫码枪可以扫各种亮证码", "This scanner is fit for every kind of show code"
    elif report.longest < LENGTHS[-1] and report.limit is None:
        yield (
            "更长的测试码还没有收到：请继续扫；扫了没有反应的，请改用摄像头",
            "Longer codes have not arrived: go on; where nothing comes, use a camera",
        )
    elif enough["minimal"]:
        yield (
            "较长的亮证码请改用摄像头（ecert verify 图片），或请持证人改用 minimal、分次出示",
            "For longer codes use a camera (ecert verify PICTURE), or ask for minimal, one by one",
        )
    elif enough["online"]:
        yield (
            (
                "这把扫码枪发不完自带内容的亮证码：请改用摄像头（ecert verify 图片），"
                "或请持证人出示在线亮证码"
            ),
            (
                "This scanner cannot send self-contained codes: use a camera "
                "(ecert verify PICTURE), or ask for an online code"
            ),
        )
    else:
        yield "请换一把扫码枪，或改用摄像头", "Use another scanner, or a camera"


_CODES: Final = {
    "online": ("在线亮证码", "Online codes"),
    "minimal": ("一份证照，最少信息", "One licence, minimal"),
    "full": ("一份证照，较全信息", "One licence, full"),
    "three": ("三份证照同出一码", "Three licences in one code"),
}
_IN_THE_WAY: Final = {
    Disturbance.AIM_PREFIX: (
        "扫码枪会发送 AIM 标识（如 ]Q1）：不影响核验，可在扫码枪设置中关闭",
        "The scanner sends an AIM identifier such as ]Q1: harmless; it can be switched off",
    ),
    Disturbance.PREFIX: (
        "扫码枪加了前缀字符：不影响核验，建议在扫码枪设置中去掉",
        "The scanner puts characters before the digits: harmless, better switched off",
    ),
    Disturbance.SUFFIX: (
        "扫码枪加了后缀字符：不影响核验，建议只留回车",
        "The scanner puts characters after the digits: harmless, better only Enter",
    ),
    Disturbance.INPUT_METHOD: (
        "中文输入法或全角状态开着：请切换到英文半角后再扫",
        "An input method or full-width mode is on: switch to plain ASCII before scanning",
    ),
    Disturbance.SEPARATORS: (
        "数字之间夹有其他字符：请在扫码枪设置中去掉分隔或分段发送",
        "Other characters stand between the digits: switch separators or blocks off",
    ),
}
