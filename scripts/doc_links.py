"""Check that every relative link in a Markdown document leads somewhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from doc_samples import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\[[^\]\n]*\]\(([^()\s]+(?:\([^()\s]*\)[^()\s]*)*)\)")
_HEADING = re.compile(r"^#{1,6} +(.+?) *$", re.MULTILINE)
_ELSEWHERE = ("http://", "https://", "mailto:")
_SKIPPED = {"node_modules", "out", "dist"}


def documents() -> tuple[Path, ...]:
    """Return every Markdown document of the project."""
    return tuple(
        path
        for path in sorted(ROOT.rglob("*.md"))
        if not any(
            part in _SKIPPED or part.startswith(".") for part in path.relative_to(ROOT).parts
        )
    )


def broken_links() -> list[str]:
    """Return a line for every link that leads nowhere."""
    return [
        f"{path.relative_to(ROOT)}: {link} leads nowhere"
        for path in documents()
        for link in links(path.read_text("utf-8"))
        if not _leads_somewhere(path, link)
    ]


def links(text: str) -> Iterator[str]:
    """Return the relative links of a document."""
    plain = _FENCE.sub("", text)
    for link in _LINK.findall(plain):
        if not link.startswith(_ELSEWHERE):
            yield link


def _leads_somewhere(path: Path, link: str) -> bool:
    place, _, anchor = unquote(link).partition("#")
    target = path if not place else path.parent / place
    if not target.exists():
        return False
    return not anchor or anchor in anchors(target.read_text("utf-8"))


def anchors(text: str) -> set[str]:
    """Return the anchors that the headings of a document get on the usual hosts."""
    found: dict[str, int] = {}
    result = set()
    for heading in _HEADING.findall(_FENCE.sub("", text)):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "")
        anchor = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        count = found.get(anchor, 0)
        found[anchor] = count + 1
        result.add(f"{anchor}-{count}" if count else anchor)
    return result
