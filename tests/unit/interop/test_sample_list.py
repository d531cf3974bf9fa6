"""The sample of a Sichuan-Chongqing list in ``fixtures``: sound, marked as a sample, usable."""

from __future__ import annotations

import pytest

from ecert.interop.book import RecognitionBook
from ecert.interop.change import compare
from ecert.interop.decision import ListInForce, RecognitionIndex
from ecert.interop.mapping import Constant, apply
from ecert.interop.recognition import RecognitionList
from ecert.model.catalogue import builtin
from ecert.reasons import Reason
from tests.conftest import ROOT
from tests.unit.interop.regions import AT, CHONGQING, GUANGAN, SICHUAN, YUZHONG

LISTED = (
    "机动车驾驶证",
    "律师执业证",
    "社会保障卡",
    "图书馆借书证",
    "居民身份证",
    "营业执照",
    "道路运输证",
    "护士执业证书",
    "不动产权证书",
)


@pytest.fixture(scope="module")
def sample() -> RecognitionList:
    return RecognitionList.from_payload((ROOT / "fixtures" / "川渝互认清单.json").read_bytes())


@pytest.fixture(scope="module")
def book(sample: RecognitionList) -> RecognitionBook:
    book = RecognitionBook()
    book._index = RecognitionIndex([ListInForce(sample, "0" * 64)])
    return book


def test_the_sample_is_sound_and_says_that_it_is_a_sample(sample: RecognitionList) -> None:
    sample.check_content()
    assert sample.sample
    assert "样例" in sample.title
    assert "样例" in sample.document_number


@pytest.mark.parametrize("name", LISTED)
@pytest.mark.parametrize(("issued", "shown"), [(GUANGAN, YUZHONG), (YUZHONG, GUANGAN)])
def test_each_type_is_listed_in_both_directions(
    book: RecognitionBook, sample: RecognitionList, name: str, issued: str, shown: str
) -> None:
    code = builtin().require(name).code
    matters = [e.matters[0] for e in sample.find(code)]
    decision = book.decide(
        licence_type=code,
        licence_region=issued,
        issuer="11510000000000000X",
        reader_region=shown,
        matter=matters[0],
        at=AT,
    )
    assert decision.recognised
    assert decision.facts["sample"] is True


@pytest.mark.parametrize("name", ["食品经营许可证", "残疾人证"])
def test_two_types_are_left_out_on_purpose(book: RecognitionBook, name: str) -> None:
    decision = book.decide(
        licence_type=builtin().require(name).code,
        licence_region=SICHUAN,
        issuer="11510000000000000X",
        reader_region=CHONGQING,
        matter=None,
        at=AT,
    )
    assert decision.reason is Reason.TYPE_NOT_LISTED


def test_every_field_named_in_the_sample_exists(sample: RecognitionList) -> None:
    for line in sample.entries:
        source, target = (builtin().require(end.type) for end in (line.source, line.target))
        assert (line.source.name, line.target.name) == (source.name, target.name)
        for name in line.required:
            assert target.get_field(name) is not None
        for field in line.fields or ():
            assert target.get_field(field.target) is not None
            assert isinstance(field, Constant) or source.get_field(field.source) is not None


def test_the_minimal_profile_gives_what_each_entry_requires(sample: RecognitionList) -> None:
    for line in sample.entries:
        shown = {
            one.name: "值" for one in builtin().require(line.source.type).profile("minimal").fields
        }
        assert apply(line, shown).reasons == ()


def test_the_sample_shows_rename_table_constant_and_mask(sample: RecognitionList) -> None:
    by_id = {line.id: line for line in sample.entries}
    deed = apply(by_id["川-09"], {"权利类型": "所有权", "权利性质": "出让", "权利其他状况": "抵押"})
    assert deed.fields == {
        "权利类型": "所有权",
        "权利性质": "国有出让",
        "附记": "抵押",
        "权利其他状况": "见附记",
    }
    card = apply(by_id["川-03"], {"社会保障卡卡号": "A12345678", "银行卡号": "6222021234567890"})
    assert card.fields == {"社会保障卡卡号": "5678"}


def test_the_sample_can_be_told_in_lines(sample: RecognitionList) -> None:
    lines = compare(None, sample).lines()
    assert lines[1] == "+ 川-01  四川省 → 重庆市  机动车驾驶证  机动车业务、执法检查"
    assert lines[-1] == "新增 18 项，删除 0 项，修改 0 项，不变 0 项"
