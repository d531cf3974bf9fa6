"""Sign the sample lists in fixtures/ with the published demonstration keys.

Run after a sample's content has changed, with its version raised.
A sample that is signed already, with the same content, is left as it is.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from ecert.demo import demo_region
from ecert.interop.recognition import RecognitionList
from ecert.model.regions import province
from ecert.sign import envelope
from ecert.trust.roots import Role

FIXTURES = Path(__file__).parent.parent / "fixtures"


# What follows the name, and the suite of each province that does not sign with ES256.
VARIANTS: Final[dict[str, dict[str, str]]] = {"": {}, "-SM2": {"510000": "SGD_SM3_SM2"}}


def concerns(document: RecognitionList, variant: str) -> bool:
    """Tell whether a province signs otherwise in this variant."""
    provinces = {province(party) for party in document.parties}
    return not VARIANTS[variant] or not provinces.isdisjoint(VARIANTS[variant])


def sign_sample(path: Path, document: RecognitionList, variant: str) -> bool:
    """Sign one sample; returns whether anything was written."""
    suites = VARIANTS[variant]
    payload = document.to_payload()
    target = path.with_name(f"{path.stem}{variant}.signed.json")
    if target.exists() and envelope.parse(target.read_bytes()).unverified_payload == payload:
        return False
    # Cities have their province's keys here, each of which signs once.
    signers = {
        signer.public.kid: signer
        for party in document.parties
        for signer in demo_region(party, suites.get(province(party), "ES256")).signers[
            Role.RECOGNITION_LIST
        ]
    }
    target.write_bytes(envelope.make(RecognitionList.TYP, payload, list(signers.values())))
    return True


def main() -> int:
    """Sign every sample."""
    for path in sorted(FIXTURES.glob("*清单.json")):
        document = RecognitionList.from_payload(path.read_bytes())
        document.check_content()
        for variant in VARIANTS:
            if concerns(document, variant):
                done = "signed" if sign_sample(path, document, variant) else "unchanged"
                print(f"{path.stem}{variant}", done)
    return 0


if __name__ == "__main__":
    sys.exit(main())
