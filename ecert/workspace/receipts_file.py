"""A window's receipts as one file, and its keys as another, for an auditor elsewhere.

JSON lines: a head, then one signed receipt a line.  The file itself is not signed; everything in
it is, and the head is what the window has noted.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, Any, Final

import orjson

from ecert import limits
from ecert.errors import FormatError, ParseError
from ecert.sign.strict import parse_json_object
from ecert.trust.document import load_jwk
from ecert.verify.receipt import ReceiptHead
from ecert.verify.receipt_check import ReceiptKey
from ecert.verify.receipts import ReceiptView, StoredReceipt
from ecert.verify.signed_receipt import open_receipt

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

TYP: Final = "ecert-receipts"
KEYS_TYP: Final = "ecert-receipt-keys"
_MAX_LINE: Final = limits.MAX_RECEIPT_CHARS + 64
_NO_TIME: Final = datetime(1970, 1, 1, tzinfo=UTC)
_KEY_KEYS: Final = {"jwk", "valid_from", "valid_until"}


def write_receipts(view: ReceiptView, window: str, file: IO[bytes]) -> int:
    """Write the chain of one window, and return how many receipts that are.

    Raises:
        FormatError: The window has none.
    """
    head = next((one for one in view.heads() if one.window == window), None)
    if head is None:
        raise FormatError(
            "这个窗口没有回执", "this window has no receipts", where=window,
            fix_zh="请用 ecert receipt head 查看有哪些窗口", fix_en="See ecert receipt head",
        )  # fmt: skip
    file.write(_line({"typ": TYP} | head._asdict()))
    count = 0
    for stored in view.walk(window):
        file.write(_line({"receipt": stored.token}))
        count += 1
    return count


class ReceiptsFile(ReceiptView):
    """The receipts in an exported file, read line by line as often as they are asked for.

    Args:
        file: The file, open for reading and able to go back to its start.

    Raises:
        ParseError: It is no such file.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._head = self._read_head()

    def heads(self) -> Sequence[ReceiptHead]:
        """See `ReceiptView.heads`."""
        return (self._head,)

    def walk(self, window: str | None = None) -> Iterator[StoredReceipt]:
        """See `ReceiptView.walk`: what a receipt is found by is what it says."""
        self._read_head()
        if window not in {None, self._head.window}:
            return
        for number, line in enumerate(iter(self._next, b""), start=1):
            yield self._stored(line, number)

    def strays(self) -> int:
        """See `ReceiptView.strays`: there are no indexes."""
        return 0

    def _stored(self, line: bytes, number: int) -> StoredReceipt:
        try:
            plain = _object(line, number + 1)
            return StoredReceipt.of(open_receipt(str(plain["receipt"])))
        except (ParseError, KeyError):
            # Whoever opens it finds it damaged; here it only keeps its place.
            return StoredReceipt(
                window=self._head.window, number=number, at=_NO_TIME, case=None, outcome="",
                licences=(), token="",
            )  # fmt: skip

    def _next(self) -> bytes:
        return self._file.readline(_MAX_LINE + 1)

    def _read_head(self) -> ReceiptHead:
        self._file.seek(0)
        plain = _object(self._next(), 1)
        kinds = {"typ": str, "window": str, "number": int, "digest": str}
        if {name: type(value) for name, value in plain.items()} != kinds or plain["typ"] != TYP:
            raise ParseError("not what ecert receipt export wrote", where="line 1")
        return ReceiptHead(plain["window"], plain["number"], plain["digest"])


def _line(plain: dict[str, Any]) -> bytes:
    return orjson.dumps(plain, option=orjson.OPT_APPEND_NEWLINE)


def _object(line: bytes, number: int) -> dict[str, Any]:
    if not line.endswith(b"\n") or len(line) > _MAX_LINE:
        raise ParseError("cut short, or too long", where=f"line {number}")
    return parse_json_object(line, where=f"line {number}")


def write_keys(keys: Sequence[ReceiptKey]) -> bytes:
    """Return the public halves of a window's keys, with their dates, as one file."""
    rows = [
        {
            "jwk": key.public.jwk(),
            "valid_from": key.valid_from.isoformat(),
            "valid_until": None if key.valid_until is None else key.valid_until.isoformat(),
        }
        for key in keys
    ]
    return orjson.dumps({"typ": KEYS_TYP, "keys": rows}, option=orjson.OPT_INDENT_2) + b"\n"


def read_keys(data: bytes) -> tuple[ReceiptKey, ...]:
    """Return the keys in a file; whether they are the window's, a person has to compare.

    Raises:
        ParseError: It is no such file.
    """
    if len(data) > limits.MAX_ENVELOPE_BYTES:
        raise ParseError("too large for a file of keys")
    plain = parse_json_object(data)
    if plain.keys() != {"typ", "keys"} or plain["typ"] != KEYS_TYP:
        raise ParseError("not what ecert receipt key export wrote", where="typ")
    if not isinstance(plain["keys"], list):
        raise ParseError("there are no keys", where="keys")
    return tuple(map(_key, plain["keys"]))


def _key(plain: object) -> ReceiptKey:
    if not isinstance(plain, dict) or plain.keys() != _KEY_KEYS:
        raise ParseError("not a key with its dates", where="keys")
    if not isinstance(plain["jwk"], dict):
        raise ParseError("not a key", where="jwk")
    until = plain["valid_until"]
    return ReceiptKey(
        load_jwk(plain["jwk"]),
        _moment(plain["valid_from"]),
        None if until is None else _moment(until),
    )


def _moment(text: object) -> datetime:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError as error:
        raise ParseError("not a moment", where="valid_from") from error
    if moment.tzinfo is None:
        raise ParseError("a moment has a time zone", where="valid_from")
    return moment.astimezone(UTC)
