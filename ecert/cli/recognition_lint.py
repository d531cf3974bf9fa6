"""``ecert recognition lint``: what is wrong or doubtful in a list, before anyone signs it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ecert import limits
from ecert.cli import failures
from ecert.cli.arguments import require_file
from ecert.cli.recognition_files import AnyList, OnDay, known_here, moment_of, read_list
from ecert.cli.terminal import Terminal, read_bounded
from ecert.cli.words import told
from ecert.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecert.interop.lint import LintFinding

Previous = Annotated[
    str | None,
    typer.Option(
        "--previous", metavar="FILE|ID",
        help=told(
            "承接的上一版，默认为现行的同一清单", "The version before; by default the one in force"
        ),
    ),
]  # fmt: skip
Matters = Annotated[
    Path | None,
    typer.Option(
        "--matters", metavar="FILE",
        help=told("事项目录，UTF-8，每行一个名称", "The matter catalogue in UTF-8, a name a line"),
    ),
]  # fmt: skip


def lint_list(
    terminal: Terminal,
    source: AnyList,
    previous: Previous = None,
    matters: Matters = None,
    at: OnDay = None,
) -> None:
    """Tell everything that is wrong or doubtful in a list; errors end in exit code 2."""
    from ecert.interop.lint import lint

    known = known_here(terminal)
    document = read_list(source, known)
    before = known.in_force(document) if previous is None else read_list(previous, known)
    findings = lint(
        document,
        catalogue=known.catalogue,
        # A list in force does not follow itself.
        previous=None if before == document else before,
        matters=None if matters is None else _names(matters),
        at=moment_of(at),
    )
    errors = sum(finding.is_error for finding in findings)
    terminal.emit(
        {
            "list_id": document.list_id, "title": document.title, "version": document.version,
            "errors": errors, "warnings": len(findings) - errors,
            "findings": [finding.to_dict() for finding in findings],
        },
        _lines(terminal, findings, errors),
    )  # fmt: skip
    if errors:
        raise typer.Exit(failures.USAGE)


def _lines(terminal: Terminal, findings: tuple[LintFinding, ...], errors: int) -> Iterator[str]:
    for finding in findings:
        yield f"{'×' if finding.is_error else '△'} {finding.message(terminal.language)}"
    warnings = len(findings) - errors
    yield terminal.words(
        f"{'×' if errors else '√'} 错误 {errors} 项，提醒 {warnings} 项"
        + ("；有错误不得签名" if errors else ""),
        f"{'×' if errors else '√'} {errors} errors, {warnings} warnings"
        + ("; not to be signed" if errors else ""),
    )


def _names(path: Path) -> list[str]:
    data = read_bounded(require_file(path), limits.MAX_ENVELOPE_BYTES)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError(
            "事项目录应为 UTF-8 文本", "the matter catalogue is text in UTF-8", where=str(path)
        ) from error
    return [line.strip() for line in text.splitlines() if line.strip()]
