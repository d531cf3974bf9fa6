"""Open one COSE_Sign1 with the `cwt` package; see README.md for request and answer.

It runs in an environment of its own (`.venv-cwt`), because cwt needs an older cbor2 than ecert.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import cwt

KID = 2


def opened(request: dict[str, Any]) -> dict[str, object]:
    """Verify the signature and return payload and protected header."""
    # cwt uses a key only for messages with its own kid, which is bytes and so not in a JWK.
    key = cwt.COSEKey.from_jwk(request["jwk"]).to_dict()
    if "kid" in request:
        key[KID] = bytes.fromhex(request["kid"])
    protected, unprotected, payload = cwt.COSE.new().decode_with_headers(
        bytes.fromhex(request["cose"]),
        cwt.COSEKey.new(key),
        external_aad=bytes.fromhex(request.get("external_aad", "")),
    )
    return {
        "ok": True,
        "payload": payload.hex(),
        "protected": {str(name): _plain(value) for name, value in protected.items()},
        "unprotected": {str(name): _plain(value) for name, value in unprotected.items()},
    }


def _plain(value: object) -> object:
    return value.hex() if isinstance(value, bytes) else value


def main() -> None:
    """Answer the request on stdin; a refusal is an answer, not a failure."""
    request = json.load(sys.stdin)
    try:
        answer = opened(request)
    except (ValueError, cwt.CWTError) as error:
        answer = {"ok": False, "error": f"{type(error).__name__}: {error}"}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
