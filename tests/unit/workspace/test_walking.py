"""A list tried out on a register of some thousands, against counts made another way."""

from __future__ import annotations

import gc
import random  # noqa: TID251 - the same register in every run
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from ecert.errors import WorkspaceError
from ecert.interop.recognition import RecognitionList
from ecert.interop.simulation import ListTrial
from ecert.interop.tally import Tally, TrialItem, Turn, simulate
from ecert.model.catalogue import builtin
from ecert.model.codes import make_uscc
from ecert.model.holders import Holder
from ecert.model.identifiers import LicenceId
from ecert.model.licence import Licence, LicenceState
from ecert.reasons import Outcome, Reason
from ecert.store.engine import open_engine
from ecert.store.register import SQLRegister
from ecert.workspace.walking import open_register, walk

if TYPE_CHECKING:
    from pathlib import Path

    from ecert.issuers.register import Register

ROWS = 3_000
AT = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)
POLICE, LIBRARY_, OTHER = (make_uscc("11", "511600", f"0000000{n}") for n in (1, 2, 3))
DRIVING = builtin().require("机动车驾驶证").code
READER = builtin().require("图书馆借书证").code
CARD = builtin().require("居民身份证").code
NURSE = builtin().require("护士执业证书").code
TYPES = (DRIVING, READER, CARD, NURSE)


def licence(number: int, chance: random.Random) -> Licence:
    code = chance.choice(TYPES)
    issuer = chance.choice((POLICE, LIBRARY_, OTHER))
    fields = {
        DRIVING: {"准驾车型": chance.choice(["A2", "C1", "C1", "D"])},
        READER: {"读者类型": chance.choice(["成人", "少儿", "研究"])},
        CARD: {"性别": chance.choice("男女"), "民族": chance.choice(["汉族", "苗族"]),
               "出生日期": f"{chance.randrange(1940, 2020)}-06-15", "住址": "某处"},
        NURSE: {"执业地点": "某院"},
    }[code]  # fmt: skip
    if code == DRIVING and chance.random() < 0.7:
        fields["出生日期"] = f"{chance.randrange(1950, 2008)}-06-15"
    holder = Holder("张伟", "510681199003071237")
    first = TODAY - timedelta(days=chance.randrange(-30, 2_000))
    return Licence(
        id=LicenceId.make(code, issuer, f"{number:010d}"),
        type_code=code, type_name=builtin().require(code).name,
        number=holder.number if code in {DRIVING, CARD} else f"N{number:09d}",
        holders=(holder,), fields=fields,
        region=chance.choice(["511600", "511623", "511600", "500103"]),
        issuer_code=issuer, issuer_name="某局",
        issued_on=min(first, TODAY), valid_from=first,
        valid_until=chance.choice([None, first + timedelta(days=1_000)]),
        state=chance.choice([*[LicenceState.ISSUED] * 8, *LicenceState][:15]),
    )  # fmt: skip


def made(register: Register) -> list[Licence]:
    chance = random.Random(7)
    licences = [licence(number, chance) for number in range(1, ROWS + 1)]
    with register.transaction() as changes:
        for one in licences:
            changes.add_licence(one)
    return licences


def a_list(*entries: dict[str, Any], version: int = 1) -> RecognitionList:
    head: dict[str, Any] = {
        "owner": "510000", "audience": ("510000", "500000"), "version": version,
        "issued": AT - timedelta(days=1), "expires": AT + timedelta(days=30),
        "list_id": "chuan-yu", "title": "试", "document_number": "文",
        "parties": ("510000", "500000"),
    }  # fmt: skip
    plain = RecognitionList(**head, entries=()).model_dump(mode="json", exclude_none=True)
    return RecognitionList.from_payload(orjson.dumps(plain | {"entries": list(entries)}))


def an_entry(id_: str, code: str, **changes: Any) -> dict[str, Any]:
    parts = {
        "id": id_, "source": {"region": "510000", "type": code},
        "target": {"region": "500000", "type": code}, "issuers": ["*"], "matters": ["*"],
        "valid_from": "2026-01-01", "basis": "文",
    }  # fmt: skip
    return parts | changes


NOW = a_list(
    an_entry("驾", DRIVING, issuers=[POLICE], conditions=[
        {"op": "one-of", "field": "准驾车型", "values": ["C1", "D"]},
        {"op": "age", "field": "出生日期", "at_least": 30},
    ]),
    an_entry("书", READER, matters=["图书借阅"], fields=[
        {"op": "table", "source": "读者类型", "target": "读者类型",
         "values": {"成人": "成人读者", "少儿": "少儿读者"}},
    ], required=["读者类型"]),
    an_entry("身", CARD, source={"region": "511600", "type": CARD}),
    version=2,
)  # fmt: skip
BEFORE = a_list(
    an_entry("驾", DRIVING),
    an_entry("书", READER, matters=["图书借阅"]),
    an_entry("护", NURSE, valid_until="2026-11-21"),
)
_STATES = {
    LicenceState.SUSPENDED: Reason.SUSPENDED, LicenceState.SUPERSEDED: Reason.SUPERSEDED,
    LicenceState.CANCELLED: Reason.CANCELLED, LicenceState.WITHDRAWN: Reason.WITHDRAWN,
    LicenceState.REVOKED: Reason.REVOKED, LicenceState.TRANSFERRED: Reason.TRANSFERRED,
}  # fmt: skip


def expected(one: Licence, matter: str | None) -> tuple[Reason, str]:
    """What `NOW` makes of a licence, told once more in plain words for Chongqing."""
    standing = not_standing(one)
    if standing is not None:
        return standing, "-"
    if one.region.startswith("50"):
        return Reason.OK, ""
    if one.type_code == DRIVING:
        return driving(one), "驾"
    if one.type_code == READER:
        return reader(one, matter), "书"
    return (Reason.OK, "身") if one.type_code == CARD else (Reason.TYPE_NOT_LISTED, "")


def not_standing(one: Licence) -> Reason | None:
    if one.state is not LicenceState.ISSUED:
        return _STATES[one.state]
    if one.valid_until is not None and one.valid_until < TODAY:
        return Reason.EXPIRED
    return Reason.NOT_YET_VALID if one.valid_from > TODAY else None


def reader(one: Licence, matter: str | None) -> Reason:
    if matter != "图书借阅":
        return Reason.MATTER_NOT_COVERED
    return Reason.OK if one.fields["读者类型"] in {"成人", "少儿"} else Reason.VALUE_UNMAPPED


def driving(one: Licence) -> Reason:
    if one.issuer_code != POLICE:
        return Reason.ISSUER_NOT_COVERED
    reasons = [Reason.CONDITION_NOT_MET] if one.fields["准驾车型"] == "A2" else []
    born = one.fields.get("出生日期")
    if born is None:
        reasons.append(Reason.FIELD_MISSING)
    elif born > "1996-11-22":
        reasons.append(Reason.CONDITION_NOT_MET)
    # Of two reasons the more specific one makes the headline.
    return min(reasons, key=lambda reason: reason.rank, default=Reason.OK)


def accepted_before(one: Licence, matter: str | None) -> bool:
    if one.region.startswith("50"):
        return True
    return one.type_code == DRIVING or (one.type_code == READER and matter == "图书借阅")


def trial(document: RecognitionList, matter: str | None, **more: Any) -> ListTrial:
    return ListTrial(document, catalogue=builtin(), reader="500000", matter=matter, at=AT, **more)


def counted(tally: Tally) -> Counter[tuple[Reason, str]]:
    counts: Counter[tuple[Reason, str]] = Counter()
    for key, line in tally.lines.items():
        counts[key.reason, key.entry] += line.count
    for why, count in tally.not_standing.items():
        counts[why, "-"] += count
    return counts


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("register") / "register.db"
    with open_engine(path) as engine:
        licences = made(SQLRegister(engine))
    return path, licences


@pytest.mark.parametrize("matter", [None, "图书借阅", "执法检查"])
def test_the_counts_are_those_of_a_count_made_another_way(stock: Any, matter: str | None) -> None:
    path, licences = stock
    with open_register(str(path)) as held:
        tally = simulate(walk(held.register, TODAY), trial(NOW, matter))
    assert counted(tally) == Counter(expected(one, matter) for one in licences)
    assert tally.seen == ROWS
    assert tally.asked == sum(tally.by_outcome().values())
    assert len(counted(tally)) >= 12, "the register would prove little otherwise"


def test_what_changes_against_another_version_is_counted(stock: Any) -> None:
    path, licences = stock
    matter = "图书借阅"
    told: Counter[str] = Counter()
    for one in licences:
        reason, entry = expected(one, matter)
        if entry == "-":
            continue
        before, now = accepted_before(one, matter), reason is Reason.OK
        if before and now:
            # The reader's card keeps its entry, and says 成人读者 for 成人.
            other = one.type_code == READER and not one.region.startswith("50")
            told["otherwise" if other else "same"] += 1
        elif before != now:
            told["gained" if now else "lost"] += 1
        else:
            told["same"] += 1  # the nurse: no longer listed, and lapsed before; one reason
    with open_register(str(path)) as held:
        tally = simulate(
            walk(held.register, TODAY), trial(NOW, matter), against=trial(BEFORE, matter)
        )
    assert tally.by_turn() == {Turn(name): count for name, count in told.items()}
    assert set(told) == {"same", "gained", "lost", "otherwise"}


def test_examples_are_few_and_name_nobody(stock: Any) -> None:
    path, licences = stock
    with open_register(str(path)) as held:
        tally = simulate(walk(held.register, TODAY), trial(NOW, None), examples=3)
        none = simulate(walk(held.register, TODAY), trial(NOW, None), examples=0)
    assert all(len(line.examples) == min(3, line.count) for line in tally.lines.values())
    assert all(line.examples == [] for line in none.lines.values())
    by_row = dict(enumerate(licences, start=1))
    for key, line in tally.lines.items():
        for example in line.examples:
            one = by_row[example.row]
            assert (str(one.id), one.number[-4:]) == (example.licence, example.number)
            assert expected(one, None) == (key.reason, key.entry)
    plain = str(tally.to_dict())
    assert "510681199003071237" not in plain
    assert "张伟" not in plain


def test_a_serial_that_repeats_a_number_is_cut(tmp_path: Path) -> None:
    chance = random.Random(1)
    one = licence(1, chance)
    number = one.holders[0].number
    told = Licence(**{name: getattr(one, name) for name in Licence.__dataclass_fields__}
                   | {"id": LicenceId.make(one.type_code, one.issuer_code, f"A{number}"),
                      "state": LicenceState.ISSUED})  # fmt: skip
    with open_engine(tmp_path / "one.db") as engine:
        register = SQLRegister(engine)
        with register.transaction() as changes:
            changes.add_licence(told)
        [item] = walk(register, TODAY)
    assert number not in item.example.licence
    assert ".***1237." in item.example.licence


def test_a_minimal_code_shows_less(stock: Any) -> None:
    path, licences = stock
    with open_register(str(path)) as held:
        tally = simulate(walk(held.register, TODAY), trial(NOW, None, profile="minimal"))
    driving = {key.reason for key in tally.lines if key.entry == "驾"}
    assert Reason.FIELD_MISSING in driving
    assert Reason.OK not in driving, "a birthday is not in the minimal profile"
    assert len(licences) == tally.seen


def alive(kind: type) -> int:
    """How many of a kind there are in memory."""
    gc.collect()
    return sum(type(one) is kind for one in gc.get_objects())


def test_a_walk_tells_its_progress_and_keeps_one_page_only(stock: Any) -> None:
    path, _ = stock
    told: list[int] = []
    # What the tests before have left is neither counted nor looked through.
    gc.collect()
    gc.freeze()
    before = alive(Licence)
    with open_register(str(path)) as held:
        counts = [
            (alive(Licence) - before, alive(TrialItem))
            for number, _ in enumerate(walk(held.register, TODAY, tell=told.append))
            if number % 400 == 399
        ]
        kept = list(walk(held.register, TODAY))
        assert alive(TrialItem) >= len(kept) == 3_000, "what is kept is counted"
    gc.unfreeze()
    assert told == [1_000, 2_000, 3_000]
    assert len(counts) == 7
    # One page, and of what was made of it the one in hand.
    assert 0 < max(licences for licences, _ in counts) <= 1_000
    assert max(items for _, items in counts) <= 2


def test_without_a_list_nothing_of_another_province_is_recognised(stock: Any) -> None:
    path, licences = stock
    none = ListTrial(None, catalogue=builtin(), reader="500000", at=AT)
    with open_register(str(path)) as held:
        tally = simulate(walk(held.register, TODAY), none)
    outcomes = tally.by_outcome()
    assert set(outcomes) == {Outcome.ACCEPTED, Outcome.UNDETERMINED}
    assert {key.reason for key in tally.lines} == {Reason.OK, Reason.LIST_MISSING}
    assert sum(outcomes.values()) == sum(expected(one, None)[1] != "-" for one in licences)


def test_a_place_that_is_no_register_is_named() -> None:
    with pytest.raises(WorkspaceError, match="/no/such"), open_register("/no/such"):
        pass
