"""The vault: nothing readable without the passphrase, nothing altered unseen, nothing lost."""

from __future__ import annotations

import os
import stat
import struct
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecert import limits
from ecert.errors import VaultError
from ecert.wallet import vault as vault_module
from ecert.wallet.vault import CHEAPEST, KDF, STANDARD, Vault
from ecert.wallet.vault_header import HEADER_BYTES, TAG_BYTES
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

PASSPHRASE = "川渝通办-2026"
WRONG_OR_DAMAGED = "口令不对，或文件已损坏"
CHANGED = "文件已被其他程序更改，为免丢失内容，未作操作"
SECRET = "张伟 510681199003071237".encode()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "zhang.wallet"


def _created(path: Path, payload: bytes = SECRET) -> Vault:
    vault = Vault.create(path, PASSPHRASE, kdf=CHEAPEST)
    vault.write(payload)
    return vault


def _refused(path: Path, passphrase: str = PASSPHRASE) -> VaultError:
    with pytest.raises(VaultError) as caught:
        Vault.open(path, passphrase)
    return caught.value


# -- keeping --------------------------------------------------------------------------------------


def test_a_new_vault_is_empty_and_what_is_written_comes_back(path: Path) -> None:
    vault = Vault.create(path, PASSPHRASE, kdf=CHEAPEST)
    assert vault.read() == b""
    vault.write(SECRET)
    assert vault.read() == SECRET
    assert Vault.open(path, PASSPHRASE).read() == SECRET
    assert [item.name for item in path.parent.iterdir()] == [path.name]


@settings(max_examples=50, deadline=None)
@given(payload=st.binary(max_size=2000))
def test_any_payload_comes_back(tmp_path_factory: pytest.TempPathFactory, payload: bytes) -> None:
    path = tmp_path_factory.mktemp("vault") / "any.wallet"
    _created(path, payload)
    assert Vault.open(path, PASSPHRASE).read() == payload


def test_a_passphrase_is_the_same_composed_and_decomposed(path: Path) -> None:
    Vault.create(path, "Zürich-2026", kdf=CHEAPEST)
    assert Vault.open(path, "Zu\u0308rich-2026").read() == b""


def test_a_link_stays_a_link(path: Path, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.symlink_to(tmp_path)
    assert _created(folder / path.name).path == path
    link = tmp_path / "link.wallet"
    link.symlink_to(path)
    Vault.open(link, PASSPHRASE).write(b"through the link")
    assert link.is_symlink()
    assert Vault.open(path, PASSPHRASE).read() == b"through the link"


def test_the_payload_is_bounded_exactly(path: Path) -> None:
    vault = Vault.create(path, PASSPHRASE, kdf=CHEAPEST)
    largest = limits.MAX_VAULT_BYTES - HEADER_BYTES - TAG_BYTES
    with pytest.raises(VaultError) as caught:
        vault.write(bytes(largest + 1))
    assert caught.value.zh == "内容超过64 MB，一个卡包放不下"
    vault.write(bytes(largest))
    assert len(vault.read()) == largest


# -- secrecy --------------------------------------------------------------------------------------


def test_the_file_is_its_owners_alone_under_any_umask(path: Path) -> None:
    before = os.umask(0)
    try:
        vault = Vault.create(path, PASSPHRASE, kdf=CHEAPEST)
        created = stat.S_IMODE(path.stat().st_mode)
        vault.write(SECRET)
    finally:
        os.umask(before)
    assert created == stat.S_IMODE(path.stat().st_mode) == 0o600


def test_no_clear_text_reaches_the_disk_not_even_for_a_moment(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = _created(path)
    seen: list[bytes] = []
    replace = os.replace

    def noted_replace(source: Path, target: Path) -> None:
        seen.extend(item.read_bytes() for item in path.parent.iterdir())
        replace(source, target)

    monkeypatch.setattr(os, "replace", noted_replace)
    vault.write(SECRET * 20)
    vault.change_passphrase("another passphrase")
    assert len(seen) == 4  # twice the old file and the temporary one
    for data in (*seen, path.read_bytes()):
        assert data.startswith(b"ECVAULT")
        assert SECRET[:6] not in data
        assert b"5106811990" not in data


def test_every_write_draws_a_new_nonce(path: Path) -> None:
    vault = _created(path)
    nonces = set()
    for _ in range(50):
        vault.write(SECRET)
        nonces.add(path.read_bytes()[38:50])
    assert len(nonces) == 50


def test_the_standard_cost_is_memory_hard_and_slow_and_the_default(path: Path) -> None:
    assert STANDARD.memory_kib >= 64 * 1024
    begin = time.process_time()
    Vault.create(path, PASSPHRASE)
    # Of all lanes together, so that a machine with more cores makes no difference.
    assert time.process_time() - begin >= 0.2
    memory_kib, iterations, lanes = struct.unpack_from(">III", path.read_bytes(), 10)
    assert KDF(memory_kib, iterations, lanes) == STANDARD


def test_the_cheapest_cost_keeps_tests_quick(path: Path) -> None:
    begin = time.process_time()
    for number in range(10):
        Vault.create(path.with_name(f"{number}.wallet"), PASSPHRASE, kdf=CHEAPEST)
    assert time.process_time() - begin < 0.5


def test_a_cost_between_cheapest_and_standard_is_misuse(path: Path) -> None:
    with pytest.raises(ValueError, match="weaker than STANDARD"):
        Vault.create(path, PASSPHRASE, kdf=KDF(32 * 1024, 3, 4))
    assert not path.exists()


@pytest.mark.parametrize("passphrase", ["1234567", "一二三四五六七", "u\u0308" * 7])
def test_a_passphrase_of_seven_characters_is_refused(path: Path, passphrase: str) -> None:
    with pytest.raises(VaultError) as caught:
        Vault.create(path, passphrase, kdf=CHEAPEST)
    assert caught.value.zh == "口令太短，至少要8个字符"
    assert caught.value.fix_zh
    assert caught.value.where == str(path)
    assert not path.exists()
    Vault.create(path, passphrase + "8", kdf=CHEAPEST)


def test_neither_passphrase_nor_key_is_in_what_is_shown(path: Path) -> None:
    vault = _created(path)
    assert repr(vault) == f"Vault({str(path)!r})"
    wrong = "not the passphrase"
    assert wrong not in str(_refused(path, wrong))


# -- integrity ------------------------------------------------------------------------------------


def test_every_flipped_bit_is_refused(path: Path) -> None:
    _created(path, b"C1")
    good = path.read_bytes()
    # Argon2's costs and the version have words of their own; all else is indistinguishable.
    for position in range(8 * len(good)):
        altered = bytearray(good)
        altered[position // 8] ^= 1 << position % 8
        path.write_bytes(altered)
        error = _refused(path)
        assert error.where == str(path)
        if position // 8 >= 22:
            assert error.zh == WRONG_OR_DAMAGED
    path.write_bytes(good)
    assert Vault.open(path, PASSPHRASE).read() == b"C1"


def test_every_truncation_is_refused(path: Path) -> None:
    _created(path)
    good = path.read_bytes()
    wording = []
    for length in range(len(good)):
        path.write_bytes(good[:length])
        wording.append(_refused(path).zh)
    whole = HEADER_BYTES + TAG_BYTES
    assert wording[0] == "文件是空的，可能是创建时中断"
    assert set(wording[1:whole]) == {"文件不完整"}
    assert set(wording[whole:]) == {WRONG_OR_DAMAGED}


def test_a_wrong_passphrase_and_a_damaged_file_look_the_same(path: Path) -> None:
    _created(path)
    wrong = _refused(path, PASSPHRASE + "x")
    path.write_bytes(path.read_bytes() + b"\0")
    damaged = _refused(path)
    assert wrong.zh == WRONG_OR_DAMAGED
    assert str(wrong) == str(damaged)


def test_parts_of_two_vaults_do_not_fit_together(path: Path) -> None:
    """Neither a foreign salt nor an older box under the newest header opens."""
    vault = _created(path)
    first = path.read_bytes()
    vault.write(SECRET[::-1])
    second = path.read_bytes()
    other = path.with_name("li.wallet")
    _created(other)
    foreign = other.read_bytes()
    for mixed in (
        second[:22] + foreign[22:38] + second[38:],
        second[:HEADER_BYTES] + first[HEADER_BYTES:],
        first[:HEADER_BYTES] + second[HEADER_BYTES:],
    ):
        path.write_bytes(mixed)
        assert _refused(path).zh == WRONG_OR_DAMAGED


def test_a_file_that_asks_for_a_tebibyte_is_refused_before_anything_is_derived(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _created(path)
    data = bytearray(path.read_bytes())
    struct.pack_into(">III", data, 10, 2**30, 1, 1)
    path.write_bytes(data)
    monkeypatch.setattr(vault_module, "Argon2id", lambda **_: pytest.fail("Argon2id was asked for"))
    assert _refused(path).en.startswith("the file asks for an unreasonable cost")


@pytest.mark.parametrize("content", [b"{}", b"\x89PNG\r\n\x1a\n" + bytes(99), b"ECVAULT1" * 20])
def test_another_kind_of_file_is_not_a_vault(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    assert _refused(path).zh == "不是卡包文件"


# -- nothing is lost ------------------------------------------------------------------------------


def test_an_existing_file_is_never_overwritten(path: Path) -> None:
    _created(path)
    before = path.read_bytes()
    with pytest.raises(VaultError) as caught:
        Vault.create(path, PASSPHRASE, kdf=CHEAPEST)
    assert caught.value.zh == "文件已存在，不会覆盖"
    assert path.read_bytes() == before


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = tmp_path / "none" / "zhang.wallet"
    with pytest.raises(VaultError) as caught:
        Vault.create(path, PASSPHRASE, kdf=CHEAPEST)
    assert caught.value.where == str(path)
    assert caught.value.zh == "文件或所在文件夹不存在"


def test_a_failed_write_changes_nothing_and_may_be_repeated(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = _created(path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full)
        with pytest.raises(VaultError):
            vault.write(b"lost")
        with pytest.raises(VaultError):
            vault.change_passphrase("another passphrase")
    assert Vault.open(path, PASSPHRASE).read() == SECRET
    assert [item.name for item in path.parent.iterdir()] == [path.name]
    vault.write(b"kept")
    assert Vault.open(path, PASSPHRASE).read() == b"kept"


def test_a_failed_creation_leaves_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(VaultError):
        Vault.create(path, PASSPHRASE, kdf=CHEAPEST)
    assert list(path.parent.iterdir()) == []


def test_a_kill_while_writing_leaves_the_old_content_and_is_tidied_on_opening(path: Path) -> None:
    _created(path)
    program = (
        "import os, sys\n"
        "from ecert.wallet.vault import Vault\n"
        "vault = Vault.open(sys.argv[1], sys.argv[2])\n"
        "os.replace = lambda *_: os._exit(9)\n"
        "vault.write(b'never finished')\n"
    )
    command = [sys.executable, "-c", program, str(path), PASSPHRASE]
    assert subprocess.run(command, check=False, cwd=ROOT).returncode == 9
    assert len(list(path.parent.iterdir())) == 2
    assert Vault.open(path, PASSPHRASE).read() == SECRET
    assert [item.name for item in path.parent.iterdir()] == [path.name]


def test_who_has_not_seen_the_newest_state_may_not_write(path: Path) -> None:
    first = _created(path)
    second = Vault.open(path, PASSPHRASE)
    first.write(b"by the first")
    with pytest.raises(VaultError) as caught:
        second.write(b"by the second")
    assert caught.value.zh == CHANGED
    with pytest.raises(VaultError) as caught:
        second.change_passphrase("another passphrase")
    assert caught.value.zh == CHANGED
    assert second.read() == b"by the first"
    second.write(b"by the second, knowing the first")
    assert first.read() == b"by the second, knowing the first"


def test_eight_writers_at_once_lose_no_change(path: Path) -> None:
    """Each adds one, five times, and repeats when refused: 8 times 5 is 40."""
    _created(path, b"0")
    refusals: set[str] = set()

    def add_five() -> None:
        vault = Vault.open(path, PASSPHRASE)
        added = 0
        while added < 5:
            try:
                vault.write(str(int(vault.read()) + 1).encode())
            except VaultError as error:
                refusals.add(error.zh)
            else:
                added += 1

    threads = [threading.Thread(target=add_five) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert Vault.open(path, PASSPHRASE).read() == b"40"
    assert refusals <= {CHANGED}


def test_of_several_creators_one_wins(path: Path) -> None:
    won: list[int] = []

    def create(number: int) -> None:
        try:
            Vault.create(path, PASSPHRASE, kdf=CHEAPEST)
        except VaultError:
            return
        won.append(number)

    threads = [threading.Thread(target=create, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(won) == 1
    assert Vault.open(path, PASSPHRASE).read() == b""


def test_a_file_that_vanished_is_not_made_anew_by_a_write(path: Path) -> None:
    vault = _created(path)
    path.unlink()
    with pytest.raises(VaultError) as caught:
        vault.write(b"into the void")
    assert caught.value.where == str(path)
    assert list(path.parent.iterdir()) == []


# -- another passphrase ---------------------------------------------------------------------------


def test_after_a_change_only_the_new_passphrase_opens(path: Path) -> None:
    vault = _created(path)
    salt = path.read_bytes()[22:38]
    vault.change_passphrase("another passphrase")
    assert path.read_bytes()[22:38] != salt
    assert _refused(path).zh == WRONG_OR_DAMAGED
    assert Vault.open(path, "another passphrase").read() == SECRET
    vault.write(b"the same object goes on")
    assert Vault.open(path, "another passphrase").read() == b"the same object goes on"


def test_a_change_of_passphrase_elsewhere_is_told(path: Path) -> None:
    vault = _created(path)
    Vault.open(path, PASSPHRASE).change_passphrase("another passphrase")
    for action in (vault.read, lambda: vault.write(b"")):
        with pytest.raises(VaultError) as caught:
            action()
        assert caught.value.fix_zh == "请重新打开卡包后再操作"


def test_the_new_passphrase_may_not_be_short_either(path: Path) -> None:
    vault = _created(path)
    with pytest.raises(VaultError) as caught:
        vault.change_passphrase("1234567")
    assert caught.value.zh == "口令太短，至少要8个字符"
    assert Vault.open(path, PASSPHRASE).read() == SECRET


# -- new files and copies -------------------------------------------------------------------------


def test_a_vault_made_with_a_payload_appears_whole(path: Path) -> None:
    vault = Vault.holding(path, PASSPHRASE, SECRET, kdf=CHEAPEST)
    assert vault.read() == Vault.open(path, PASSPHRASE).read() == SECRET
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [item.name for item in path.parent.iterdir()] == [path.name]
    with pytest.raises(VaultError) as caught:
        Vault.holding(path, PASSPHRASE, b"", kdf=CHEAPEST)
    assert caught.value.zh == "文件已存在，不会覆盖"
    other = path.with_name("other")
    with pytest.raises(VaultError):
        Vault.holding(other, "1234567", b"", kdf=CHEAPEST)
    with pytest.raises(VaultError):
        Vault.holding(other, PASSPHRASE, bytes(limits.MAX_VAULT_BYTES), kdf=CHEAPEST)
    with pytest.raises(ValueError, match="weaker than STANDARD"):
        Vault.holding(other, PASSPHRASE, b"", kdf=KDF(32 * 1024, 3, 4))
    assert not other.exists()


def test_a_copy_is_the_file_bit_by_bit_and_is_read_back(path: Path, tmp_path: Path) -> None:
    vault = _created(path)
    assert vault.copy_to(tmp_path / "copy") == SECRET
    assert (tmp_path / "copy").read_bytes() == path.read_bytes()
    Vault.open(path, PASSPHRASE).write(b"elsewhere")
    with pytest.raises(VaultError) as caught:
        vault.copy_to(tmp_path / "later")
    assert caught.value.zh == CHANGED
    assert not (tmp_path / "later").exists()


def test_it_knows_its_passphrase_composed_or_not(path: Path) -> None:
    vault = Vault.create(path, "Zürich-2026", kdf=CHEAPEST)
    assert vault.opens_with("Zu\u0308rich-2026")
    assert not vault.opens_with("Zurich-2026")
    vault.change_passphrase("another passphrase")
    assert vault.opens_with("another passphrase")
    assert not vault.opens_with("Zürich-2026")


# -- elsewhere ------------------------------------------------------------------------------------


def test_it_works_where_there_is_no_fcntl(tmp_path: Path) -> None:
    program = (
        "import cryptography.hazmat.primitives.kdf.argon2, pathlib, sys\n"
        "sys.platform = 'win32'; sys.modules['fcntl'] = None\n"
        "from ecert.wallet.vault import CHEAPEST, Vault\n"
        "vault = Vault.create(sys.argv[1], 'passphrase', kdf=CHEAPEST)\n"
        "vault.write(b'content')\n"
        "print(Vault.open(sys.argv[1], 'passphrase').read())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "zhang.wallet")],
        capture_output=True,
        check=False,
        text=True,
        cwd=ROOT,
    )
    assert (done.stdout, done.stderr) == ("b'content'\n", "")
