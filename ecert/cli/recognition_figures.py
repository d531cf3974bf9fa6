"""What a simulation came to, as lines and as a workbook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ecert.cli.terminal import Terminal
    from ecert.interop.tally import Tally, TallyKey, TallyLine
    from ecert.model.catalogue import Catalogue
    from ecert.reasons import Language
    from ecert.sheets.report import Colour

# By outcome, and where the answer has turned, by that.
_COLOURS: Final[dict[str, Colour]] = {
    "accepted": "green",
    "not-recognised": "red",
    "undetermined": "yellow",
    "refused": "red",
}
_HEADS: Final = {
    "zh": ("结果", "原因", "证照", "条目", "份数", "与原来相比", "举例"),
    "en": ("outcome", "reason", "licence", "entry", "count", "compared", "examples"),
}
_WIDTHS: Final = (22, 34, 22, 12, 10, 26, 50)


def lines_of(terminal: Terminal, tally: Tally, catalogue: Catalogue) -> Iterator[str]:
    """Yield the counts: all in all, by what has changed, then line by line."""
    words, language = terminal.words, terminal.language
    yield words(
        f"共 {tally.seen:,} 份，参加试算 {tally.asked:,} 份",
        f"{tally.seen:,} licences, {tally.asked:,} of them tried",
    )
    for why, count in tally.not_standing.items():
        yield f"- {words(why.zh, why.en)}  {count:,}"
    for outcome, count in tally.by_outcome().items():
        sign = "√" if outcome.value == "accepted" else "×"
        yield f"{sign} {words(outcome.zh, outcome.en)}  {count:,}"
    for turn, count in tally.by_turn().items():
        yield f"~ {words(turn.zh, turn.en)}  {count:,}"
    rows = [
        (
            *(str(value) for value in _row(key, line, catalogue, language)[:-1]),
            # In one line, or programs could not tell the rows apart.
            " ".join(f"#{one.row}(***{one.number})" for one in line.examples),
        )
        for key, line in tally.sorted_lines()
    ]
    if rows:
        yield from terminal.table(_HEADS[language], rows)


def write_figures(path: Path, tally: Tally, catalogue: Catalogue, language: Language) -> None:
    """Write the counts into a workbook, a row for each line.

    Raises:
        TableError: The file is no workbook by its name, or the folder refuses.
    """
    from ecert.sheets.report import create_report
    from ecert.sheets.writing import Column

    heads = _HEADS[language]
    number = heads[4]
    columns = [
        Column(head, "number" if head == number else "text", width=width, wraps=head != number)
        for head, width in zip(heads, _WIDTHS, strict=True)
    ]
    with create_report(path, columns, sheet="试算" if language == "zh" else "simulation") as report:
        for key, line in tally.sorted_lines():
            report.write_coloured(_row(key, line, catalogue, language), _colour(key))
        for why, count in tally.not_standing.items():
            stands = "不在有效状态" if language == "zh" else "does not stand"
            told = why.zh if language == "zh" else why.en
            report.write_coloured((stands, told, "", "", count, "", ""), "grey")


def _colour(key: TallyKey) -> Colour:
    if key.turn is not None and key.turn.value == "otherwise":
        return "yellow"
    return _COLOURS[key.reason.outcome]


def _row(
    key: TallyKey, line: TallyLine, catalogue: Catalogue, language: Language
) -> tuple[str | int, ...]:
    chinese, reason = language == "zh", key.reason
    outcome = reason.outcome.zh if chinese else reason.outcome.en
    known = catalogue.get(key.type)
    turn = "" if key.turn is None else key.turn.zh if chinese else key.turn.en
    examples = "\n".join(f"#{one.row} {one.licence} (***{one.number})" for one in line.examples)
    return (
        outcome,
        f"{reason.number} {reason.zh if chinese else reason.en}",
        key.type if known is None else known.name,
        key.entry,
        line.count,
        turn,
        examples,
    )
