"""``ecert print``: a licence on paper, with a paper code of its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from ecert.cli.arguments import LicenceName, RequestId, read_day
from ecert.cli.command import DryRun, command
from ecert.cli.font_options import Fonts, chain
from ecert.cli.terminal import Terminal, require_place, write_whole
from ecert.cli.words import told
from ecert.errors import FormatError

if TYPE_CHECKING:
    from datetime import date

    from ecert.issuers.issuer import Issuer
    from ecert.model.licence import Licence
    from ecert.show.fonts import FontChain
    from ecert.show.printed import PrintedCopy
    from ecert.show.sheet import Missing

Sheet = Annotated[
    Path,
    typer.Option("--output", "-o", metavar="FILE", help=told("写入此 .pdf", "Into this .pdf")),
]
Profile = Annotated[
    str,
    typer.Option(
        "--profile",
        help=told("列示范围：minimal 最少，full 全部", "How much is shown: minimal or full"),
    ),
]
PrintPurpose = Annotated[
    str | None,
    typer.Option(
        "--purpose",
        help=told("限定用途（须同时写 --until）", "What it is good for alone (asks for --until)"),
    ),
]
PrintUntil = Annotated[
    str | None,
    typer.Option(
        "--until", metavar="DATE",
        help=told("本件有效期截止日期（含当日），不晚于证照", "Its own last day, inclusive"),
    ),
]  # fmt: skip
MissingGlyphs = Annotated[
    str,
    typer.Option(
        "--missing", metavar="refuse|mark",
        help=told(
            "字体缺字时：refuse 不打印；mark 以方框和编码代替并注明",
            "Characters in no font: refuse, or mark each with its code point and say so",
        ),
    ),
]  # fmt: skip
_MISSING: Final[dict[str, Missing]] = {"refuse": "refuse", "mark": "mark"}


def declare(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    command(
        app, "print", zh="打印证照：签发纸质亮证码，生成可打印的 PDF",
        en="Print a licence: sign a paper code and make a sheet (PDF)",
    )(print_out)  # fmt: skip


def print_out(
    terminal: Terminal,
    licence: LicenceName,
    output: Sheet,
    profile: Profile = "minimal",
    purpose: PrintPurpose = None,
    until: PrintUntil = None,
    missing: MissingGlyphs = "refuse",
    fonts: Fonts = None,
    request_id: RequestId = None,
    dry_run: DryRun = False,
) -> None:
    """Sign a licence for paper, and draw the sheet."""
    if output.suffix.lower() != ".pdf":
        raise FormatError(
            "打印件只有 PDF 一种格式", "a sheet is a PDF", where="--output",
            fix_zh="文件名请以 .pdf 结尾", fix_en="End the name in .pdf",
        )  # fmt: skip
    if missing not in _MISSING:
        raise FormatError(
            "只有 refuse 和 mark", "there are refuse and mark", where="--missing"
        )  # fmt: skip
    require_place(output)
    last_day = None if until is None else read_day(until, "--until")
    with terminal.workspace() as workspace:
        issuer = workspace.issuer  # a window has none
        found = workspace.licences.find(licence)
        using = chain(fonts, workspace.path, workspace.settings.fonts)
        order = _Order(found, profile, purpose, last_day, _MISSING[missing])
        copy, absent = order.preview(issuer, using)
        if not dry_run:
            copy = order.carry_out(issuer, using, request_id, output)
    _tell(terminal, copy, found, output, absent, dry_run=dry_run)


class _Order:
    """What was asked for, checked whole before anything is signed."""

    def __init__(
        self,
        licence: Licence,
        profile: str,
        purpose: str | None,
        last_day: date | None,
        missing: Missing,
    ) -> None:
        self._licence = licence.id
        self._what: dict[str, Any] = {
            "profile": profile, "purpose": purpose, "valid_until": last_day
        }  # fmt: skip
        self._missing: Missing = missing

    def preview(self, issuer: Issuer, fonts: FontChain) -> tuple[PrintedCopy, tuple[str, ...]]:
        from ecert.show import sheet

        copy = issuer.print_preview(self._licence, **self._what)
        return copy, sheet.require_drawable(copy, fonts, missing=self._missing)

    def carry_out(
        self, issuer: Issuer, fonts: FontChain, request_id: str | None, output: Path
    ) -> PrintedCopy:
        from ecert.show import sheet

        copy = issuer.print_copy(self._licence, request_id=request_id, **self._what)
        write_whole(output, sheet.pdf(copy, fonts, missing=self._missing))
        return copy


def _tell(
    terminal: Terminal,
    copy: PrintedCopy,
    licence: Licence,
    output: Path,
    absent: tuple[str, ...],
    *,
    dry_run: bool,
) -> None:
    last = copy.last_day or copy.valid_until
    codes = [" ".join(f"U+{ord(one):04X}" for one in each) for each in absent]
    plain = {
        "licence": str(licence.id), "file": str(output), "credential": copy.credential or None,
        "purpose": copy.purpose, "until": None if last is None else last.isoformat(),
        "digits": len(copy.code) or None, "demo": copy.demo,
        "missing": codes,
        "dry_run": dry_run,
    }  # fmt: skip
    what = f"{copy.type_name}（***{licence.holder.last_four}）"
    named = "" if dry_run else terminal.words(
        f"，签发件 {copy.credential}", f", credential {copy.credential}"
    )  # fmt: skip
    terminal.emit(plain, [terminal.words(
        f"{'可以打印' if dry_run else '√ 已打印到'} {output}：{what}{named}",
        f"{'Would print' if dry_run else '√ Printed'} {output}: {what}{named}",
    )])  # fmt: skip
    if absent:
        named = ", ".join(codes)
        terminal.note(
            f"! 字体缺字，以方框和编码代替：{named}", f"! In no font, boxes with numbers: {named}"
        )
