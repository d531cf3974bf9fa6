"""Receipts: signing, keeping, checking and finding one, beside the bare signature that each needs.

What a year of them takes, a million, is measured by ``make soak ARGS="--only receipts"``.
"""

from __future__ import annotations

import secrets
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import sample
from harness import Case, LocalBench, each, repeated
from raw import raw_signing, raw_verifying, signed_jws
from report import Report

from ecert.clock import system_clock
from ecert.model.identifiers import LicenceId
from ecert.reasons import Outcome, Reason
from ecert.sign.keys import PrivateKey
from ecert.store.engine import open_engine
from ecert.store.receipts import SQLReceipts
from ecert.verify.policy import COUNTER
from ecert.verify.policy_facts import facts_of
from ecert.verify.receipt import GENESIS, Receipt, ReceiptHead, ReceiptList, ReceiptPart
from ecert.verify.receipt_check import ReceiptKey, check_receipts
from ecert.verify.receipts import ReceiptQuery
from ecert.verify.signed_receipt import SignedReceipt, open_receipt, sign_receipt

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

KEPT = 5_000
SHORT = 200
WINDOW = "重庆市政务服务中心3号窗口"
TYPE, ISSUER = "111000009999999986001", "11511600008677004X"


def main() -> None:
    """Measure and report."""
    report = Report("receipts", "Receipts")
    key = PrivateKey.generate()
    with (
        tempfile.TemporaryDirectory() as folder,
        open_engine(Path(folder) / "receipts.db") as engine,
        open_engine(Path(folder) / "short.db") as other,
    ):
        empty, store, short = engine.size(), SQLReceipts(engine), SQLReceipts(other)
        store.append(WINDOW, _follow([_receipt(number) for number in range(KEPT)], key))
        made = short.append(WINDOW, _follow([_receipt(number) for number in range(SHORT)], key))
        size = (engine.size() - empty) / KEPT
        title = f"A receipt of {len(made[0].token):,} characters, in SQLite with {KEPT:,} others"
        report.table(title, [_bench(store, short, key, [one.token for one in made])])
    report.write(f"SQLite takes {size:,.0f} bytes for each.", "")
    report.finish()


def _bench(
    store: SQLReceipts, short: SQLReceipts, key: PrivateKey, tokens: Sequence[str]
) -> LocalBench:
    token, backend = tokens[0], sample.backend_key(key.public)
    signing = raw_signing("1 raw signature", [token.rpartition(".")[0].encode("ascii")])
    verifying = raw_verifying("1 raw verification", [[signed_jws(backend, token)]])
    many = raw_verifying(
        f"{SHORT} raw verifications", [[signed_jws(backend, one) for one in tokens]]
    )
    keys = [ReceiptKey(key.public, sample.AT - timedelta(days=1))]

    def check_all() -> None:
        with short.view() as view:
            found = check_receipts(view, keys)
        if not found.clean:
            raise RuntimeError(f"the chain is not in order: {found.findings}")

    return LocalBench(
        "ecert",
        [
            signing,
            Case(
                "write and sign", each(_fresh, lambda one: sign_receipt(one, key)), signing.name
            ),
            Case(
                "write, sign and keep, one commit each",
                each(_fresh, lambda one: store.append(WINDOW, _follow([one], key))),
                signing.name, waits=True,
            ),
            verifying,
            Case(
                "open and verify",
                repeated(lambda: open_receipt(token).verify([key.public])), verifying.name,
            ),
            Case("find by case number", each(_cases, store.find), verifying.name),
            many,
            Case(f"check a chain of {SHORT}", repeated(check_all), many.name),
        ],
    )  # fmt: skip


def _fresh(count: int) -> list[Receipt]:
    return [_receipt(KEPT + number) for number in range(count)]


def _cases(count: int) -> list[ReceiptQuery]:
    return [ReceiptQuery(case=f"2026-{secrets.randbelow(KEPT):07d}", limit=1) for _ in range(count)]


def _follow(
    receipts: Sequence[Receipt], key: PrivateKey
) -> Callable[[ReceiptHead], list[SignedReceipt]]:
    def write(head: ReceiptHead) -> list[SignedReceipt]:
        made = []
        for receipt in receipts:
            made.append(sign_receipt(receipt.after(head), key))
            head = made[-1].head
        return made

    return write


def _receipt(number: int) -> Receipt:
    at, digest = system_clock(), secrets.token_hex(32)
    licence = str(LicenceId.make(TYPE, ISSUER, f"2026{number:010d}"))
    return Receipt(
        window=WINDOW, region="500000", number=1, previous=GENESIS, clerk="王", at=at,
        matter=sample.MATTER, case=f"2026-{number:07d}", policy=facts_of(COUNTER),
        outcome=Outcome.ACCEPTED, reason=Reason.OK,
        parts=(
            ReceiptPart(outcome=Outcome.ACCEPTED, type=TYPE, issuer=ISSUER, licence=licence),
        ),
        presented="code", presentation=digest,
        lists=tuple(
            ReceiptList(kind=kind, name=name, version=3, digest=digest, issued=at, age=420)
            for kind, name in (
                ("trust-list", "511600"), ("status-list", sample.PLACE.uri),
                ("recognition-list", "川渝电子证照亮证互认实施清单（样例）"),
            )
        ),
        knowledge=digest, software="ecert",
    )  # fmt: skip


if __name__ == "__main__":
    main()
