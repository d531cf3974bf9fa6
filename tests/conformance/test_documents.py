"""Signed documents through the door: what comes into a book, and what a code is worth with them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

import ecert
from ecert.demo import demo_region
from ecert.sign import envelope
from ecert.sign.keys import PrivateKey
from ecert.trust.roots import Role, make_roots
from tests.conformance.office import CHONGQING, MATTER, Office, b64, open_office

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from tests.conformance.conftest import Ask

LIST = "川渝互认清单"


@pytest.fixture
def office(tmp_path: Path, at: datetime) -> Office:
    return open_office(tmp_path, at)


def _import(ask: Ask, office: Office, data: bytes | str, **more: Any) -> dict[str, Any]:
    question: dict[str, Any] = {"file": b64(data), "book": "window", "at": office.seconds}
    return ask("list_import", **question | more)


def _resigned(data: bytes, region: str, role: Role, **changes: Any) -> bytes:
    """The document with other values, signed by the region's demonstration keys all the same."""
    opened = envelope.parse(data)
    payload = json.loads(opened.unverified_payload) | changes
    return envelope.make(
        opened.typ, json.dumps(payload).encode(), demo_region(region).signers[role]
    )


# -- list_import ------------------------------------------------------------------------------


def test_a_windows_documents_come_in_one_after_the_other(ask: Ask, office: Office) -> None:
    answers = [
        ask("list_import", file=file, book="window", at=office.seconds)
        for file in office.knowledge()
    ]
    assert [answer["result"] for answer in answers] == ["valid"] * 5
    assert [answer["kind"] for answer in answers] == [
        "ecert-roots+jws", "ecert-roots+jws", "ecert-trust-list+jws", "statuslist+jwt",
        "ecert-recognition-list+jws",
    ]  # fmt: skip
    assert answers[2]["change"] == {
        "from_version": None,
        "to_version": 1,
        "added": [office.issuer.code],
        "removed": [],
    }
    recognition = answers[4]["change"]
    assert recognition["list_id"] == "chuan-yu-sample"
    assert len(recognition["added"]) == recognition["unchanged"] + len(recognition["added"])


def test_the_same_document_again_changes_nothing(ask: Ask, office: Office) -> None:
    for file in office.knowledge():
        first = ask("list_import", file=file, book="window", at=office.seconds)
        again = ask("list_import", file=file, book="window", at=office.seconds)
        assert again["result"] == "valid"
        assert again["change"]["from_version"] == again["change"]["to_version"]
        assert again["digest"] == first["digest"]
        assert again["change"].get("added", []) == []


def test_a_list_before_its_roots_stays_outside(ask: Ask, office: Office) -> None:
    answer = _import(ask, office, office.issuer.trust_list())
    assert (answer["result"], answer["reason"]) == ("invalid", "not-pinned")


def test_books_know_nothing_of_each_other(ask: Ask, office: Office) -> None:
    roots = office.knowledge()[0]
    assert ask("list_import", file=roots, book="one", at=office.seconds)["result"] == "valid"
    answer = _import(ask, office, office.issuer.trust_list(), book="other")
    assert answer["reason"] == "not-pinned"
    assert _import(ask, office, office.issuer.trust_list(), book="one")["result"] == "valid"


def test_roots_are_pinned_on_first_sight_only(ask: Ask, office: Office) -> None:
    assert _import(ask, office, ecert.demo_roots("510000")[0])["result"] == "valid"
    thief = PrivateKey.generate()
    for version in (1, 2):
        forged = make_roots(
            "510000",
            "四川省",
            {Role.ROOTS: [thief.public], Role.TRUST_LIST: [thief.public]},
            issued=office.at - timedelta(days=1),
            expires=office.at + timedelta(days=300),
            version=version,
            demo=True,
        )
        answer = _import(ask, office, forged.signed_by([thief]))
        assert answer["result"] == "invalid"
        assert answer["reason"] == ("version-conflict" if version == 1 else "too-few-signatures")


@pytest.mark.parametrize(
    ("changes", "result", "reason"),
    [
        ({"expires": "2026-11-22T01:59:59Z"}, "undetermined", "expired"),
        ({"issued": "2026-11-22T02:30:00Z"}, "invalid", "from-future"),
        ({"audience": ["440000"]}, "invalid", "audience"),
        ({"version": 0}, "invalid", "malformed"),
        ({"surprise": 1}, "invalid", "malformed"),
    ],
)
def test_a_trust_list_that_breaks_a_rule_names_it(
    ask: Ask, office: Office, changes: dict[str, Any], result: str, reason: str
) -> None:
    _import(ask, office, ecert.demo_roots("510000")[0])
    changed = _resigned(office.issuer.trust_list(), "510000", Role.TRUST_LIST, **changes)
    answer = _import(ask, office, changed)
    assert (answer["result"], answer["reason"]) == (result, reason)


def test_an_older_version_does_not_come_back(ask: Ask, office: Office) -> None:
    _import(ask, office, ecert.demo_roots("510000")[0])
    first = office.issuer.trust_list()
    digest = envelope.parse(first).digest
    second = _resigned(first, "510000", Role.TRUST_LIST, version=2, previous=digest)
    assert _import(ask, office, second)["result"] == "valid"
    assert _import(ask, office, first)["reason"] == "rollback"
    conflict = _resigned(first, "510000", Role.TRUST_LIST, version=2, previous="0" * 64)
    assert _import(ask, office, conflict)["reason"] == "version-conflict"
    jump = _resigned(first, "510000", Role.TRUST_LIST, version=2000, previous="0" * 64)
    assert _import(ask, office, jump)["reason"] == "version-jump"
    confirmed = _import(ask, office, jump, confirmed=True)
    assert confirmed["change"] == {
        "from_version": 2, "to_version": 2000, "added": [], "removed": [],
    }  # fmt: skip


def test_one_partys_signature_does_not_make_a_recognition_list(ask: Ask, office: Office) -> None:
    for roots in ecert.demo_roots():
        _import(ask, office, roots)
    alone = _resigned(ecert.fixture(LIST), "510000", Role.RECOGNITION_LIST)
    answer = _import(ask, office, alone)
    assert (answer["result"], answer["reason"]) == ("invalid", "too-few-signatures")


def _list(version: int, **changes: Any) -> bytes:
    """The sample list with other values, signed by both parties."""
    opened = envelope.parse(ecert.fixture(LIST))
    payload = json.loads(opened.unverified_payload) | {"version": version} | changes
    if version > 1:
        payload["previous"] = opened.digest
    keys = [demo_region(party).signers[Role.RECOGNITION_LIST] for party in ("510000", "500000")]
    data = json.dumps(payload).encode()
    return envelope.make(opened.typ, data, [signer for signers in keys for signer in signers])


def _first_entry(**changes: Any) -> list[dict[str, Any]]:
    entries = json.loads(envelope.parse(ecert.fixture(LIST)).unverified_payload)["entries"]
    return [entries[0] | changes, *entries[1:]]


def test_a_change_names_the_new_members(ask: Ask, office: Office) -> None:
    for roots in ecert.demo_roots():
        _import(ask, office, roots)
    _import(ask, office, ecert.fixture(LIST))
    condition = {"op": "equals", "field": "准驾车型", "value": "A1"}
    entries = _first_entry(conditions=[condition], lead="省公安厅")
    answer = _import(ask, office, _list(2, notice_days=30, entries=entries))
    assert answer["result"] == "valid", answer
    assert answer["change"]["changed"][0]["parts"] == ["conditions", "lead"]
    assert answer["change"]["heads"] == ["notice_days"]
    assert answer["change"]["types"] == {"added": [], "removed": [], "changed": []}


def test_a_book_belongs_to_one_region(ask: Ask, office: Office) -> None:
    roots = ecert.demo_roots("510000")[0]
    assert _import(ask, office, roots, region="440000")["result"] == "valid"
    assert "another region" in _import(ask, office, roots, region="500000")["error"]
    assert "6 digits" in _import(ask, office, roots, book="new", region="nowhere")["error"]


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe", b"x" * 100, b"a.b.c", b"{}"])
def test_what_is_no_document_is_malformed(ask: Ask, office: Office, data: bytes) -> None:
    answer = _import(ask, office, data)
    assert (answer["result"], answer["reason"]) == ("invalid", "malformed")


# -- verify -----------------------------------------------------------------------------------


def _verify(ask: Ask, office: Office, **changes: Any) -> dict[str, Any]:
    question: dict[str, Any] = {
        "code": office.code(),
        "knowledge": office.knowledge(),
        "region": CHONGQING,
        "matter": MATTER,
        "at": office.seconds,
    }
    return ask("verify", **question | changes)


def test_a_recognised_licence_is_valid(ask: Ask, office: Office) -> None:
    answer = _verify(ask, office)
    assert answer["result"] == "valid", answer
    assert "reason" not in answer
    assert answer["refused_documents"] == []
    part = answer["verdict"]["parts"][0]
    assert part["licence"]["type_name"] == "机动车驾驶证"
    assert part["licence"]["holders"] == [["张伟", "1237"]]
    assert answer["verdict"]["demo"] is True


def test_a_matter_that_is_not_listed_is_invalid_with_its_reason(ask: Ask, office: Office) -> None:
    answer = _verify(ask, office, matter="申请贷款")
    assert (answer["result"], answer["reason"]) == ("invalid", "matter-not-covered")
    assert answer["verdict"]["outcome"] == "not-recognised"


def test_a_condition_that_is_not_met_is_told_with_the_condition(ask: Ask, office: Office) -> None:
    condition = {"op": "equals", "field": "准驾车型", "value": "A1"}
    asked = _list(1, entries=_first_entry(conditions=[condition]))
    answer = _verify(ask, office, knowledge=[*office.knowledge()[:-1], b64(asked)])
    assert (answer["result"], answer["reason"]) == ("invalid", "condition-not-met")
    facts = answer["verdict"]["parts"][0]["findings"][0]["facts"]
    assert facts["condition"] == condition


def test_a_verdict_names_the_other_lists_that_recognise_it(ask: Ask, office: Office) -> None:
    other = _list(1, list_id="other", title="另一清单", entries=_first_entry(matters=["*"]))
    answer = _verify(ask, office, knowledge=[*office.knowledge(), b64(other)])
    basis = answer["verdict"]["parts"][0]["licence"]["basis"]
    also = [(one["list_title"], one["rule"], one["passed_over"]) for one in basis["also"]]
    assert also == [("另一清单", "named-matters", [])]


@pytest.mark.parametrize(
    ("left_out", "reason"),
    [(2, "trust-list-missing"), (3, "status-missing"), (4, "list-missing")],
)
def test_what_could_be_known_and_is_not_is_undetermined(
    ask: Ask, office: Office, left_out: int, reason: str
) -> None:
    known = [d for n, d in enumerate(office.knowledge()) if n != left_out]
    answer = _verify(ask, office, knowledge=known)
    assert (answer["result"], answer["reason"]) == ("undetermined", reason)
    # Without its trust list the status list cannot come into force either, and is named.
    refused = [(d["position"], d["reason"]) for d in answer["refused_documents"]]
    assert refused == ([(2, "signature")] if left_out == 2 else [])


def test_a_revoked_licence_is_invalid(ask: Ask, office: Office) -> None:
    office.issuer.revoke(office.licence.id, reason="测试", document="测〔2026〕1号")
    answer = _verify(ask, office)
    assert (answer["result"], answer["reason"]) == ("invalid", "revoked")
    # Nothing personal in anything but an acceptance.
    assert "张伟" not in json.dumps(answer, ensure_ascii=False)


def test_a_forged_document_is_left_out_and_named(ask: Ask, office: Office) -> None:
    forged = _resigned(office.issuer.trust_list(), "500000", Role.TRUST_LIST)
    known = [*office.knowledge()[:2], b64(forged), b64(b"nonsense"), *office.knowledge()[2:]]
    answer = _verify(ask, office, knowledge=known)
    assert answer["result"] == "valid"
    assert [(d["position"], d["reason"]) for d in answer["refused_documents"]] == [
        (2, "too-few-signatures"),
        (3, "malformed"),
    ]


def test_the_windows_challenge_must_be_answered(ask: Ask, office: Office) -> None:
    answered = office.code(challenge="4711")
    assert _verify(ask, office, code=answered, challenge="4711")["result"] == "valid"
    for changes in ({"code": answered, "challenge": "4712"}, {"challenge": "4711"}):
        answer = _verify(ask, office, **changes)
        assert (answer["result"], answer["reason"]) == ("invalid", "audience")


@pytest.mark.parametrize(
    ("late", "reason"), [(-91, "code-from-future"), (90, None), (91, "code-expired")]
)
def test_a_code_has_its_moment(ask: Ask, office: Office, late: int, reason: str | None) -> None:
    # The life of sixty seconds, and thirty of grace; ninety for a holder's clock that is ahead.
    answer = _verify(ask, office, at=office.seconds + late)
    assert answer.get("reason") == reason


def test_every_question_is_a_fresh_window(ask: Ask, office: Office) -> None:
    code = office.code()
    assert _verify(ask, office, code=code)["result"] == "valid"
    assert _verify(ask, office, code=code)["result"] == "valid"


def test_scanned_rubbish_is_an_answer(ask: Ask, office: Office) -> None:
    for code, result, reason in (
        ("", "undetermined", "incomplete-scan"),
        ("https://evil.example/", "invalid", "malformed"),
        (office.code()[:-9], "undetermined", "incomplete-scan"),
        ("1" * 9000, "invalid", "too-large"),
    ):
        answer = _verify(ask, office, code=code)
        assert (answer["result"], answer["reason"]) == (result, reason)


def test_six_bytes_of_cbor_that_contain_themselves_are_malformed(ask: Ask, office: Office) -> None:
    # Tag 28 around tag 18 around tag 29: a value that is its own part.
    from ecert.show import digits
    from ecert.sign import cose

    loop = cose.sign1(bytes.fromhex("d81cd2d81d00"), PrivateKey.generate())
    answer = _verify(ask, office, code=digits.encode(digits.CodeKind.SELF_CONTAINED, loop))
    assert (answer["result"], answer["reason"]) == ("invalid", "malformed")


def test_a_region_that_is_none_is_a_malformed_question(ask: Ask, office: Office) -> None:
    assert _verify(ask, office, region="Chongqing").keys() == {"error"}


def test_documents_that_belong_together_come_in_as_one_or_not_at_all(
    ask: Ask, office: Office
) -> None:
    files = office.knowledge()
    ask_all = {"book": "whole", "at": office.seconds}
    trusted = office.issuer.trust_list()
    manifest = b64(office.issuer.manifest([trusted, *office.issuer.status_lists()]))
    spoilt = [*files[:3], b64(trusted.replace(b'"signature": "', b'"signature": "AAAA'))]
    assert ask("list_import", file=spoilt, **ask_all)["result"] == "invalid"
    first = ask("list_import", file=[manifest, *reversed(files)], **ask_all)
    assert first["result"] == "valid"
    assert [one["kind"] for one in first["documents"]] == [
        "ecert-roots+jws", "ecert-roots+jws", "ecert-trust-list+jws",
        "ecert-recognition-list+jws", "statuslist+jwt", "ecert-manifest+jws",
    ]  # fmt: skip


def test_a_withdrawal_notice_comes_into_a_book_and_follows_its_chain(
    ask: Ask, office: Office
) -> None:
    for roots in ecert.demo_roots():
        _import(ask, office, roots)
    _import(ask, office, ecert.fixture(LIST))
    plain = {
        "owner": "500000", "audience": ["000000"], "version": 1,
        "issued": "2026-11-22T00:00:00Z", "expires": "2026-11-23T00:00:00Z",
        "list_owner": "510000", "list_id": "chuan-yu-sample",
        "withdrawals": [{"entry": "川-01", "on": "2026-11-22", "basis": "渝府办〔2026〕9号"}],
    }  # fmt: skip
    signers = demo_region("500000").signers[Role.RECOGNITION_LIST]
    data = envelope.make("ecert-recognition-withdrawal+jws", json.dumps(plain).encode(), signers)
    answer = _import(ask, office, data)
    assert answer["result"] == "valid", answer
    assert answer["change"] == {"from_version": None, "to_version": 1}
    back = envelope.make(
        "ecert-recognition-withdrawal+jws",
        json.dumps(plain | {"version": 0}).encode(),
        signers,
    )
    assert _import(ask, office, back)["reason"] == "malformed"
    wrong = json.dumps(plain | {"owner": "510000"}).encode()
    alone = envelope.make("ecert-recognition-withdrawal+jws", wrong, signers)
    assert _import(ask, office, alone)["reason"] == "too-few-signatures"
