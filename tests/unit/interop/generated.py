"""Recognition lists and questions made at random, small enough to meet each other often."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from ecert.interop.conditions import Age, Condition, Equals, OneOf, unmet
from ecert.interop.decision import Decision, ListInForce, Question, RecognitionIndex
from ecert.interop.entry import Entry, Withdrawal
from ecert.interop.mapping import Constant, Copy, FieldMap, Rename, ValueTable, apply
from tests.unit.interop.regions import (
    AT,
    CHONGQING,
    GUANGAN,
    ISSUER,
    NATIONAL,
    OTHER_ISSUER,
    SICHUAN,
    YUZHONG,
    entry,
    recognition_list,
    side,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ecert.interop.decision import ListedEntry
    from ecert.interop.recognition import RecognitionList

TODAY = date(2026, 11, 22)
DAYS = [TODAY + timedelta(days=step) for step in (-2, -1, 0, 1, 2)]
MATTERS = ("执法检查", "图书借阅", "公证办理")
REGIONS = ((SICHUAN, GUANGAN), (CHONGQING, YUZHONG))
READER_CARD = "111000009999999986004"  # 图书馆借书证

MAPS: tuple[tuple[FieldMap, ...] | None, ...] = (
    None,
    (Copy(source="性别"), Copy(source="民族"), Copy(source="出生日期"), Copy(source="住址")),
    (Copy(source="住址"), Copy(source="出生日期"), Copy(source="民族"), Copy(source="性别")),
    (
        ValueTable(source="性别", target="性别", values={"男": "男"}),
        Copy(source="民族"),
        Copy(source="出生日期"),
        Copy(source="住址"),
    ),
)
READER_MAPS: tuple[tuple[FieldMap, ...], ...] = (
    (Constant(target="读者类型", value="成人"),),
    (Rename(source="民族", target="读者类型"),),
    (ValueTable(source="性别", target="读者类型", values={"男": "甲", "女": "乙"}),),
)
ISSUERS = (("*",), (ISSUER,), (OTHER_ISSUER,), (ISSUER, OTHER_ISSUER))
MATTER_SETS = (("*",), MATTERS[:1], MATTERS[:2], MATTERS[1:])
REQUIRED = ((), ("性别",), ("住址",), ("性别", "住址"))
CONDITIONS: tuple[Condition, ...] = (
    Equals(field="性别", value="男"),
    Equals(field="性别", value="女"),
    OneOf(field="民族", values=("汉族", "苗族")),
    Equals(field="民族", value="汉族"),
    Age(field="出生日期", at_least=18),
    Age(field="出生日期", at_least=60),
    Age(field="出生日期", at_most=17),
    Age(field="出生日期", at_least=18, on=TODAY),
)


def some(values: Any, most: int = 2) -> st.SearchStrategy[tuple[Any, ...]]:
    """A few different values."""
    return st.lists(st.sampled_from(values), min_size=1, max_size=most, unique=True).map(tuple)


@st.composite
def entries(draw: st.DrawFn, id_: str = "1") -> Entry:
    """An entry in one of the two directions, for the identity card."""
    issuing, accepting = draw(st.permutations(REGIONS))
    first, last = sorted(draw(st.tuples(st.sampled_from(DAYS), st.sampled_from(DAYS))))
    as_reader = draw(st.integers(0, 3)) == 0
    target = READER_CARD if as_reader else NATIONAL
    return entry(
        id_,
        source=side(draw(st.sampled_from(issuing)), NATIONAL),
        target=side(
            draw(st.sampled_from(accepting)), target, draw(st.sampled_from([None, "别名"]))
        ),
        issuers=draw(st.sampled_from(ISSUERS)),
        matters=draw(st.sampled_from(MATTER_SETS)),
        fields=draw(st.sampled_from(READER_MAPS if as_reader else MAPS)),
        required=() if as_reader else draw(st.sampled_from(REQUIRED)),
        conditions=draw(st.just(()) | some(CONDITIONS)),
        valid_from=first,
        valid_until=draw(st.sampled_from([None, last])),
        withdrawn=draw(st.sampled_from([None, None, Withdrawal(on=max(first, TODAY), basis="文")])),
    )


def lists(most: int = 5) -> st.SearchStrategy[RecognitionList]:
    """A list with some entries."""
    sizes = st.integers(1, most)
    return sizes.flatmap(
        lambda size: st.tuples(*(entries(str(number)) for number in range(size)))
    ).map(lambda made: recognition_list(*made))


# Every question that these lists can tell apart.
QUESTIONS = [
    Question(NATIONAL, source, issuer, target, matter, day)
    for issuing, accepting in (REGIONS, REGIONS[::-1])
    for source, target, issuer, matter, day in product(
        issuing, accepting, (ISSUER, OTHER_ISSUER), (None, *MATTERS[:2]), DAYS[1:4]
    )
]
_CARD = {"性别": "男", "民族": "汉族", "出生日期": "1950-05-05", "住址": "某处"}
SHOWN: list[dict[str, str]] = [
    _CARD,
    _CARD | {"性别": "女", "出生日期": "1990-05-05"},
    _CARD | {"民族": "苗族", "出生日期": "2015-05-05"},
    {"性别": "男", "民族": "彝族"},
]


class Asked:
    """A list that is asked many questions."""

    def __init__(self, document: RecognitionList) -> None:
        self._index = RecognitionIndex([ListInForce(document, "")])

    def decide(self, question: Question) -> Decision:
        return self._index.decide(question, AT)

    def accepting(self, question: Question, shown: Mapping[str, str]) -> list[ListedEntry]:
        """The entries that would accept the licence as it is shown."""
        return [
            listed
            for listed in self.decide(question).recognising
            if not unmet(listed.entry.conditions, shown, question.on)
            and not apply(listed.entry, shown).reasons
        ]
