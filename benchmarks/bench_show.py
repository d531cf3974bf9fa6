"""Showing: what the holder's telephone does for each show code."""

from __future__ import annotations

import tempfile
from pathlib import Path

import sample
from harness import Case, LocalBench, repeated
from raw import raw_signing
from report import Report

import ecert


class _Drawer:
    """A vault in memory: what showing costs without the disk on which the wallet notes it."""

    payload = b""

    def read(self) -> bytes:
        """Return what was written last."""
        return self.payload

    def write(self, payload: bytes) -> None:
        """Keep it."""
        self.payload = payload


def main() -> None:
    """Measure and report."""
    report = Report("show", "Showing")
    issuer = sample.make_issuer()
    with tempfile.TemporaryDirectory() as folder:
        # The passphrase is asked when a wallet is opened; that cost is no part of showing.
        wallet = ecert.Wallet.create(
            Path(folder) / "zhang.wallet", "nothing secret here", clock=lambda: sample.AT
        )
        light = ecert.Wallet.found(_Drawer(), clock=lambda: sample.AT)
        held = []
        for _ in range(3):
            licence = sample.issue(issuer, sample.ALL_FIELDS)
            for one in (light, wallet):
                one.add(issuer.deliver(licence.id, one.request(issuer.nonce())))
            held.append(licence.id)
        report.table("Show codes", [_showing(light, wallet, held)])
    report.finish()


def _showing(
    wallet: ecert.Wallet, on_disk: ecert.Wallet, held: list[ecert.LicenceId]
) -> LocalBench:
    code = wallet.show(held[0])
    raw = raw_signing("1 raw signature", [bytes(400)])
    return LocalBench(
        "ecert",
        [
            raw,
            Case("minimal", repeated(lambda: wallet.show(held[0])), raw.name),
            Case(
                "full, eight fields",
                repeated(lambda: wallet.show(held[0], profile="full")),
                raw.name,
            ),
            Case("three licences, minimal", repeated(lambda: wallet.show(*held)), raw.name),
            Case(
                "minimal, noted in the wallet's file",
                repeated(lambda: on_disk.show(held[0])),
                waits=True,
            ),
            Case("drawing minimal as PNG", repeated(code.png)),
            Case("drawing minimal as SVG", repeated(code.svg)),
        ],
    )


if __name__ == "__main__":
    main()
