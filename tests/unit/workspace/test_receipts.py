"""The receipts of a workspace: settings, key, and the files for an auditor."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from ecert import limits
from ecert.errors import CustodyError, FormatError, ParseError, WorkspaceError
from ecert.sign.keys import PrivateKey
from ecert.verify.receipt_check import ReceiptFault, ReceiptKey, check_receipts
from ecert.verify.receipts import MemoryReceipts
from ecert.workspace import Workspace
from ecert.workspace.receipts_file import ReceiptsFile, read_keys, write_keys, write_receipts
from ecert.workspace.settings import Settings
from tests.unit.verify.sample_receipts import AT, WINDOW, a_receipt, follow
from tests.unit.workspace.conftest import PASSPHRASE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.workspace.conftest import Clock

KEY = PrivateKey.generate()
KEYS = (ReceiptKey(KEY.public, AT, AT + timedelta(days=1)), ReceiptKey(KEY.public, AT))


# -- settings ---------------------------------------------------------------------------------


def _settings(**values: Any) -> Settings:
    return Settings(region="500000", name="重庆市政务服务中心", **values)


@pytest.mark.parametrize("receipts", ["off", "on", "required"])
def test_the_setting_is_kept_and_left_out_while_it_is_off(tmp_path: Path, receipts: str) -> None:
    settings = _settings(receipts=receipts, window_name=None if receipts == "off" else "3号窗口")
    (tmp_path / "ecert.toml").write_text(settings.to_toml(), "utf-8")
    assert Settings.read(tmp_path) == settings
    assert ("receipts" in settings.to_toml()) is (receipts != "off")
    assert ("window_name" in settings.to_toml()) is (receipts != "off")


def test_a_setting_that_is_none_is_refused() -> None:
    with pytest.raises(FormatError) as caught:
        _settings(receipts="sometimes")
    assert caught.value.where == "receipts"


def test_a_windows_name_is_bounded() -> None:
    assert _settings(window_name="窗" * limits.MAX_NAME_CHARS).window_name
    for name in ("窗" * (limits.MAX_NAME_CHARS + 1), "", " 三号", "三\u200b号"):
        with pytest.raises(FormatError) as caught:
            _settings(window_name=name)
        assert caught.value.where == "window_name"


def test_the_window_is_called_as_the_settings_say(chongqing: Workspace) -> None:
    assert chongqing.receipts.window == "重庆市政务服务中心"
    chongqing.settings = replace(chongqing.settings, window_name="3号窗口")
    assert chongqing.receipts.window == "3号窗口"


# -- the key ----------------------------------------------------------------------------------


def test_a_window_that_only_verifies_makes_its_key_when_it_wants_one(
    tmp_path: Path, clock: Clock
) -> None:
    with Workspace.init(tmp_path / "w", region="500000", name="窗口", clock=clock) as window:
        with pytest.raises(CustodyError) as caught:
            window.receipts.signer(clock())
        assert "ecert receipt key new" in caught.value.fix_zh
        with pytest.raises(WorkspaceError, match="口令太短"):
            window.receipts.new_key(lambda: "short")
        made = window.receipts.new_key(lambda: PASSPHRASE, alg="SGD_SM3_SM2")
        assert (made.role, made.public.alg) == ("receipt", "SGD_SM3_SM2")
        assert (
            PrivateKey.from_pem(
                (tmp_path / "w" / "keys" / made.file).read_bytes(), PASSPHRASE
            ).public
            == made.public
        )
        with pytest.raises(CustodyError, match="已有这种密钥"):
            window.keys.add_first("receipt", PASSPHRASE, at=clock(), alg="ES256")


def test_a_key_is_opened_once(chongqing: Workspace, clock: Clock) -> None:
    first = chongqing.receipts.signer(clock())
    assert chongqing.receipts.signer(clock()) is first


def test_a_keyring_that_another_program_has_damaged_is_told(
    chongqing: Workspace, clock: Clock
) -> None:
    (chongqing.path / "keys" / "keyring.json").write_text("{}")
    with pytest.raises(WorkspaceError, match="密钥登记"):
        chongqing.receipts.signer(clock())


# -- files for an auditor ---------------------------------------------------------------------


def _exported(count: int = 3) -> bytes:
    store, file = MemoryReceipts(), io.BytesIO()
    store.append(WINDOW, follow([a_receipt(number) for number in range(count)], KEY))
    with store.view() as view:
        assert write_receipts(view, WINDOW, file) == count
        with pytest.raises(FormatError, match="没有回执"):
            write_receipts(view, "另一窗口", file)
    return file.getvalue()


def test_an_exported_chain_is_checked_like_the_one_that_it_came_from() -> None:
    report = check_receipts(ReceiptsFile(io.BytesIO(_exported())), KEYS[1:])
    assert report.clean
    assert (report.receipts, report.heads[0].number) == (3, 3)
    elsewhere = ReceiptsFile(io.BytesIO(_exported()))
    assert list(elsewhere.walk("另一窗口")) == []


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (b"\n", ReceiptFault.DAMAGED),
        (b'{"receipt":1}\n', ReceiptFault.DAMAGED),
        (b'{"other":"x"}\n', ReceiptFault.DAMAGED),
        (b'{"receipt":"' + b"a" * limits.MAX_RECEIPT_CHARS + b'"}\n', ReceiptFault.DAMAGED),
        (b"x" * (limits.MAX_RECEIPT_CHARS + 65) + b"\n", ReceiptFault.DAMAGED),
    ],
    ids=["empty", "number", "other", "full", "too long"],
)
def test_a_line_that_is_no_receipt_is_damaged_and_never_an_error(
    line: bytes, fault: ReceiptFault
) -> None:
    head, first, _, last = _exported().splitlines(keepends=True)
    report = check_receipts(ReceiptsFile(io.BytesIO(head + first + line + last)), KEYS[1:])
    assert (fault, 2) in {(one.fault, one.number) for one in report.findings}


@pytest.mark.parametrize(
    "head", [b"", b"{}\n", b'{"typ":"ecert-receipts"}\n', b'{"typ":"x","window":"w"}']
)
def test_what_is_no_exported_chain_is_refused(head: bytes) -> None:
    with pytest.raises(ParseError):
        ReceiptsFile(io.BytesIO(head))


def test_keys_come_back_with_their_dates() -> None:
    assert read_keys(write_keys(KEYS)) == KEYS


@pytest.mark.parametrize(
    "change",
    [
        {"typ": "x"}, {"keys": {}}, {"more": 1}, {"keys": [1]}, {"keys": [{"jwk": {}}]},
        {"valid_from": "yesterday"}, {"valid_from": "2026-01-01T00:00:00"}, {"jwk": 1},
        {"jwk": {"kty": "EC"}},
    ],
    ids=str,
)  # fmt: skip
def test_keys_of_another_form_are_refused(change: dict[str, object]) -> None:
    plain = json.loads(write_keys(KEYS[:1]))
    if change.keys() <= {"typ", "keys", "more"}:
        plain |= change
    else:
        plain["keys"][0] |= change
    with pytest.raises(ParseError):
        read_keys(json.dumps(plain).encode())


def test_a_file_of_keys_is_bounded() -> None:
    data = write_keys(KEYS)
    room = limits.MAX_ENVELOPE_BYTES - len(data)
    assert read_keys(data + b" " * room) == KEYS
    with pytest.raises(ParseError, match="too large"):
        read_keys(data + b" " * (room + 1))
