"""Keys on a token: what they sign verifies, a restart is survived, and refusals say what to do."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

import ecert
from ecert.demo import demo_region
from ecert.errors import CustodyError, SignatureError
from ecert.issuers.demonstration import demo_code
from ecert.issuers.keyring import HeldKey, Keyring
from ecert.issuers.memory import MemoryRegister
from ecert.issuers.publish import RegionSigners
from ecert.sign import der
from ecert.sign.custody import open_signer
from ecert.sign.keys import PrivateKey
from ecert.sign.sm2_digest import DEFAULT_UID, message_digest
from tests.unit.sign import sm2_signing
from tests.unit.sign.softhsm import PIN, generate, put, tokens

pkcs11 = pytest.importorskip("pkcs11", reason="python-pkcs11 (extra hsm) is not installed")

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ecert.sign.custody import Signer
    from ecert.sign.pkcs11 import PKCS11Signer
    from ecert.sign.pkcs11_token import TokenKey

P256 = "06082a8648ce3d030107"
P384 = "06052b81040022"
SM2 = "06082a811ccf5501822d"


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with tokens(tmp_path_factory.mktemp("softhsm"), "office", "locked", "twin", "twin") as path:
        token = pkcs11.lib(path).get_token(token_label="office")
        outside, sm2 = PrivateKey.generate(), PrivateKey.generate("SGD_SM3_SM2")
        with token.open(rw=True, user_pin=PIN) as session:
            generate(session, "licence", b"\x01")
            generate(session, "status", b"\x02")
            generate(session, "double", b"\x03")
            generate(session, "double", b"\x04")
            generate(session, "every-time", b"\x05", ALWAYS_AUTHENTICATE=True)
            generate(session, "agreement", b"\x06", SIGN=False, DERIVE=True)
            put(session, "false", b"\x07", P256, _point(outside), b"\x07" * 32)
            put(session, "sm2", b"\x08", SM2, _point(sm2), b"\x08" * 32)
            put(session, "off-curve", b"\x09", P256, b"\x04" + bytes(64), b"\x09" * 32)
            put(session, "p-384", b"\x0a", P384, _point(outside), b"\x0a" * 48)
        with (
            pkcs11.lib(path).get_token(token_label="locked").open(rw=True, user_pin=PIN) as session
        ):
            generate(session, "licence", b"\x01")
        yield path


def _point(key: PrivateKey) -> bytes:
    return b"\x04" + b"".join(key.public.point)


@pytest.fixture
def opened(driver: str) -> Callable[..., Signer]:
    def opened(key: str = "object=licence", *, token: str = "office", pin: str = PIN) -> Signer:  # noqa: S107
        return open_signer(f"pkcs11:token={token};{key}?module-path={driver}", lambda _: pin)

    return opened


# -- what it signs ----------------------------------------------------------------------------


def test_a_signature_verifies_with_the_public_key_from_the_token(
    opened: Callable[..., Signer],
) -> None:
    signer = opened()
    signature = signer.sign(b"message")
    assert signer.public.alg == "ES256"
    assert len(signature) == 64
    signer.public.verify(signature, b"message")
    with pytest.raises(SignatureError):
        signer.public.verify(signature, b"another")


def test_the_same_key_by_label_by_id_and_with_a_file_for_the_pin(
    opened: Callable[..., Signer], driver: str, tmp_path: Path
) -> None:
    (tmp_path / "pin").write_text(f"{PIN}\n")

    def prompt(question: str) -> str:
        raise AssertionError(question)

    address = f"pkcs11:token=office;id=%01?module-path={driver}&pin-source=file:{tmp_path}/pin"
    by_file = open_signer(address, prompt)
    assert by_file.public == opened("object=licence").public == opened("id=%01").public
    assert by_file.public != opened("object=status").public


def test_a_licence_from_a_token_is_accepted_at_a_window(
    opened: Callable[..., Signer], at: datetime, tmp_path: Path
) -> None:
    def clock() -> datetime:
        return at

    demo = demo_region("510000")
    since = at - timedelta(days=1)
    keys = Keyring(
        (
            HeldKey(signer=opened("object=licence"), use="licence", valid_from=since),
            HeldKey(signer=opened("object=status"), use="status", valid_from=since),
        )
    )
    police = ecert.Issuer(
        code=demo_code("广安市公安局", "511600"), name="广安市公安局", region="511600",
        keyring=keys, register=MemoryRegister(),
        signers=RegionSigners(demo.roots, demo.signers), clock=clock,
    )  # fmt: skip
    holder = ecert.Holder("张伟", "510681199003071237")
    licence = police.issue(
        "机动车驾驶证", number=holder.number, holder=holder, fields={"准驾车型": "C1"},
        valid_until=date(2031, 6, 1),
    )  # fmt: skip
    wallet = ecert.Wallet.create(tmp_path / "zhang.wallet", passphrase="zhang zhang", clock=clock)
    wallet.add(police.deliver(licence.id, wallet.request(police.nonce())))
    window = ecert.Verifier("500000", clock=clock)
    for roots in ecert.demo_roots():
        window.knowledge.pin(roots)
    for document in (police.trust_list(), ecert.fixture("川渝互认清单")):
        window.knowledge.accept(document)
    for status_list in police.status_lists():
        window.knowledge.accept(status_list)
    verdict = window.verify(wallet.show(licence.id).text, matter="机动车业务")
    assert verdict.accepted, verdict.explain("en")


def test_a_key_that_wants_the_pin_each_time_gets_it(opened: Callable[..., Signer]) -> None:
    signer = opened("object=every-time")
    for message in (b"one", b"two"):
        signer.public.verify(signer.sign(message), message)


def test_many_threads_with_two_keys_of_one_token(opened: Callable[..., Signer]) -> None:
    signers = [opened("object=licence"), opened("object=status")]

    def sign(number: int) -> None:
        signer, message = signers[number % 2], b"%d" % number
        signer.public.verify(signer.sign(message), message)

    with ThreadPoolExecutor(8) as pool:
        assert len(list(pool.map(sign, range(200)))) == 200


# -- restarts ---------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["restarted", "stopped"])
def test_a_restart_of_the_token_is_survived(
    opened: Callable[..., Signer], driver: str, how: str
) -> None:
    """All sessions end under two signers; the first to open anew gets the other's old handles."""
    licence, status = opened("object=licence"), opened("object=status")
    library = pkcs11.lib(driver)
    library.reinitialize() if how == "restarted" else library.finalize()
    for signer in (status, licence, status, licence):
        signer.public.verify(signer.sign(b"after"), b"after")


def test_a_token_that_logs_out_is_logged_in_again(
    opened: Callable[..., Signer], driver: str
) -> None:
    pkcs11.lib(driver).reinitialize()
    session = pkcs11.lib(driver).get_token(token_label="office").open(user_pin=PIN)
    signer = opened()
    # Logging out ends it for every session of the process.
    session.close()
    signer.public.verify(signer.sign(b"after"), b"after")


def _stub(*results: bytes | Exception, key: PrivateKey, reopened: list[TokenKey | CustodyError]
          ) -> PKCS11Signer:  # fmt: skip
    """A signer whose device gives ``results`` one after the other."""
    from ecert.sign.pkcs11 import PKCS11Signer
    from ecert.sign.pkcs11_token import TokenKey

    answers = iter(results)

    def sign_digest(_: bytes) -> bytes:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def reopen() -> TokenKey:
        result = reopened.pop(0)
        if isinstance(result, CustodyError):
            raise result
        return result

    return PKCS11Signer(TokenKey(key.public, sign_digest), reopen)


def _device(key: PrivateKey, message: bytes) -> TokenKey:
    from ecert.sign.pkcs11_token import TokenKey

    return TokenKey(key.public, lambda _: key.sign(message))


def test_a_device_that_stays_broken_is_told_after_one_try() -> None:
    from ecert.sign.pkcs11_token import TokenKey

    def broken(_: bytes) -> bytes:
        raise pkcs11.DeviceRemoved

    key = PrivateKey.generate()
    reopened: list[TokenKey | CustodyError] = [TokenKey(key.public, broken)]
    signer = _stub(pkcs11.SessionHandleInvalid(), key=key, reopened=reopened)
    with pytest.raises(CustodyError) as caught:
        signer.sign(b"x")
    assert "DeviceRemoved" in caught.value.en
    assert caught.value.where == key.public.kid
    assert reopened == []


def test_another_keys_signature_is_never_given_out() -> None:
    """Old handles may by chance mean another key: opened anew once, then refused."""
    key, other = PrivateKey.generate(), PrivateKey.generate()
    healed = _stub(other.sign(b"x"), key=key, reopened=[_device(key, b"x")])
    key.public.verify(healed.sign(b"x"), b"x")
    signer = _stub(other.sign(b"x"), key=key, reopened=[_device(key, b"not x")])
    with pytest.raises(CustodyError) as caught:
        signer.sign(b"x")
    assert "does not fit" in caught.value.en


def test_another_key_in_its_place_is_refused() -> None:
    key = PrivateKey.generate()
    other = _device(PrivateKey.generate(), b"x")
    signer = _stub(pkcs11.DeviceError(), key=key, reopened=[other])
    with pytest.raises(CustodyError) as caught:
        signer.sign(b"x")
    assert "another key" in caught.value.en


def test_a_pin_that_was_changed_is_tried_once_only() -> None:
    """Otherwise every signature would be a wrong try, until the token locks."""
    key = PrivateKey.generate()
    refused = CustodyError("x", "x")
    refused.__cause__ = pkcs11.PinIncorrect()
    reopened: list[TokenKey | CustodyError] = [refused, _device(key, b"x")]
    signer = _stub(*[pkcs11.UserNotLoggedIn()] * 3, key=key, reopened=reopened)
    for _ in range(3):
        with pytest.raises(CustodyError):
            signer.sign(b"x")
    assert len(reopened) == 1


# -- SM2 --------------------------------------------------------------------------------------


def test_sm2_without_a_named_mechanism_is_a_missing_backend(opened: Callable[..., Signer]) -> None:
    with pytest.raises(CustodyError) as caught:
        opened("object=sm2")
    assert "backend missing" in caught.value.en
    assert "sm2-mechanism" in caught.value.fix_en


def test_a_mechanism_that_the_token_does_not_have_is_a_missing_backend(driver: str) -> None:
    address = f"pkcs11:token=office;object=sm2?module-path={driver}&sm2-mechanism=0x80008105"
    with pytest.raises(CustodyError) as caught:
        open_signer(address, lambda _: PIN)
    assert "backend missing" in caught.value.en


@pytest.mark.parametrize("form", [bytes, der.signature], ids=["raw", "DER"])
def test_a_device_gets_the_sm2_digest_and_may_answer_in_either_form(
    form: Callable[[bytes], bytes],
) -> None:
    """No device here has SM2: the one in this test computes it in Python."""
    from ecert.sign.pkcs11 import PKCS11Signer
    from ecert.sign.pkcs11_token import TokenKey

    key = PrivateKey.generate("SGD_SM3_SM2")
    digests: list[bytes] = []

    def device(digest: bytes) -> bytes:
        digests.append(digest)
        return form(sm2_signing.sign_digest(sm2_signing.scalar(key), int.from_bytes(digest)))

    found = TokenKey(key.public, device)
    signer = PKCS11Signer(found, lambda: found)
    key.public.verify(signer.sign(b"message"), b"message")
    assert digests == [message_digest(DEFAULT_UID, *key.public.point, b"message").to_bytes(32)]


def test_a_vendors_mechanism_number_reaches_the_driver(driver: str) -> None:
    """SoftHSM refuses it as a mechanism, and not python-pkcs11 as an argument."""
    from types import SimpleNamespace

    from ecert.sign.pkcs11_token import _Attributes, _mechanism
    from ecert.sign.pkcs11_uri import parse

    uri = parse(f"token=office;object=sm2?module-path={driver}&sm2-mechanism=0x80008105")
    token = SimpleNamespace(slot=SimpleNamespace(get_mechanisms=lambda: {0x80008105}))
    mechanism = _mechanism("SGD_SM3_SM2", token, uri)
    assert int(mechanism) == 0x80008105
    pkcs11.lib(driver).reinitialize()
    office = pkcs11.lib(driver).get_token(token_label="office")
    with office.open(user_pin=PIN, attribute_mapper=_Attributes()) as session:
        key = session.get_key(pkcs11.ObjectClass.PRIVATE_KEY, label="sm2")
        with pytest.raises(pkcs11.MechanismInvalid):
            key.sign(bytes(32), mechanism=mechanism)


# -- refusals ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "where", "what"),
    [
        ("token=nowhere;object=licence", "token=nowhere;object=licence", "no such token"),
        ("serial=0;object=licence", "serial=0;object=licence", "no such token"),
        ("token=twin;object=licence", "token=twin;object=licence", "2 tokens fit"),
        ("token=office;object=nothing", "token=office;object=nothing", "no such key"),
        ("token=office;object=double", "token=office;object=double", "2 keys fit"),
        ("token=office;object=agreement", "token=office;object=agreement", "not for signatures"),
        ("token=office;object=off-curve", "token=office;object=off-curve", "not on P-256"),
        ("token=office;object=p-384", "token=office;object=p-384", "neither P-256 nor SM2"),
        ("token=office;id=%03;object=licence", "token=office;object=licence;id=03", "no such key"),
    ],
)
def test_what_is_not_there_or_not_fit_is_named(
    driver: str, address: str, where: str, what: str
) -> None:
    with pytest.raises(CustodyError) as caught:
        open_signer(f"pkcs11:{address}?module-path={driver}", lambda _: PIN)
    assert caught.value.where == where
    assert what in caught.value.en
    assert caught.value.fix_zh
    assert caught.value.fix_en


def test_a_public_half_of_another_key_signs_nothing(opened: Callable[..., Signer]) -> None:
    with pytest.raises(CustodyError) as caught:
        opened("object=false").sign(b"x")
    assert "does not fit its public key" in caught.value.en


def test_a_wrong_pin_is_told_and_the_right_one_still_opens(opened: Callable[..., Signer]) -> None:
    with pytest.raises(CustodyError) as caught:
        opened(token="locked", pin="314159")
    assert "PinIncorrect" in caught.value.en
    assert caught.value.where == "token=locked;object=licence"
    assert "314159" not in str(caught.value)
    assert opened(token="locked").sign(b"x")


def test_a_failed_opening_leaves_the_token_logged_out(
    driver: str, opened: Callable[..., Signer]
) -> None:
    pkcs11.lib(driver).reinitialize()
    with pytest.raises(CustodyError):
        opened("object=nothing", token="locked")
    with pytest.raises(CustodyError) as caught:
        opened(token="locked", pin="314159")
    assert "PinIncorrect" in caught.value.en


def test_an_absent_driver_is_named() -> None:
    with pytest.raises(CustodyError) as caught:
        open_signer("pkcs11:token=a;object=b?module-path=/nowhere.so", lambda _: PIN)
    assert "/nowhere.so" in caught.value.en
    assert caught.value.where == "token=a;object=b"
