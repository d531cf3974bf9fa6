"""What every register promises of status indexes and credentials."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from ecert.errors import (
    RegisterError,
    RequestConflictError,
    UnknownLicenceError,
)
from ecert.issuers.register import CredentialKind
from tests.unit.issuers.sample_register import (
    AT,
    JWK,
    LATER,
    a_credential,
    a_licence,
    breaking_off,
    contents,
    licence_id,
    reserve,
)

if TYPE_CHECKING:
    from ecert.issuers.register import Register


def test_indexes_are_never_given_twice_and_a_full_list_is_left(register: Register) -> None:
    given = []
    for _ in range(10):
        with register.transaction() as tx:
            given += [tx.allocate_index(8, 0.5) for _ in range(4)]
    assert len(set(given)) == 40
    assert [number for number, _ in given] == [1 + place // 4 for place in range(40)]
    assert all(0 <= index < 8 for _, index in given)
    with register.view() as view:
        assert view.list_numbers() == tuple(range(1, 11))


def test_a_list_can_be_given_away_to_its_last_slot(register: Register) -> None:
    with register.transaction() as tx:
        given = [tx.allocate_index(100, 1.0) for _ in range(100)]
        assert sorted(given) == [(1, index) for index in range(100)]
        assert tx.allocate_index(100, 1.0)[0] == 2


def test_a_list_keeps_the_size_with_which_it_was_begun(register: Register) -> None:
    with register.transaction() as tx:
        assert tx.allocate_index(8, 0.5)[0] == 1
        assert tx.allocate_index(16, 0.5)[0] == 2
        assert (tx.list_size(1), tx.list_size(2)) == (8, 16)


def test_an_index_taken_back_with_its_transaction_is_free_again(register: Register) -> None:
    for _ in range(5):
        with breaking_off(register) as tx:
            assert tx.allocate_index(1, 1.0) == (1, 0)
    with register.transaction() as tx:
        assert tx.allocate_index(1, 1.0) == (1, 0)
        assert tx.allocate_index(1, 1.0) == (2, 0)


def test_a_credential_comes_back_as_it_went_in(register: Register) -> None:
    with register.transaction() as tx:
        tx.add_licence(a_licence())
        bound = reserve(tx, "c1")
        file = a_credential(
            *tx.allocate_index(64, 0.5), name="c2", kind=CredentialKind.FILE, holder_jwk=None,
            status=2, signed_at=LATER, artefacts=bytes(range(256)),
        )  # fmt: skip
        tx.add_credential(file)
    with register.view() as view:
        assert view.credential(bound.id) == bound
        assert view.credential(f"{file.list_number}-{file.index}") == file
        assert view.credential_by_request("request-c2") == file
        assert view.credentials_of(licence_id()) == (bound, file)
        assert view.statuses(file.list_number) == {file.index: 2}


def test_a_credentials_key_cannot_be_changed_from_outside(register: Register) -> None:
    before = dict(JWK)
    with register.transaction() as tx:
        tx.add_licence(a_licence())
        bound = reserve(tx)
        assert bound.holder_jwk is not None
        bound.holder_jwk["x"] = "ZZ"
        shown = tx.credential(bound.id).holder_jwk
        assert shown is not None
        shown["y"] = "ZZ"
        assert tx.credential(bound.id).holder_jwk == before


def test_signed_bytes_are_recorded_once_and_a_retry_changes_nothing(register: Register) -> None:
    with register.transaction() as tx:
        tx.add_licence(a_licence())
        made = reserve(tx).id
    with register.transaction() as tx:
        tx.record_signed(made, b"signed", LATER)
    with register.transaction() as tx:
        tx.record_signed(made, b"signed", LATER + timedelta(hours=1))
    with pytest.raises(RegisterError) as caught, register.transaction() as tx:
        tx.record_signed(made, b"other", LATER)
    assert caught.value.where == made
    assert not isinstance(caught.value, UnknownLicenceError)
    with register.view() as view:
        credential = view.credential(made)
    assert (credential.artefacts, credential.signed_at) == (b"signed", LATER)


def test_only_statuses_other_than_zero_are_published_by_list_and_index(register: Register) -> None:
    with register.transaction() as tx:
        tx.add_licence(a_licence())
        made = [reserve(tx, f"c{number}") for number in range(1, 5)]
        tx.set_status(made[0].id, 1, AT)
        tx.set_status(made[1].id, 15, AT)
        tx.set_status(made[2].id, 2, AT)
        tx.set_status(made[2].id, 0, AT)
    with register.view() as view:
        assert view.statuses(1) == {made[0].index: 1, made[1].index: 15}
        assert [view.credential(one.id).status for one in made] == [1, 15, 0, 0]


@pytest.mark.parametrize("value", [-1, 16])
def test_a_status_that_does_not_fit_four_bits_is_misuse(register: Register, value: int) -> None:
    with register.transaction() as tx:
        tx.add_licence(a_licence())
        made = reserve(tx)
        with pytest.raises(ValueError, match="0 to 15"):
            tx.set_status(made.id, value, AT)
        with pytest.raises(ValueError, match="0 to 15"):
            a_credential(1, 1, status=value)


def test_every_clash_of_a_credential_is_told_apart(register: Register) -> None:
    with register.transaction() as tx:
        tx.add_licence(a_licence())
        first = reserve(tx, "c1")
        fresh = tx.allocate_index(64, 0.5)
    free = next(i for i in range(64) if i not in {first.index, fresh[1]})
    clashes = {
        first.id: (RegisterError, a_credential(1, first.index, name="new")),
        "request-c1": (
            RequestConflictError, a_credential(*fresh, name="new", request_id="request-c1"),
        ),
        f"1#{free}": (RegisterError, a_credential(1, free, name="new")),
        f"9#{free}": (RegisterError, a_credential(9, free, name="new")),
    }  # fmt: skip
    before = contents(register)
    for where, (kind, credential) in clashes.items():
        with pytest.raises(RegisterError) as caught, register.transaction() as tx:
            tx.add_credential(credential)
        assert type(caught.value) is kind
        assert caught.value.where == where
    assert contents(register) == before
    with register.transaction() as tx:
        tx.add_credential(a_credential(*fresh, name="new"))


def test_every_kind_of_credential_has_a_word_for_the_office() -> None:
    assert [kind.zh for kind in CredentialKind] == [
        "电子证照文件",
        "卡包凭证",
        "纸质亮证码",
        "加注件",
        "委托",
    ]
