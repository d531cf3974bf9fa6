"""What a clean list promises: no verdict under one entry contradicts another entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, Phase, event, find, given, settings
from hypothesis import strategies as st

from ecert.interop.lint import lint, require_clean
from ecert.interop.mapping import apply
from ecert.model.catalogue import builtin
from tests.unit.interop.generated import QUESTIONS, SHOWN, Asked, lists
from tests.unit.interop.regions import AT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ecert.interop.decision import ListedEntry
    from ecert.interop.recognition import RecognitionList


def cleaned(document: RecognitionList) -> RecognitionList:
    """Leave out, one after the other, the entries that errors name."""
    while True:
        findings = lint(document, catalogue=builtin(), at=AT)
        wrong = next((one.entry for one in findings if one.is_error), None)
        if wrong is None:
            require_clean(findings)
            return document
        kept = tuple(one for one in document.entries if one.id != wrong)
        document = document.model_copy(update={"entries": kept})


def answers(document: RecognitionList) -> Iterator[list[object]]:
    """All answers of entries of one precedence to one question, for every question."""
    asked = Asked(document)
    for question in QUESTIONS:
        if len(asked.decide(question).recognising) < 2:
            continue
        for shown in SHOWN:
            given_answers: dict[tuple[object, ...], list[object]] = {}
            for listed in asked.accepting(question, shown):
                # All of the rank that people agreed on: not the order of lists and of ids.
                given_answers.setdefault(listed.rank[:5], []).append(answer(listed, shown))
            yield from given_answers.values()


def answer(listed: ListedEntry, shown: Mapping[str, str]) -> object:
    target = listed.entry.target
    name = target.name or builtin().require(target.type).name
    return target.type, name, dict(apply(listed.entry, shown).fields)


def disagrees(document: RecognitionList) -> bool:
    return any(one != heard[0] for heard in answers(document) for one in heard)


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(lists(6))
def test_entries_of_equal_precedence_in_a_clean_list_give_one_answer(
    document: RecognitionList,
) -> None:
    clean = cleaned(document)
    event(f"entries left: {len(clean.entries)}")
    most = 0
    for heard in answers(clean):
        most = max(most, len(heard))
        assert all(one == heard[0] for one in heard)
    event(f"accepted by {most}")


def test_without_the_linter_two_entries_may_well_disagree() -> None:
    """The promise above is not empty."""
    # The first that comes does; the smallest one tells no more.
    any_one = settings(max_examples=5000, phases=[Phase.generate])
    document = find(lists(), disagrees, settings=any_one)
    assert any(one.is_error for one in lint(document, catalogue=builtin(), at=AT))


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(lists(), st.randoms(use_true_random=False))
def test_a_decision_does_not_depend_on_the_order_of_entries(
    document: RecognitionList, chance: Any
) -> None:
    turned = list(document.entries)
    chance.shuffle(turned)
    one = Asked(document)
    two = Asked(document.model_copy(update={"entries": tuple(turned)}))
    for question in QUESTIONS:
        mine, other = one.decide(question), two.decide(question)
        assert mine.reason == other.reason
        assert [listed.entry for listed in mine.recognising] == [
            listed.entry for listed in other.recognising
        ]
