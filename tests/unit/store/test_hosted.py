"""Hosted wallets, over SQLite and PostgreSQL: nothing readable, nothing swapped, nothing lost."""

from __future__ import annotations

import hashlib
import hmac
import threading
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import delete, insert, select, update

from ecert import limits
from ecert.errors import FormatError, VaultError
from ecert.store.hosted import SQLHostedRows
from ecert.store.tables import hosted_wallet, hosting
from ecert.wallet import box
from ecert.wallet.custodian import MemoryCustodian
from ecert.wallet.hosted import HostedWallets

if TYPE_CHECKING:
    from collections.abc import Callable

    from ecert.store.engine import Engine
    from ecert.wallet.custodian import Custodian
    from ecert.wallet.hosted_vault import HostedVault

SECRET = "张伟 510681199003071237".encode()
DAMAGED = "卡包记录已损坏、被改动或被调换"
CHANGED = "卡包已被其他程序更改，为免丢失内容，未作操作"
KEY_DAMAGED = "密钥记录已损坏、被改动或被调换"


class Keys:
    """A custodian whose keys a test may change while it is in use."""

    def __init__(self) -> None:
        self.held = MemoryCustodian()
        self.unwrapped = 0

    @property
    def newest(self) -> bytes:
        return self.held.newest

    def wrap(self, secret: bytes, context: bytes, *, under: bytes) -> bytes:
        return self.held.wrap(secret, context, under=under)

    def unwrap(self, wrapped: bytes, context: bytes, *, under: bytes) -> bytes:
        self.unwrapped += 1
        return self.held.unwrap(wrapped, context, under=under)


@pytest.fixture
def keys() -> Keys:
    return Keys()


@pytest.fixture
def rows(any_engine: Engine) -> SQLHostedRows:
    return SQLHostedRows(any_engine)


@pytest.fixture
def wallets(rows: SQLHostedRows, keys: Keys) -> HostedWallets:
    return HostedWallets.set_up(rows, keys)


def _made(wallets: HostedWallets, account: str = "zhang", payload: bytes = SECRET) -> HostedVault:
    vault = wallets.new_vault(account)
    vault.write(payload)
    return vault


def _dump(engine: Engine) -> list[dict[str, Any]]:
    with engine.read() as connection:
        found = connection.execute(select(hosted_wallet).order_by(hosted_wallet.c.handle))
        return [dict(row._mapping) for row in found]


def _put(engine: Engine, values: dict[str, Any], *, of: bytes | None = None) -> None:
    with engine.write() as connection:
        change = update(hosted_wallet)
        if of is not None:
            change = change.where(hosted_wallet.c.handle == of)
        connection.execute(change.values(**values))


def _refused(act: Callable[[], object]) -> VaultError:
    with pytest.raises(VaultError) as caught:
        act()
    return caught.value


# -- keeping ----------------------------------------------------------------------------------


def test_what_is_written_comes_back_and_states_count_up(wallets: HostedWallets) -> None:
    vault = wallets.new_vault("zhang")
    assert vault.read() == b""
    assert vault.state == 0
    for state, payload in enumerate((b"one", b"", SECRET * 100), 1):
        vault.write(payload)
        assert vault.read() == payload
        assert vault.state == state
    assert wallets.vault("zhang").read() == SECRET * 100
    assert wallets.count == 1


def test_an_account_has_one_wallet_and_another_has_none(wallets: HostedWallets) -> None:
    wallet = wallets.create("zhang")
    assert wallets.has("zhang")
    assert not wallets.has("li")
    before = wallet.request("nonce")
    refused = _refused(lambda: wallets.create("zhang"))
    assert refused.zh == "这个账户已有卡包，不会覆盖"
    assert _refused(lambda: wallets.open("li")).zh == "没有这个账户的卡包"
    assert wallets.open("zhang").request("nonce").split(".")[0] == before.split(".")[0]
    assert "zhang" not in str(refused)


def test_two_that_make_one_wallet_at_the_same_moment_make_one(wallets: HostedWallets) -> None:
    first, second = wallets.new_vault("zhang"), wallets.new_vault("zhang")
    assert first.read() == second.read() == b""
    first.write(b"first")
    assert "已有卡包" in _refused(lambda: second.write(b"second")).zh
    assert wallets.vault("zhang").read() == b"first"


def test_the_payload_is_bounded_exactly(wallets: HostedWallets) -> None:
    vault = wallets.new_vault("zhang")
    refused = _refused(lambda: vault.write(bytes(limits.MAX_HOSTED_WALLET_BYTES + 1)))
    assert refused.zh == "内容超过16 MB，一个托管卡包放不下"
    vault.write(bytes(limits.MAX_HOSTED_WALLET_BYTES))
    assert len(vault.read()) == limits.MAX_HOSTED_WALLET_BYTES


@pytest.mark.parametrize("account", ["", "x" * (limits.MAX_ACCOUNT_CHARS + 1), "\ud800"])
def test_an_account_has_its_form(wallets: HostedWallets, account: str) -> None:
    with pytest.raises(FormatError, match="账户标识"):
        wallets.has(account)


def test_the_longest_account_is_taken(wallets: HostedWallets) -> None:
    _made(wallets, "证" * limits.MAX_ACCOUNT_CHARS)
    assert wallets.has("证" * limits.MAX_ACCOUNT_CHARS)
    assert not wallets.has("证" * (limits.MAX_ACCOUNT_CHARS - 1))


def test_writing_what_was_never_read_is_misuse(wallets: HostedWallets) -> None:
    _made(wallets)
    with pytest.raises(RuntimeError, match="read the vault"):
        wallets.vault("zhang").write(b"")


def test_reading_again_asks_the_custodian_once(wallets: HostedWallets, keys: Keys) -> None:
    _made(wallets)
    vault, before = wallets.vault("zhang"), keys.unwrapped
    for _ in range(3):
        assert vault.read() == SECRET
        vault.write(SECRET)
    assert keys.unwrapped == before + 1


def test_a_database_is_set_up_once_and_not_with_a_strangers_key(
    rows: SQLHostedRows, wallets: HostedWallets, keys: Keys
) -> None:
    assert "不会重设" in _refused(lambda: HostedWallets.set_up(rows, keys)).zh
    _made(wallets)
    assert "没有这把保管密钥" in _refused(lambda: HostedWallets(rows, Keys())).zh
    assert HostedWallets(rows, keys).vault("zhang").read() == SECRET


def test_a_database_that_is_not_set_up_is_told_what_to_do(rows: SQLHostedRows, keys: Keys) -> None:
    assert "ecert wallets init" in _refused(lambda: HostedWallets(rows, keys)).fix_zh


# -- secrecy ----------------------------------------------------------------------------------


def test_a_row_tells_nothing_of_its_holder(wallets: HostedWallets, any_engine: Engine) -> None:
    _made(wallets, "zhang-account")
    (row,) = _dump(any_engine)
    whole = repr(row).encode() + b"".join(
        value for value in row.values() if isinstance(value, bytes)
    )
    for told in (b"zhang", SECRET, "张伟".encode(), b"5106811990"):
        assert told not in whole
    assert len(row["handle"]) == 32
    assert len(row["box"]) == len(SECRET) + box.BOX_BYTES


def test_the_same_account_has_another_handle_in_another_database(
    keys: Keys, any_engine: Engine, wallets: HostedWallets
) -> None:
    _made(wallets)
    (first,) = _dump(any_engine)
    with any_engine.write() as connection:
        connection.execute(delete(hosting))
        connection.execute(delete(hosted_wallet))
    _made(HostedWallets.set_up(SQLHostedRows(any_engine), keys))
    (second,) = _dump(any_engine)
    assert first["handle"] != second["handle"]


def test_every_write_draws_a_new_nonce_and_every_holder_a_key(
    wallets: HostedWallets, any_engine: Engine
) -> None:
    vault, nonces, numbers = _made(wallets), set(), set()
    for _ in range(20):
        vault.write(SECRET)
        nonces.add(_dump(any_engine)[0]["box"][:12])
    assert len(nonces) == 20
    for account in ("li", "wang"):
        _made(wallets, account)
    found = _dump(any_engine)
    assert len({row["wrapped_key"] for row in found}) == 3
    numbers = {row["key_number"] for row in found}
    assert len(numbers) == 3
    assert all(1 <= number < 1 << 63 for number in numbers)


def test_a_row_is_what_the_page_says(
    wallets: HostedWallets, keys: Keys, any_engine: Engine
) -> None:
    """Written from docs/formats/vault.md alone, with no code of ours."""
    _made(wallets).write(b"second")
    (row,) = _dump(any_engine)
    with any_engine.read() as connection:
        once = connection.execute(select(hosting)).one()
    ((custody_id, custody),) = keys.held.keys.items()
    assert hashlib.sha256(b"ecert custody key\0" + custody).digest()[:8] == custody_id
    assert once.id == 1
    assert once.custody == row["custody"] == custody_id

    def opened(key: bytes, data: bytes, belongs: bytes) -> bytes:
        return AESGCM(key).decrypt(data[:12], data[12:], belongs)

    index_key = opened(custody, once.wrapped_index, b"ecert hosted index key\0")
    account = b"ecert hosted account\0zhang"
    assert row["handle"] == hmac.new(index_key, account, hashlib.sha256).digest()
    number = row["handle"] + row["key_number"].to_bytes(8, "big")
    assert len(row["wrapped_key"]) == 60
    data_key = opened(custody, row["wrapped_key"], b"ecert hosted data key\0" + number)
    assert row["state"] == 2
    state = (2).to_bytes(8, "big")
    assert opened(data_key, row["box"], b"ecert hosted wallet\0" + number + state) == b"second"


# -- tampering --------------------------------------------------------------------------------


def _flipped(value: Any) -> list[Any]:
    if isinstance(value, bytes):
        whole = int.from_bytes(value, "big")
        return [(whole ^ (1 << bit)).to_bytes(len(value), "big") for bit in range(8 * len(value))]
    # The sign too: both databases keep 64 bits.
    flipped = [value ^ (1 << bit) for bit in range(63)]
    return [*flipped, value - (1 << 63)]


@pytest.mark.parametrize("column", [column.name for column in hosted_wallet.c])
def test_every_flipped_bit_of_a_row_is_refused(
    wallets: HostedWallets, any_engine: Engine, column: str
) -> None:
    _made(wallets)
    (row,) = _dump(any_engine)
    flips = _flipped(row[column])
    assert len(flips) >= 64
    for value in flips:
        _put(any_engine, {column: value})
        refused = _refused(wallets.vault("zhang").read)
        if column == "handle":
            assert refused.zh == "没有这个账户的卡包"
        elif column == "custody":
            assert refused.zh.startswith("没有这把保管密钥")
        else:
            assert refused.zh in {DAMAGED, KEY_DAMAGED}
    # A moved handle opens as nobody's either: what is in the row is bound to it.
    assert (wallets.check().sound, len(wallets.check().damaged)) == (0, 1)
    _put(any_engine, row)
    assert wallets.vault("zhang").read() == SECRET
    assert wallets.check().damaged == ()


@pytest.mark.parametrize("column", ["custody", "wrapped_index"])
def test_every_flipped_bit_of_what_there_is_once_is_refused(
    wallets: HostedWallets, rows: SQLHostedRows, keys: Keys, any_engine: Engine, column: str
) -> None:
    with any_engine.read() as connection:
        right = connection.execute(select(hosting.c[column])).scalar_one()
    for value in _flipped(right):
        with any_engine.write() as connection:
            connection.execute(update(hosting).values({column: value}))
        refused = _refused(lambda: HostedWallets(rows, keys))
        assert "保管密钥" in refused.zh or refused.zh == KEY_DAMAGED


@pytest.mark.parametrize("value", ["'text'", "7", "1.5"])
@pytest.mark.parametrize("column", [column.name for column in hosted_wallet.c])
def test_a_value_of_another_type_is_refused(
    engine: Engine, keys: Keys, column: str, value: str
) -> None:
    wallets = HostedWallets.set_up(SQLHostedRows(engine), keys)
    _made(wallets)
    with engine.write() as connection:
        connection.exec_driver_sql(f"UPDATE hosted_wallet SET {column} = {value}")  # noqa: S608
    _refused(wallets.vault("zhang").read)
    assert wallets.count == 1
    # One under a key of no form is found by no rotation, and told by the count.
    assert (column == "custody") == (b"" in wallets.by_custody)


@pytest.mark.parametrize("column", ["custody", "wrapped_index"])
def test_a_value_of_another_type_in_what_there_is_once_is_refused(
    engine: Engine, keys: Keys, column: str
) -> None:
    rows = SQLHostedRows(engine)
    HostedWallets.set_up(rows, keys)
    with engine.write() as connection:
        connection.exec_driver_sql(f"UPDATE hosting SET {column} = 'text'")  # noqa: S608
    assert _refused(lambda: HostedWallets(rows, keys)).zh == DAMAGED


@pytest.mark.parametrize("length", [0, 1, 11, 12, 27, 28])
@pytest.mark.parametrize("column", ["wrapped_key", "box"])
def test_what_is_cut_off_is_refused(
    wallets: HostedWallets, any_engine: Engine, column: str, length: int
) -> None:
    _made(wallets)
    (row,) = _dump(any_engine)
    _put(any_engine, {column: row[column][:length]})
    assert _refused(wallets.vault("zhang").read).zh in {DAMAGED, KEY_DAMAGED}


@pytest.mark.parametrize(
    "columns",
    [
        ("box",),
        ("wrapped_key",),
        ("wrapped_key", "box"),
        ("wrapped_key", "key_number"),
        ("key_number", "wrapped_key", "state", "box"),
    ],
)
def test_what_is_another_holders_is_refused(
    wallets: HostedWallets, any_engine: Engine, columns: tuple[str, ...]
) -> None:
    _made(wallets, "zhang", b"zhang's")
    _made(wallets, "li", b"li's")
    first, second = _dump(any_engine)
    for one, other in ((first, second), (second, first)):
        _put(any_engine, {name: other[name] for name in columns}, of=one["handle"])
    for account in ("zhang", "li"):
        assert _refused(wallets.vault(account).read).zh in {DAMAGED, KEY_DAMAGED}


def test_a_row_under_another_holders_handle_is_refused(
    wallets: HostedWallets, any_engine: Engine
) -> None:
    _made(wallets, "zhang", b"zhang's")
    _made(wallets, "li", b"li's")
    first, second = _dump(any_engine)
    with any_engine.write() as connection:
        connection.execute(delete(hosted_wallet))
        swapped = [{**first, "handle": second["handle"]}, {**second, "handle": first["handle"]}]
        connection.execute(insert(hosted_wallet), swapped)
    for account in ("zhang", "li"):
        assert _refused(wallets.vault(account).read).zh == KEY_DAMAGED


def test_an_older_row_is_told_by_its_state_to_whoever_has_seen_a_newer(
    wallets: HostedWallets, any_engine: Engine
) -> None:
    vault = _made(wallets)
    (old,) = _dump(any_engine)
    vault.write(b"newer")
    _put(any_engine, old)
    assert "换回旧记录" in _refused(vault.read).zh
    # One that has kept the number in another place is told as well.
    refused = _refused(wallets.vault("zhang", least_state=vault.state).read)
    assert "换回旧记录" in refused.zh
    # Nobody else can be: a whole row of the past is authentic.
    assert wallets.vault("zhang").read() == SECRET
    assert wallets.vault("zhang", least_state=1).read() == SECRET
    # With the newer state's number, the old box does not open.
    _put(any_engine, {"state": vault.state})
    assert _refused(wallets.vault("zhang").read).zh == DAMAGED


# -- several writers --------------------------------------------------------------------------


def test_of_two_writers_one_gets_a_clear_error_and_nothing_is_lost(
    wallets: HostedWallets,
) -> None:
    first = _made(wallets)
    second = wallets.vault("zhang")
    assert second.read() == SECRET
    first.write(b"first")
    refused = _refused(lambda: second.write(b"second"))
    assert refused.zh == CHANGED
    assert "another program has changed" in refused.en
    assert second.read() == b"first"
    second.write(b"second")
    assert first.read() == b"second"


def test_of_many_writers_at_once_each_write_builds_on_the_one_before(
    wallets: HostedWallets,
) -> None:
    _made(wallets, payload=b"0")
    done: list[int] = []
    refusals: set[str] = set()

    def work() -> None:
        for _ in range(10):
            vault = wallets.vault("zhang")
            number = int(vault.read()) + 1
            try:
                vault.write(b"%d" % number)
            except VaultError as error:
                refusals.add(error.zh)
            else:
                done.append(number)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert refusals <= {CHANGED}
    assert sorted(done) == list(range(1, len(done) + 1))
    assert wallets.vault("zhang").read() == b"%d" % len(done)


def test_a_wallet_that_was_removed_and_made_anew_is_not_overwritten_by_one_who_knew_the_old(
    wallets: HostedWallets,
) -> None:
    old = _made(wallets)
    wallets.remove("zhang")
    new = _made(wallets, payload=b"new")
    assert old.state == new.state
    assert _refused(lambda: old.write(b"old")).zh == CHANGED
    assert wallets.vault("zhang").read() == b"new"


# -- keys -------------------------------------------------------------------------------------


def test_rotation_brings_all_wallets_under_the_newest_key(
    wallets: HostedWallets, keys: Keys, any_engine: Engine
) -> None:
    accounts = [f"holder {number}" for number in range(23)]
    opened = [_made(wallets, account, account.encode()) for account in accounts]
    before, old = _dump(any_engine), keys.newest
    keys.held = keys.held.renewed()
    steps: list[int] = []
    assert wallets.rotate(batch=5, told=steps.append) == 23
    assert steps == [5, 10, 15, 20, 23]
    assert wallets.by_custody == {keys.newest: 23}
    assert wallets.in_use() == {keys.newest}
    # The old custody key is needed for nothing any more.
    keys.held = keys.held.without([old])
    for account, vault in zip(accounts, opened, strict=True):
        assert wallets.vault(account).read() == account.encode()
        vault.write(b"by one who had it open")
        assert vault.read() == b"by one who had it open"
    after = _dump(any_engine)
    assert [row["box"] for row in before] != [row["box"] for row in after]
    assert {row["wrapped_key"] for row in before}.isdisjoint(row["wrapped_key"] for row in after)
    assert wallets.rotate() == 0


def test_both_generations_open_while_rotation_is_under_way(
    wallets: HostedWallets, rows: SQLHostedRows, keys: Keys
) -> None:
    for number in range(10):
        _made(wallets, f"{number}")
    old, keys.held = keys.newest, keys.held.renewed()

    class _KilledError(Exception):
        pass

    def killed(done: int) -> None:
        if done >= 4:
            raise _KilledError

    with pytest.raises(_KilledError):
        wallets.rotate(batch=2, told=killed)
    assert wallets.by_custody == {old: 6, keys.newest: 4}
    anew = HostedWallets(rows, keys)
    assert all(anew.vault(f"{number}").read() == SECRET for number in range(10))
    _made(anew, "made meanwhile")
    assert anew.by_custody == {old: 6, keys.newest: 5}
    # It goes on where it was.
    assert anew.rotate(batch=2) == 6
    assert anew.by_custody == {keys.newest: 11}


def test_a_program_that_missed_the_rotation_wraps_under_the_newer_key(
    wallets: HostedWallets, rows: SQLHostedRows, keys: Keys
) -> None:
    elsewhere = HostedWallets(rows, keys)
    keys.held = keys.held.renewed()
    wallets.rotate()
    _made(elsewhere)
    elsewhere.renew_key("zhang")
    assert elsewhere.by_custody == {keys.newest: 1}


def test_a_key_that_is_wrapped_while_the_custody_key_changes_is_wrapped_again(
    wallets: HostedWallets, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrap = keys.wrap

    def slow(secret: bytes, context: bytes, *, under: bytes) -> bytes:
        wrapped = wrap(secret, context, under=under)
        monkeypatch.setattr(keys, "wrap", wrap)
        keys.held = keys.held.renewed()
        wallets.rotate()
        return wrapped

    monkeypatch.setattr(keys, "wrap", slow)
    _made(wallets)
    assert wallets.by_custody == {keys.newest: 1}
    assert wallets.vault("zhang").read() == SECRET


def test_a_damaged_key_stays_and_all_others_are_rotated(
    wallets: HostedWallets, keys: Keys, any_engine: Engine
) -> None:
    for number in range(7):
        _made(wallets, f"{number}")
    damaged = [row["handle"] for row in _dump(any_engine)[:3]]
    for handle in damaged:
        _put(any_engine, {"wrapped_key": bytes(60)}, of=handle)
    keys.held = keys.held.renewed()
    refused = _refused(lambda: wallets.rotate(batch=2))
    assert refused.zh.startswith("有 3 个卡包的密钥记录已损坏")
    assert wallets.by_custody[keys.newest] == 4
    assert wallets.check().sound == 4
    assert sorted(wallets.check().damaged) == sorted(damaged)


def test_a_new_data_key_leaves_nothing_of_the_old(
    wallets: HostedWallets, any_engine: Engine
) -> None:
    vault = _made(wallets)
    other = _made(wallets, "li")
    before = {row["handle"]: row for row in _dump(any_engine)}
    wallets.renew_key("zhang")
    changed = [row for row in _dump(any_engine) if row != before[row["handle"]]]
    (row,) = changed
    assert row["state"] == 2
    for name in ("key_number", "wrapped_key", "box"):
        assert row[name] != before[row["handle"]][name]
    assert _refused(lambda: vault.write(b"")).zh == CHANGED
    assert vault.read() == other.read() == SECRET
    vault.write(b"goes on")
    assert wallets.vault("zhang").read() == b"goes on"


def test_rotation_leaves_alone_what_changed_meanwhile(
    wallets: HostedWallets, rows: SQLHostedRows, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        _made(wallets, f"{number}")
    keys.held = keys.held.renewed()
    rewrap = SQLHostedRows.rewrap
    calls: list[int] = []

    def late(self: SQLHostedRows, pairs: Any) -> int:
        if not calls:
            wallets.renew_key("0")
            wallets.remove("1")
        calls.append(1)
        return rewrap(self, pairs)

    monkeypatch.setattr(SQLHostedRows, "rewrap", late)
    assert wallets.rotate() == 2
    assert wallets.by_custody == {keys.newest: 3}
    assert all(wallets.vault(account).read() == SECRET for account in "023")


# -- erasure ----------------------------------------------------------------------------------


def test_a_removed_wallet_is_gone(wallets: HostedWallets, any_engine: Engine) -> None:
    vault = _made(wallets)
    kept = _made(wallets, "li")
    wallets.remove("zhang")
    assert wallets.count == len(_dump(any_engine)) == 1
    assert _refused(vault.read).zh == "没有这个账户的卡包"
    assert _refused(lambda: vault.write(b"")).zh == CHANGED
    assert _refused(lambda: wallets.remove("zhang")).zh == "没有这个账户的卡包"
    assert kept.read() == SECRET


def test_nothing_of_a_removed_wallet_stays_in_sqlites_files(
    engine: Engine, keys: Custodian
) -> None:
    from pathlib import Path

    wallets = HostedWallets.set_up(SQLHostedRows(engine), keys)
    for number in range(20):
        _made(wallets, f"{number}", SECRET * 400)
    _made(wallets).write(SECRET * 500)
    handle = wallets.vault("zhang")._handle
    (row,) = [row for row in _dump(engine) if row["handle"] == handle]
    parts = [row["wrapped_key"], row["box"][:64], row["box"][-64:], handle]

    def on_disk() -> bytes:
        return b"".join(file.read_bytes() for file in Path(engine.name).parent.glob("register.db*"))

    assert all(part in on_disk() for part in parts)
    wallets.remove("zhang")
    found = on_disk()
    assert [part in found for part in parts] == [False] * 4
    assert len(found) > 20 * 400


def test_the_columns_are_the_ones_that_the_format_tells() -> None:
    assert [column.name for column in hosted_wallet.c] == [
        "handle", "custody", "key_number", "wrapped_key", "state", "box",
    ]  # fmt: skip
