"""A list tried out says what the window then says: the same reason, fields and entry."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

import ecert
from ecert.interop.conditions import Age, Equals, OneOf
from ecert.interop.entry import Withdrawal
from ecert.interop.mapping import Constant, DateForm, Masking, Rename, ValueTable
from ecert.interop.recognition import RecognitionList, Side
from ecert.interop.simulation import LicenceFacts, ListTrial
from ecert.model.catalogue import builtin
from ecert.sign import envelope
from tests.flows.test_agreements import agreement, line, window
from tests.flows.world import MATTER

if TYPE_CHECKING:
    from ecert.interop.entry import Entry
    from tests.flows.world import World

__all__ = ["window"]
READER = builtin().require("图书馆借书证").code
AS_READER: dict[str, Any] = {
    "target": Side(region="500000", type=READER, name="读者证"),
    "fields": (
        Constant(target="读者类型", value="成人"),
        DateForm(source="出生日期", target="服务范围", form="YYYY年MM月DD日"),
        Masking(source="档案编号", target="联系电话", mask="last4"),
    ),
}
ENTRIES: list[tuple[Entry, ...]] = [
    (),
    (line(),),
    (line(matters=(MATTER,)),),
    (line(matters=("公证办理",)),),
    (line(issuers=("115000000000000001",)),),
    (line(valid_from=date(2027, 1, 1)),),
    (line(withdrawn=Withdrawal(on=date(2026, 11, 1), basis="文")),),
    (line(source=Side(region="511500", type=builtin().require("机动车驾驶证").code)),),
    (line(conditions=(Age(field="出生日期", at_least=18),)),),
    (line(conditions=(Age(field="出生日期", at_least=17),)),),
    (line(conditions=(Equals(field="准驾车型", value="C2"),), required=("档案编号",)),),
    (line(conditions=(OneOf(field="档案编号", values=("510600123456",)),)),),
    (line(required=("档案编号",)),),
    (line(**AS_READER),),
    (line(**AS_READER, required=("服务范围",)),),
    (line(fields=(ValueTable(source="准驾车型", target="准驾车型", values={"A1": "A1"}),)),),
    (line("1", conditions=(Equals(field="准驾车型", value="A1"),)),
     line("2", source=Side(region="511600", type=builtin().require("机动车驾驶证").code),
          fields=(Rename(source="准驾车型", target="准驾车型"),),
          conditions=(Equals(field="准驾车型", value="C1"),))),
    (line("1", conditions=(Equals(field="准驾车型", value="A1"),)),
     line("2", source=Side(region="511600", type=builtin().require("机动车驾驶证").code),
          required=("住址",))),
]  # fmt: skip


@pytest.mark.parametrize("entries", ENTRIES, ids=range(len(ENTRIES)))
@pytest.mark.parametrize("profile", ["minimal", "full"])
@pytest.mark.parametrize("matter", [MATTER, None])
def test_a_trial_and_the_window_agree(
    window: World, entries: tuple[Entry, ...], profile: str, matter: str | None
) -> None:
    data = agreement(window, "try", *entries)
    window.window.knowledge.accept(data)
    verdict = window.verify(window.code(profile=profile), matter=matter)
    document = RecognitionList.from_payload(envelope.parse(data).unverified_payload)
    trial = ListTrial(
        document, catalogue=builtin(), at=window.clock(), reader="500103", matter=matter,
        profile=profile,
    )  # fmt: skip
    one = window.licence
    answer = trial.ask(LicenceFacts(one.type_code, one.region, one.issuer_code, one.fields))
    assert answer.reason is verdict.reason
    assert answer.outcome is verdict.outcome
    if verdict.accepted:
        told: Any = verdict.parts[0].licence
        assert (answer.type, dict(answer.fields or {})) == (told.type_code, dict(told.fields))
        assert answer.entry == told.basis.entry
        assert answer.name in {"", told.type_name}


def test_the_table_above_has_both_ends(window: World) -> None:
    reasons = set()
    for number, entries in enumerate(ENTRIES):
        document = RecognitionList.from_payload(
            envelope.parse(agreement(window, f"n{number}", *entries)).unverified_payload
        )
        trial = ListTrial(document, catalogue=builtin(), at=window.clock(), reader="500103")
        one = window.licence
        facts = LicenceFacts(one.type_code, one.region, one.issuer_code, one.fields)
        reasons.add(trial.ask(facts).reason)
    assert {ecert.Reason.OK, ecert.Reason.CONDITION_NOT_MET, ecert.Reason.VALUE_UNMAPPED,
            ecert.Reason.TYPE_NOT_LISTED, ecert.Reason.ISSUER_NOT_COVERED} <= reasons  # fmt: skip
