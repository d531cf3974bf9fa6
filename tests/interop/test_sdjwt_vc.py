"""SD-JWT VCs between ecert and @sd-jwt: each verifies what the other has issued."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from ecert.issuers.changes import Order
from ecert.reasons import Reason
from ecert.sign import envelope, sdjwt
from ecert.sign.keys import PrivateKey
from ecert.sign.sdjwt import KeyBinding
from ecert.trust.trust_list import TrustList
from tests.conformance.office import Office, open_office

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from tests.interop.conftest import Oracle

KB = {"aud": "urn:ecert:region:500000", "nonce": "n-1"}
BINDING = KeyBinding(KB["aud"], KB["nonce"])


@pytest.fixture
def office(tmp_path: Path, at: datetime) -> Office:
    return open_office(tmp_path, at)


def registered_key(office: Office, use: str) -> dict[str, str]:
    """The issuer's public key as the trust list, and not the token, names it."""
    payload = envelope.parse(office.issuer.trust_list()).unverified_payload
    (issuer,) = TrustList.from_payload(payload).issuers
    (key,) = (record.public for record in issuer.keys if record.use == use)
    return key.jwk()


def _request(office: Office, token: str, **changes: Any) -> dict[str, Any]:
    # No type metadata: our vct#integrity covers ecert's own definition of the licence type.
    request: dict[str, Any] = {
        "token": token,
        "jwk": registered_key(office, "licence"),
        "statusListToken": office.issuer.status_list(),
        "statusJwk": registered_key(office, "status"),
        "at": office.seconds,
    }
    return request | changes


def _wallet_credential(office: Office) -> str:
    return office.wallet.delivery(office.licence.id).sd_jwt


def _shown(office: Office, reveal: Callable[[tuple[str | int, ...]], bool]) -> str:
    return sdjwt.present(
        _wallet_credential(office), reveal,
        holder=office.wallet.keys.signer(), binding=BINDING, at=office.seconds,
    )  # fmt: skip


# -- ours, opened by theirs -------------------------------------------------------------------


def test_a_file_credential_says_there_what_the_licence_says(
    sdjwt_verify: Oracle, office: Office
) -> None:
    token = office.issuer.file(office.licence.id)
    answer = sdjwt_verify(**_request(office, token))
    assert answer["ok"], answer
    claims, licence = answer["payload"], office.licence
    assert answer["header"]["typ"] == "dc+sd-jwt"
    assert answer["status"] == 0
    assert claims["licence_id"] == str(licence.id)
    assert claims["number"] == licence.number
    assert claims["fields"] == dict(licence.fields)
    assert claims["holders"] == [
        {"name": "张伟", "number": "510681199003071237", "number_type": "111"}
    ]
    assert (claims["valid_from"], claims["valid_until"]) == ("2026-11-22", "2031-06-01")
    assert "cnf" not in claims


def test_a_wallet_credential_shown_there_tells_what_was_revealed(
    sdjwt_verify: Oracle, office: Office
) -> None:
    shown = _shown(office, lambda path: path[-1] in {"name", "准驾车型"})
    answer = sdjwt_verify(**_request(office, shown, kb=KB))
    assert answer["ok"], answer
    claims = answer["payload"]
    assert claims["fields"]["准驾车型"] == "C1"
    assert claims["holders"] == [{"name": "张伟"}]
    assert "number" not in claims
    assert claims["cnf"]["jwk"] == office.wallet.keys.signer().public.jwk()
    assert answer["kb"]["payload"]["nonce"] == "n-1"


def _swap(text: str, position: int) -> str:
    return text[:position] + ("A" if text[position] != "A" else "B") + text[position + 1 :]


@pytest.mark.parametrize("part", ["header", "payload", "signature"])
def test_a_changed_token_is_refused_there(sdjwt_verify: Oracle, office: Office, part: str) -> None:
    token = office.issuer.file(office.licence.id)
    ends = {
        "header": token.index("."),
        "payload": token.index(".", token.index(".") + 1),
        "signature": token.index("~"),
    }
    answer = sdjwt_verify(**_request(office, _swap(token, ends[part] - 20)))
    assert not answer["ok"]


def test_a_changed_disclosure_tells_nothing_there(sdjwt_verify: Oracle, office: Office) -> None:
    token = office.issuer.file(office.licence.id)
    parts = token.split("~")
    for position in range(1, len(parts) - 1):
        changed = [*parts]
        changed[position] = _swap(parts[position], len(parts[position]) - 4)
        answer = sdjwt_verify(**_request(office, "~".join(changed)))
        # @sd-jwt ignores a disclosure that nothing refers to; it must not believe it.
        assert not answer["ok"] or _leaves(answer["payload"]) < _leaves(_all_of(office, token))


def _all_of(office: Office, token: str) -> dict[str, Any]:
    return sdjwt.parse(token).unverified_claims()


def _leaves(node: Any) -> set[str]:
    if isinstance(node, dict):
        return {f"{name}.{leaf}" for name, value in node.items() for leaf in _leaves(value)}
    if isinstance(node, list):
        return {f"{n}.{leaf}" for n, value in enumerate(node) for leaf in _leaves(value)}
    return {json.dumps(node)}


def test_under_a_key_binding_a_changed_disclosure_is_refused_there(
    sdjwt_verify: Oracle, office: Office
) -> None:
    shown = _shown(office, lambda path: path[-1] == "name")
    assert sdjwt_verify(**_request(office, shown, kb=KB))["ok"]
    disclosure = shown.split("~")[1]
    changed = shown.replace(disclosure, _swap(disclosure, len(disclosure) - 4))
    assert not sdjwt_verify(**_request(office, changed, kb=KB))["ok"]


@pytest.mark.parametrize(
    ("move", "value"), [("revoke", 1), ("suspend", 2), ("cancel", 12), ("withdraw", 13)]
)
def test_what_our_status_list_says_is_understood_there(
    sdjwt_verify: Oracle, office: Office, move: str, value: int
) -> None:
    token = office.issuer.file(office.licence.id)
    order = Order(reason="测试", document="测〔2026〕1号")
    getattr(office.issuer, move)(office.licence.id, **order)
    answer = sdjwt_verify(**_request(office, token))
    assert answer == {"ok": False, "error": f"status is {value}"}


def test_another_licences_index_is_another_status(sdjwt_verify: Oracle, office: Office) -> None:
    # Only this credential is cut off; the licence's other one stands.
    lost, kept = (office.issuer.file(office.licence.id) for _ in range(2))
    _, record, _ = office.issuer.credentials(office.licence.id)
    office.issuer.withdraw_credential(record.id, reason="手机遗失")
    assert sdjwt_verify(**_request(office, lost)) == {"ok": False, "error": "status is 14"}
    assert sdjwt_verify(**_request(office, kept))["ok"]


def test_a_status_list_by_another_key_or_past_its_time_is_refused_there(
    sdjwt_verify: Oracle, office: Office
) -> None:
    token = office.issuer.file(office.licence.id)
    stranger = PrivateKey.generate().public.jwk()
    late = office.seconds + 73 * 3600
    for change in ({"statusJwk": stranger}, {"at": late}):
        answer = sdjwt_verify(**_request(office, token, **change))
        assert not answer["ok"]
        assert "Status List JWT verification failed" in answer["error"]


# -- theirs, opened by ours -------------------------------------------------------------------

CLAIMS: dict[str, Any] = {
    "iss": "https://issuer.example",
    "vct": "urn:example:type:1",
    "姓名": "张伟",
    "地址": {"省": "四川省", "市": "广安市"},
    "准驾车型": ["C1", "D"],
}
FRAME = {"_sd": ["姓名", "地址"], "_sd_decoy": 3, "地址": {"_sd": ["市"]}, "准驾车型": {"_sd": [1]}}


def _issued(sdjwt_issue: Oracle, issuer: PrivateKey, holder: PrivateKey, at: int) -> dict[str, Any]:
    made = sdjwt_issue(
        claims=CLAIMS | {"iat": at, "exp": at + 3600},
        disclosureFrame=FRAME,
        header={"kid": "k1"},
        jwk=issuer.jwk(),
        holderJwk=holder.jwk(),
        reveal={"姓名": True, "地址": {"市": True}, "准驾车型": {"1": True}},
        kb={"iat": at, **KB},
    )
    assert made["ok"], made
    return made


def test_nested_disclosures_and_decoys_of_theirs_are_read_here(
    sdjwt_issue: Oracle, at: datetime
) -> None:
    issuer, holder, seconds = PrivateKey.generate(), PrivateKey.generate(), int(at.timestamp())
    made = _issued(sdjwt_issue, issuer, holder, seconds)
    verified = sdjwt.verify(made["token"], [issuer.public], at=seconds, issuer=CLAIMS["iss"])
    assert {name: verified.claims[name] for name in CLAIMS} == CLAIMS
    assert not verified.holder_bound


def test_a_presentation_of_theirs_with_key_binding_is_read_here(
    sdjwt_issue: Oracle, at: datetime
) -> None:
    issuer, holder, seconds = PrivateKey.generate(), PrivateKey.generate(), int(at.timestamp())
    made = _issued(sdjwt_issue, issuer, holder, seconds)
    verified = sdjwt.verify(made["presentation"], [issuer.public], at=seconds, binding=BINDING)
    assert verified.holder_bound
    assert verified.claims["地址"] == {"省": "四川省", "市": "广安市"}
    assert verified.claims["准驾车型"] == ["C1", "D"]
    # And shown again by our own code it verifies there as well as here.
    again = sdjwt.present(
        made["token"], lambda path: path == ("姓名",), holder=holder, binding=BINDING, at=seconds
    )
    shown = sdjwt.verify(again, [issuer.public], at=seconds, binding=BINDING)
    assert shown.claims["姓名"] == "张伟"
    assert shown.claims["准驾车型"] == ["C1"]


def test_a_presentation_of_theirs_that_was_changed_is_refused_here(
    sdjwt_issue: Oracle, at: datetime
) -> None:
    from ecert.errors import ParseError, TrustError

    issuer, holder, seconds = PrivateKey.generate(), PrivateKey.generate(), int(at.timestamp())
    presentation = _issued(sdjwt_issue, issuer, holder, seconds)["presentation"]
    *parts, proof = presentation.split("~")
    for number, reason in ((0, Reason.SIGNATURE), (1, None)):
        changed = [*parts]
        changed[number] = _swap(parts[number], len(parts[number]) - 20)
        with pytest.raises((ParseError, TrustError)) as caught:
            sdjwt.verify("~".join([*changed, proof]), [issuer.public], at=seconds, binding=BINDING)
        assert reason is None or getattr(caught.value, "reason", None) is reason
    dropped = "~".join([parts[0], *parts[2:], proof])
    with pytest.raises((ParseError, TrustError)):
        sdjwt.verify(dropped, [issuer.public], at=seconds, binding=BINDING)
