"""Status lists: building and opening a large one, its size, and looking one entry up."""

from __future__ import annotations

import gzip
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

import jwt
import sample
from harness import Case, LocalBench, each, repeated
from raw import raw_signing, raw_verifying, signed_jws
from report import Report

from ecert import limits
from ecert.issuers.indexes import list_room
from ecert.sign import jws
from ecert.sign.keys import PrivateKey
from ecert.sign.strict import b64url_decode
from ecert.status.packing import encode_list, pack
from ecert.status.status_list import build_token, open_token

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ecert.sign.keys import PublicKey

CREDENTIALS = 1_000_000
URI = sample.PLACE.uri
REVOKED = 1


def main() -> None:
    """Measure and report."""
    report = Report("status", "Status lists")
    for size in (limits.STATUS_LIST_SIZE, CREDENTIALS):
        values = _one_percent(size)
        token = _build(values, size, PrivateKey.generate())
        title = f"{size:,} entries, 1 % set: a token of {len(token):,} characters"
        report.table(title, [_list_bench(values, size)])
    report.write("## Sizes", "", *_sizes(), "")
    report.finish()


def _sizes() -> list[str]:
    """Return what a million credentials take: in one list, and in as many as they really fill."""
    lines = [
        "| 1 million, 1 % revoked | lists | entries | zlib bytes | token characters | gzip bytes |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    many = -(-CREDENTIALS // list_room(limits.STATUS_LIST_SIZE, limits.STATUS_LIST_FILL))
    for title, lists, size in (
        ("one list, every entry taken", 1, CREDENTIALS),
        ("as lists are begun: random entries, half of them taken", many, limits.STATUS_LIST_SIZE),
    ):
        key, streams, tokens, zipped = PrivateKey.generate(), 0, 0, 0
        for _ in range(lists):
            values = _some(size, CREDENTIALS // 100 // lists)
            token = _build(values, size, key)
            streams += len(b64url_decode(encode_list(pack(values, size)), where="lst"))
            tokens += len(token)
            zipped += len(gzip.compress(token.encode(), 6))
        lines.append(
            f"| {title} | {lists} | {lists * size:,} | {streams:,} | {tokens:,} | {zipped:,} |"
        )
    return lines


def _one_percent(size: int) -> dict[int, int]:
    return _some(size, size // 100)


def _some(size: int, revoked: int) -> dict[int, int]:
    chance = secrets.SystemRandom()
    return dict.fromkeys(chance.sample(range(size), revoked), REVOKED)


def _build(values: Mapping[int, int], size: int, key: PrivateKey) -> str:
    return build_token(
        URI, values, size=size, signer=key, issued=sample.AT,
        expires=sample.AT + timedelta(hours=72), ttl=timedelta(hours=1),
    )  # fmt: skip


def _proven(token: str, key: PublicKey) -> None:
    jws.parse(token, max_chars=limits.MAX_STATUS_TOKEN_CHARS).verify([key])


def _list_bench(values: Mapping[int, int], size: int) -> LocalBench:
    key = PrivateKey.generate()
    token = _build(values, size, key)
    backend_key = sample.backend_key(key.public)
    held = open_token(token, [key.public], at=sample.AT).values
    signing = raw_signing("1 raw signature", [token.rpartition(".")[0].encode("ascii")])
    verifying = raw_verifying("1 raw verification", [[signed_jws(backend_key, token)]])

    def indexes(count: int) -> list[int]:
        chance = secrets.SystemRandom()
        return [chance.randrange(size) for _ in range(count)]

    return LocalBench(
        "ecert",
        [
            signing,
            Case("build and sign", repeated(lambda: _build(values, size, key)), signing.name),
            verifying,
            Case(
                "open: verify, check, inflate",
                repeated(lambda: open_token(token, [key.public], at=sample.AT)),
                verifying.name,
            ),
            Case(
                "of that, the token: parse, verify",
                repeated(lambda: _proven(token, key.public)),
                verifying.name,
            ),
            Case(
                "the same by PyJWT, for comparison",
                repeated(
                    lambda: jwt.decode(
                        token, backend_key, algorithms=["ES256"], options={"require": ["exp"]}
                    )
                ),
                verifying.name,
            ),
            Case("look one entry up", each(indexes, held.value)),
        ],
    )


if __name__ == "__main__":
    main()
