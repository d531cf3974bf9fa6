"""Verifying: a show code with every check, beside others that check signatures and holder."""

from __future__ import annotations

import secrets
import tempfile
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING

import sample
from foreign import foreign_benches
from harness import Case, LocalBench, each
from raw import raw_verifying, signed_jws
from report import Report

import ecert
from ecert.show import offline
from ecert.sign import sdjwt
from ecert.sign.keys import PrivateKey
from ecert.store.engine import open_engine
from ecert.store.replay import SQLReplay

if TYPE_CHECKING:
    from ecert.issuers.issuer import Issuer
    from ecert.show.delivery import Delivery
    from ecert.verify.verifier import Verifier

HOLDERS = 32
AUDIENCE = "https://window.invalid/500000"


def main() -> None:
    """Measure and report."""
    report = Report("verify", "Verifying")
    office = Office(sample.make_issuer())
    window = sample.make_verifier(office.issuer)
    report.table(
        "A show code: two signatures, every check, each code a new one, memory of codes on",
        [
            office.bench("ecert, minimal profile", window, "minimal", 1),
            office.bench("ecert, full profile, eight fields", window, "full", 1),
            office.bench("ecert, three licences, minimal", window, "minimal", 3),
        ],
    )
    peers = foreign_benches("verify", sample.for_foreigners(office.delivered[0][0]))
    report.table(
        "Licence and holder's proof, beside others",
        [
            office.bench("ecert", window, "minimal", 1),
            _presentation("ecert, without the checks", office, window),
            *peers,
        ],
    )
    for peer in peers:
        peer.close()
    with tempfile.TemporaryDirectory() as folder, open_engine(Path(folder) / "ecert.db") as engine:
        durable = ecert.Verifier(
            "500000",
            knowledge=window.knowledge,
            replay=SQLReplay(engine),
            clock=lambda: sample.AT,
        )
        report.table(
            "The same with the memory of codes in SQLite, every commit on disk",
            [office.bench("ecert, minimal profile", durable, "minimal", 1, waits=True)],
        )
    report.finish()


class Office:
    """An issuer, and holders with three licences each.

    Args:
        issuer: The issuer.
    """

    def __init__(self, issuer: Issuer) -> None:
        self.issuer = issuer
        self.holders = [PrivateKey.generate() for _ in range(HOLDERS)]
        self.delivered = [self._deliver(holder) for holder in self.holders]

    def _deliver(self, holder: PrivateKey) -> list[Delivery]:
        licences = [sample.issue(self.issuer, sample.ALL_FIELDS) for _ in range(3)]
        return [sample.deliver(self.issuer, licence, holder) for licence in licences]

    def codes(self, profile: str, licences: int, count: int) -> list[str]:
        """Return so many different codes, of all holders in turn."""
        shown = [[one.compact[profile] for one in held[:licences]] for held in self.delivered]
        return [
            offline.write_show_code(credentials, holder, made=sample.AT)
            for credentials, holder in islice(cycle(zip(shown, self.holders, strict=True)), count)
        ]

    def bench(
        self, title: str, window: Verifier, profile: str, licences: int, *, waits: bool = False
    ) -> LocalBench:
        """Return the cases for codes of this profile with so many licences each."""

        def verify(code: str) -> None:
            if not window.verify(code, matter=sample.MATTER).accepted:
                raise ValueError("a good code was not accepted")

        key = sample.licence_key(window, self.issuer)
        codes = self.codes(profile, licences, HOLDERS)
        raw = raw_verifying(
            f"{licences + 1} raw verifications",
            [
                sample.signatures_in(code, key, holder.public)
                for code, holder in zip(codes, self.holders, strict=True)
            ],
        )
        case = Case(
            "show code, every check",
            each(lambda count: self.codes(profile, licences, count), verify),
            raw.name,
            waits,
        )
        return LocalBench(title, [raw, case])


def _presentation(title: str, office: Office, window: Verifier) -> LocalBench:
    """Return the part that the others do too: an SD-JWT VC and its key binding, no more."""
    key, holder = sample.licence_key(window, office.issuer), office.holders[0]
    sd_jwt = office.delivered[0][0].sd_jwt
    shown = {tuple(path) for path in sample.SHOWN}

    def presentations(count: int) -> list[tuple[str, sdjwt.KeyBinding]]:
        bindings = [sdjwt.KeyBinding(AUDIENCE, secrets.token_urlsafe(16)) for _ in range(count)]
        at = int(sample.AT.timestamp())
        return [
            (sdjwt.present(sd_jwt, shown.__contains__, holder=holder, binding=one, at=at), one)
            for one in bindings
        ]

    def verify(presented: tuple[str, sdjwt.KeyBinding]) -> None:
        text, binding = presented
        sdjwt.verify(text, [key], at=int(sample.AT.timestamp()), binding=binding)

    tokens = presentations(1)[0][0].split("~")
    raw = raw_verifying(
        "2 raw verifications",
        [
            [
                signed_jws(sample.backend_key(key), tokens[0]),
                signed_jws(sample.backend_key(holder.public), tokens[-1]),
            ]
        ],
    )
    name = f"SD-JWT VC + key binding, {len(shown)} disclosed"
    return LocalBench(title, [raw, Case(name, each(presentations, verify), raw.name)])


if __name__ == "__main__":
    main()
