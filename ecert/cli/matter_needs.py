"""``ecert matter requirements``: what may be shown for a matter, and what is missing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecert.cli.arguments import read_moment, require_file
from ecert.cli.matter_words import choice_dict, matter_dict, need_text, paperless_line, type_name
from ecert.cli.terminal import Terminal
from ecert.cli.words import told
from ecert.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from ecert.interop.matters.requirements import (
        HeldType,
        NeedAnswer,
        RecognisedSource,
        Requirements,
    )
    from ecert.model.catalogue import Catalogue
    from ecert.workspace import Workspace

MatterName = Annotated[
    str,
    typer.Argument(metavar="MATTER", help=told("事项编码或名称", "Code or name of the matter")),
]
Region = Annotated[
    str | None,
    typer.Option(
        "--region", metavar="CODE",
        help=told("办理地区，六位数字；默认本工作区", "Where it is handled; here by default"),
    ),
]  # fmt: skip
Holds = Annotated[
    list[str] | None,
    typer.Option(
        "--holds", metavar="TYPE[@REGION]",
        help=told(
            "持证人已有的证照类型；外地颁发的加“@地区代码”，可多次写",
            "A type that the holder has, @ the region of its issuer if not here; may be repeated",
        ),
    ),
]  # fmt: skip
WalletOption = Annotated[
    Path | None,
    typer.Option(
        "--wallet", metavar="FILE",
        help=told("以此卡包中的证照作答", "Answer by what this wallet holds"),
    ),
]  # fmt: skip
At = Annotated[
    str | None,
    typer.Option(
        "--at", metavar="TIME", help=told("按此时刻，默认现在", "The time; now by default")
    ),
]


def show_requirements(
    terminal: Terminal,
    matter: MatterName,
    region: Region = None,
    holds: Holds = None,
    wallet: WalletOption = None,
    at: At = None,
) -> None:
    """Answer what a matter needs; ends with 0 whether or not something is missing."""
    from ecert.clock import system_clock
    from ecert.model.calendar import office_day

    moment = system_clock() if at is None else read_moment(at, "--at")
    asked = bool(holds) or wallet is not None
    with terminal.workspace() as workspace:
        here = workspace.settings.region if region is None else region
        catalogue = workspace.catalogue
        held = [_read_held(text, workspace, here) for text in holds or ()]
        if wallet is not None:
            held += _wallet_holds(terminal, wallet, office_day(moment))
        found = workspace.matters.catalogue.require(matter, here)
        answer = workspace.matters.requirements(found, here, at=moment, holds=held)
    terminal.emit(
        _answer_dict(answer, catalogue, asked=asked),
        _answer_lines(terminal, answer, catalogue, asked=asked),
    )


def _read_held(text: str, workspace: Workspace, here: str) -> HeldType:
    from ecert.interop.matters.requirements import HeldType
    from ecert.model.regions import require

    name, at, region = text.partition("@")
    code = workspace.catalogue.require(name).code
    if at and not region:
        raise FormatError(
            "“@”后没有地区代码", "there is no region after @", where="--holds",
            fix_zh="例如 居民身份证@500000", fix_en="Such as 居民身份证@500000",
        )  # fmt: skip
    return HeldType(code, require(region).code if at else here)


def _wallet_holds(terminal: Terminal, path: Path, day: date) -> list[HeldType]:
    from ecert.wallet.wallet import Wallet
    from ecert.workspace.matters import held_in

    secret = terminal.passphrase(str(require_file(path)), wallet=True)
    with terminal.busy("正在打开卡包……", "Opening the wallet …"):
        return list(held_in(Wallet.open(path, secret), day))


def _answer_dict(answer: Requirements, catalogue: Catalogue, *, asked: bool) -> dict[str, Any]:
    return {
        "matter": matter_dict(answer.matter), "region": answer.region,
        "day": answer.day.isoformat(), "paperless": answer.paperless,
        "complete": answer.complete if asked else None,
        "needs": [_need_dict(one, catalogue, asked=asked) for one in answer.needs],
    }  # fmt: skip


def _need_dict(one: NeedAnswer, catalogue: Catalogue, *, asked: bool) -> dict[str, Any]:
    met_by = one.met_by
    return {
        "licences": [
            choice_dict(option.choice, catalogue) | {
                "recognised": [_source_dict(source) for source in option.recognised],
                "expired": [_source_dict(source) for source in option.expired],
            }
            for option in one.options
        ],
        "papers": [paper.name for paper in one.need.papers],
        "met": one.met if asked else None,
        "met_by": None if met_by is None else {"type_code": met_by.type, "region": met_by.region},
    }  # fmt: skip


def _source_dict(source: RecognisedSource) -> dict[str, Any]:
    entry, document = source.entry, source.held.document
    until = entry.valid_until
    return {
        "region": entry.source.region, "type_code": entry.source.type,
        "type_name": entry.source.name, "issuers": list(entry.issuers), "entry": entry.id,
        "basis": entry.basis, "valid_until": None if until is None else until.isoformat(),
        "matter": source.matter, "list_id": document.list_id, "title": document.title,
        "document_number": document.document_number, "version": document.version,
        "digest": source.held.digest, "sample": document.sample,
    }  # fmt: skip


def _answer_lines(
    terminal: Terminal, answer: Requirements, catalogue: Catalogue, *, asked: bool
) -> Iterator[str]:
    words = terminal.words
    yield f"{answer.matter.code}  {answer.matter.name}  {answer.region}  {answer.day.isoformat()}"
    if not answer.needs:
        yield words("  不需要材料", "  Nothing is needed")
    for number, one in enumerate(answer.needs, start=1):
        mark = ("√ " if one.met else "× ") if asked else ""
        yield f"  {number}. {mark}{need_text(terminal, one.need, catalogue)}"
        for option in one.options:
            for source in option.recognised:
                yield f"     {_source_text(terminal, source, catalogue)}"
            for source in option.expired:
                yield words(
                    f"     △ 《{source.held.document.title}》已过期，请更新",
                    f"     △ {source.held.document.title} has expired; update it",
                )
    yield paperless_line(terminal, paperless=answer.paperless)
    if asked and answer.missing:
        missing = "；".join(need_text(terminal, one.need, catalogue) for one in answer.missing)
        yield words(f"× 还缺：{missing}", f"× Missing: {missing}")
    elif asked:
        yield words("√ 所需证照齐全，请逐一核验", "√ All is there; verify each")


def _source_text(terminal: Terminal, source: RecognisedSource, catalogue: Catalogue) -> str:
    from ecert.model.regions import name_of

    entry, document = source.entry, source.held.document
    name = entry.source.name or type_name(catalogue, entry.source.type)
    sample_zh, sample_en = ("【样例】", "[sample] ") if document.sample else ("", "")
    text = terminal.words(
        f"认可{name_of(entry.source.region)}的{name}：{sample_zh}{document.title}"
        f"（{document.document_number}）{entry.id}，依据{entry.basis}",
        f"recognised: {name} of {name_of(entry.source.region)}: {sample_en}{document.title} "
        f"({document.document_number}) {entry.id}, basis {entry.basis}",
    )
    if source.matter != "" and source.entry.matters != ("*",):
        text += terminal.words(
            f"，核验时事项写“{source.matter}”", f', verify for "{source.matter}"'
        )
    return text
