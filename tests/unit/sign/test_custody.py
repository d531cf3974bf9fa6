"""Key files: for their owner only, never overwritten, and nothing half-written stays."""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING

import pytest

from ecert.errors import CustodyError
from ecert.sign.custody import open_signer, save_key
from ecert.sign.keys import PrivateKey

if TYPE_CHECKING:
    from pathlib import Path

    from ecert.sign.custody import Signer

PASSPHRASE = "correct horse 电池"


@pytest.fixture(scope="module")
def key() -> PrivateKey:
    return PrivateKey.generate()


def _opened(path: Path, passphrase: str = PASSPHRASE) -> Signer:
    return open_signer(f"file:{path}", lambda _: passphrase)


def test_a_saved_key_signs_again(tmp_path: Path, key: PrivateKey) -> None:
    path = tmp_path / "licence.pem"
    save_key(path, key, PASSPHRASE)
    signer = _opened(path)
    key.public.verify(signer.sign(b"x"), b"x")
    assert signer.public == key.public


def test_only_the_owner_may_read_it_whatever_the_umask(tmp_path: Path, key: PrivateKey) -> None:
    path = tmp_path / "licence.pem"
    before = os.umask(0)
    try:
        save_key(path, key, PASSPHRASE)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_existing_file_is_never_overwritten(tmp_path: Path, key: PrivateKey) -> None:
    path = tmp_path / "licence.pem"
    save_key(path, key, PASSPHRASE)
    with pytest.raises(CustodyError) as caught:
        save_key(path, PrivateKey.generate(), PASSPHRASE)
    assert caught.value.where == str(path)
    assert "never overwritten" in caught.value.en
    assert _opened(path).public == key.public


def test_a_link_is_not_followed(tmp_path: Path, key: PrivateKey) -> None:
    target = tmp_path / "elsewhere"
    (tmp_path / "licence.pem").symlink_to(target)
    with pytest.raises(CustodyError):
        save_key(tmp_path / "licence.pem", key, PASSPHRASE)
    assert not target.exists()


def test_a_key_that_could_not_be_encrypted_leaves_no_file(tmp_path: Path, key: PrivateKey) -> None:
    # Otherwise an empty file would stand in the way of the second try.
    path = tmp_path / "licence.pem"
    with pytest.raises(ValueError, match="assword"):
        save_key(path, key, "")
    assert not path.exists()
    save_key(path, key, PASSPHRASE)


def test_a_full_disk_leaves_no_file(
    tmp_path: Path, key: PrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    path = tmp_path / "licence.pem"
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CustodyError) as caught:
        save_key(path, key, PASSPHRASE)
    assert "No space left" in caught.value.en
    assert not path.exists()


def test_the_question_for_the_passphrase_names_the_file(tmp_path: Path, key: PrivateKey) -> None:
    path = tmp_path / "licence.pem"
    save_key(path, key, PASSPHRASE)
    asked: list[str] = []

    def prompt(question: str) -> str:
        asked.append(question)
        return PASSPHRASE

    open_signer(f"file:{path}", prompt)
    assert len(asked) == 1
    assert "licence.pem" in asked[0]


def test_a_wrong_passphrase_opens_nothing(tmp_path: Path, key: PrivateKey) -> None:
    path = tmp_path / "licence.pem"
    save_key(path, key, PASSPHRASE)
    with pytest.raises(CustodyError) as caught:
        _opened(path, "wrong")
    assert PASSPHRASE not in str(caught.value)
    assert "wrong passphrase" in caught.value.en


def test_an_absent_key_is_named(tmp_path: Path) -> None:
    with pytest.raises(CustodyError) as caught:
        _opened(tmp_path / "absent.pem")
    assert caught.value.where == str(tmp_path / "absent.pem")
    assert "No such file" in caught.value.en


@pytest.mark.parametrize("uri", ["", "file:", "licence.pem", "http://x/k.pem"])
def test_another_place_for_keys_is_refused_without_asking(uri: str) -> None:
    def prompt(question: str) -> str:
        raise AssertionError(question)

    with pytest.raises(CustodyError) as caught:
        open_signer(uri, prompt)
    assert "file:PATH" in caught.value.fix_en
