"""Showing: what the holder's telephone does for each show code."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

import sample
from harness import Case, LocalBench, repeated
from raw import raw_signing
from report import Report

import ecert
from ecert.show import render

if TYPE_CHECKING:
    from collections.abc import Callable

    Draw = Callable[[str, int], object]


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
        # The ratios are to the matrix alone.
        report.table("Pictures", _drawing(light, held))
    report.finish()


def _showing(
    wallet: ecert.Wallet, on_disk: ecert.Wallet, held: list[ecert.LicenceId]
) -> LocalBench:
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
        ],
    )


def _drawing(wallet: ecert.Wallet, held: list[ecert.LicenceId]) -> list[LocalBench]:
    """Every picture is painted from one matrix; the first case of each is that matrix alone."""
    minimal, three = wallet.show(held[0]).text, wallet.show(*held).text
    benches, qrcode_alone = [], render._draw_with_qrcode  # noqa: SLF001 - as without zxing-cpp
    for drawer, draw in (("zxing-cpp", None), ("qrcode alone", qrcode_alone)):
        for name, digits in (("minimal", minimal), ("three licences", three)):
            matrix = Case(f"{name}: the matrix", repeated(_with(draw, render.matrix, digits)))
            painted = [
                Case(f"{name}: {kind}", repeated(_with(draw, paint, digits)), matrix.name)
                for kind, paint in (("PNG", render.png), ("SVG", render.svg))
            ]
            title = f"{drawer}, version {render.qr_version(digits)}"
            benches.append(LocalBench(title, [matrix, *painted]))
    return benches


def _with(draw: Draw | None, paint: Callable[[str], object], digits: str) -> Callable[[], object]:
    """Return ``paint`` with ``draw`` in the place of zxing-cpp; it is warm after the first."""
    if draw is None:
        return lambda: paint(digits)

    def painted() -> object:
        with mock.patch.object(render, "_draw_with_zxing", draw):
            return paint(digits)

    painted()
    return painted


if __name__ == "__main__":
    main()
