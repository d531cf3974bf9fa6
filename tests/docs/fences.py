"""Fenced blocks of Markdown documents, for the tests that run or read them."""

from __future__ import annotations

import contextlib
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FENCE = re.compile(r"^```([a-z]*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_GENERATED = r"<!-- generated: {name} -->\n(.*?)\n?<!-- end generated -->"


@dataclass(frozen=True)
class Fence:
    """One fenced block."""

    language: str
    text: str
    line: int


def fences(path: Path) -> tuple[Fence, ...]:
    """Return all fenced blocks of a document, in order."""
    text = path.read_text("utf-8")
    return tuple(
        Fence(found[1], found[2], text.count("\n", 0, found.start()) + 2)
        for found in _FENCE.finditer(text)
    )


def pages(folder: Path) -> Iterator[Path]:
    """Return every document below a folder that has Python in it."""
    for path in sorted(folder.rglob("*.md")):
        if any(fence.language == "python" for fence in fences(path)):
            yield path


def run(path: Path) -> dict[str, object]:
    """Run the Python of a document, one block after the other in one namespace.

    Where a ``text`` block follows a ``python`` block at once, each of its lines must have been
    printed; ``…`` in it stands for anything.  Returns the names that the page defined.
    """
    names: dict[str, object] = {"__name__": "__docs__"}
    blocks = fences(path)
    for block, after in zip(blocks, [*blocks[1:], Fence("", "", 0)], strict=True):
        if block.language != "python":
            continue
        # As many empty lines in front as stand above it, so that a traceback names the line.
        source = "\n" * (block.line - 1) + block.text
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(source, str(path), "exec"), names)  # noqa: S102  (our own documents)
        if after.language == "text" and _follows(path, block, after):
            for line in after.text.splitlines():
                wanted = ".*".join(re.escape(part) for part in line.split("…"))
                assert re.search(f"^{wanted}$", printed.getvalue(), re.MULTILINE), line
    return names


def _follows(path: Path, block: Fence, after: Fence) -> bool:
    lines = path.read_text("utf-8").splitlines()
    between = lines[block.line + block.text.count("\n") : after.line - 2]
    return not any(line.strip() for line in between)


def generated(document: str, name: str) -> str:
    """Return a generated block of ``docs/<document>``."""
    text = (ROOT / "docs" / document).read_text("utf-8")
    found = re.search(_GENERATED.format(name=name), text, re.DOTALL)
    assert found is not None, f"{document} has no block {name}"
    return found[1]


def first_text(document: str, name: str) -> str:
    """Return the first text fence of a generated block, without comments and white space."""
    found = re.search(r"```text\n(.*?)```", generated(document, name), re.DOTALL)
    assert found is not None
    lines = [line for line in found[1].splitlines() if not line.startswith("#")]
    return "".join("".join(lines).split())
