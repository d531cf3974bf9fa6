"""Sizes: every licence type and profile of the catalogue as bytes, digits and QR version.

Really issued and really shown, with both suites, the samples of fixtures/样例照面.json; the budgets
of the format beside them.
"""

from __future__ import annotations

import json
import tempfile
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any

import sample
from report import Report

import ecert
from ecert.model.catalogue import builtin
from ecert.show.render import qr_version
from ecert.wallet.vault import CHEAPEST

SAMPLES: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parent.parent / "fixtures" / "样例照面.json").read_text("utf-8")
)
SUITES = {"ES256": "ES256", "SM2": "SGD_SM3_SM2"}
# The format's, for ES256; three licences may take one version more with SM2.
BUDGETS = {"minimal": 15, "ten items": 18, "three": 23}
TEN_ITEMS = "食品经营许可证"


class Shown:
    """The samples in a wallet of one suite.

    Args:
        alg: The suite of all keys.
        folder: Where the wallet goes.
    """

    def __init__(self, alg: str, folder: Path) -> None:
        self.wallet = ecert.Wallet.create(
            folder / f"{alg}.wallet", "nothing secret", alg=alg, kdf=CHEAPEST,
            clock=lambda: sample.AT,
        )  # fmt: skip
        self.held: dict[str, str] = {}
        self.bytes: dict[tuple[str, str], int] = {}
        for name, one in SAMPLES.items():
            office, until = one["issuer"], one["valid_until"]
            issuer = ecert.Issuer.demo(
                office["name"], region=office["region"], alg=alg, clock=lambda: sample.AT
            )
            licence = issuer.issue(
                name, number=one["number"], fields=one["fields"],
                holder=[ecert.Holder(**holder) for holder in one["holders"]],
                valid_from=date.fromisoformat(one["valid_from"]),
                valid_until=None if until is None else date.fromisoformat(until),
            )  # fmt: skip
            delivery = issuer.deliver(licence.id, self.wallet.request(issuer.nonce()))
            self.wallet.add(delivery)
            self.held[name] = str(licence.id)
            for profile, data in delivery.compact.items():
                self.bytes[name, profile] = len(data)

    def digits(self, *names: str, profile: str = "minimal") -> int:
        """Return the digits of a code with these licences."""
        return len(self.wallet.show(*(self.held[name] for name in names), profile=profile).text)


def main() -> None:
    """Print the tables."""
    report = Report("sizes", "Sizes of show codes")
    with tempfile.TemporaryDirectory() as folder:
        shown = {name: Shown(alg, Path(folder)) for name, alg in SUITES.items()}
        report.write("## Every type and profile", "", *_every(shown), "")
        report.write("## Budgets", "", *_budgets(shown), "")
    report.finish()


def _every(shown: dict[str, Shown]) -> list[str]:
    heads = "".join(f" {name}, bytes | digits | version |" for name in shown)
    lines = [f"| type | profile |{heads}", "|---|---|" + "--:|" * (3 * len(shown))]
    for name in SAMPLES:
        for profile in (one.name for one in builtin().require(name).profiles):
            cells = []
            for one in shown.values():
                digits = one.digits(name, profile=profile)
                cells += [one.bytes[name, profile], digits, qr_version("1" * digits)]
            lines.append(f"| {name} | `{profile}` | {' | '.join(map(str, cells))} |")
    return lines


def _budgets(shown: dict[str, Shown]) -> list[str]:
    lines = [
        "| what | suite | budget, version | digits | version | within |",
        "|---|---|--:|--:|--:|---|",
    ]
    for name, one in shown.items():
        figures = {
            "minimal": max(one.digits(held) for held in one.held),
            "ten items": one.digits(TEN_ITEMS, profile="full"),
            "three": max(one.digits(*three) for three in combinations(one.held, 3)),
        }
        for what, digits in figures.items():
            budget = BUDGETS[what] + (what == "three" and name == "SM2")
            version = qr_version("1" * digits)
            within = "yes" if version <= budget else "**no**"
            lines.append(f"| {what} | {name} | {budget} | {digits} | {version} | {within} |")
    return lines


if __name__ == "__main__":
    main()
