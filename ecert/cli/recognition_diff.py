"""``ecert recognition diff``: what another version of a list narrows, widens, adds and ends."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from ecert.cli.recognition_files import AnyList, known_here, read_list
from ecert.cli.terminal import Terminal
from ecert.cli.words import told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecert.interop.change import Change
    from ecert.interop.difference import DifferenceKind, EntryDifference
    from ecert.interop.direction import Direction
    from ecert.model.catalogue import Catalogue
    from ecert.reasons import Language
    from ecert.sheets.report import Colour

Output = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", metavar="FILE",
        help=told("另写入工作簿（.xlsx），A4 横向", "Write a workbook (.xlsx) too, A4 landscape"),
    ),
]  # fmt: skip

# By `DifferenceKind` and by `Direction`, which are loaded when they are needed.
_SIGNS: Final = {"added": "+", "removed": "-"}
_COLOURS: Final[dict[str, Colour]] = {
    "widened": "green",
    "narrowed": "red",
    "changed": "yellow",
    "same": "none",
}
_OVERALL: Final = {
    "same": ("认可范围不变", "What is recognised stays the same"),
    "narrowed": ("认可范围只收窄", "Only narrowed"),
    "widened": ("认可范围只放宽", "Only widened"),
    "changed": ("认可范围有变更", "Changed"),
}
_EFFECTS: Final = {
    "same": ("不影响", "none"),
    "narrowed": ("收窄", "narrowed"),
    "widened": ("放宽", "widened"),
    "changed": ("变更", "changed"),
}


def diff_lists(terminal: Terminal, old: AnyList, new: AnyList, output: Output = None) -> None:
    """Compare two versions of a list, entry by entry and attribute by attribute."""
    from ecert.interop.change import compare

    known = known_here(terminal)
    before, now = read_list(old, known), read_list(new, known)
    change = compare(before, now)
    catalogue = known.catalogue.with_carried((*known.catalogue, *before.types, *now.types))
    if output is not None:
        _write(output, change, catalogue, terminal.language)
    plain = change.to_dict() | {
        "differences": [one.to_dict(catalogue) for one in change.differences],
        "file": None if output is None else str(output),
    }
    terminal.emit(plain, _lines(terminal, change, catalogue))
    if output is not None:
        terminal.note(f"  已写入 {output}", f"  Written: {output}")


def _lines(terminal: Terminal, change: Change, catalogue: Catalogue) -> Iterator[str]:
    language = terminal.language
    yield from change.head_lines(language)
    for one in change.differences:
        yield f"{_SIGNS.get(one.kind, '~')} {one.sentence(language, catalogue)}"
    counts: dict[DifferenceKind, int] = {}
    for one in change.differences:
        counts[one.kind] = counts.get(one.kind, 0) + 1
    told_zh = [f"{kind.zh} {count} 项" for kind, count in counts.items()]
    told_en = [f"{count} {kind.value}" for kind, count in counts.items()]
    overall = _OVERALL[change.direction]
    yield terminal.words(
        f"{overall[0]}：{'，'.join([*told_zh, f'不变 {change.unchanged} 项'])}",
        f"{overall[1]}: {', '.join([*told_en, f'{change.unchanged} unchanged'])}",
    )


def _write(path: Path, change: Change, catalogue: Catalogue, language: Language) -> None:
    from ecert.sheets.report import create_report
    from ecert.sheets.writing import Column

    heads = (
        ("条目", "变化", "证照", "项目", "原来", "现在", "影响") if language == "zh"
        else ("entry", "change", "licence", "attribute", "before", "now", "effect")
    )  # fmt: skip
    widths = (10, 10, 22, 16, 38, 38, 10)
    columns = [
        Column(head, width=width, wraps=True) for head, width in zip(heads, widths, strict=True)
    ]
    with create_report(path, columns, sheet="差异" if language == "zh" else "difference") as report:
        for one in change.differences:
            for row, direction in _rows(one, catalogue, language):
                report.write_coloured(row, _COLOURS[direction])


def _rows(
    one: EntryDifference, catalogue: Catalogue, language: Language
) -> Iterator[tuple[tuple[str, ...], Direction]]:
    """Yield a row for each attribute that differs; one for an entry that came or went."""
    from ecert.interop import told as words
    from ecert.interop.difference import sides

    index = 0 if language == "zh" else 1
    kind = one.kind.zh if language == "zh" else one.kind.value
    head = (one.entry.id, kind, words.both_types(one.entry, catalogue))
    for change in one.attributes:
        name = words.attribute_name(change.attribute, language)
        yield (
            (*head, name, *sides(change, language, catalogue), _EFFECTS[change.direction][index]),
            (change.direction),
        )
    if not one.attributes:
        line = words.summary(one.entry, language, catalogue)
        both = (line, "") if one.new is None else ("", line)
        whole = ("整条", "whole entry")[index]
        yield (*head, whole, *both, _EFFECTS[one.kind.direction][index]), one.kind.direction
