"""Each known deviation is named, alone and together; and nothing that verifies sees any of it."""

from __future__ import annotations

import ast
import base64
import hashlib
import itertools
import secrets
import subprocess
import sys
from typing import TYPE_CHECKING

import orjson
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature

from ecert.errors import ParseError, SignatureError
from ecert.sign import der, jws
from ecert.sign.deviations import Deviation
from ecert.sign.diagnose import Diagnosis, diagnose
from ecert.sign.keys import PrivateKey
from ecert.sign.sm2_curve import A, B, G, N
from ecert.sign.sm2_digest import sm3
from ecert.sign.sm2_pure import Table, _affine
from ecert.sign.strict import b64url
from tests.conftest import ROOT
from tests.unit.sign import sm2_signing

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ecert.reasons import Language

    Make = Callable[[bytes], bytes]

D = Deviation
PAYLOAD = orjson.dumps({"iss": "广安", "number": 1})
SM2_ALG = "SGD_SM3_SM2"
UID = b"1234567812345678"


@pytest.fixture(scope="module")
def sm2() -> PrivateKey:
    return PrivateKey.generate(SM2_ALG)


@pytest.fixture(scope="module")
def p256() -> PrivateKey:
    return PrivateKey.generate()


def _token(alg: str, make: Make, payload: bytes = PAYLOAD) -> str:
    signing_input = f"{b64url(orjson.dumps({'alg': alg}))}.{b64url(payload)}"
    return f"{signing_input}.{b64url(make(signing_input.encode()))}"


def _then(first: Make, second: Make) -> Make:
    return lambda data: second(first(data))


def _always(signature: bytes) -> Make:
    return lambda _: signature


def _ids(found: tuple[Deviation, ...]) -> str:
    return "+".join(deviation.value.name for deviation in found)


def _same(data: bytes) -> bytes:
    return data


def _swapped(raw: bytes) -> bytes:
    return raw[32:] + raw[:32]


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _decoded(message: bytes) -> bytes:
    return b".".join(base64.urlsafe_b64decode(part + b"==") for part in message.split(b"."))


FORMS: dict[tuple[Deviation, ...], Make] = {
    (): _same,
    (D.DER,): der.signature,
    (D.SWAPPED,): _swapped,
    (D.DER, D.SWAPPED): lambda raw: der.signature(_swapped(raw)),
    (D.HEX_TEXT,): lambda raw: raw.hex().encode(),
    (D.HEX_TEXT, D.DER): lambda raw: der.signature(raw).hex().upper().encode(),
    (D.BASE64_TEXT,): base64.b64encode,
    (D.BASE64_TEXT, D.DER): lambda raw: base64.urlsafe_b64encode(der.signature(raw)),
}
MESSAGES: dict[tuple[Deviation, ...], Make] = {
    (): _same,
    (D.PAYLOAD_TEXT,): lambda message: message.partition(b".")[2],
    (D.PAYLOAD_BYTES,): lambda _: PAYLOAD,
    (D.DECODED,): _decoded,
}
UIDS: dict[tuple[Deviation, ...], bytes] = {
    (): UID,
    (D.UID_EMPTY,): b"",
    (D.UID_ALICE,): b"ALICE123@YAHOO.COM",
    (D.UID_TLS,): b"TLSv1.3+GM+Cipher+Suite",
    (D.UID_NUL,): b"1234567812345678\0",
    (D.UID_UNHEXED,): b"\x12\x34\x56\x78\x12\x34\x56\x78",
    (D.UID_HEX_TEXT,): b"31323334353637383132333435363738",
}


def _za(uid: bytes, key: bytes) -> bytes:
    """Written anew from GB/T 32918.2-2016 §5.5, with whatever stands for the key."""
    length = (8 * len(uid)).to_bytes(2)
    return length + uid + b"".join(number.to_bytes(32) for number in (A, B, *G)) + key


def _digest_with(za: bytes) -> Make:
    return lambda message: sm3(sm3(za) + message)


def _digests(key: PrivateKey) -> dict[tuple[Deviation, ...], Make]:
    point = b"".join(key.public.point)
    za = _za(UID, point)
    return {
        **{found: _digest_with(_za(uid, point)) for found, uid in UIDS.items()},
        (D.ZA_WITHOUT_KEY,): _digest_with(_za(UID, b"")),
        (D.ZA_WITH_PREFIX,): _digest_with(_za(UID, b"\x04" + point)),
        (D.UID_EMPTY, D.ZA_WITHOUT_KEY): _digest_with(_za(b"", b"")),
        (D.NO_ZA,): sm3,
        (D.USED_SHA256,): lambda message: _sha256(_sha256(za) + message),
        (D.USED_SHA256, D.NO_ZA): _sha256,
        (D.HASHED_TWICE,): lambda message: sm3(sm3(za) + sm3(message)),
        (D.HASHED_TWICE, D.NO_ZA): lambda message: sm3(sm3(message).hex().encode()),
    }


def _signing(key: PrivateKey) -> Make:
    d = sm2_signing.scalar(key)
    return lambda digest: sm2_signing.sign_digest(d, int.from_bytes(digest))


def _found(diagnosis: Diagnosis) -> set[Deviation]:
    assert not diagnosis.right
    return set(diagnosis.fits)


# -- SM2 --------------------------------------------------------------------------------------


def test_a_right_sm2_signature_is_right(sm2: PrivateKey) -> None:
    assert diagnose(_token(SM2_ALG, sm2.sign), sm2.public) == Diagnosis((), right=True)


@pytest.mark.parametrize("form", [form for form in FORMS if form], ids=_ids)
def test_a_form_is_named(sm2: PrivateKey, p256: PrivateKey, form: tuple[Deviation, ...]) -> None:
    for key in (sm2, p256):
        token = _token(key.public.alg, _then(key.sign, FORMS[form]))
        assert _found(diagnose(token, key.public)) == set(form)


@pytest.mark.parametrize("of_message", [found for found in MESSAGES if found], ids=_ids)
def test_what_was_signed_is_named(
    sm2: PrivateKey, p256: PrivateKey, of_message: tuple[Deviation, ...]
) -> None:
    for key in (sm2, p256):
        token = _token(key.public.alg, _then(MESSAGES[of_message], key.sign))
        assert _found(diagnose(token, key.public)) == set(of_message)


def test_every_digest_of_sm2_is_named(sm2: PrivateKey) -> None:
    for found, digest in _digests(sm2).items():
        token = _token(SM2_ALG, _then(digest, _signing(sm2)))
        diagnosis = diagnose(token, sm2.public)
        assert (set(diagnosis.fits), diagnosis.right) == (set(found), not found)


def test_several_deviations_together_are_all_named(sm2: PrivateKey) -> None:
    """The worst signer: DER, an empty user id, payload only; and a few more of its kind."""
    chosen = itertools.product(
        [(D.DER,), (D.HEX_TEXT, D.DER)],
        [(D.PAYLOAD_TEXT,), (D.PAYLOAD_BYTES,)],
        [(D.UID_EMPTY,), (D.NO_ZA,), (D.ZA_WITHOUT_KEY,), (D.USED_SHA256, D.NO_ZA)],
    )
    for form, of_message, of_digest in chosen:
        digested = _then(MESSAGES[of_message], _digests(sm2)[of_digest])
        token = _token(SM2_ALG, _then(_then(digested, _signing(sm2)), FORMS[form]))
        found = _found(diagnose(token, sm2.public))
        assert found == {*form, *of_message, *of_digest}


@pytest.mark.parametrize(
    ("digest", "named"), [(sm3, {D.ECDSA_ON_SM2}), (_sha256, {D.ECDSA_ON_SM2, D.USED_SHA256})]
)
def test_ecdsa_with_an_sm2_key_is_named(
    sm2: PrivateKey, digest: Make, named: set[Deviation]
) -> None:
    def ecdsa(message: bytes) -> bytes:
        k, e = 1 + secrets.randbelow(N - 1), int.from_bytes(digest(message))
        r = _affine([Table(G).times(k)])[0][0] % N
        s = pow(k, -1, N) * (e + r * sm2_signing.scalar(sm2)) % N
        return r.to_bytes(32) + s.to_bytes(32)

    assert _found(diagnose(_token(SM2_ALG, ecdsa), sm2.public)) == named


# -- ES256 ------------------------------------------------------------------------------------


def test_a_right_es256_signature_is_right(p256: PrivateKey) -> None:
    token = jws.sign({"typ": "JWT"}, PAYLOAD, p256)
    assert diagnose(token, p256.public) == Diagnosis((), right=True)


@pytest.mark.parametrize(
    ("digest", "named"),
    [
        (lambda message: _sha256(_sha256(message)), D.HASHED_TWICE),
        (lambda message: _sha256(_sha256(message).hex().encode()), D.HASHED_TWICE),
        (sm3, D.USED_SM3),
        (lambda message: hashlib.sha384(message).digest()[:32], D.USED_SHA384),
        (lambda message: hashlib.sha512(message).digest()[:32], D.USED_SHA512),
    ],
)
def test_another_digest_of_es256_is_named(p256: PrivateKey, digest: Make, named: Deviation) -> None:
    key = ec.derive_private_key(sm2_signing.scalar(p256), ec.SECP256R1())

    def make(message: bytes) -> bytes:
        r, s = decode_dss_signature(key.sign(digest(message), ec.ECDSA(Prehashed(hashes.SHA256()))))
        return r.to_bytes(32) + s.to_bytes(32)

    assert _found(diagnose(_token("ES256", make), p256.public)) == {named}


# -- algorithms and keys ------------------------------------------------------------------------


@pytest.mark.parametrize("alg", ["SM2", "SM2SM3", "none", "ES256"])
def test_a_wrong_name_for_the_algorithm_is_never_right(sm2: PrivateKey, alg: str) -> None:
    assert _found(diagnose(_token(alg, sm2.sign), sm2.public)) == {D.ALG_NAME}
    token = _token(alg, lambda message: der.signature(sm2.sign(message)))
    assert _found(diagnose(token, sm2.public)) == {D.DER, D.ALG_NAME}


@pytest.mark.parametrize(
    ("alg", "length", "named"),
    [
        ("ES384", 96, {D.OTHER_ALG, D.OTHER_CURVE}),
        ("ES256", 96, {D.OTHER_CURVE}),
        ("ES512", 132, {D.OTHER_ALG, D.OTHER_CURVE}),
        ("RS256", 256, {D.OTHER_ALG, D.RSA}),
        ("HS256", 32, {D.OTHER_ALG, D.HMAC}),
        ("EdDSA", 64, {D.OTHER_ALG}),
        ("none", 0, {D.OTHER_ALG}),
    ],
)
def test_a_signature_of_another_kind_of_key_is_named_by_its_shape(
    p256: PrivateKey, alg: str, length: int, named: set[Deviation]
) -> None:
    token = _token(alg, _always(b"\x5a" * length))
    assert _found(diagnose(token, p256.public)) == named


def test_keys_of_the_two_algorithms_confused(sm2: PrivateKey, p256: PrivateKey) -> None:
    assert _found(diagnose(_token("ES256", p256.sign), sm2.public)) == {D.OTHER_ALG}
    assert _found(diagnose(_token(SM2_ALG, sm2.sign), p256.public)) == {D.OTHER_ALG}


def test_another_key_or_a_random_signature_fits_nothing(sm2: PrivateKey, p256: PrivateKey) -> None:
    nothing = Diagnosis((), right=False)
    for key in (sm2, p256):
        other = PrivateKey.generate(key.public.alg)
        assert diagnose(_token(key.public.alg, other.sign), key.public) == nothing
        for length in (0, 1, 63, 64, 65, 71):
            token = _token(key.public.alg, _always(secrets.token_bytes(length)))
            assert diagnose(token, key.public) == nothing
        for raw in (bytes(64), b"\xff" * 64, bytes(63) + b"\x01"):
            assert diagnose(_token(key.public.alg, _always(raw)), key.public) == nothing


def test_a_changed_payload_fits_nothing(p256: PrivateKey) -> None:
    header, _, signature = jws.sign({}, PAYLOAD, p256).split(".")
    changed = f"{header}.{b64url(PAYLOAD + b' ')}.{signature}"
    assert diagnose(changed, p256.public) == Diagnosis((), right=False)


def test_of_an_sd_jwt_the_issuers_part_is_looked_at(sm2: PrivateKey) -> None:
    token = _token(SM2_ALG, lambda message: der.signature(sm2.sign(message)))
    assert _found(diagnose(f"{token}~WyJhIl0~", sm2.public)) == {D.DER}


def test_what_is_no_token_is_refused(p256: PrivateKey) -> None:
    for text in ("", "a.b", "....", "{}", "~"):
        with pytest.raises(ParseError):
            diagnose(text, p256.public)


# -- it explains, and does nothing else -----------------------------------------------------------


@pytest.mark.parametrize("deviation", Deviation, ids=lambda deviation: deviation.value.name)
def test_each_deviation_is_told_in_both_languages_with_a_remedy(deviation: Deviation) -> None:
    languages: tuple[Language, ...] = ("zh", "en")
    for language in languages:
        what, fix = deviation.wording(language)
        assert what
        assert fix
        assert (language == "en") == (what + fix).isascii()


def test_names_are_unique() -> None:
    assert len({deviation.value.name for deviation in Deviation}) == len(Deviation)


def test_a_signature_with_a_name_is_still_refused(sm2: PrivateKey) -> None:
    token = _token(SM2_ALG, lambda message: der.signature(sm2.sign(message)))
    diagnosis = diagnose(token, sm2.public)
    assert diagnosis.fits
    with pytest.raises(SignatureError):
        jws.parse(token).verify([sm2.public])
    with pytest.raises(AttributeError):
        diagnosis.right = True  # type: ignore[misc]


def _imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module or ""}
    return names


def test_only_the_command_line_imports_it() -> None:
    forbidden = {"ecert.sign.diagnose", "ecert.sign.deviations"}
    importers = {
        path.relative_to(ROOT / "ecert").as_posix()
        for path in (ROOT / "ecert").rglob("*.py")
        if _imported(path) & forbidden
    }
    assert {name for name in importers if not name.startswith("cli/")} <= {"sign/diagnose.py"}
    assert "sign/diagnose.py" in importers


def test_verifying_loads_nothing_of_it() -> None:
    program = (
        "import sys, ecert, ecert.verify.verifier, ecert.trust.book, ecert.conformance.door;"
        "print([name for name in sys.modules if 'diagnose' in name or 'deviations' in name])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True, cwd=ROOT
    )
    assert done.stdout.strip() == "[]"
