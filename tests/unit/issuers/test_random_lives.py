"""Random lives of licences, on both registers, against a small model that knows neither."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from ecert.errors import ForbiddenMoveError
from ecert.issuers.lifecycle import Move
from ecert.issuers.memory import MemoryRegister
from ecert.issuers.purpose import Purpose
from ecert.model.calendar import office_day
from ecert.store.engine import open_engine
from ecert.store.register import SQLRegister
from tests.unit.issuers.sample_office import OfficeClock, an_application, an_issuer, published

if TYPE_CHECKING:
    from collections.abc import Callable

    from ecert.issuers.issuer import Issuer

# What the office may do, in words of this test: from how it stands on the day to what becomes of
# it.  It is written out anew here, because a copy of the table would prove nothing.
ENDS = {"cancel": "cancelled", "withdraw": "withdrawn", "revoke": "revoked"}
RENEWALS = {
    "renew": Move.RENEW, "change": Move.CHANGE, "extend": Move.EXTEND,
    "reissue": Move.REISSUE, "correct": Move.CORRECT,
}  # fmt: skip
IN_GRACE = {"renew", "extend", "correct"}
TOLD = {
    "issued": 0, "suspended": 2, "superseded": 3, "cancelled": 12, "withdrawn": 13, "revoked": 1,
    "transferred-out": 15,
}  # fmt: skip
FINAL = {"superseded", "cancelled", "withdrawn", "revoked"}
WHY = {"reason": "测试", "document": "测〔2026〕1号"}


def becomes(stands: str, act: str) -> str | None:
    """Return the state to which an act leads; None if it is refused."""
    if act in ENDS:
        return ENDS[act] if stands in {"issued", "suspended", "expired"} else None
    if act in RENEWALS:
        allowed = stands == "issued" or (stands == "expired" and act in IN_GRACE)
        return "superseded" if allowed else None
    return {
        ("issued", "suspend"): "suspended",
        ("suspended", "reinstate"): "issued",
        ("issued", "transfer"): "transferred-out",
        ("transferred-out", "take_back"): "issued",
    }.get((stands, act))


@dataclass
class Life:
    """What the model knows of one licence."""

    last_day: date | None
    predecessor: int | None
    version: int
    state: str = "issued"
    acts: list[str] = field(default_factory=lambda: ["issue"])
    credentials: int = 0
    lost: set[int] = field(default_factory=set)

    def stands(self, today: date) -> str:
        over = self.last_day is not None and today > self.last_day
        return "expired" if self.state == "issued" and over else self.state

    def told(self) -> list[int]:
        """Return what the status lists must say of each credential."""
        return [
            14 if place in self.lost and self.state not in FINAL else TOLD[self.state]
            for place in range(self.credentials)
        ]


class Lives(RuleBasedStateMachine):
    """One office that acts twice, on a register in memory and on one in SQLite."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = OfficeClock()
        self.lives: list[Life] = []
        self.requests = 0
        self.closing = ExitStack()
        folder = self.closing.enter_context(tempfile.TemporaryDirectory())
        engine = self.closing.enter_context(open_engine(Path(folder) / "register.db"))
        registers = (MemoryRegister(), SQLRegister(engine))
        self.offices = [an_issuer(register, self.clock) for register in registers]
        # Of each office, the licence ids in the order of the model's lives.
        self.ids: list[list[str]] = [[] for _ in self.offices]

    def teardown(self) -> None:
        try:
            for office in self.offices:
                report = office.archive.check_audit()
                assert report.clean, report.findings
                assert report.licences == len(self.lives)
        finally:
            self.closing.close()

    @property
    def today(self) -> date:
        return office_day(self.clock())

    def _both(self, act: Callable[[Issuer, list[str]], Any], *, refused: bool = False) -> list[Any]:
        """Let both offices act; both must, or both must refuse."""
        answers = []
        for office, ids in zip(self.offices, self.ids, strict=True):
            if not refused:
                answers.append(act(office, ids))
                continue
            head = office.archive.audit_head()
            with pytest.raises(ForbiddenMoveError):
                act(office, ids)
            assert office.archive.audit_head() == head, "what is refused leaves nothing"
        return answers

    def _pick(self, data: st.DataObject) -> tuple[int, Life]:
        number = data.draw(st.integers(0, len(self.lives) - 1), label="licence")
        return number, self.lives[number]

    # -- what the office does -----------------------------------------------------------------

    @initialize()
    def begin(self) -> None:
        self.issue(years=1, count=1)

    @rule(years=st.sampled_from([None, 0, 1, 5]), count=st.integers(1, 2))
    def issue(self, years: int | None, count: int) -> None:
        last = None if years is None else date(self.today.year + years, 12, 31)
        asked = [an_application(valid_until=last) for _ in range(count)]
        issued = self._both(lambda office, _: office.issue_together(asked))
        for ids, licences in zip(self.ids, issued, strict=True):
            ids += [str(licence.id) for licence in licences]
        self.lives += [Life(last, None, 1) for _ in range(count)]

    @rule(
        data=st.data(),
        act=st.sampled_from([*ENDS, "suspend", "suspend", "reinstate", "transfer", "take_back"]),
        again=st.booleans(),
    )
    def move(self, data: st.DataObject, act: str, again: bool) -> None:
        number, life = self._pick(data)
        state = becomes(life.stands(self.today), act)
        self.requests += 1
        more: dict[str, Any] = {**WHY, "request_id": f"r-{self.requests}"}
        if act == "transfer":
            more["to_region"] = "500000"

        def carry_out(office: Issuer, ids: list[str]) -> Any:
            return getattr(office, act)(ids[number], **more)

        self._both(carry_out, refused=state is None)
        if state is None:
            return
        life.state = state
        life.acts.append(act.replace("_", "-"))
        if again:
            self._both(carry_out)

    @rule(
        data=st.data(),
        act=st.sampled_from(list(RENEWALS)),
        years=st.sampled_from([None, 0, 3]),
    )
    def replace(self, data: st.DataObject, act: str, years: int | None) -> None:
        number, life = self._pick(data)
        refused = becomes(life.stands(self.today), act) is None
        last = None if years is None else date(self.today.year + years, 12, 31)
        changes: Any = {"valid_from": self.today, "valid_until": last}
        made = self._both(
            lambda office, ids: office.replace(ids[number], RENEWALS[act], changes, **WHY),  # type: ignore[arg-type]
            refused=refused,
        )
        if refused:
            return
        for ids, licence in zip(self.ids, made, strict=True):
            ids.append(str(licence.id))
        life.state = "superseded"
        life.acts.append(act)
        self.lives.append(Life(last, number, life.version + 1))

    @rule(data=st.data(), kind=st.sampled_from(["file", "paper", "purpose"]))
    def sign(self, data: st.DataObject, kind: str) -> None:
        number, life = self._pick(data)

        def make(office: Issuer, ids: list[str]) -> object:
            if kind == "purpose":
                return office.purpose_copy(ids[number], Purpose("贷款", "张伟", self.today))
            return office.file(ids[number]) if kind == "file" else office.paper_code(ids[number])

        refused = life.stands(self.today) != "issued"
        self._both(make, refused=refused)
        life.credentials += not refused

    @precondition(lambda self: any(life.credentials for life in self.lives))
    @rule(data=st.data())
    def lose(self, data: st.DataObject) -> None:
        numbers = [number for number, life in enumerate(self.lives) if life.credentials]
        number = data.draw(st.sampled_from(numbers), label="licence")
        life = self.lives[number]
        place = data.draw(st.integers(0, life.credentials - 1), label="credential")

        def cut_off(office: Issuer, ids: list[str]) -> None:
            lost = office.credentials(ids[number])[place].id
            office.withdraw_credential(lost, reason="手机遗失")

        refused = life.state in FINAL or life.state == "transferred-out"
        self._both(cut_off, refused=refused)
        if not refused:
            life.lost.add(place)
            life.acts.append("withdraw-credential")

    @rule(data=st.data(), upheld=st.booleans())
    def dispute(self, data: st.DataObject, upheld: bool) -> None:
        number, life = self._pick(data)
        raised = self._both(
            lambda office, ids: office.objections.raise_objection(
                ids[number], ["准驾车型"], raised_by="张伟", statement="应为C2"
            )
        )
        life.acts.append("object")
        by_office = dict(zip(map(id, self.offices), raised, strict=True))
        if not upheld:
            self._both(
                lambda office, _: office.objections.dismiss(
                    by_office[id(office)].id, reason="查无此事"
                )
            )
            life.acts.append("dismiss")
            return
        refused = becomes(life.stands(self.today), "correct") is None
        made = self._both(
            lambda office, _: office.objections.uphold(
                by_office[id(office)].id, {"fields": {"准驾车型": "C2"}}, reason="录入有误"
            ),
            refused=refused,
        )
        if refused:
            return
        for ids, licence in zip(self.ids, made, strict=True):
            ids.append(str(licence.id))
        life.state = "superseded"
        life.acts.append("correct")
        self.lives.append(Life(life.last_day, number, life.version + 1))

    @rule(days=st.sampled_from([1, 40, 366]))
    def wait(self, days: int) -> None:
        self.clock.now += timedelta(days=days)

    # -- what must hold -----------------------------------------------------------------------

    @invariant()
    def licences_are_as_the_model_says(self) -> None:
        for office, ids in zip(self.offices, self.ids, strict=True):
            for licence_id, life in zip(ids, self.lives, strict=True):
                licence = office.licence(licence_id)
                assert licence.state.value == life.state
                assert licence.standing(self.today).value == life.stands(self.today)
                assert licence.id.version == life.version
                old = None if life.predecessor is None else ids[life.predecessor]
                assert (licence.predecessor and str(licence.predecessor)) == old
                assert [event.move.value for event in office.events(licence_id)] == life.acts
                said = [one.status for one in office.credentials(licence_id)]
                assert said == life.told()

    @rule()
    def publish(self) -> None:
        """Whatever is published is what the model says; lists of long ago are not."""
        for office, ids in zip(self.offices, self.ids, strict=True):
            years = {}
            with office._register.view() as view:
                for number in view.list_numbers():
                    years[number] = view.list_year(number)
            over = self.today.year - 1
            # An issuer has a list from the start, and keeps the first if it has no other.
            used = {number for number, year in years.items() if year == 0 or year >= over} or {1}
            expected = {}
            for licence_id, life in zip(ids, self.lives, strict=True):
                for one, value in zip(office.credentials(licence_id), life.told(), strict=True):
                    if value and one.list_number in used:
                        expected[one.id] = value
            assert published(office) == expected

    @rule()
    def audit(self) -> None:
        for office in self.offices:
            assert office.archive.check_audit().clean

    @invariant()
    def what_is_counted_is_what_stands(self) -> None:
        standing = [life.stands(self.today) for life in self.lives]
        for office in self.offices:
            counted = {one.state.value: one.count for one in office.archive.count()}
            assert counted == {state: standing.count(state) for state in set(standing)}


TestLives = Lives.TestCase
TestLives.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
