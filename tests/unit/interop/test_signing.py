"""Drafts, partly signed files, and combining them: order and repetition do not matter."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecert import limits
from ecert.errors import DocumentRefusedError, ParseError
from ecert.faults import DocumentFault
from ecert.interop import signing
from ecert.interop.recognition import RecognitionList
from ecert.interop.signing import Paper, combine, read_paper, tally
from ecert.interop.withdrawal import WithdrawalNotice
from ecert.sign import envelope
from ecert.sign.keys import PrivateKey
from ecert.trust.spoken import WORDS, spoken_hex, spoken_words
from tests.unit.interop.regions import (
    CHONGQING,
    ISSUED,
    SICHUAN,
    Office,
    entry,
    recognition_list,
    signed,
    trust_in,
)

LIST = recognition_list(entry())
DRAFT = LIST.to_payload()
# Two parties with two keys each; every part is one key holder's file.
OFFICES = (Office(SICHUAN), Office(CHONGQING))
PARTS = [read_paper(read_paper(DRAFT).signed([key])) for office in OFFICES for key in office.keys]
TRUST = trust_in(*OFFICES)


@given(st.lists(st.sampled_from(range(len(PARTS))), min_size=1, max_size=9))
def test_order_and_repetition_do_not_matter(picked: list[int]) -> None:
    once = combine([PARTS[number] for number in sorted(set(picked))])
    assert combine([PARTS[number] for number in picked]) == once
    assert len(envelope.parse(once).signatures) == len(set(picked))


def test_in_steps_or_at_once_it_comes_to_the_same_bytes() -> None:
    whole = combine(PARTS)
    for order in permutations(PARTS):
        so_far = order[0]
        for part in order[1:]:
            so_far = read_paper(combine([so_far, part]))
        assert combine([so_far]) == whole
    assert all(one.complete for one in tally(read_paper(whole), TRUST))


def test_signing_one_after_the_other_counts_as_combining_does() -> None:
    paper = read_paper(DRAFT)
    for office in OFFICES:
        for key in office.keys:
            paper = read_paper(paper.signed([key]))
    assert all(one.complete for one in tally(paper, TRUST))
    again = read_paper(paper.signed([OFFICES[0].keys[0]]))
    assert len(again.envelope.signatures) == 4 if again.envelope else False


def test_the_layout_of_a_draft_does_not_matter() -> None:
    plain = orjson.loads(DRAFT)
    other = dict(reversed(plain.items()))
    assert read_paper(orjson.dumps(other, option=orjson.OPT_INDENT_2)).payload == DRAFT


def test_two_signatures_by_one_key_count_once() -> None:
    key = OFFICES[0].keys[0]
    twice = [read_paper(envelope.make(LIST.TYP, DRAFT, [key])) for _ in range(2)]
    merged = read_paper(combine(twice))
    found = tally(merged, TRUST)[0]
    assert (found.valid, found.needed, found.complete) == ((key.public.kid,), 2, False)


def test_the_tally_names_who_is_missing() -> None:
    found = tally(PARTS[0], TRUST)
    first, second = OFFICES
    assert found[0].waiting == (first.keys[1].public.kid,)
    assert found[1].valid == ()
    assert set(found[1].waiting) == {key.public.kid for key in second.keys}
    strangers = tally(PARTS[0], trust_in(first))
    assert (strangers[1].governed_by, strangers[1].complete) == (None, False)


def test_a_wrong_signature_is_found_before_it_spoils_the_rest() -> None:
    other = read_paper(signed(recognition_list(entry("9")), OFFICES[0]))
    assert other.envelope is not None
    grafted = Paper(LIST, DRAFT, envelope.Envelope(LIST.TYP, DRAFT, other.envelope.signatures[:1]))
    bad = read_paper(combine([grafted]))
    assert tally(bad, TRUST)[0].spoilt
    with pytest.raises(DocumentRefusedError) as refusal:
        signing.require_fitting(bad, TRUST, "chengdu.json")
    assert (refusal.value.fault, refusal.value.where) == (DocumentFault.SIGNATURE, "chengdu.json")


@pytest.mark.parametrize(
    ("changes", "zh"),
    [
        ({"title": "另一标题"}, "标题"),
        ({"entries": (entry("1", basis="另一依据"), entry("2"))}, "条目 2、1"),
        ({"issued": ISSUED + timedelta(seconds=1)}, "签发时间"),
    ],
)
def test_different_payloads_are_refused_and_the_difference_is_named(
    changes: dict[str, object], zh: str
) -> None:
    other = read_paper(signed(LIST.model_copy(update=changes), OFFICES[1]))
    with pytest.raises(DocumentRefusedError) as refusal:
        combine([PARTS[0], other])
    assert (refusal.value.fault, refusal.value.where) == (DocumentFault.CONTENT, "payload")
    assert zh in refusal.value.message("zh")


def test_every_head_of_both_documents_has_a_name() -> None:
    heads = {*RecognitionList.model_fields, *WithdrawalNotice.model_fields} - {"entries"}
    assert heads == set(signing._NAMES_ZH)


def test_drafts_alone_are_nothing_to_combine() -> None:
    with pytest.raises(DocumentRefusedError) as refusal:
        combine([read_paper(DRAFT)])
    assert refusal.value.fault is DocumentFault.TOO_FEW_SIGNATURES


def test_as_many_signatures_as_the_limit() -> None:
    keys = [PrivateKey.generate() for _ in range(limits.MAX_ENVELOPE_SIGNATURES + 1)]
    full = read_paper(envelope.make(LIST.TYP, DRAFT, keys[:-1]))
    assert read_paper(combine([full])).envelope is not None
    with pytest.raises(ParseError):
        full.signed(keys[-1:])


@pytest.mark.parametrize("data", [b"", b"[]", b'{"payload": "", "signatures": []}', b'{"a": 1}'])
def test_what_is_neither_a_draft_nor_signed(data: bytes) -> None:
    with pytest.raises(DocumentRefusedError) as refusal:
        read_paper(data)
    assert refusal.value.fault is DocumentFault.MALFORMED


def test_another_kind_of_document_is_not_signed_here() -> None:
    with pytest.raises(DocumentRefusedError) as refusal:
        read_paper(OFFICES[0].roots_data)
    assert refusal.value.fault is DocumentFault.WRONG_KIND


def test_a_digest_read_out_is_the_whole_digest() -> None:
    assert len(set(WORDS)) == len(WORDS) == 256
    digest = PARTS[0].digest
    assert spoken_hex(digest).replace(" ", "") == digest
    values = [WORDS.index(word) for word in spoken_words(digest).split()]
    assert bytes(values).hex() == digest
