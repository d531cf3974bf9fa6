"""ES256 and SM2 confused: the same lengths of keys and signatures, and never accepted.

The key is one suite's, the signature another's, the header says a third thing: everywhere the
answer is `algorithm` or `signature`, for the key's own record decides and nothing else.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import cbor2
import orjson
import pytest

from ecert.errors import SignatureError
from ecert.reasons import Reason
from ecert.sign import cose, envelope, jws, sdjwt
from ecert.sign.keys import PrivateKey

if TYPE_CHECKING:
    from ecert.sign.custody import Signer

ES, SM = "ES256", "SGD_SM3_SM2"
# The same secret on both curves, as somebody might well do.
SECRET = bytes(range(1, 33))
KEYS = {alg: PrivateKey.from_scalar(alg, SECRET) for alg in (ES, SM)}
COSE_ALG = {ES: -7, SM: -65601}
# In headers only: no suite has these names and numbers.
FOREIGN = {"SM2": -48, "SM2SM3": -65600, "none": 0, "HS256": 5}


@dataclass(frozen=True)
class Crossed:
    """Whose key it is told to be, what the header says, and who signs in truth."""

    key: str
    header: str
    signer: str

    @property
    def public(self) -> Any:
        return SimpleNamespace(
            alg=self.header,
            cose_alg=(COSE_ALG | FOREIGN)[self.header],
            kid=KEYS[self.key].public.kid,
        )

    def sign(self, message: bytes) -> bytes:
        return KEYS[self.signer].sign(message)

    @property
    def expected(self) -> Reason | None:
        if self.header != self.key:
            return Reason.ALGORITHM
        return None if self.signer == self.key else Reason.SIGNATURE


CASES = [Crossed(*names) for names in itertools.product((ES, SM), (ES, SM, *FOREIGN), (ES, SM))]
crossed = pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.key}-{c.header}-{c.signer}")


def as_signer(case: Crossed) -> Signer:
    signer: Any = case
    return signer  # type: ignore[no-any-return]


def judged(case: Crossed, attempt: Any) -> None:
    if case.expected is None:
        attempt()
        return
    with pytest.raises(SignatureError) as caught:
        attempt()
    assert caught.value.reason is case.expected


def test_each_suite_accepts_itself_and_the_rest_is_refused() -> None:
    assert [case for case in CASES if case.expected is None] == [
        Crossed(ES, ES, ES), Crossed(SM, SM, SM)
    ]  # fmt: skip
    assert len(CASES) == 24


@crossed
def test_compact_jws(case: Crossed) -> None:
    token = jws.parse(jws.sign({}, b"{}", as_signer(case)))
    judged(case, lambda: token.verify([KEYS[case.key].public]))


@crossed
def test_cose_sign1(case: Crossed) -> None:
    parsed = cose.parse_sign1(cose.sign1(b"payload", as_signer(case), kid=b"12345678"))
    judged(case, lambda: parsed.verify(KEYS[case.key].public))


@crossed
def test_sd_jwt(case: Crossed) -> None:
    text = sdjwt.issue({"vct": "urn:x", "name": sdjwt.Hide("张伟")}, as_signer(case))
    judged(case, lambda: sdjwt.verify(text, [KEYS[case.key].public], at=0))


@crossed
def test_envelope(case: Crossed) -> None:
    made = envelope.parse(envelope.make("x+jws", b"{}", [as_signer(case)]))
    public = KEYS[case.key].public
    judged(case, lambda: made.valid_signers([public]))
    if case.expected is None:
        assert made.valid_signers([public]) == {public}


@crossed
def test_the_holders_key_binding(case: Crossed) -> None:
    issuer, holder = KEYS[ES], KEYS[case.key]
    text = sdjwt.issue({"vct": "urn:x", "cnf": {"jwk": holder.public.jwk()}}, issuer)
    wish = sdjwt.KeyBinding("https://window.example", "n-1")
    bound = sdjwt.present(text, lambda _: True, holder=as_signer(case), binding=wish, at=0)

    def verify() -> None:
        sdjwt.verify(bound, [issuer.public], at=0, binding=wish)

    judged(case, verify)


@pytest.mark.parametrize("alg", [ES, SM])
def test_both_suites_among_the_keys_find_the_right_one(alg: str) -> None:
    publics = [key.public for key in KEYS.values()]
    for order in (publics, publics[::-1]):
        token = jws.parse(jws.sign({"kid": "nobody's"}, b"{}", KEYS[alg]))
        assert token.verify(order) == KEYS[alg].public
    made = envelope.make("x+jws", b"{}", [KEYS[ES], KEYS[SM]])
    assert envelope.parse(made).valid_signers(publics) == set(publics)


def test_an_algorithm_number_that_is_no_integer_is_refused() -> None:
    protected = cbor2.dumps({1: "SGD_SM3_SM2"})
    data = b"\xd2\x84" + cbor2.dumps(protected) + b"\xa0" + cbor2.dumps(b"p") + cbor2.dumps(b"s")
    with pytest.raises(Exception, match="wrong type"):
        cose.parse_sign1(data)


def test_a_header_cannot_bring_a_suite_along() -> None:
    """No crv, no jwk: what chooses the curve is not in the token at all."""
    for name, value in (("crv", "SM2-P-256"), ("jwk", KEYS[SM].public.jwk())):
        token = jws.sign({name: value}, orjson.dumps({}), KEYS[SM])
        with pytest.raises(Exception, match="not allowed"):
            jws.parse(token)
