"""The manifest: what it names, who signs it, and what may stand beside it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ecert import limits
from ecert.errors import DocumentRefusedError
from ecert.faults import DocumentFault
from ecert.sign.keys import PrivateKey
from ecert.status.status_list import TYP as STATUS_TYP
from ecert.trust import manifest as manifests
from ecert.trust.book import TrustBook
from ecert.trust.manifest import Manifest, NamedDocument, manifest_role
from ecert.trust.manifest_book import ManifestBook
from ecert.trust.roots import Role, RootSet, make_roots
from ecert.trust.succession import Mark
from tests.unit.trust.office import EXPIRES, ISSUED, NOW, SICHUAN, signed

KEYS = {role: PrivateKey.generate() for role in (Role.ROOTS, Role.TRUST_LIST, Role.MANIFEST)}
TRUST = f"ecert-trust-list+jws:{SICHUAN}"
STATUS = "statuslist+jwt:https://status.example/1"


def _named(slot: str = TRUST, version: int = 3, digit: str = "a") -> NamedDocument:
    return NamedDocument(slot=slot, version=version, sha256=digit * 64)


def _manifest(*documents: NamedDocument, **changes: Any) -> Manifest:
    values: dict[str, Any] = {
        "owner": SICHUAN, "audience": ("000000",), "version": 1, "issued": ISSUED,
        "expires": ISSUED + limits.MANIFEST_LIFE, "documents": documents or (_named(),),
    }  # fmt: skip
    return Manifest(**(values | changes))


def _roots(*roles: Role) -> RootSet:
    return make_roots(
        SICHUAN, "四川省", {role: [KEYS[role].public] for role in roles},
        issued=ISSUED, expires=EXPIRES,
    )  # fmt: skip


def _book(*roles: Role) -> TrustBook:
    book = TrustBook()
    book.pin(signed(_roots(Role.ROOTS, *roles), [KEYS[Role.ROOTS]]), at=NOW)
    return book


def _refused(fault: DocumentFault, manifest: Manifest, where: str) -> None:
    with pytest.raises(DocumentRefusedError) as caught:
        manifest.check_content()
    assert (caught.value.fault, caught.value.where) == (fault, where)


def test_it_lives_no_longer_than_the_limit() -> None:
    assert timedelta(hours=72) >= limits.MANIFEST_LIFE
    _manifest().check_content()
    longer = ISSUED + limits.MANIFEST_LIFE + timedelta(seconds=1)
    _refused(DocumentFault.CONTENT, _manifest(expires=longer), "expires")


def test_it_names_as_many_documents_as_the_limit_and_no_more() -> None:
    named = [_named(f"{STATUS}{n}") for n in range(limits.MAX_MANIFEST_DOCUMENTS + 1)]
    _manifest(*named[:-1]).check_content()
    with pytest.raises(ValueError, match="too_long"):
        _manifest(*named)


def test_nothing_is_named_twice() -> None:
    _refused(DocumentFault.CONTENT, _manifest(_named(), _named(version=4)), "documents")


@pytest.mark.parametrize(
    "slot",
    [
        "ecert-trust-list+jws:500000", "ecert-recognition-list+jws:500000:cq-sc",
        f"ecert-roots+jws:{SICHUAN}", f"ecert-manifest+jws:{SICHUAN}", "other", SICHUAN,
    ],
)  # fmt: skip
def test_it_names_nothing_of_another_owner_nor_of_another_kind(slot: str) -> None:
    _refused(DocumentFault.OVERSTEPS, _manifest(_named(slot)), "documents")


def test_the_kind_of_status_lists_is_spelled_as_their_room_spells_it() -> None:
    assert manifests.STATUS == STATUS_TYP


# -- who signs --------------------------------------------------------------------------------


def test_root_sets_of_before_let_the_keys_for_trust_lists_sign_it() -> None:
    assert manifest_role(_roots(Role.ROOTS, Role.TRUST_LIST)) is Role.TRUST_LIST
    trust = _book(Role.TRUST_LIST)
    data = signed(_manifest(), [KEYS[Role.TRUST_LIST]])
    assert ManifestBook().propose(data, trust=trust, reader="500000", at=NOW).version == 1


def test_where_manifests_have_keys_of_their_own_no_other_signs_them() -> None:
    trust = _book(Role.TRUST_LIST, Role.MANIFEST)
    book = ManifestBook()
    data = signed(_manifest(), [KEYS[Role.TRUST_LIST]])
    with pytest.raises(DocumentRefusedError) as caught:
        book.propose(data, trust=trust, reader="500000", at=NOW)
    assert caught.value.fault is DocumentFault.TOO_FEW_SIGNATURES
    data = signed(_manifest(), [KEYS[Role.MANIFEST]])
    assert book.accept(data, trust=trust, reader="500000", at=NOW).version == 1


# -- what stands beside it --------------------------------------------------------------------


def _in_force(*documents: NamedDocument) -> tuple[ManifestBook, TrustBook]:
    trust, book = _book(Role.TRUST_LIST), ManifestBook()
    data = signed(_manifest(*documents), [KEYS[Role.TRUST_LIST]])
    book.accept(data, trust=trust, reader="500000", at=NOW)
    return book, trust


@pytest.mark.parametrize(
    ("slot", "mark", "passes"),
    [
        (TRUST, Mark(3, "a" * 64), True),
        (TRUST, Mark(3, "b" * 64), False),
        (TRUST, Mark(2, "a" * 64), False),
        (TRUST, Mark(4, "b" * 64), False),
        (f"ecert-catalogue+jws:{SICHUAN}", Mark(1, "a" * 64), False),
        # All its parties sign it, not the owner alone.
        (f"ecert-recognition-list+jws:{SICHUAN}:x", Mark(1, "a" * 64), True),
        ("ecert-trust-list+jws:500000", Mark(9, "c" * 64), True),
        ("ecert-recognition-list+jws:500000:x", Mark(9, "c" * 64), True),
        (f"ecert-roots+jws:{SICHUAN}", Mark(2, "c" * 64), True),
    ],
)
def test_only_what_is_named_comes_in_of_that_owner(slot: str, mark: Mark, passes: bool) -> None:
    book, trust = _in_force(_named())
    if passes:
        book.check_incoming(slot, mark, trust=trust)
        return
    with pytest.raises(DocumentRefusedError) as caught:
        book.check_incoming(slot, mark, trust=trust)
    assert caught.value.fault is DocumentFault.MANIFEST
    assert caught.value.fix_zh


@pytest.mark.parametrize(
    ("mark", "fits"),
    [
        (Mark(3, "a" * 64), True),
        (Mark(3, "b" * 64), False),
        (Mark(2, "a" * 64), False),
        (Mark(4, "b" * 64), True),
    ],
)
def test_a_status_list_is_bound_from_below(mark: Mark, fits: bool) -> None:
    assert _named(STATUS).fits(mark) is fits


def test_what_is_held_must_be_what_is_named_and_what_is_not_held_may_be_absent() -> None:
    manifest = _manifest(_named(), _named(f"ecert-catalogue+jws:{SICHUAN}", 1))
    ManifestBook.check_held(manifest, {})
    ManifestBook.check_held(manifest, {TRUST: Mark(3, "a" * 64), "other": Mark(1, "f" * 64)})
    with pytest.raises(DocumentRefusedError) as caught:
        ManifestBook.check_held(manifest, {TRUST: Mark(2, "a" * 64)})
    assert caught.value.fault is DocumentFault.MANIFEST


def test_it_binds_on_when_it_has_expired_and_over_a_restart() -> None:
    book, trust = _in_force(_named())
    again = ManifestBook.restored(book.documents.values(), book.marks, trust=trust)
    assert again.manifests == book.manifests
    with pytest.raises(DocumentRefusedError) as caught:
        again.check_incoming(TRUST, Mark(4, "b" * 64), trust=trust)
    assert caught.value.fault is DocumentFault.MANIFEST


def test_roots_that_no_longer_prove_it_take_it_along() -> None:
    book, trust = _in_force(_named())
    trust.unpin(SICHUAN)
    book.follow(trust)
    assert book.manifests == ()
    assert book.marks, "what was seen is not forgotten"
