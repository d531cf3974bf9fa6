"""A small world for the flows: two issuers of Guang'an, a holder, a window in Chongqing."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

import ecert
from ecert.demo import demo_region
from ecert.interop.recognition import RecognitionList
from ecert.show import offline
from ecert.sign import envelope
from ecert.trust.roots import Role
from tests.wallets import held_by, key_of

if TYPE_CHECKING:
    from ecert.reasons import Reason

MATTER = "机动车业务"
ZHANG = ecert.Holder("张伟", "510681199003071237")


class Clock:
    """The time that everybody in the world reads; tests move it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **step: float) -> None:
        self.now += timedelta(**step)


@dataclass
class World:
    """Everybody who takes part, on one clock."""

    clock: Clock
    police: ecert.Issuer
    wallet: ecert.Wallet
    window: ecert.Verifier
    licence: ecert.Licence
    extra: dict[str, object] = field(default_factory=dict)

    def issue(self, type_name: str = "机动车驾驶证", **changes: object) -> ecert.Licence:
        """Issue a licence and deliver it to the wallet."""
        application: dict[str, object] = {
            "number": "510681199003071237",
            "holder": ZHANG,
            "fields": {"准驾车型": "C1"},
            "valid_until": date(2031, 6, 1),
        }
        licence = self.police.issue(type_name, **(application | changes))  # type: ignore[arg-type]
        self.deliver(licence)
        return licence

    def deliver(self, licence: ecert.Licence) -> None:
        """Deliver to the wallet what the police has issued."""
        self.wallet.add(self.police.deliver(licence.id, self.wallet.request(self.police.nonce())))

    def sync(self) -> None:
        """Bring the window's lists up to date."""
        self.window.knowledge.accept(self.police.trust_list())
        for status_list in self.police.status_lists():
            self.window.knowledge.accept(status_list)

    def code(self, **how: object) -> str:
        """Make a fresh show code of the licence."""
        return self.wallet.show(self.licence.id, **how).text  # type: ignore[arg-type]

    def code_with_pin(self, challenge: str | None = None) -> str:
        """Make a fresh show code for which the holder typed the show PIN."""
        credential = held_by(self.wallet, self.licence.id)["minimal"]
        return offline.write_show_code(
            [credential], key_of(self.wallet), made=self.clock(), challenge=challenge, pin=True
        )

    def verify(
        self, code: str | None = None, *, matter: str | None = MATTER, **how: object
    ) -> ecert.Verdict:
        """Scan a code (a fresh one of the licence by default) at the window."""
        return self.window.verify(code or self.code(), matter=matter, **how)  # type: ignore[arg-type]


def sign_list(document: RecognitionList, *parties: str) -> bytes:
    """Sign a recognition list with the demonstration keys of ``parties``, by default its own."""
    signers = [
        signer
        for party in parties or document.parties
        for signer in demo_region(party).signers[Role.RECOGNITION_LIST]
    ]
    return envelope.make(RecognitionList.TYP, document.to_payload(), signers)


def sample_list() -> RecognitionList:
    """The content of the sample list."""
    opened = envelope.parse(ecert.fixture("川渝互认清单"))
    return RecognitionList.from_payload(opened.unverified_payload)


def refuses(verdict: ecert.Verdict, reason: Reason) -> None:
    """Expect ``verdict`` to end in exactly ``reason``, with nothing personal in reach."""
    assert verdict.reason is reason, verdict.explain("en")
    assert not verdict.accepted
    with pytest.raises(ecert.EcertError):
        _ = verdict.parts[0].licence
    everything = f"{verdict.explain('zh')}{verdict.explain('en')}{verdict.to_dict()}"
    # In a hash any four digits may stand by chance.
    everything = re.sub("[0-9a-f]{64}", "", everything)
    for personal in ("张伟", "510681199003071237", "1237"):
        assert personal not in everything
