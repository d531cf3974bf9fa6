"""Sign the sample lists in fixtures/ with the published demonstration keys.

Run after a sample's content has changed, with its version raised.
A sample that is signed already, with the same content, is left as it is.
"""

from __future__ import annotations

import sys
from pathlib import Path

from ecert.demo import demo_region
from ecert.interop.recognition import RecognitionList
from ecert.sign import envelope
from ecert.trust.roots import Role

FIXTURES = Path(__file__).parent.parent / "fixtures"


# What follows the name, and the suite of each province that does not sign with ES256.
VARIANTS = {"": {}, "-SM2": {"510000": "SGD_SM3_SM2"}}


def sign_sample(path: Path, variant: str) -> bool:
    """Sign one sample; returns whether anything was written."""
    suites = VARIANTS[variant]
    document = RecognitionList.from_payload(path.read_bytes())
    document.check_content()
    payload = document.to_payload()
    target = path.with_name(f"{path.stem}{variant}.signed.json")
    if target.exists() and envelope.parse(target.read_bytes()).unverified_payload == payload:
        return False
    signers = [
        signer
        for party in document.parties
        for signer in demo_region(party, suites.get(party, "ES256")).signers[Role.RECOGNITION_LIST]
    ]
    target.write_bytes(envelope.make(RecognitionList.TYP, payload, signers))
    return True


def main() -> int:
    """Sign every sample."""
    for path in sorted(FIXTURES.glob("*清单.json")):
        for variant in VARIANTS:
            done = "signed" if sign_sample(path, variant) else "unchanged"
            print(f"{path.stem}{variant}", done)
    return 0


if __name__ == "__main__":
    sys.exit(main())
