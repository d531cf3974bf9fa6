"""Plain JWTs and keys between ecert, PyJWT and the openssl command."""

from __future__ import annotations

import hmac
import json
import shutil
import subprocess
from base64 import b64decode
from typing import TYPE_CHECKING, Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from ecert.errors import SignatureError
from ecert.reasons import Reason
from ecert.show import possession
from ecert.sign import jws
from ecert.sign.keys import PrivateKey, PublicKey
from ecert.sign.strict import b64url
from ecert.status import status_list
from tests.conformance.office import Office, open_office
from tests.interop.test_sdjwt_vc import registered_key

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

KEY = PrivateKey.from_scalar("ES256", bytes(range(1, 33)))
OTHER = PrivateKey.from_scalar("ES256", bytes(range(2, 34)))


@pytest.fixture
def office(tmp_path: Path, at: datetime) -> Office:
    return open_office(tmp_path, at)


def _pyjwt_key(jwk: dict[str, str]) -> Any:
    return jwt.PyJWK(jwk).key


def _decode(token: str, jwk: dict[str, str]) -> dict[str, Any]:
    # The tests' day is not the machine's: times are compared elsewhere.
    options: Any = {"verify_exp": False, "verify_iat": False, "verify_aud": False}
    claims: dict[str, Any] = jwt.decode(token, _pyjwt_key(jwk), ["ES256"], options=options)
    return claims


# -- PyJWT ------------------------------------------------------------------------------------


def test_pyjwt_opens_our_jws() -> None:
    token = jws.sign({"typ": "test+jwt"}, json.dumps({"姓名": "张伟"}).encode(), KEY)
    assert _decode(token, KEY.public.jwk()) == {"姓名": "张伟"}
    assert jwt.get_unverified_header(token)["kid"] == KEY.public.kid
    with pytest.raises(jwt.InvalidSignatureError):
        _decode(token, OTHER.public.jwk())


def test_we_open_pyjwts() -> None:
    claims = {"姓名": "张伟", "n": 1}
    private = _pyjwt_key(KEY.jwk())
    token = jwt.encode(claims, private, "ES256", headers={"kid": "k1"})
    parsed = jws.parse(token)
    named = PublicKey.from_jwk(KEY.public.jwk() | {"kid": "k1"})
    assert parsed.verify([OTHER.public, named]) == KEY.public
    assert json.loads(parsed.payload) == claims
    with pytest.raises(SignatureError) as caught:
        parsed.verify([OTHER.public])
    assert caught.value.reason is Reason.SIGNATURE


def _unsigned(alg: str) -> str:
    return f"{b64url(json.dumps({'alg': alg, 'typ': 'JWT'}).encode())}.{b64url(b'{}')}"


def test_our_public_key_is_nobodys_secret() -> None:
    # The confusion of ES256 with HS256: the public key in six spellings as the secret.
    x, y = KEY.public.point
    pem = KEY.public.to_pem()
    der = b64decode(b"".join(pem.splitlines()[1:-1]))
    jwk = json.dumps(KEY.public.jwk()).encode()
    for secret in (b"\x04" + x + y, x + y, x, pem, der, jwk):
        head = _unsigned("HS256")
        signature = hmac.new(secret, head.encode(), "sha256").digest()
        with pytest.raises(SignatureError) as caught:
            jws.parse(f"{head}.{b64url(signature)}").verify([KEY.public])
        assert caught.value.reason is Reason.ALGORITHM


def test_a_token_without_a_signature_is_refused() -> None:
    token = f"{_unsigned('none')}."
    assert jwt.decode(token, options={"verify_signature": False}) == {}
    with pytest.raises(SignatureError) as caught:
        jws.parse(token).verify([KEY.public])
    assert caught.value.reason is Reason.ALGORITHM


def test_pyjwt_opens_our_status_list_and_finds_its_claims(office: Office) -> None:
    token = office.issuer.status_list()
    assert jwt.get_unverified_header(token)["typ"] == "statuslist+jwt"
    claims = _decode(token, registered_key(office, "status"))
    assert claims["iat"] == office.seconds
    assert claims["exp"] > claims["iat"]
    assert claims["status_list"]["bits"] == 4
    with pytest.raises(jwt.InvalidSignatureError):
        _decode(token, registered_key(office, "licence"))


def test_we_open_a_status_list_that_pyjwt_signed(office: Office) -> None:
    ours = _decode(office.issuer.status_list(), registered_key(office, "status"))
    theirs = jwt.encode(ours, _pyjwt_key(KEY.jwk()), "ES256", headers={"typ": "statuslist+jwt"})
    opened = status_list.open_token(theirs, [KEY.public], at=office.at)
    assert opened.uri == ours["sub"]
    assert len(opened.values) == 1 << 17


def test_pyjwt_opens_our_proof_of_possession_and_we_open_its() -> None:
    token = possession.make_proof("111.abc", KEY, at=1_795_312_800)
    claims = _decode(token, KEY.public.jwk())
    assert (claims["aud"], claims["nonce"]) == ("111", "111.abc")
    assert claims["jwk"] == KEY.public.jwk()
    theirs = jwt.encode(claims, _pyjwt_key(KEY.jwk()), "ES256", headers={"typ": "ecert-proof+jwt"})
    assert possession.open_proof(theirs).key == KEY.public


# -- the openssl command ----------------------------------------------------------------------


@pytest.fixture
def openssl(tmp_path: Path) -> Path:
    """A folder with our keys in PEM."""
    if shutil.which("openssl") is None:
        pytest.skip("the openssl command is not installed")
    (tmp_path / "public.pem").write_bytes(KEY.public.to_pem())
    (tmp_path / "private.pem").write_bytes(KEY.to_pem("correct horse"))
    return tmp_path


def _openssl(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        ["openssl", *arguments], cwd=folder, capture_output=True, check=False, timeout=60
    )


def test_openssl_verifies_our_signature(openssl: Path) -> None:
    token = jws.sign({}, b"payload", KEY)
    signing_input, _, _ = token.rpartition(".")
    raw = jws.parse(token).signature
    der = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    (openssl / "message").write_bytes(signing_input.encode())
    (openssl / "signature").write_bytes(der)
    verify = ("dgst", "-sha256", "-verify", "public.pem", "-signature", "signature", "message")
    assert _openssl(openssl, *verify).stdout == b"Verified OK\n"
    (openssl / "message").write_bytes(signing_input.encode() + b" ")
    assert _openssl(openssl, *verify).returncode == 1


def test_we_verify_openssls_signature(openssl: Path) -> None:
    (openssl / "message").write_bytes("川渝互认".encode())
    done = _openssl(
        openssl, "dgst", "-sha256", "-sign", "private.pem", "-passin", "pass:correct horse",
        "message",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    r, s = decode_dss_signature(done.stdout)
    raw = r.to_bytes(32) + s.to_bytes(32)
    KEY.public.verify(raw, "川渝互认".encode())
    with pytest.raises(SignatureError):
        KEY.public.verify(raw, "川渝不认".encode())


def test_a_key_of_openssls_becomes_ours(openssl: Path) -> None:
    made = _openssl(
        openssl, "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256",
        "-aes-256-cbc", "-pass", "pass:correct horse", "-out", "theirs.pem",
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    public = _openssl(
        openssl, "pkey", "-in", "theirs.pem", "-passin", "pass:correct horse", "-pubout"
    )
    key = PrivateKey.from_pem((openssl / "theirs.pem").read_bytes(), "correct horse")
    assert PublicKey.from_pem(public.stdout) == key.public
