"""SD-JWT: what is issued and shown verifies to just that, and nothing changed does."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecert import limits
from ecert.errors import EcertError, ParseError, SignatureError, TrustError
from ecert.reasons import Reason
from ecert.sign import jws, sdjwt
from ecert.sign.keys import PrivateKey, PublicKey
from ecert.sign.sdjwt import CLOCK_SKEW, KB_MAX_AGE, Hide, KeyBinding
from tests.unit.sign import claim_trees

ISSUER = PrivateKey.from_scalar("ES256", bytes(range(1, 33)))
HOLDER = PrivateKey.from_scalar("ES256", bytes(range(2, 34)))
AT = 1_795_312_800
ISS = "urn:ecert:issuer:1"
BINDING = KeyBinding("urn:ecert:region:500000", "n-1")
CLAIMS: dict[str, Any] = {
    "iss": ISS,
    "iat": AT,
    "exp": AT + 3600,
    "vct": "urn:ecert:type:1",
    "cnf": {"jwk": HOLDER.public.jwk()},
    "name": Hide("张伟"),
    "holders": [Hide({"name": "张伟", "number": Hide("510681199003071237")})],
    "fields": {"准驾车型": Hide("C1"), "state": "x"},
}
TOKEN = sdjwt.issue(CLAIMS, ISSUER)


def _verify(text: str, **changes: Any) -> sdjwt.VerifiedSDJWT:
    return sdjwt.verify(text, [ISSUER.public], **({"at": AT} | changes))


def _reason(text: str, **changes: Any) -> Reason:
    with pytest.raises((ParseError, TrustError)) as caught:
        _verify(text, **changes)
    return _told(caught.value)


def _told(error: EcertError) -> Reason:
    assert isinstance(error, (ParseError, TrustError))
    return error.reason


def _all(path: object) -> bool:
    return True


# -- there and back ---------------------------------------------------------------------------


@settings(max_examples=150, deadline=None)
@given(claim_trees.claims, st.data())
def test_a_verifier_learns_what_is_revealed_and_nothing_else(
    claims: dict[str, Any], data: st.DataObject
) -> None:
    token = sdjwt.issue({"iss": ISS} | claims, ISSUER)
    hidden = claim_trees.hidden_paths(claims)
    wanted = set(data.draw(st.lists(st.sampled_from(hidden), unique=True))) if hidden else set()
    shown = sdjwt.present(token, wanted.__contains__)
    verified = _verify(shown, issuer=ISS)
    assert verified.claims == {"iss": ISS} | claim_trees.expected(claims, wanted.__contains__)
    assert verified.key == ISSUER.public
    assert not verified.holder_bound
    # Shown again, with everything that is still there, it is the same.
    assert sdjwt.present(shown, _all) == shown


@settings(max_examples=50, deadline=None)
@given(claim_trees.claims)
def test_everything_comes_back_from_the_token_as_issued(claims: dict[str, Any]) -> None:
    token = sdjwt.issue(claims, ISSUER)
    assert _verify(token).claims == claim_trees.expected(claims, _all)
    assert sdjwt.parse(token).unverified_claims() == claim_trees.expected(claims, _all)


def test_a_child_is_shown_only_with_its_parents() -> None:
    number = ("holders", 0, "number")
    assert _verify(sdjwt.present(TOKEN, {number}.__contains__)).claims["holders"] == []
    shown = sdjwt.present(TOKEN, {number, ("holders", 0)}.__contains__)
    assert _verify(shown).claims["holders"][0]["number"] == "510681199003071237"
    parent = sdjwt.present(TOKEN, {("holders", 0)}.__contains__)
    assert _verify(parent).claims["holders"] == [{"name": "张伟"}]


def test_what_is_hidden_is_not_in_the_signed_part() -> None:
    payload = jws.parse(TOKEN.split("~")[0]).payload.decode()
    assert "张伟" not in payload
    assert "510681199003071237" not in payload
    shown = sdjwt.present(TOKEN, lambda _: False)
    assert shown.count("~") == 1
    assert "name" not in _verify(shown).claims


@pytest.mark.parametrize("name", sorted(sdjwt.NEVER_DISCLOSABLE))
def test_what_a_verifier_needs_is_never_hidden(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        sdjwt.issue({name: Hide("x")}, ISSUER)
    # A foreign issuer that hides it all the same is refused.
    from ecert.sign.concealment import conceal

    payload, disclosures = conceal({name: Hide("x")})
    token = jws.sign({"typ": sdjwt.TYP}, json.dumps(payload).encode(), ISSUER)
    assert _reason("~".join([token, *disclosures, ""])) is Reason.MALFORMED
    assert name not in _verify(f"{token}~").claims


# -- every change -----------------------------------------------------------------------------

_VALID = _verify(TOKEN)
_ALPHABET = "Aa0-_.~= {\u00e9"


def _learned(text: str, **changes: Any) -> dict[str, Any] | None:
    try:
        return _verify(text, **changes).claims
    except (ParseError, TrustError):
        return None


def _is_less(found: dict[str, Any]) -> bool:
    """Whether the claims are those of TOKEN with some disclosures dropped: the holder may."""
    parts = TOKEN.split("~")
    kept = [_learned("~".join([parts[0], *some, ""])) for some in _subsets(parts[1:-1])]
    return found in kept


def _subsets(items: list[str]) -> list[list[str]]:
    found: list[list[str]] = [[]]
    for item in items:
        found += [[*subset, item] for subset in found]
    return found


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(("replace", "insert", "delete", "swap", "repeat")),
            st.integers(0, len(TOKEN)),
            st.integers(0, len(TOKEN)),
            st.sampled_from(_ALPHABET),
        ),
        min_size=1,
        max_size=3,
    )
)
def test_whatever_is_changed_never_verifies_to_other_claims(
    changes: list[tuple[str, int, int, str]],
) -> None:
    text = TOKEN
    for how, one, other, character in changes:
        start, end = sorted((min(one, len(text)), min(other, len(text))))
        match how:
            case "replace":
                text = text[:start] + character + text[start + 1 :]
            case "insert":
                text = text[:start] + character + text[start:]
            case "delete":
                text = text[:start] + text[start + 1 :]
            case "swap":
                text = (
                    text[:start]
                    + text[end : end + 1]
                    + text[start + 1 : end]
                    + (text[start : start + 1] + text[end + 1 :])
                )
            case _:
                text = text[:end] + text[start:]
    found = _learned(text)
    assert found is None or found == _VALID.claims or _is_less(found)


def test_every_single_character_counts() -> None:
    for position, character in enumerate(TOKEN):
        for other in _ALPHABET:
            changed = TOKEN[:position] + other + TOKEN[position + 1 :]
            assert other == character or _learned(changed) is None, (position, other)
        assert _learned(TOKEN[:position] + TOKEN[position + 1 :]) is None, position


def test_under_a_key_binding_nothing_may_be_dropped_added_or_moved() -> None:
    few = sdjwt.present(TOKEN, {("name",)}.__contains__, holder=HOLDER, binding=BINDING, at=AT)
    full = sdjwt.present(TOKEN, _all, holder=HOLDER, binding=BINDING, at=AT)
    token, *some, proof_of_few = few.split("~")
    _, *every, proof_of_all = full.split("~")
    assert _learned(full, binding=BINDING) is not None
    for changed in (
        [token, proof_of_few],
        [token, *every, proof_of_few],
        [token, *every[1:], proof_of_all],
        [token, *reversed(every), proof_of_all],
        [token, *every, some[0], proof_of_all],
    ):
        assert _learned("~".join(changed), binding=BINDING) is None
    replaced = "~".join([token, *some, proof_of_all])
    assert _reason(replaced, binding=BINDING) is Reason.HOLDER_PROOF


# -- form -------------------------------------------------------------------------------------


def test_a_tilde_at_the_end_belongs_to_it() -> None:
    assert TOKEN.endswith("~")
    assert _reason(TOKEN.split("~", 1)[0]) is Reason.MALFORMED
    # Without it the last disclosure stands where a key binding would.
    assert _reason(TOKEN.removesuffix("~")) is Reason.HOLDER_PROOF
    assert _reason(TOKEN + "x") is Reason.HOLDER_PROOF
    assert _reason(TOKEN + "~") is Reason.MALFORMED


def test_as_many_disclosures_as_the_limit_are_read_and_no_more() -> None:
    claims = {f"c{number}": Hide(number) for number in range(limits.MAX_DISCLOSURES)}
    assert _verify(sdjwt.issue(claims, ISSUER)).claims == {n: c.value for n, c in claims.items()}
    token = sdjwt.issue(claims, ISSUER)
    assert _reason(token + token.split("~")[1] + "~") is Reason.TOO_LARGE


def test_a_text_beyond_the_limit_is_not_looked_into() -> None:
    assert _reason("~" * (limits.MAX_TOKEN_CHARS + 1)) is Reason.TOO_LARGE
    assert _reason("A" * limits.MAX_TOKEN_CHARS) is Reason.MALFORMED


def test_the_type_is_compared_letter_by_letter() -> None:
    assert _verify(TOKEN).header["typ"] == "dc+sd-jwt"
    for typ in ("JWT", "statuslist+jwt", "kb+jwt", "dc+SD-JWT", "vc+sd-jwt", ""):
        assert _reason(sdjwt.issue({}, ISSUER, typ=typ)) is Reason.MALFORMED
        assert _verify(sdjwt.issue({}, ISSUER, typ=typ), typ=typ).claims == {}


def test_the_issuer_is_compared_where_one_is_expected() -> None:
    assert _verify(TOKEN, issuer=ISS).claims["iss"] == ISS
    assert _reason(TOKEN, issuer=ISS + "0") is Reason.UNKNOWN_ISSUER
    assert _reason(sdjwt.issue({}, ISSUER), issuer=ISS) is Reason.UNKNOWN_ISSUER


def test_the_signature_comes_first() -> None:
    forged = sdjwt.issue({"exp": 1}, HOLDER, typ="wrong")
    with pytest.raises(SignatureError):
        _verify(forged)


# -- time -------------------------------------------------------------------------------------


NO_TIMES: tuple[Any, ...] = (
    None, True, False, "1795312800", 1795312800.0, -1, [], {}, limits.MAX_NUMERIC_DATE + 1,
)  # fmt: skip


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"exp": AT + 1}, None),
        ({"exp": AT}, Reason.EXPIRED),
        ({"exp": 0}, Reason.EXPIRED),
        ({"nbf": AT + CLOCK_SKEW}, None),
        ({"nbf": AT + CLOCK_SKEW + 1}, Reason.NOT_YET_VALID),
        ({"iat": AT + CLOCK_SKEW}, None),
        ({"iat": AT + CLOCK_SKEW + 1}, Reason.NOT_YET_VALID),
        ({"exp": limits.MAX_NUMERIC_DATE}, None),
        *(({n: v}, Reason.MALFORMED) for n in ("exp", "nbf", "iat") for v in NO_TIMES),
    ],
)
def test_times_are_whole_seconds_and_count_to_the_second(
    claims: dict[str, Any], reason: Reason | None
) -> None:
    token = sdjwt.issue(claims, ISSUER)
    if reason is None:
        assert _verify(token).claims == claims
    else:
        assert _reason(token) is reason


# -- key binding ------------------------------------------------------------------------------


def _proof(header: dict[str, Any] | None = None, key: PrivateKey = HOLDER, **changes: Any) -> str:
    """TOKEN with a key binding of any content."""
    import hashlib

    from ecert.sign.strict import b64url

    digest = b64url(hashlib.sha256(TOKEN.encode()).digest())
    said: dict[str, Any] = {
        "aud": BINDING.audience, "nonce": BINDING.nonce, "iat": AT, "sd_hash": digest
    }  # fmt: skip
    said = {name: value for name, value in (said | changes).items() if value is not None}
    return TOKEN + jws.sign({"typ": "kb+jwt"} | (header or {}), json.dumps(said).encode(), key)


def test_a_right_key_binding_is_told() -> None:
    shown = sdjwt.present(TOKEN, _all, holder=HOLDER, binding=BINDING, at=AT)
    verified = _verify(shown, binding=BINDING)
    assert verified.holder_bound
    assert verified.claims["name"] == "张伟"
    assert _verify(_proof(), binding=BINDING).holder_bound


@pytest.mark.parametrize(
    ("proof", "reason"),
    [
        (_proof(aud="urn:ecert:region:510000"), Reason.AUDIENCE),
        (_proof(aud=[BINDING.audience]), Reason.AUDIENCE),
        (_proof(aud=None), Reason.AUDIENCE),
        (_proof(nonce="n-2"), Reason.AUDIENCE),
        (_proof(nonce=None), Reason.AUDIENCE),
        (_proof(sd_hash="x"), Reason.HOLDER_PROOF),
        (_proof(sd_hash=None), Reason.HOLDER_PROOF),
        (_proof(iat=None), Reason.HOLDER_PROOF),
        (_proof(iat=str(AT)), Reason.HOLDER_PROOF),
        (_proof(iat=True), Reason.HOLDER_PROOF),
        (_proof(iat=AT - KB_MAX_AGE - 1), Reason.HOLDER_PROOF),
        (_proof(iat=AT + CLOCK_SKEW + 1), Reason.HOLDER_PROOF),
        (_proof({"typ": "JWT"}), Reason.HOLDER_PROOF),
        (_proof({"typ": "dc+sd-jwt"}), Reason.HOLDER_PROOF),
        (_proof({"alg": "none"}), Reason.ALGORITHM),
        (_proof({"jwk": ISSUER.public.jwk()}), Reason.MALFORMED),
        (_proof(key=ISSUER), Reason.SIGNATURE),
        (_proof(key=PrivateKey.generate()), Reason.SIGNATURE),
        (TOKEN, Reason.HOLDER_PROOF),
        (TOKEN + TOKEN.split("~", maxsplit=1)[0], Reason.HOLDER_PROOF),
        (TOKEN + "a.b.c", Reason.MALFORMED),
        (TOKEN + "é", Reason.MALFORMED),
    ],
    ids=lambda _: "",  # the proofs differ from run to run
)
def test_a_key_binding_that_says_something_else_is_refused(proof: str, reason: Reason) -> None:
    assert _reason(proof, binding=BINDING) is reason


@pytest.mark.parametrize("made", [AT - KB_MAX_AGE, AT + CLOCK_SKEW])
def test_a_key_binding_at_the_edge_of_its_time_counts(made: int) -> None:
    assert _verify(_proof(iat=made), binding=BINDING).holder_bound


def test_whether_there_is_a_key_binding_is_the_verifiers_decision() -> None:
    assert _reason(_proof()) is Reason.HOLDER_PROOF
    assert _reason(TOKEN, binding=BINDING) is Reason.HOLDER_PROOF


@pytest.mark.parametrize(
    ("cnf", "reason"),
    [
        (None, Reason.HOLDER_PROOF),
        ("x", Reason.HOLDER_PROOF),
        ({}, Reason.HOLDER_PROOF),
        ({"kid": "x"}, Reason.HOLDER_PROOF),
        ({"jwk": "x"}, Reason.HOLDER_PROOF),
        ({"jwk": {}}, Reason.ALGORITHM),
        ({"jwk": {"kty": "oct", "k": "AA"}}, Reason.ALGORITHM),
        ({"jwk": HOLDER.jwk()}, Reason.MALFORMED),
        ({"jwk": HOLDER.public.jwk() | {"y": HOLDER.public.jwk()["x"]}}, Reason.MALFORMED),
    ],
)
def test_the_holders_key_is_checked_like_any_other(cnf: object, reason: Reason) -> None:
    with pytest.raises((ParseError, TrustError)) as caught:
        sdjwt.holder_key({"cnf": cnf})
    assert _told(caught.value) is reason
    assert sdjwt.holder_key(CLAIMS) == HOLDER.public


def test_a_holder_shows_with_key_and_wish_or_with_neither() -> None:
    with pytest.raises(ValueError, match="both"):
        sdjwt.present(TOKEN, _all, holder=HOLDER)
    with pytest.raises(ValueError, match="both"):
        sdjwt.present(TOKEN, _all, binding=BINDING)


def test_a_kid_in_the_proof_chooses_no_other_key() -> None:
    named = PublicKey.from_jwk(ISSUER.public.jwk() | {"kid": "k1"})
    forged = _proof({"kid": "k1"}, key=ISSUER)
    with pytest.raises(TrustError) as caught:
        sdjwt.verify(forged, [named, ISSUER.public], at=AT, binding=BINDING)
    assert caught.value.reason is Reason.SIGNATURE
