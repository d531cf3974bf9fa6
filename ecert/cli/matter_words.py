"""How the command line tells matters and what they need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ecert.cli.terminal import Terminal
    from ecert.interop.matters.matter import Choice, Matter, Need
    from ecert.model.catalogue import Catalogue


def matter_dict(one: Matter) -> dict[str, Any]:
    """Return a matter as plain values."""
    return {
        "code": one.code, "name": one.name, "region": one.region,
        "department": one.department, "aliases": list(one.aliases), "paperless": one.paperless,
    }  # fmt: skip


def choice_dict(choice: Choice, catalogue: Catalogue) -> dict[str, Any]:
    """Return a choice as plain values."""
    from ecert.interop.matters.matter import PaperChoice

    if isinstance(choice, PaperChoice):
        return {"kind": "paper", "name": choice.name}
    return {
        "kind": "licence", "type_code": choice.type, "type_name": type_name(catalogue, choice.type),
        "own_region": choice.own_region, "fields": list(choice.fields),
    }  # fmt: skip


def type_name(catalogue: Catalogue, code: str) -> str:
    """Return what a type is called here; its code if it is not known."""
    known = catalogue.get(code)
    return code if known is None else known.name


def need_text(terminal: Terminal, need: Need, catalogue: Catalogue) -> str:
    """Return a need in one line: its choices, with what is asked of each."""
    from ecert.interop.matters.matter import PaperChoice

    words, parts = terminal.words, []
    for choice in need.choices:
        if isinstance(choice, PaperChoice):
            parts.append(words(f"{choice.name}（纸质）", f"{choice.name} (paper)"))
            continue
        text = type_name(catalogue, choice.type)
        if choice.own_region:
            text += words("（本地颁发）", " (issued here)")
        if choice.fields:
            text += words(
                f"（须含{'、'.join(choice.fields)}）", f" (with {', '.join(choice.fields)})"
            )
        parts.append(text)
    return words(" 或 ", " or ").join(parts)


def paperless_line(terminal: Terminal, *, paperless: bool) -> str:
    """Return the line that says whether paper is needed."""
    if paperless:
        return terminal.words("√ 免提交：不需要纸质材料", "√ No paper is needed")
    return terminal.words("△ 须提交纸质材料", "△ Paper is needed")
