"""Signing: one credential in all its forms, and the whole delivery with its register."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import sample
from foreign import foreign_benches
from harness import Case, LocalBench, each, repeated
from raw import raw_signing, raw_verifying, signed_jws, together
from report import Report

from ecert.issuers.credential import write_credential
from ecert.sign import sdjwt
from ecert.sign.keys import PrivateKey
from ecert.store.engine import open_engine
from ecert.store.register import SQLRegister

if TYPE_CHECKING:
    from harness import Bench

    from ecert.issuers.register import Register
    from ecert.model.licence import Licence
    from ecert.show.delivery import Delivery
    from ecert.sign.custody import Signer


def main() -> None:
    """Measure and report."""
    report = Report("sign", "Signing")
    issuer = sample.make_issuer()
    all_fields = sample.issue(issuer, sample.ALL_FIELDS)
    report.table(
        "One credential, without the register",
        [
            _signing("ecert, one field", sample.issue(issuer, sample.LEADING_FIELD)),
            _signing("ecert, eight fields", all_fields),
        ],
    )
    ours = _credential(all_fields, PrivateKey.generate())
    peers = foreign_benches("issue", sample.for_foreigners(ours))
    report.table(
        "One token with holder key and status, eight fields, beside others",
        [_token(ours), *peers],
    )
    for peer in peers:
        peer.close()
    with tempfile.TemporaryDirectory() as folder, open_engine(Path(folder) / "ecert.db") as engine:
        benches: list[Bench] = [
            _delivering("register in memory", None),
            _delivering("register in SQLite, every commit on disk", SQLRegister(engine)),
        ]
        report.table("Deliver: check the wallet's proof, reserve, record, sign, record", benches)
    report.finish()


def _credential(licence: Licence, signer: Signer) -> Delivery:
    licence_type = sample.licence_type(licence)
    holder = PrivateKey.generate().public
    return write_credential(
        licence, licence_type, signer, sample.PLACE, holder_key=holder, at=sample.AT
    )


def _signing(title: str, licence: Licence) -> LocalBench:
    recorder = sample.Recorder()
    _credential(licence, recorder)
    messages, signer = recorder.messages, PrivateKey.generate()
    licence_type, holder = sample.licence_type(licence), PrivateKey.generate().public

    def wallet_credential() -> None:
        write_credential(
            licence, licence_type, signer, sample.PLACE, holder_key=holder, at=sample.AT
        )

    def file_credential() -> None:
        write_credential(licence, licence_type, signer, sample.PLACE, holder_key=None, at=sample.AT)

    count = len(messages)
    return LocalBench(
        title,
        [
            raw_signing("1 raw signature", messages[-1:]),
            raw_signing(f"{count} raw signatures", messages),
            Case(
                f"wallet credential: SD-JWT VC and {count - 1} compact",
                repeated(wallet_credential),
                f"{count} raw signatures",
            ),
            Case("file credential: SD-JWT VC", repeated(file_credential), "1 raw signature"),
        ],
    )


def _token(delivery: Delivery) -> LocalBench:
    """Return the part that the others do too: sign ready claims."""
    licence = sample.for_foreigners(delivery)
    claims = sample.hide(licence["claims"], licence["hidden"])
    claims["cnf"] = {"jwk": PrivateKey.generate().public.jwk()}
    recorder, signer = sample.Recorder(), PrivateKey.generate()
    sdjwt.issue(claims, recorder)
    return LocalBench(
        "ecert",
        [
            raw_signing("1 raw signature", recorder.messages),
            Case(
                f"SD-JWT VC, {len(licence['hidden'])} hidden",
                repeated(lambda: sdjwt.issue(claims, signer)),
                "1 raw signature",
            ),
        ],
    )


def _delivering(title: str, register: Register | None) -> LocalBench:
    issuer = sample.make_issuer(register)
    licence = sample.issue(issuer, sample.LEADING_FIELD)
    holder = PrivateKey.generate()
    recorder = sample.Recorder()
    _credential(licence, recorder)
    proof = signed_jws(sample.backend_key(holder.public), sample.prove(issuer, holder))
    signatures = len(recorder.messages)
    raw = together(
        f"{signatures} raw signatures, 1 raw verification",
        raw_signing("sign", recorder.messages),
        raw_verifying("verify", [[proof]]),
    )
    deliver = each(
        lambda count: [sample.prove(issuer, holder) for _ in range(count)],
        lambda one: issuer.deliver(licence.id, one),
    )
    case = Case("deliver", deliver, raw.name, waits=register is not None)
    return LocalBench(title, [raw, case])


if __name__ == "__main__":
    main()
