"""``ecert receipt verify`` and ``replay``: is the record whole, and does an answer still follow?"""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecert import limits
from ecert.cli import failures
from ecert.cli.arguments import require_file
from ecert.cli.command import command
from ecert.cli.scanned import read_scanned
from ecert.cli.terminal import Terminal, read_bounded
from ecert.cli.words import told
from ecert.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecert.verify.receipt import Receipt
    from ecert.verify.receipt_check import ReceiptReport
    from ecert.verify.receipt_replay import Replay
    from ecert.workspace import Workspace

OfWindow = Annotated[
    str | None,
    typer.Option("--window", metavar="NAME", help=told("只看这个窗口", "This window's only")),
]
Noted = Annotated[
    list[str] | None,
    typer.Option(
        "--noted", metavar="HASH",
        help=told("以前抄存的链头，须仍在链中；可多次给出",
                  "A head noted down before, which must still be there; may be repeated"),
    ),
]  # fmt: skip
ChainFile = Annotated[
    Path | None,
    typer.Option(
        "--file", metavar="FILE",
        help=told("核对 receipt export 导出的文件（要有 --keys）",
                  "Check what receipt export wrote; needs --keys"),
    ),
]  # fmt: skip
KeysFile = Annotated[
    Path | None,
    typer.Option(
        "--keys", metavar="FILE",
        help=told("receipt key export 导出的公钥", "What receipt key export wrote"),
    ),
]  # fmt: skip
Which = Annotated[
    str,
    typer.Argument(
        metavar="RECEIPT",
        help=told(
            "回执编号，或回执、存卷件的文件", "Its number, or the file of a receipt or case copy"
        ),
    ),
]
Shown = Annotated[
    str | None,
    typer.Argument(
        metavar="CODE|FILE",
        help=told("当时出示的码或文件；存卷件中有的可不给",
                  "What was shown then; a case copy may hold it"),
    ),
]  # fmt: skip
_HASH_CHARS = 64


def declare(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    command(
        app, "verify", zh="核对整条回执链", en="Check the whole chain of receipts"
    )(verify)  # fmt: skip
    command(
        app, "replay", zh="按当时的名单重验一份回执",
        en="Verify the same again with the lists of that day",
    )(replay)  # fmt: skip


def verify(
    terminal: Terminal,
    window: OfWindow = None,
    noted: Noted = None,
    file: ChainFile = None,
    keys: KeysFile = None,
) -> None:
    """Check signatures, chain and index; ends with 1 if anything is wrong."""
    heads = [_read_hash(text) for text in noted or ()]
    if (file is None) != (keys is None):
        raise FormatError(
            "--file 和 --keys 要一起给出", "--file and --keys go together", where="--file"
        )
    with ExitStack() as stack:
        stack.enter_context(terminal.busy("正在核对……", "Checking …"))
        if file is not None and keys is not None:
            report = _check_file(file, keys, heads)
        else:
            workspace = stack.enter_context(terminal.workspace())
            report = workspace.receipts.verify(
                window=window, noted=heads, progress=_progress(terminal)
            )
    terminal.emit(_plain_report(report), _report_lines(terminal, report))
    if not report.clean:
        raise typer.Exit(failures.REFUSED)


def _read_hash(text: str) -> str:
    digest = text.strip().lower()
    if len(digest) != _HASH_CHARS or set(digest) - set("0123456789abcdef"):
        raise FormatError(
            "应为64位十六进制数", "64 hexadecimal digits are needed", where="--noted",
            fix_zh="请核对抄存的链头（ecert receipt head 所示）",
            fix_en="Compare with what ecert receipt head told",
        )  # fmt: skip
    return digest


def _progress(terminal: Terminal) -> Any:
    every = 100_000

    def tell(count: int) -> None:
        # On a screen the turning mark is enough; a log of a million wants to know how far it is.
        if count % every == 0 and not sys.stderr.isatty():
            terminal.note(f"  已核对 {count} 份", f"  Checked {count}")

    return tell


def _check_file(file: Path, keys: Path, noted: list[str]) -> ReceiptReport:
    from ecert.verify.receipt_check import check_receipts
    from ecert.workspace.receipts_file import ReceiptsFile, read_keys

    known = read_keys(read_bounded(require_file(keys)))
    with require_file(file).open("rb") as opened:
        return check_receipts(ReceiptsFile(opened), known, noted=noted)


def _plain_report(report: ReceiptReport) -> dict[str, Any]:
    return {
        "clean": report.clean,
        "receipts": report.receipts,
        "heads": [head._asdict() for head in report.heads],
        "findings": [
            {"fault": one.fault.value, "window": one.window, "number": one.number,
             "detail": one.detail, "zh": one.fault.zh, "en": one.fault.en}
            for one in report.findings
        ],
        "more": report.more,
    }  # fmt: skip


def _report_lines(terminal: Terminal, report: ReceiptReport) -> Iterator[str]:
    words, count = terminal.words, report.receipts
    if report.clean:
        yield words(f"√ 核对一致：{count} 份回执", f"√ In order: {count} receipts")
    else:
        yield words(f"× 核对不一致：{count} 份回执", f"× Not in order: {count} receipts")
    for one in report.findings:
        place = f"{one.window} {one.number}".strip() if one.number else one.window or one.detail
        yield words(f"  {one.fault.zh}：{place}", f"  {one.fault.en}: {place}")
    if report.more:
        yield words(f"  另有 {report.more} 处", f"  and {report.more} more")
    for head in report.heads:
        yield words(
            f"  链头 {head.digest}（{head.window} 第 {head.number} 号）",
            f"  Head {head.digest} ({head.window}, number {head.number})",
        )


def replay(terminal: Terminal, which: Which, shown: Shown = None, window: OfWindow = None) -> None:
    """Replay a receipt: 0 it follows, 1 it does not, 3 it cannot be told."""
    from ecert.verify.receipt_replay import ReplayResult

    with terminal.workspace() as workspace:
        receipt, held = _receipt(workspace, which, window)
        done = workspace.receipts.replay(receipt, _presentation(shown, held))
    terminal.emit(_plain_replay(done), _replay_lines(terminal, done))
    codes = {
        ReplayResult.FOLLOWS: failures.DONE,
        ReplayResult.DIFFERS: failures.REFUSED,
        ReplayResult.UNDETERMINED: failures.UNDETERMINED,
    }
    if code := codes[done.result]:
        raise typer.Exit(code)


def _receipt(workspace: Workspace, which: str, window: str | None) -> tuple[Receipt, str | None]:
    """Return the proven receipt, and the code that a case copy holds."""
    from ecert.cli.unproven_receipts import CASE_COPY
    from ecert.sign import jws
    from ecert.verify.signed_receipt import open_receipt

    desk = workspace.receipts
    if which.isascii() and which.isdigit() and len(which) <= len(str(limits.MAX_SAFE_INTEGER)):
        return desk.prove(desk.require(int(which), window).open()), None
    data = read_bounded(require_file(Path(which)), limits.MAX_CASE_COPY_CHARS)
    text = data.decode("ascii", "replace").strip()
    if jws.parse_header(text.partition(".")[0]).get("typ") == CASE_COPY:
        proven = desk.prove_copy(text)
        return proven.receipt.receipt, proven.copy.presentation
    return desk.prove(open_receipt(text)), None


def _presentation(shown: str | None, held: str | None) -> str:
    if shown is None:
        if held is None:
            raise FormatError(
                "还要给出当时出示的码或文件", "what was shown then is needed too",
                where="CODE|FILE", fix_zh="纸质码和文件不在存卷件里，请用原件",
                fix_en="Printed codes and files are in no case copy: use the original",
            )  # fmt: skip
        return held
    read = read_scanned(shown)
    if isinstance(read, str):
        return read
    from ecert.show import scan

    return scan.read(read)


def _plain_replay(done: Replay) -> dict[str, Any]:
    return {
        "result": done.result.value,
        "wording": {"zh": done.result.zh, "en": done.result.en},
        "window": done.receipt.window,
        "number": done.receipt.number,
        "receipt": {
            "outcome": done.receipt.outcome.value,
            "reason": done.receipt.reason.value,
            "at": done.receipt.model_dump(mode="json")["at"],
        },
        "then": {"outcome": done.then.outcome.value, "reason": done.then.reason.value},
        "missing": [one.model_dump(mode="json") for one in done.missing],
        "known_alike": done.known_alike,
        "not_repeatable": [one.value for one in done.not_repeatable],
        "today": {
            "outcome": done.today.value,
            "reasons": [one.value for one in done.today_reasons],
        },
    }


def _replay_lines(terminal: Terminal, done: Replay) -> Iterator[str]:
    from ecert.verify.receipt_replay import ReplayResult

    words, said = terminal.words, done.receipt
    glyph = {ReplayResult.FOLLOWS: "√", ReplayResult.DIFFERS: "×"}.get(done.result, "?")
    yield f"{glyph} {words(done.result.zh, done.result.en)}"
    yield words(
        f"  回执 {said.window} 第 {said.number} 号：{said.outcome.zh}（{said.reason.number}）",
        f"  Receipt {said.window}, number {said.number}: {said.outcome.en} ({said.reason.number})",
    )
    yield words(
        f"  按当时的名单：{done.then.outcome.zh}（{done.then.reason.number}）",
        f"  By the lists of that day: {done.then.outcome.en} ({done.then.reason.number})",
    )
    for one in done.missing:
        yield words(
            f"  已不在本机：{one.name} 第{one.version}版 sha256:{one.digest}",
            f"  No longer here: {one.name}, version {one.version} sha256:{one.digest}",
        )
    if not done.known_alike:
        yield words("  当时的名单已不齐全", "  Not all that was known then is still here")
    for reason in done.not_repeatable:
        yield words(
            f"  不能重现：{reason.zh}（{reason.number}），凭当时的使用记录",
            f"  Not repeatable: {reason.en} ({reason.number}) came from the memory of that minute",
        )
    why = "、".join(reason.number for reason in done.today_reasons)
    yield words(
        f"  按今天的名单：{done.today.zh}{f'（{why}）' if why else ''}",
        f"  By today's lists: {done.today.en}{f' ({why})' if why else ''}",
    )
