"""``ecert recognition sign``, ``combine`` and ``signatures``: one list, signed on many machines."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecert.cli.arguments import require_file
from ecert.cli.command import DryRun, Yes, command
from ecert.cli.recognition_words import notice_lines, planned_lines
from ecert.cli.terminal import Terminal, read_bounded, write_whole
from ecert.cli.words import told
from ecert.errors import DocumentRefusedError, ParseError
from ecert.faults import DocumentFault

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecert.interop.signing import Paper, Signatures
    from ecert.workspace import Workspace
    from ecert.workspace.signing import SigningDesk
    from ecert.workspace.signing_look import Look

Draft = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        help=told("清单或通知的草稿，或已有部分签名的文件", "A draft, or a partly signed file"),
    ),
]
SignedFiles = Annotated[
    list[Path],
    typer.Argument(metavar="FILE...", help=told("各方签过名的文件", "The files that were signed")),
]
Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help=told(
            "写入文件；默认：草稿旁的 .signed.json，或原签名文件",
            "Into this file; by default .signed.json beside the draft, or the signed file itself",
        ),
    ),
]
Into = Annotated[
    Path, typer.Option("--output", "-o", metavar="FILE", help=told("写入文件", "Into this file"))
]
ExpectedDigest = Annotated[
    str | None,
    typer.Option(
        "--digest",
        metavar="HEX",
        help=told(
            "各方核对过的摘要，64 位十六进制；不符则拒签",
            "The digest that the parties compared, 64 hex digits; another one is not signed",
        ),
    ),
]
Key = Annotated[
    str | None,
    typer.Option(
        "--key",
        metavar="URI",
        help=told(
            "签名密钥的位置：file:路径、env:变量名 或 pkcs11:…；默认用本工作区的",
            "A key elsewhere: file:PATH, env:NAME or pkcs11:…; this workspace's by default",
        ),
    ),
]


def declare(lists: typer.Typer) -> None:
    """Add the commands to the group ``lists``."""
    command(lists, "sign", zh="本方签名", en="Sign for this office")(sign)
    command(lists, "combine", zh="合并各方的签名", en="Combine the signatures")(combine)
    command(lists, "signatures", zh="查看谁已签、还差谁", en="Who has signed, and who has not")(
        signatures
    )


def sign(
    terminal: Terminal,
    file: Draft,
    output: Output = None,
    digest: ExpectedDigest = None,
    key: Key = None,
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """Show what is to be signed, and add this office's signature."""
    paper = _read(file)
    if digest is not None:
        _require_digest(paper, digest)
    target = output or _beside(file, paper)
    with terminal.workspace() as workspace:
        desk = _desk(workspace)
        paper = _with_present(paper, target)
        look = desk.look(paper, str(file))
        lines = _look_lines(terminal, look, workspace)
        terminal.note("\n".join(lines), "\n".join(lines))
        signers = desk.signers(paper, key, terminal.passphrase)
        if not dry_run:
            terminal.confirm("核对无误，签名？", "Sign this?", yes=yes)
            signed = paper.signed(signers)
            write_whole(target, signed)
            paper = _paper(signed)
        done = desk.tally(paper)
    kids = [signer.public.kid for signer in signers]
    plain = look.to_dict() | {
        "file": str(target), "keys": kids, "dry_run": dry_run,
    } | signed_plain(done)  # fmt: skip
    head = terminal.words(
        f"{'将签名' if dry_run else '√ 已签名'}：{target}",
        f"{'Would sign' if dry_run else '√ Signed'}: {target}",
    )
    terminal.emit(plain, [head, *tally_lines(terminal, done)])


def combine(terminal: Terminal, files: SignedFiles, output: Into) -> None:
    """Merge signatures over one payload."""
    from ecert.interop import signing

    papers = [_read(file) for file in files]
    with terminal.workspace() as workspace:
        desk = _desk(workspace)
        for file, paper in zip(files, papers, strict=True):
            desk.require_fitting(paper, str(file))
        try:
            merged = signing.combine(papers)
        except ParseError as error:
            raise _too_many() from error
        write_whole(output, merged)
        done = desk.tally(_paper(merged))
    plain = {
        "file": str(output), "digest": papers[0].digest,
    } | signed_plain(done)  # fmt: skip
    head = terminal.words(f"√ 已合并到 {output}", f"√ Combined into {output}")
    terminal.emit(plain, [head, *tally_lines(terminal, done)])


def signatures(terminal: Terminal, file: Draft) -> None:
    """Tell who has signed, how many of how many, and who is missing."""
    paper = _read(file)
    with terminal.workspace() as workspace:
        done = _desk(workspace).tally(paper)
    plain = {
        "kind": paper.document.TYP, "version": paper.document.version, "digest": paper.digest,
    } | signed_plain(done)  # fmt: skip
    terminal.emit(plain, [*_digest_lines(terminal, paper.digest), *tally_lines(terminal, done)])


# -- files ------------------------------------------------------------------------------------


def _desk(workspace: Workspace) -> SigningDesk:
    from ecert.clock import system_clock
    from ecert.workspace.signing import SigningDesk

    return SigningDesk(workspace, system_clock)


def _read(file: Path) -> Paper:
    return _paper(read_bounded(require_file(file)))


def _paper(data: bytes) -> Paper:
    from ecert.interop.signing import read_paper

    return read_paper(data)


def _beside(file: Path, paper: Paper) -> Path:
    return file if paper.envelope is not None else file.with_suffix(".signed.json")


def _with_present(paper: Paper, target: Path) -> Paper:
    """Return ``paper`` with the signatures that the file to be written has already."""
    from ecert.interop import signing

    if not target.is_file() or target.stat().st_size == 0:
        return paper
    present = _read(target)
    signing.require_same(paper, present)
    if paper.envelope is None and present.envelope is None:
        return paper
    return _paper(signing.combine([paper, present]))


def _require_digest(paper: Paper, expected: str) -> None:
    if "".join(expected.split()).lower() != paper.digest:
        raise DocumentRefusedError(
            DocumentFault.CONTENT,
            "摘要与核对过的不同，没有签名", "the digest is another one; nothing was signed",
            where="--digest", fix_zh="请向对方重新索取文件", fix_en="Ask for the file again",
        )  # fmt: skip


def _too_many() -> DocumentRefusedError:
    return DocumentRefusedError(
        DocumentFault.TOO_LARGE, "签名过多", "there are too many signatures", where="signatures"
    )


# -- telling ----------------------------------------------------------------------------------


def _look_lines(terminal: Terminal, look: Look, workspace: Workspace) -> list[str]:
    from ecert.interop.withdrawal import WithdrawalNotice
    from ecert.model.regions import name_of

    words, document = terminal.words, look.paper.document
    lines = [words(f"以 {name_of(look.as_party)} 的名义签名：", f"To sign for {look.as_party}:")]
    if isinstance(document, WithdrawalNotice):
        lines += notice_lines(terminal, document)
    elif look.change is not None:
        parties = "、".join(f"{name_of(party)}（{party}）" for party in document.parties)
        lines += look.change.lines(terminal.language, workspace.catalogue)
        lines += planned_lines(terminal, look.change)
        lines.append(words(f"缔约方：{parties}", f"Parties: {parties}"))
    lines += [f"  △ {one.message(terminal.language)}" for one in look.doubts]
    if look.restores:
        names = "、".join(look.restores)
        lines.append(words(
            f"注意：本方曾通知撤回 {names}，此版未载明，签名后即恢复认可",
            f"Beware: this office has withdrawn {names} by notice; this version brings it back",
        ))  # fmt: skip
    return [*lines, *_digest_lines(terminal, look.paper.digest)]


def _digest_lines(terminal: Terminal, digest: str) -> list[str]:
    from ecert.trust.spoken import spoken_hex, spoken_words

    groups, words = spoken_hex(digest).split(), spoken_words(digest).split()
    return [
        terminal.words("摘要（SHA-256，可在电话中核对）：", "Digest (SHA-256), for the telephone:"),
        *(f"  {' '.join(groups[start : start + 8])}" for start in range(0, len(groups), 8)),
        *(f"  {' '.join(words[start : start + 8])}" for start in range(0, len(words), 8)),
    ]


def tally_lines(terminal: Terminal, found: Sequence[Signatures]) -> list[str]:
    """Return how far all parties have signed, line by line."""
    return [_tally_line(terminal, one) for one in found]


def _tally_line(terminal: Terminal, one: Signatures) -> str:
    from ecert.model.regions import name_of

    words, name = terminal.words, f"{name_of(one.party)}（{one.party}）"
    if one.governed_by is None:
        return (
            f"△ {name}{words('：本机未认定其根密钥，无从核对', ': its roots are not pinned here')}"
        )
    count = words(f"已签 {len(one.valid)}，需 {one.needed}", f"{len(one.valid)} of {one.needed}")
    if one.spoilt:
        return f"× {name}：{count}" + words("，有不符的签名", ", a signature does not fit")
    if one.complete:
        return f"√ {name}：{count}"
    waiting = " ".join(kid[:16] for kid in one.waiting)
    return f"× {name}：{count}" + words(f"，未签密钥 {waiting}", f", not yet: {waiting}")


def signed_plain(found: Sequence[Signatures]) -> dict[str, Any]:
    """Return how far all parties have signed, for JSON."""
    return {
        "signatures": [one.to_dict() for one in found],
        "complete": all(one.complete for one in found),
    }
