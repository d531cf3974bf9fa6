"""How large show codes are: the budgets of the format, with licences as offices write them."""

from __future__ import annotations

import json
import re
from datetime import date
from itertools import combinations
from typing import TYPE_CHECKING, Any

import pytest

import ecert
from ecert.errors import CodeTooLargeError
from ecert.model.catalogue import builtin
from ecert.show import digits, fitting, offline
from ecert.show.digits import CodeKind
from ecert.wallet.vault import CHEAPEST
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

SAMPLES: dict[str, dict[str, Any]] = json.loads(
    (ROOT / "fixtures" / "样例照面.json").read_text("utf-8")
)
# ISO/IEC 18004:2015 table 7: digits that fit at level M.
FIT_15, FIT_18, FIT_23, FIT_24 = 991, 1346, 2059, 2188
SUITES = ("ES256", "SGD_SM3_SM2")
FOOD = "食品经营许可证"


def issue(
    name: str, at: datetime, alg: str = "ES256", **changes: str
) -> tuple[ecert.Issuer, ecert.Licence]:
    """Issue the sample of a type, some of its fields changed, by its own authority."""
    sample = SAMPLES[name]
    until = sample["valid_until"]
    issuer = ecert.Issuer.demo(
        sample["issuer"]["name"], region=sample["issuer"]["region"], alg=alg, clock=lambda: at
    )
    licence = issuer.issue(
        name,
        number=sample["number"],
        holder=[ecert.Holder(**holder) for holder in sample["holders"]],
        fields=sample["fields"] | changes,
        valid_from=date.fromisoformat(sample["valid_from"]),
        valid_until=None if until is None else date.fromisoformat(until),
    )
    return issuer, licence


def put_in(
    wallet: ecert.Wallet, name: str, at: datetime, alg: str = "ES256", **changes: str
) -> str:
    """Deliver a sample into ``wallet`` and return its licence id."""
    issuer, licence = issue(name, at, alg, **changes)
    assert len(licence.id.serial) == 14
    wallet.add(issuer.deliver(licence.id, wallet.request(issuer.nonce())))
    return str(licence.id)


@pytest.fixture(params=SUITES)
def alg(request: pytest.FixtureRequest) -> str:
    """The suite of everybody's keys."""
    return str(request.param)


@pytest.fixture
def wallet_of(tmp_path: Path, at: datetime, alg: str) -> ecert.Wallet:
    """A wallet with a key of that suite."""
    return ecert.Wallet.create(
        tmp_path / "wang.wallet", "correct horse", alg=alg, kdf=CHEAPEST, clock=lambda: at
    )


@pytest.fixture
def wallet(tmp_path: Path, at: datetime) -> ecert.Wallet:
    return ecert.Wallet.create(
        tmp_path / "zhang.wallet", "correct horse", kdf=CHEAPEST, clock=lambda: at
    )


def test_every_type_has_a_sample_with_all_its_fields() -> None:
    assert {one.name for one in builtin()} == set(SAMPLES)
    for one in builtin():
        assert [
            spec.name for spec in one.fields if spec.name not in SAMPLES[one.name]["fields"]
        ] == []


@pytest.mark.parametrize("name", SAMPLES)
def test_a_minimal_code_fits_version_15(
    name: str, wallet_of: ecert.Wallet, at: datetime, alg: str
) -> None:
    code = wallet_of.show(put_in(wallet_of, name, at, alg))
    assert code.qr_version <= 15
    assert len(code.text) <= FIT_15


def test_ten_items_of_chinese_text_fit_version_18(
    wallet_of: ecert.Wallet, at: datetime, alg: str
) -> None:
    """Name, code and number of the holder's licence, and seven fields."""
    profile = builtin().require(FOOD).profile("full")
    assert (len(profile.fields), profile.licence_number) == (7, True)
    code = wallet_of.show(put_in(wallet_of, FOOD, at, alg), profile="full")
    assert code.qr_version <= 18
    assert len(code.text) <= FIT_18


def test_any_three_minimal_licences_fit_version_23_with_sm2_24(
    wallet_of: ecert.Wallet, at: datetime, alg: str
) -> None:
    held = [put_in(wallet_of, name, at, alg) for name in SAMPLES]
    largest = max(len(wallet_of.show(*three).text) for three in combinations(held, 3))
    assert largest <= (FIT_23 if alg == "ES256" else FIT_24)


def test_a_long_leading_field_takes_minimal_to_version_16(
    wallet: ecert.Wallet, at: datetime
) -> None:
    """The budget is for ordinary text; docs/formats/sizes.md says that this one is over."""
    held = put_in(wallet, "营业执照", at, 类型="有限责任公司（自然人投资或控股）")
    assert wallet.show(held).qr_version == 16


def test_past_the_bound_the_encoder_refuses_and_names_the_profile_to_use(
    wallet: ecert.Wallet, at: datetime
) -> None:
    long = "四川省广安市邻水县鼎屏镇人民路一百二十八号附三号川渝食品产业园第十二栋五楼五零三室东侧"
    unlike = "".join(chr(0x4E00 + 37 * place) for place in range(100))
    held = put_in(
        wallet, FOOD, at, 经营项目=unlike, 住所=unlike[::-1], 经营场所=long, 法定代表人=unlike[:40]
    )
    with pytest.raises(CodeTooLargeError) as refused:
        wallet.show(held, profile="full")
    assert "minimal" in refused.value.fix_zh
    assert "minimal" in refused.value.fix_en
    assert wallet.show(held).qr_version <= 15


def test_past_the_bound_the_largest_profile_that_fits_is_named(
    wallet: ecert.Wallet, at: datetime
) -> None:
    held = put_in(wallet, FOOD, at)
    delivery = wallet.delivery(held)
    small, large = delivery.compact["minimal"], delivery.compact["full"]

    def write(credentials: Sequence[bytes]) -> None:
        if sum(map(len, credentials)) > 600:
            raise CodeTooLargeError("太大", "too large")

    between = {"minimal": small, "full": large, "books": small + bytes(100), "all": bytes(700)}
    error = CodeTooLargeError("太大", "too large")
    refused = fitting.refusal(error, [between], ["all"], write)
    assert (refused.zh, refused.fix_zh) == ("太大", "请改用 full 亮证方式")
    # Two of them fit in "minimal" alone.
    refused = fitting.refusal(error, [between, between], ["all", "full"], write)
    assert refused.fix_en == "Use the profile minimal, which fits"


def test_where_no_profile_fits_it_is_said_how_many_licences_do(
    wallet: ecert.Wallet, at: datetime
) -> None:
    held = [put_in(wallet, name, at) for name in [*SAMPLES][:6]]
    with pytest.raises(CodeTooLargeError) as refused:
        wallet.show(*held)
    most = int(re.findall("前 ([0-9]) 份", refused.value.fix_zh)[0])
    assert f"first {most} fit" in refused.value.fix_en
    assert wallet.show(*held[:most]).qr_version <= 24
    with pytest.raises(CodeTooLargeError):
        wallet.show(*held[: most + 1])
    with pytest.raises(CodeTooLargeError) as refused:
        wallet.show(*held, profile="full")
    assert f"用 minimal 一次最多出示前 {most} 份" in refused.value.fix_zh


def test_a_licence_that_fits_no_code_is_told_so() -> None:
    def write(_: Sequence[bytes]) -> None:
        raise CodeTooLargeError("太大", "too large")

    error = CodeTooLargeError("太大", "too large")
    refused = fitting.refusal(error, [{"minimal": b"1"}], ["minimal"], write)
    assert "电子证照文件" in refused.fix_zh


def digits_of(size: int) -> int:
    """How many digits that many bytes take."""
    return len(digits.encode(CodeKind.SELF_CONTAINED, b"\xff" * size))


def test_codes_are_written_up_to_the_bound_and_not_beyond() -> None:
    """A byte is two and a half digits, so the last size that passes lies just below the bound."""
    assert 2188 - 3 < digits_of(905) <= 2188
    with pytest.raises(CodeTooLargeError):
        digits_of(906)


def test_a_paper_code_is_smaller_than_the_code_of_a_wallet(
    wallet: ecert.Wallet, at: datetime
) -> None:
    """It has no holder's key and no holder's proof."""
    issuer, licence = issue(FOOD, at)
    wallet.add(issuer.deliver(licence.id, wallet.request(issuer.nonce())))
    for profile in ("minimal", "full"):
        paper = issuer.paper_code(licence.id, profile=profile)
        assert offline.read(paper).proof is None
        assert len(paper) < len(wallet.show(licence.id, profile=profile).text)
