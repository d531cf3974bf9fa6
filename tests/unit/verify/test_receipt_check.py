"""Checking a chain: whatever is done to it is found, and told where."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from ecert.sign.keys import PrivateKey
from ecert.verify.receipt import GENESIS
from ecert.verify.receipt_check import (
    MAX_FINDINGS,
    PROGRESS_EVERY,
    ReceiptFault,
    ReceiptKey,
    check_receipts,
)
from ecert.verify.receipts import MemoryReceipts, ReceiptsInHand, StoredReceipt
from ecert.verify.signed_receipt import sign_receipt
from tests.unit.verify.sample_receipts import AT, WINDOW, a_receipt, follow

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ecert.verify.receipt import ReceiptHead
    from ecert.verify.receipt_check import ReceiptReport

KEY = PrivateKey.generate()
KEYS = (ReceiptKey(KEY.public, AT - timedelta(days=1)),)
COUNT = 8


@pytest.fixture
def kept() -> tuple[list[StoredReceipt], list[ReceiptHead]]:
    store = MemoryReceipts()
    store.append(WINDOW, follow([a_receipt(number) for number in range(1, COUNT + 1)], KEY))
    with store.view() as view:
        return list(view.walk()), list(view.heads())


Kept = tuple[list[StoredReceipt], list["ReceiptHead"]]


def _check(
    kept: Iterable[StoredReceipt], heads: Iterable[ReceiptHead],
    keys: Iterable[ReceiptKey] = KEYS, **how: object,
) -> ReceiptReport:  # fmt: skip
    return check_receipts(ReceiptsInHand(kept, heads), keys, **how)  # type: ignore[arg-type]


def _told(report: ReceiptReport) -> list[tuple[ReceiptFault, int]]:
    return [(one.fault, one.number) for one in report.findings]


def test_a_chain_in_order_is_clean(kept: Kept) -> None:
    receipts, heads = kept
    report = _check(*kept, noted=[receipts[2].open().digest, GENESIS])
    assert report.clean
    assert report.receipts == COUNT
    assert report.heads == tuple(heads)


def test_nothing_at_all_is_clean() -> None:
    assert _check([], []).clean


def test_a_receipt_that_was_deleted_is_a_gap(kept: Kept) -> None:
    receipts, heads = kept
    report = _check([one for one in receipts if one.number != 4], heads)
    assert _told(report) == [(ReceiptFault.GAP, 4)]


def test_a_receipt_whose_neighbours_were_renumbered_breaks_the_chain(kept: Kept) -> None:
    receipts, heads = kept
    moved = [
        replace(one, number=one.number - (one.number > 4)) for one in receipts if one.number != 4
    ]
    told = _told(_check(moved, heads))
    assert (ReceiptFault.BROKEN_CHAIN, 4) in told
    assert (ReceiptFault.INDEX_CHANGED, 4) in told


def test_an_end_that_was_cut_off_is_told_by_the_head(kept: Kept) -> None:
    receipts, heads = kept
    assert _told(_check(receipts[:-2], heads)) == [(ReceiptFault.HEAD_CHANGED, COUNT - 2)]


def test_an_end_cut_off_with_its_head_is_told_by_the_head_that_was_noted(kept: Kept) -> None:
    receipts, _ = kept
    noted = receipts[-1].open().digest
    heads = [receipts[-3].open().head]
    assert _check(receipts[:-2], heads).clean
    report = _check(receipts[:-2], heads, noted=[noted])
    assert [(one.fault, one.detail) for one in report.findings] == [(ReceiptFault.CUT_SHORT, noted)]


def test_a_chain_signed_anew_by_whoever_has_the_key_is_told_by_the_head_that_was_noted(
    kept: Kept,
) -> None:
    noted = kept[0][-1].open().digest
    anew = MemoryReceipts()
    changed = [a_receipt(number, clerk="李") for number in range(1, COUNT + 1)]
    anew.append(WINDOW, follow(changed, KEY))
    with anew.view() as view:
        assert check_receipts(view, KEYS).clean
        report = check_receipts(view, KEYS, noted=[noted])
    assert [one.fault for one in report.findings] == [ReceiptFault.CUT_SHORT]


def test_a_receipt_signed_anew_in_the_middle_breaks_the_chain(kept: Kept) -> None:
    receipts, heads = kept
    said = receipts[3].open().receipt.model_copy(update={"clerk": "李"})
    receipts[3] = StoredReceipt.of(sign_receipt(said, KEY))
    assert _told(_check(receipts, heads)) == [(ReceiptFault.BROKEN_CHAIN, 5)]


def test_the_last_receipt_signed_anew_is_not_the_heads(kept: Kept) -> None:
    receipts, heads = kept
    said = receipts[-1].open().receipt.model_copy(update={"clerk": "李"})
    receipts[-1] = StoredReceipt.of(sign_receipt(said, KEY))
    assert _told(_check(receipts, heads)) == [(ReceiptFault.HEAD_CHANGED, COUNT)]


def test_a_damaged_receipt_is_told_once(kept: Kept) -> None:
    receipts, heads = kept
    receipts[3] = replace(receipts[3], token="?" + receipts[3].token)
    assert _told(_check(receipts, heads)) == [(ReceiptFault.DAMAGED, 4)]


def test_a_key_that_nobody_registered_is_told(kept: Kept) -> None:
    report = _check(*kept, keys=[ReceiptKey(PrivateKey.generate().public, AT)])
    assert _told(report) == [(ReceiptFault.UNKNOWN_KEY, n) for n in range(1, COUNT + 1)]
    assert report.findings[0].detail == KEY.public.kid


@pytest.mark.parametrize(
    ("since", "until", "good"),
    [
        (timedelta(0), timedelta(microseconds=1), True),
        (timedelta(0), timedelta(0), False),
        (timedelta(microseconds=1), timedelta(days=1), False),
    ],
)
def test_a_key_counts_from_its_first_moment_to_before_its_end(
    kept: Kept, since: timedelta, until: timedelta, good: bool
) -> None:
    report = _check(*kept, keys=[ReceiptKey(KEY.public, AT + since, AT + until)])
    faults = {one.fault for one in report.findings}
    assert faults == (set() if good else {ReceiptFault.KEY_NOT_IN_FORCE})


def test_receipts_of_an_ended_key_stay_provable(kept: Kept) -> None:
    new, store = PrivateKey.generate("SGD_SM3_SM2"), MemoryReceipts()
    change = AT + timedelta(hours=1)
    store.append(WINDOW, follow([a_receipt(1)], KEY))
    store.append(WINDOW, follow([a_receipt(2, at=change)], new))
    keys = [ReceiptKey(KEY.public, AT, change), ReceiptKey(new.public, change)]
    with store.view() as view:
        assert check_receipts(view, keys).clean


def test_windows_are_chains_of_their_own() -> None:
    store = MemoryReceipts()
    for number in (1, 2, 3):
        for window in ("三号", "一号"):
            store.append(window, follow([a_receipt(number, window=window)], KEY))
    with store.view() as view:
        report = check_receipts(view, KEYS)
        assert report.clean
        assert [(one.window, one.number) for one in report.heads] == [("一号", 3), ("三号", 3)]
        alone = check_receipts(view, KEYS, window="三号")
    assert (alone.receipts, [one.window for one in alone.heads]) == (3, ["三号"])


def test_a_receipt_of_one_window_does_not_pass_for_anothers(kept: Kept) -> None:
    receipts, heads = kept
    stolen = [replace(one, window="另一窗口") for one in receipts]
    report = _check(stolen, [heads[0]._replace(window="另一窗口")])
    assert {one.fault for one in report.findings} == {ReceiptFault.INDEX_CHANGED}


def test_as_many_findings_as_the_limit_are_told_and_the_others_counted() -> None:
    store = MemoryReceipts()
    store.append(WINDOW, follow([a_receipt(n) for n in range(MAX_FINDINGS + 1)], KEY))
    with store.view() as view:
        report = check_receipts(view, [])
        assert (len(report.findings), report.more) == (MAX_FINDINGS, 1)
        first = ReceiptsInHand(list(view.walk())[:MAX_FINDINGS], view.heads())
    # One of its findings is the head's.
    assert (len(check_receipts(first, []).findings), check_receipts(first, []).more) == (100, 1)


def test_the_check_tells_how_far_it_is() -> None:
    told: list[int] = []
    one = StoredReceipt.of(sign_receipt(a_receipt(), KEY))
    many = [replace(one, number=number) for number in range(1, PROGRESS_EVERY + 2)]
    _check(many, [], progress=told.append)
    assert told == [PROGRESS_EVERY]
