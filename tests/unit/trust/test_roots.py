"""Root sets: roles that fit their keys, and a fingerprint that people can compare."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from ecert.errors import DocumentRefusedError
from ecert.faults import DocumentFault
from ecert.sign.keys import PrivateKey
from ecert.trust.roots import Role, RootSet, make_roots, starts_new_epoch
from tests.unit.trust.office import EXPIRES, ISSUED, Office, altered

A, B, C = (PrivateKey.generate().public for _ in range(3))


def roots_of(keys: list[Any], threshold: int = 1, role: Role = Role.TRUST_LIST) -> RootSet:
    roles = {Role.ROOTS: [A], role: keys}
    return make_roots(
        "511600", "广安市", roles, issued=ISSUED, expires=EXPIRES,
        threshold={Role.ROOTS: 1, role: threshold},
    )  # fmt: skip


def test_a_root_set_reads_back_with_its_keys_and_thresholds() -> None:
    made = roots_of([A, B, C], threshold=2)
    read = RootSet.from_payload(made.to_payload())
    assert read == made
    assert read.keys_for(Role.TRUST_LIST) == (A, B, C)
    assert read.threshold(Role.TRUST_LIST) == 2
    assert read.keys_for(Role.ROOTS) == (A,)
    # A key with two roles is listed once.
    assert len(read.keys) == 3
    assert not read.demo


def test_an_absent_role_has_no_keys_and_never_a_threshold_of_nothing() -> None:
    roots = roots_of([A])
    assert roots.keys_for(Role.MANIFEST) == ()
    assert roots.threshold(Role.MANIFEST) == 1


def test_the_fingerprint_is_the_payloads_hash_in_groups_of_four() -> None:
    roots = roots_of([A, B])
    digest = hashlib.sha256(roots.to_payload()).hexdigest()
    assert roots.fingerprint.replace(" ", "") == digest
    assert {len(group) for group in roots.fingerprint.split(" ")} == {4}
    assert roots_of([A, C]).fingerprint != roots.fingerprint


def test_the_fingerprint_does_not_depend_on_white_space() -> None:
    roots = roots_of([A])
    assert RootSet.from_payload(altered(roots, {})).fingerprint == roots.fingerprint


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        (
            {"keys": [A.jwk(), A.jwk()], "roles": {"roots": {"keys": [A.kid], "threshold": 1}}},
            "keys",
        ),
        ({"roles": {"trust-list": {"keys": [A.kid], "threshold": 1}}}, "roles"),
        ({"roles": {"roots": {"keys": [C.kid], "threshold": 1}}}, "roles.roots"),
        ({"roles": {"roots": {"keys": [A.kid, A.kid], "threshold": 2}}}, "roles.roots"),
        ({"roles": {"roots": {"keys": [A.kid, B.kid], "threshold": 3}}}, "roles.roots"),
    ],
    ids=["a key twice", "no roots", "an unknown key", "a role's key twice", "too high"],
)
def test_roles_must_fit_their_keys(changes: dict[str, Any], where: str) -> None:
    read = RootSet.from_payload(altered(roots_of([A, B]), changes))
    with pytest.raises(DocumentRefusedError) as caught:
        read.check_content()
    assert caught.value.fault is DocumentFault.CONTENT
    assert caught.value.where == where


@pytest.mark.parametrize(
    "changes",
    [
        {"roles": {"roots": {"keys": [A.kid], "threshold": 0}}},
        {"roles": {"roots": {"keys": [A.kid], "threshold": True}}},
        {"roles": {"roots": {"keys": [], "threshold": 1}}},
        {"roles": {"emperor": {"keys": [A.kid], "threshold": 1}}},
        {"keys": []},
        {"keys": [A.jwk() | {"kid": "1"}]},
        {"keys": [A.jwk() | {"x": B.jwk()["x"]}]},
        {"name": ""},
        {"name": "广安\u202e市"},
        {"demo": 1},
    ],
)
def test_a_malformed_root_set_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(DocumentRefusedError) as caught:
        RootSet.from_payload(altered(roots_of([A, B]), changes))
    assert caught.value.fault is DocumentFault.MALFORMED


def test_a_builder_does_not_make_what_would_be_refused() -> None:
    with pytest.raises(DocumentRefusedError) as caught:
        roots_of([A], threshold=2)
    assert caught.value.fault is DocumentFault.CONTENT


@pytest.mark.parametrize(
    ("before", "after", "threshold", "expected"),
    [
        ([A, B], [A, B], 2, False),
        ([A, B], [A, C], 2, True),
        ([A, B], [A, C], 1, False),
        ([A], [B], 1, True),
        ([A, B], [A, B, C], 2, False),
    ],
)
def test_an_epoch_begins_when_the_old_keys_alone_no_longer_suffice(
    before: list[Any], after: list[Any], threshold: int, expected: bool
) -> None:
    assert (
        starts_new_epoch(roots_of(before), roots_of(after, threshold), Role.TRUST_LIST) is expected
    )


def test_taking_a_role_away_and_giving_it_back_begins_no_epoch() -> None:
    """Otherwise everything that its keys once signed would pass again."""
    having, lacking = roots_of([A]), roots_of([A], role=Role.CATALOGUE)
    assert not starts_new_epoch(having, lacking, Role.TRUST_LIST)
    assert not starts_new_epoch(lacking, having, Role.TRUST_LIST)


def test_a_signed_root_set_proves_itself() -> None:
    office = Office()
    data = office.root_set().signed_by(office.root_keys)
    assert RootSet.TYP.encode() not in data  # the kind stands in the signed headers
    assert len(data) < 8_000
