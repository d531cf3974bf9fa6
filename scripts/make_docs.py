"""Write the generated parts of docs/ anew from the code, and check the links between documents.

``python scripts/make_docs.py`` writes; with ``--check`` it only tells what is out of date.
"""

from __future__ import annotations

import argparse
import re
import sys
from typing import TYPE_CHECKING

import doc_commands
import doc_drawn
import doc_mandate
import doc_sharing
import doc_sizes
import doc_slopes
import doc_tables
from doc_blocks import block, blocks_of, replace_block
from doc_links import broken_links
from doc_samples import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

# In this order: later examples are built on earlier ones.
BLOCKS: dict[str, dict[str, Callable[[], str]]] = {
    "formats/index.md": {"suites": doc_tables.suites},
    "formats/licence-id.md": {"licence-id-steps": doc_drawn.licence_id_steps},
    "formats/example.md": {
        "example-licence": doc_drawn.example_licence,
        "example-keys": doc_drawn.keys,
    },
    "formats/credential.md": {"sd-jwt": doc_drawn.sd_jwt},
    "formats/compact-credential.md": {"compact-credential": doc_drawn.compact_credential},
    "formats/show-code.md": {
        "short-digits": doc_drawn.short_digits,
        "show-code": doc_drawn.show_code,
        "show-digits": doc_drawn.show_digits,
        "budgets": doc_sizes.budgets,
    },
    "formats/mandate.md": {
        "mandate": doc_mandate.example,
        "licence-digest": doc_mandate.digest_steps,
        "mandate-sizes": doc_mandate.sizes,
    },
    "formats/online-code.md": {"online-digits": doc_drawn.online_digits},
    "formats/status-list.md": {
        "status-values": doc_tables.status_values,
        "status-packing": doc_drawn.status_packing,
        "status-token": doc_drawn.status_token,
    },
    "formats/documents.md": {
        "trust-list-payload": doc_drawn.trust_list_payload,
        "trust-list-envelope": doc_drawn.trust_list_envelope,
    },
    "formats/vault.md": {"vault": doc_drawn.vault},
    "formats/delivery.md": {"proof": doc_drawn.proof, "delivery": doc_drawn.delivery},
    "formats/licence-types.md": {
        "licence-types": doc_tables.licence_types,
        "field-attributes": doc_tables.field_attributes,
    },
    "formats/sizes.md": {"sizes": doc_sizes.sizes},
    "formats/sharing-interface.md": {
        "share-statuses": doc_sharing.statuses,
        "verify-results": doc_sharing.results,
        "reason-results": doc_sharing.reasons,
    },
    "guides/command-line.md": {"commands": doc_commands.commands},
    "reasons.md": {
        "outcomes": doc_tables.outcomes,
        "reasons": doc_tables.reasons,
        "document-faults": doc_tables.document_faults,
    },
    "lint.md": {"lint-rules": doc_tables.lint_rules},
    "errors.md": {"errors": doc_tables.errors, "fetch-faults": doc_tables.fetch_faults},
    "limitations.md": {"bounds": doc_tables.bounds},
    "deployment.md": {"slopes": doc_slopes.slopes},
}
# Another build of zlib may pack a code into a few digits more or fewer.
_MEASURED = {"sizes", "budgets", "mandate-sizes"}
_TOLERANCE = 0.01
_NUMBER = re.compile(r"(?<=\| )[0-9]+(?= \|)")


def main() -> int:
    """Write or check; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if out of date")
    check: bool = parser.parse_args().check
    stale = [name for name in BLOCKS if not _bring_up_to_date(name, write=not check)]
    faults = [f"docs/{name}: out of date" for name in stale] if check else []
    faults += broken_links()
    faults += _unknown_blocks()
    for name in stale if not check else ():
        print(f"docs/{name}: written")
    for fault in faults:
        print(fault, file=sys.stderr)
    if check and stale:
        print("run `make docs` and look at what has changed", file=sys.stderr)
    return 1 if faults else 0


def _bring_up_to_date(document: str, *, write: bool) -> bool:
    path = ROOT / "docs" / document
    text = before = path.read_text("utf-8")
    for name, make in BLOCKS[document].items():
        content = make()
        if not _same(name, block(document, name), content):
            text = replace_block(text, name, content)
    if text != before and write:
        path.write_text(text, "utf-8")
    return text == before


def _same(name: str, old: str, new: str) -> bool:
    if old == new or name not in _MEASURED:
        return old == new
    texts = [_NUMBER.sub("#", text) for text in (old, new)]
    numbers = [[int(number) for number in _NUMBER.findall(text)] for text in (old, new)]
    return texts[0] == texts[1] and all(
        abs(a - b) <= max(_TOLERANCE * b, 1) for a, b in zip(*numbers, strict=True)
    )


def _unknown_blocks() -> list[str]:
    return [
        f"{path.relative_to(ROOT)}: nothing generates the block {name!r}"
        for path in sorted((ROOT / "docs").rglob("*.md"))
        for name in blocks_of(path.read_text("utf-8"))
        if name not in BLOCKS.get(path.relative_to(ROOT / "docs").as_posix(), {})
    ]


if __name__ == "__main__":
    sys.exit(main())
