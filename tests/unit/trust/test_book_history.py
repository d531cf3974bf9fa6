"""Whatever is published, replayed, rotated, expired or restored: trust only goes forward."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ecert.errors import DocumentRefusedError
from ecert.sign.keys import PrivateKey
from ecert.trust.book import TrustBook
from ecert.trust.roots import Role
from tests.unit.trust.office import CHONGQING, GUANGAN, NOW, Office, digest_of, issuer, signed

LIST_SLOT = f"ecert-trust-list+jws:{GUANGAN}"
ROOTS_SLOT = f"ecert-roots+jws:{GUANGAN}"


class History(RuleBasedStateMachine):
    """One publishing region, one reader, and an attacker who keeps every file ever published."""

    def __init__(self) -> None:
        super().__init__()
        self.office = Office()
        self.now = NOW
        self.roots = [self.office.roots()]
        self.lists: list[bytes] = []
        self.book = TrustBook()
        self.book.pin(self.roots[0], at=self.now)
        self.highest = {LIST_SLOT: 0, ROOTS_SLOT: 1}
        self.forged: set[str] = set()

    def offer(self, data: bytes) -> None:
        try:
            self.book.accept(data, reader=CHONGQING, at=self.now, confirmed=True)
        except DocumentRefusedError:
            return

    @rule(count=st.integers(0, 3))
    def publish(self, count: int) -> None:
        previous = digest_of(self.lists[-1]) if self.lists else None
        self.lists.append(
            self.office.trust_list(
                len(self.lists) + 1,
                [issuer(number) for number in range(count)],
                previous=previous,
                issued=self.now,
                expires=self.now + timedelta(days=30),
            )
        )
        self.offer(self.lists[-1])

    @precondition(lambda self: self.lists)
    @rule(data=st.data())
    def replay_a_list(self, data: st.DataObject) -> None:
        self.offer(data.draw(st.sampled_from(self.lists)))

    @rule(data=st.data())
    def replay_roots(self, data: st.DataObject) -> None:
        old = data.draw(st.sampled_from(self.roots))
        try:
            self.book.pin(old, at=self.now)
        except DocumentRefusedError:
            return

    @rule(version=st.integers(1, 12), stolen=st.integers(0, 1))
    def forge_with_one_stolen_key(self, version: int, stolen: int) -> None:
        keys = [*self.office.list_keys[:stolen], PrivateKey.generate()]
        forged = signed(self.office.document(version, [issuer(9)], issued=self.now), keys)
        self.forged.add(digest_of(forged))
        self.offer(forged)

    @rule(roots=st.booleans())
    def rotate_one_key_of_three(self, roots: bool) -> None:
        held = self.book.roots(GUANGAN)
        assert held is not None
        before = list(self.office.root_keys)
        keys = self.office.root_keys if roots else self.office.list_keys
        keys.append(PrivateKey.generate())
        del keys[0]
        document = self.office.root_set(
            len(self.roots) + 1,
            digest_of(self.roots[-1]),
            issued=self.now,
            expires=self.now + timedelta(days=365),
        )
        self.roots.append(signed(document, list(dict.fromkeys([*before, *keys]))))
        self.book.accept_roots(self.roots[-1], at=self.now)

    @rule(days=st.integers(0, 40))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)

    @rule()
    def the_machine_restarts(self) -> None:
        self.book = TrustBook.restored(self.book.documents.values(), self.book.marks)

    @invariant()
    def marks_never_fall(self) -> None:
        for slot, highest in self.highest.items():
            mark = self.book.marks.get(slot)
            version = 0 if mark is None else mark.version
            assert version >= highest
            self.highest[slot] = version

    @invariant()
    def what_is_in_force_is_what_the_mark_names(self) -> None:
        for slot, data in self.book.documents.items():
            assert digest_of(data) == self.book.marks[slot].digest

    @invariant()
    def nothing_forged_is_ever_in_force(self) -> None:
        assert not self.forged & {mark.digest for mark in self.book.marks.values()}

    @invariant()
    def two_present_keys_have_signed_the_list_in_force(self) -> None:
        roots = self.book.roots(GUANGAN)
        assert roots is not None
        if self.book.trust_list(GUANGAN) is not None:
            restored = TrustBook.restored(self.book.documents.values(), self.book.marks)
            assert restored.trust_list(GUANGAN) == self.book.trust_list(GUANGAN)
            assert len(roots.keys_for(Role.TRUST_LIST)) == 3


TestHistory = History.TestCase
TestHistory.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)
