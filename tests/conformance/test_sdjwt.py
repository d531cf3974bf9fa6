"""SD-JWT through the door: what the hostile set tries, and what the reference's cases expect."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from ecert.sign import sdjwt
from ecert.sign.keys import PrivateKey
from ecert.sign.sdjwt import Hide, KeyBinding
from tests.conformance.sd_specification import read_specification, wanted

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conformance.conftest import Ask

AT = 1_790_000_000
AUD, NONCE = "https://verifier.example", "n-1"
# What the tests add to a case's claims, so that it is a token.
ADDED = {"iss", "iat", "exp", "cnf"}


# -- the hostile set --------------------------------------------------------------------------


def test_nothing_hostile_is_accepted_and_nothing_good_refused(ask: Ask, vectors: Path) -> None:
    hostile = json.loads((vectors / "hostile-sd-jwt.json").read_text("utf-8"))
    issuer = hostile["issuer"]
    answers = {
        case["id"]: ask(
            "sdjwt_verify",
            token=case["token"],
            keys=[issuer["jwk"] | {"kid": issuer["kid"]}],
            issuer=issuer["iss"],
            at=hostile["clock"],
        )
        for case in hostile["cases"]
    }
    expected = {case["id"]: case["expect"] for case in hostile["cases"]}
    assert len(answers) == 59
    accepted = {name for name, answer in answers.items() if answer.get("result") == "valid"}
    assert accepted == {name for name, expect in expected.items() if expect == "valid"}
    assert all("reason" in answers[name] for name in answers.keys() - accepted)
    # What nobody could look up here is not called false: an index beyond the list's end, and
    # an address that the issuer has not registered, are found where list and record are.
    undetermined = {n: a["reason"] for n, a in answers.items() if a["result"] == "undetermined"}
    assert undetermined == {
        "status-idx-oob": "status-missing",
        "status-uri https://issuer.example.evil.example/sl/1": "status-missing",
    }


# -- the reference implementation's cases -----------------------------------------------------


def _files(vectors: Path) -> dict[str, str]:
    files: dict[str, str] = json.loads((vectors / "sd-jwt-testcases.json").read_text("utf-8"))[
        "files"
    ]
    return files


CASES = (
    "array_data_types", "array_full_sd", "array_in_sd", "array_nested_in_plain",
    "array_none_disclosed", "array_of_nulls", "array_of_objects", "array_of_scalars",
    "array_recursive_sd", "array_recursive_sd_some_disclosed", "header_mod",
    "json_serialization_flattened", "json_serialization_general", "key_binding", "no_sd",
    "object_data_types", "recursions",
)  # fmt: skip


def test_every_case_of_the_file_is_played(vectors: Path) -> None:
    names = {name.partition("/")[0] for name in _files(vectors) if name != "settings.yml"}
    assert names == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_what_is_revealed_verifies_and_is_what_the_case_expects(
    ask: Ask, vectors: Path, name: str
) -> None:
    files = _files(vectors)
    settings = yaml.safe_load(files["settings.yml"])
    case = read_specification(files[f"{name}/specification.yml"])
    issuer = PrivateKey.from_jwk(settings["key_settings"]["issuer_keys"][0])
    holder = PrivateKey.from_jwk(settings["key_settings"]["holder_key"])
    at = settings["iat"] + 60
    # (1) issue, (2) present, (3) verify through the door
    claims = case["user_claims"] | {
        "iss": settings["identifiers"]["issuer"],
        "iat": settings["iat"],
        "exp": settings["exp"],
    }
    bound = case.get("key_binding", False)
    if bound:
        claims["cnf"] = {"jwk": holder.public.jwk()}
    issued = _issue(claims, issuer, case.get("extra_header_parameters", {}))
    reveal = wanted(case["holder_disclosed_claims"])
    binding = KeyBinding(settings["identifiers"]["verifier"], settings["key_binding_nonce"])
    shown = (
        sdjwt.present(issued, reveal, holder=holder, binding=binding, at=at)
        if bound
        else sdjwt.present(issued, reveal)
    )
    kb = {"aud": binding.audience, "nonce": binding.nonce} if bound else None
    answer = ask(
        "sdjwt_verify",
        token=_serialised(shown, name),
        keys=[issuer.public.jwk()],
        issuer=settings["identifiers"]["issuer"],
        at=at,
        kb=kb,
    )
    assert answer["result"] == "valid", answer
    assert answer["holder_bound"] is bound
    told = {key: value for key, value in answer["claims"].items() if key not in ADDED}
    assert told == case["expect_verified_user_claims"]


def _issue(claims: dict[str, Any], issuer: PrivateKey, header: dict[str, Any]) -> str:
    if not header:
        return sdjwt.issue(claims, issuer)
    # header_mod: the issuer's header has a kid that is a number.
    from ecert.sign import jws

    token, *rest = sdjwt.issue(claims, issuer).split("~")
    payload = jws.parse(token).payload
    return "~".join([jws.sign({"typ": sdjwt.TYP} | header, payload, issuer), *rest])


def _serialised(shown: str, name: str) -> Any:
    if name == "json_serialization_flattened":
        return flattened(shown)
    if name == "json_serialization_general":
        # As text, the other form in which the door takes it.
        return json.dumps(general(shown, PrivateKey.generate()))
    return shown


# -- JSON serialisation -----------------------------------------------------------------------


def flattened(compact: str) -> dict[str, Any]:
    """The flattened JWS JSON serialisation of a compact SD-JWT."""
    token, *disclosures, proof = compact.split("~")
    protected, payload, signature = token.split(".")
    header: dict[str, Any] = {"disclosures": disclosures}
    if proof:
        header["kb_jwt"] = proof
    return {"payload": payload, "protected": protected, "signature": signature, "header": header}


def general(compact: str, second: PrivateKey) -> dict[str, Any]:
    """The general serialisation, with a second signature by a key that nobody registered."""
    first = flattened(compact)
    signing_input = f"{first['protected']}.{first['payload']}"
    other = {
        "protected": first["protected"],
        "signature": _b64(second.sign(signing_input.encode())),
        "header": {"kid": "issuer-key-2"},
    }
    return {
        "payload": first["payload"],
        "signatures": [{k: v for k, v in first.items() if k != "payload"}, other],
    }


def _b64(data: bytes) -> str:
    from ecert.sign.strict import b64url

    return b64url(data)


# -- single rules -----------------------------------------------------------------------------


@pytest.fixture
def key() -> PrivateKey:
    return PrivateKey.generate()


def test_a_status_claim_without_its_list_is_never_valid(ask: Ask, key: PrivateKey) -> None:
    status = {"status_list": {"idx": 4, "uri": "https://status.example/1"}}
    token = sdjwt.issue({"iss": "i", "name": Hide("张伟"), "status": status}, key)
    answer = ask("sdjwt_verify", token=token, keys=[key.public.jwk()], at=AT)
    assert answer == {"result": "undetermined", "reason": "status-missing"}


@pytest.mark.parametrize(
    "status",
    [
        None,
        [],
        {"status_list": None},
        {"status_list": {"idx": -1, "uri": "https://status.example/1"}},
        {"status_list": {"idx": 2**32, "uri": "https://status.example/1"}},
        {"status_list": {"idx": 1.0, "uri": "https://status.example/1"}},
        {"status_list": {"uri": "https://status.example/1"}},
        {"status_list": {"idx": 1}},
        *(
            {"status_list": {"idx": 1, "uri": uri}}
            for uri in (
                "", "status.example/1", "ftp://status.example/1", "https://", "https:///1",
                "https://a@status.example/1", "https://status.example/1?u=2",
                "https://status.example/1#2", "https://localhost/1", "https://LOCALHOST./1",
                "https://x.localhost/1", "https://127.0.0.1/1", "http://169.254.169.254/latest",
                "https://10.0.0.1/1", "https://[::1]/1", "https://[fe80::1]/1",
                "https://[::ffff:127.0.0.1]/1", "https://127.1/1", "https://0x7f.1/1",
                "https://2130706433/1", "https://224.0.0.1/1", "https://[::1/1",
                "https://status.example:99999/1", "https://状态.example/1",
                "https://status.example\\@evil.example/1", "https://status.example /1",
                "https://status.example/\n1",
            )
        ),
    ],
)  # fmt: skip
def test_a_status_claim_that_no_list_could_answer_is_malformed(
    ask: Ask, key: PrivateKey, status: Any
) -> None:
    token = sdjwt.issue({"iss": "i", "status": status}, key)
    answer = ask("sdjwt_verify", token=token, keys=[key.public.jwk()], at=AT)
    assert (answer["result"], answer["reason"]) == ("invalid", "malformed")


@pytest.mark.parametrize("uri", ["https://1.1.1.1/1", "http://status.example:8080/a/1"])
def test_a_public_address_is_one_that_could_be_answered(
    ask: Ask, key: PrivateKey, uri: str
) -> None:
    token = sdjwt.issue({"status": {"status_list": {"idx": 2**32 - 1, "uri": uri}}}, key)
    answer = ask("sdjwt_verify", token=token, keys=[key.public.jwk()], at=AT)
    assert answer["reason"] == "status-missing"


def test_a_status_of_another_mechanism_is_undetermined(ask: Ask, key: PrivateKey) -> None:
    token = sdjwt.issue({"status": {"identifier_list": {"id": "1"}}}, key)
    answer = ask("sdjwt_verify", token=token, keys=[key.public.jwk()], at=AT)
    assert (answer["result"], answer["reason"]) == ("undetermined", "status-missing")


def _bound(key: PrivateKey, holder: PrivateKey) -> str:
    token = sdjwt.issue({"cnf": {"jwk": holder.public.jwk()}, "name": Hide("张伟")}, key)
    binding = KeyBinding(AUD, NONCE)
    return sdjwt.present(token, lambda _: True, holder=holder, binding=binding, at=AT)


@pytest.mark.parametrize(
    ("kb", "reason"),
    [
        (None, "holder-proof"),
        ({"aud": AUD, "nonce": "n-2"}, "audience"),
        ({"aud": "https://other.example", "nonce": NONCE}, "audience"),
    ],
)
def test_the_key_binding_is_the_verifiers_wish(
    ask: Ask, key: PrivateKey, kb: dict[str, str] | None, reason: str
) -> None:
    token = _bound(key, PrivateKey.generate())
    question = {"token": token, "keys": [key.public.jwk()], "at": AT}
    assert ask("sdjwt_verify", **question, kb={"aud": AUD, "nonce": NONCE})["result"] == "valid"
    answer = ask("sdjwt_verify", **question, kb=kb)
    assert (answer["result"], answer["reason"]) == ("invalid", reason)


def test_a_wished_key_binding_that_is_not_there_is_missed(ask: Ask, key: PrivateKey) -> None:
    token = sdjwt.issue({"name": "张伟"}, key)
    question = {"token": token, "keys": [key.public.jwk()], "at": AT}
    answer = ask("sdjwt_verify", **question, kb={"aud": AUD, "nonce": NONCE})
    assert (answer["result"], answer["reason"]) == ("invalid", "holder-proof")


@pytest.mark.parametrize(
    ("claims", "at", "reason"),
    [
        ({"exp": AT}, AT, "expired"),
        ({"nbf": AT + 121}, AT, "not-yet-valid"),
        ({"iat": AT + 121}, AT, "not-yet-valid"),
    ],
)
def test_time_is_the_questions_own(
    ask: Ask, key: PrivateKey, claims: dict[str, int], at: int, reason: str
) -> None:
    answer = ask("sdjwt_verify", token=sdjwt.issue(claims, key), keys=[key.public.jwk()], at=at)
    assert (answer["result"], answer["reason"]) == ("invalid", reason)


def test_the_issuer_and_the_type_are_compared(ask: Ask, key: PrivateKey) -> None:
    token = sdjwt.issue({"iss": "https://issuer.example"}, key, typ="example+sd-jwt")
    question: dict[str, Any] = {"token": token, "keys": [key.public.jwk()], "at": AT}
    assert ask("sdjwt_verify", **question)["reason"] == "malformed"
    assert ask("sdjwt_verify", **question, typ="example+sd-jwt")["result"] == "valid"
    answer = ask("sdjwt_verify", **question, typ="example+sd-jwt", issuer="https://other.example")
    assert answer["reason"] == "unknown-issuer"


def test_a_chain_of_nested_disclosures_does_not_end_the_door(ask: Ask, key: PrivateKey) -> None:
    # Each disclosure is shallow, but sixty of them stand inside one another.
    from ecert.sign import jws
    from ecert.sign.concealment import Concealment

    concealment = Concealment()
    inner: Any = "x"
    for _ in range(60):
        for _ in range(10):
            inner = [inner]
        inner = {"_sd": concealment.claims({"a": inner})}
    token = jws.sign({"typ": sdjwt.TYP}, json.dumps(inner).encode(), key)
    answer = ask(
        "sdjwt_verify",
        token="~".join([token, *(one.decode() for one in concealment.disclosures), ""]),
        keys=[key.public.jwk()],
        at=AT,
    )
    assert (answer["result"], answer["reason"]) == ("invalid", "malformed")
    assert "nested deeper" in answer["detail"]
