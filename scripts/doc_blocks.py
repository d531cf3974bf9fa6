"""Generated blocks in documents: where they are, what stands in them, how bytes are drawn."""

from __future__ import annotations

import json
import re
import textwrap
from typing import TYPE_CHECKING

from doc_samples import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_BLOCK = r"(<!-- generated: {name} -->\n)(.*?)\n?(<!-- end generated -->)"
_WIDTH = 72


def block(document: str, name: str) -> str:
    """Return the text of a generated block as it stands in ``docs/<document>``, or nothing."""
    path = ROOT / "docs" / document
    found = _pattern(name).search(path.read_text("utf-8")) if path.exists() else None
    return found[2] if found else ""


def replace_block(text: str, name: str, content: str) -> str:
    """Return ``text`` with the content of one generated block replaced.

    Raises:
        LookupError: The block is not there exactly once.
    """
    pattern = _pattern(name)
    if len(pattern.findall(text)) != 1:
        raise LookupError(f"generated block {name!r} must stand there exactly once")
    return pattern.sub(lambda found: f"{found[1]}{content}\n{found[3]}", text)


def blocks_of(text: str) -> tuple[str, ...]:
    """Return the names of all generated blocks in ``text``."""
    return tuple(re.findall(r"<!-- generated: ([a-z0-9-]+) -->", text))


def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(_BLOCK.format(name=re.escape(name)), re.DOTALL)


def stored_text(document: str, name: str) -> str:
    """Return the first fenced text of a block, without comments and white space."""
    found = re.search(r"```text\n(.*?)```", block(document, name), re.DOTALL)
    lines = found[1].splitlines() if found else []
    return "".join("".join(line.split()) for line in lines if not line.startswith("#"))


def stored_bytes(document: str, name: str) -> bytes:
    """Return the bytes that a block writes in hex; nothing if it holds anything else."""
    try:
        return bytes.fromhex(stored_text(document, name))
    except ValueError:
        return b""


def fenced(text: str, language: str = "text") -> str:
    """Return ``text`` as a fenced block."""
    return f"```{language}\n{text.rstrip()}\n```"


def wrapped(text: str) -> str:
    """Return a long word in lines."""
    return "\n".join(textwrap.wrap(text, _WIDTH, break_on_hyphens=False))


def table(rows: Iterable[Sequence[str]]) -> str:
    """Return rows as a Markdown table; the second tells how columns are aligned."""
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def annotated(pieces: Iterable[tuple[str, bytes]]) -> str:
    """Return bytes in hex, each piece under its comment."""
    return "\n".join(f"# {comment}\n{wrapped(data.hex())}" for comment, data in pieces)


def pretty(value: object) -> str:
    """Return JSON for people: indented, but what fits on a line stays on one."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return re.sub(r"\[\s+([^\[\]{}]{0,90}?)\s+\]", _one_line, text)


def _one_line(found: re.Match[str]) -> str:
    return "[" + re.sub(r"\s*\n\s*", " ", found[1]) + "]"
