"""The codes that are photographed, and what a window knows that checks them: kept in a file.

Kept, because every signature is another one each time it is made, and photographs that are the
same on every run need codes that are.  ``python -m tests.soak.photo_world`` makes the file anew.
"""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import ecert
from ecert.wallet.vault import CHEAPEST
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

AT: Final = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
FILE: Final = Path(__file__).with_name("photo_world.json")
TYPES: Final = ("机动车驾驶证", "食品经营许可证", "道路运输证", "残疾人证", "营业执照")
KINDS: Final = ("minimal", "full", "three")
REGION: Final = "510000"


@dataclass(frozen=True, slots=True)
class World:
    """What is photographed, and how it is checked.

    Attributes:
        codes: Digits, four codes of each kind.
        documents: What the window knows, beside the published roots.
    """

    codes: Mapping[str, Sequence[str]]
    documents: Sequence[str]

    def window(self) -> ecert.Verifier:
        """Return a window of the issuing province that has seen none of the codes."""
        window = ecert.Verifier(REGION, clock=lambda: AT)
        window.knowledge.pin(ecert.demo_roots())
        for document in self.documents:
            window.knowledge.accept(document)
        return window


def load() -> World:
    """Read the file."""
    plain = json.loads(FILE.read_text("utf-8"))
    return World(plain["codes"], plain["documents"])


def make() -> World:
    """Issue the sample of some types, and show them."""
    samples = json.loads((ROOT / "fixtures" / "样例照面.json").read_text("utf-8"))
    issuer = ecert.Issuer.demo("四川省广安市政务服务中心", region="511600", clock=lambda: AT)
    with tempfile.TemporaryDirectory() as folder:
        wallet = ecert.Wallet.create(
            Path(folder) / "a.wallet", "nothing secret", kdf=CHEAPEST, clock=lambda: AT
        )
        held = []
        for name in TYPES:
            one = samples[name]
            until = one["valid_until"]
            licence = issuer.issue(
                name,
                number=one["number"],
                holder=[ecert.Holder(**holder) for holder in one["holders"]],
                fields=one["fields"],
                valid_from=date.fromisoformat(one["valid_from"]),
                valid_until=None if until is None else date.fromisoformat(until),
            )
            wallet.add(issuer.deliver(licence.id, wallet.request(issuer.nonce())))
            held.append(licence.id)
        codes = {
            "minimal": [wallet.show(held[at]).text for at in range(4)],
            "full": [wallet.show(held[at], profile="full").text for at in range(4)],
            "three": [
                wallet.show(held[at], held[at - 1], held[at - 2]).text for at in range(4)
            ],
        }  # fmt: skip
    return World(codes, [issuer.trust_list().decode("utf-8"), *issuer.status_lists()])


def main() -> int:
    """Write the file."""
    world = make()
    plain = {"codes": world.codes, "documents": world.documents}
    FILE.write_text(json.dumps(plain, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
