"""What becomes of a table that was checked: a draft, or an annotated copy."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecert.cli import failures

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ecert.cli.terminal import Terminal
    from ecert.interop.workbook.choices import TypeChoices
    from ecert.interop.workbook.reading import ListReading
    from ecert.workspace import Workspace

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class DraftOptions:
    """What one check was asked for.

    Attributes:
        file: The table.
        output: Where the draft goes; None only to check.
        by: Who does it.
        at: When.
    """

    file: Path
    output: Path | None
    by: str
    at: datetime

    def choices(self, workspace: Workspace | None, chosen: Mapping[str, str]) -> TypeChoices:
        """Return what names mean, ``chosen`` among it, which the workspace then remembers."""
        from ecert.interop.workbook.choices import TypeChoices
        from ecert.model.catalogue import builtin
        from ecert.workspace.recognition_choices import made_choices, read_choices, write_choices

        known = TypeChoices() if workspace is None else read_choices(workspace.path)
        if not chosen:
            return known
        catalogue = builtin() if workspace is None else workspace.knowledge.catalogue
        choices = known.with_choices(made_choices(chosen, catalogue, by=self.by, at=self.at))
        if workspace is not None:
            write_choices(workspace.path, choices)
        return choices


def tell_reading(terminal: Terminal, reading: ListReading) -> None:
    """Tell what the columns were taken for, and what was taken for granted."""
    sheet = f"［{reading.sheet}］" if reading.sheet else ""
    terminal.note(f"{reading.name}{sheet}，各列的理解：", f"{reading.name}{sheet}, its columns:")
    for line in reading.columns:
        terminal.note(f"  {line}", f"  {line}")
    for note in reading.notes:
        terminal.note(f"  △ {note.zh}", f"  △ {note.en}")


def annotate(terminal: Terminal, options: DraftOptions, reading: ListReading) -> int:
    """Write the annotated copy, tell every fault, and return the exit code."""
    from ecert.interop.workbook.annotated import write_annotated
    from ecert.sheets.rejects import annotated_path

    copy = annotated_path(options.file)
    write_annotated(copy, options.file, reading.faults, more=reading.more)
    count = len(reading.faults) + reading.more
    words = terminal.words
    lines = [f"× {one.message(terminal.language)}" for one in reading.faults[:_SHOWN]]
    if count > _SHOWN:
        lines.append(words(f"  另有 {count - _SHOWN} 处", f"  and {count - _SHOWN} more"))
    lines.append(
        words(
            f"× 共 {count} 处有误，没有生成草案。标注过的副本：{copy}",
            f"× {count} faults, no draft was made. An annotated copy: {copy}",
        )
    )
    for line in () if terminal.json else lines:
        print(line, file=sys.stderr)
    terminal.emit(_plain(reading) | {"annotated": str(copy), "draft": None}, ())
    return failures.REJECTED


def keep_draft(terminal: Terminal, options: DraftOptions, reading: ListReading) -> None:
    """Write the draft, if it was asked for, and tell its digest."""
    from ecert.interop.draft import digest_of, write_draft

    document = reading.document
    if document is None:
        raise ValueError("a table with faults gives no draft")
    if options.output is not None:
        write_draft(
            options.output, document, file=reading.name, sha256=reading.sha256,
            sheet=reading.sheet, rows=reading.rows,
            notes=tuple(note.zh for note in reading.notes), at=options.at,
        )  # fmt: skip
    digest, count, words = digest_of(document), len(document.entries), terminal.words
    done = "没有写草案（加 -o）" if options.output is None else f"草案：{options.output}"
    done_en = "no draft was written (-o)" if options.output is None else f"draft: {options.output}"
    lines = [
        words(
            f"√ {document.title} 第 {document.version} 版：{reading.rows} 行，{count} 条，无误",
            f"√ {document.title}, version {document.version}: {reading.rows} rows, {count} entries",
        ),
        words(f"  {done}", f"  {done_en}"),
        words(f"  待签内容摘要：{digest}", f"  Digest of what is signed: {digest}"),
    ]
    where = None if options.output is None else str(options.output)
    terminal.emit(_plain(reading) | {"annotated": None, "draft": where, "digest": digest}, lines)


def _plain(reading: ListReading) -> dict[str, Any]:
    return {
        "file": reading.name,
        "sha256": reading.sha256,
        "sheet": reading.sheet,
        "rows": reading.rows,
        "entries": None if reading.document is None else len(reading.document.entries),
        "columns": list(reading.columns),
        "notes": [{"zh": note.zh, "en": note.en} for note in reading.notes],
        "faults": [
            {
                "place": one.place,
                "what": one.fault.what,
                "zh": one.fault.zh,
                "en": one.fault.en,
                "fix_zh": one.fault.fix_zh,
                "fix_en": one.fault.fix_en,
            }
            for one in reading.faults
        ],
        "more_faults": reading.more,
    }
