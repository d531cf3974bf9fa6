"""The card for a screen: what it says, what it must not look like, and that it can be scanned."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, NamedTuple

import pytest
from PIL import Image

import ecert
from ecert.errors import FormatError, ParseError, PlotterMissingError
from ecert.show import card, scan
from ecert.show.fonts import FontChain, Run
from ecert.wallet.vault import CHEAPEST
from tests.fonts import RARE, chain, poor_chain

if TYPE_CHECKING:
    from pathlib import Path

    from ecert.show.code import ShowCode

AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


class Title(NamedTuple):
    type_name: str
    issuer_name: str


class Spy(FontChain):
    """Fonts that note down what is asked of them."""

    def __init__(self) -> None:
        super().__init__(system=False)
        self.faces = chain().faces
        self.lines: list[str] = []

    def runs(self, text: str) -> list[Run]:
        self.lines.append(text)
        return super().runs(text)


@pytest.fixture
def police() -> ecert.Issuer:
    return ecert.Issuer.demo("四川省广安市公安局", region="511600", clock=lambda: AT)


@pytest.fixture
def wallet(tmp_path: Path, police: ecert.Issuer) -> ecert.Wallet:
    made = ecert.Wallet.create(
        tmp_path / "z.wallet", "nothing secret here", kdf=CHEAPEST, clock=lambda: AT
    )
    for name in (f"张{RARE}", "张伟"):
        licence = police.issue(
            "机动车驾驶证", number="510681199003071237",
            holder=ecert.Holder(name, "510681199003071237"), fields={"准驾车型": "C1"},
            valid_until=date(2031, 6, 1),
        )  # fmt: skip
        made.add(police.deliver(licence.id, made.request(police.nonce())))
    return made


def shown(wallet: ecert.Wallet, count: int = 1) -> ShowCode:
    return wallet.show(*(held.id for held in wallet.licences[:count]))


def test_it_says_whose_what_until_when_and_that_a_screenshot_is_worth_nothing(
    wallet: ecert.Wallet,
) -> None:
    fonts = Spy()
    card.png(shown(wallet).text, wallet.licences[:1], fonts)
    assert fonts.lines == [
        "机动车驾驶证",
        "四川省广安市公安局",
        f"张{RARE}",
        "号码后四位 1237",
        "有效期 2026年11月22日 至 2031年6月1日",
        "2026年11月22日 10:01:00 前扫码有效（60 秒，一次）",
        "仅供扫码核验，截图无效",
        "本图不是核验结果",
    ]
    # Only what the profile tells.
    assert not any("510681199003071237" in line for line in fonts.lines)


@pytest.mark.parametrize("count", [1, 2])
def test_the_code_on_it_is_read(wallet: ecert.Wallet, count: int) -> None:
    code = shown(wallet, count)
    picture = card.png(code.text, wallet.licences[:count], chain())
    assert scan.read(picture) == code.text
    with Image.open(io.BytesIO(picture)) as image:
        assert (image.format, image.width) == ("PNG", card.WIDTH)
        assert image.height < 3 * card.WIDTH


def test_several_licences_stand_below_each_other(wallet: ecert.Wallet) -> None:
    fonts = Spy()
    card.png(shown(wallet, 2).text, wallet.licences, fonts)
    assert fonts.lines[0] == "2 份证照一并出示"
    assert fonts.lines.count("机动车驾驶证") == 2


def test_it_imitates_no_verdict(wallet: ecert.Wallet) -> None:
    fonts = Spy()
    picture = card.png(shown(wallet).text, wallet.licences[:1], fonts)
    with Image.open(io.BytesIO(picture)) as image:
        colours = image.convert("RGB").getcolors(maxcolors=1 << 24) or []
    for _, (red, green, blue) in colours:  # type: ignore[misc]
        assert green <= max(red, blue) + 8, "nothing on it is green"
    for word in ("√", "✓", "核验通过", "有效证件", "认可"):
        assert not any(word in line for line in fonts.lines)


def test_the_same_code_is_the_same_picture(wallet: ecert.Wallet) -> None:
    code = shown(wallet).text
    first = card.png(code, wallet.licences[:1], chain())
    assert card.png(code, wallet.licences[:1], poor_chain()) == first


def test_a_long_list_of_holders_leaves_room_for_the_code(
    police: ecert.Issuer, wallet: ecert.Wallet
) -> None:
    people = [ecert.Holder(f"张{chr(0x4E00 + place)}", _resident(place)) for place in range(5)]
    licence = police.issue(
        "不动产权证书", number="川（2026）广安市不动产权第0000001号", holder=people,
        fields=PROPERTY, valid_until=None,
    )  # fmt: skip
    wallet.add(police.deliver(licence.id, wallet.request(police.nonce())))
    fonts = Spy()
    card.png(wallet.show(licence.id).text, wallet.licences[-1:], fonts)
    assert "等 5 个持证主体" in fonts.lines
    assert sum(line.startswith("号码后四位") for line in fonts.lines) == card.SHOWN_HOLDERS
    assert any(line.endswith("至 长期") for line in fonts.lines)


PROPERTY = {
    "坐落": "四川省广安市邻水县鼎屏镇人民路128号", "权利类型": "国有建设用地使用权",
    "不动产单元号": "511623001001GB00001F00010001",
}  # fmt: skip


def _resident(place: int) -> str:
    """A resident's number (GB 11643)."""
    body = f"51068119900307{place:03d}"
    total = sum(int(digit) * (2 ** (17 - at) % 11) for at, digit in enumerate(body))
    return body + "10X98765432"[total % 11]


def test_a_character_that_no_font_has_is_named(wallet: ecert.Wallet) -> None:
    fonts = poor_chain(RARE[0])
    with pytest.raises(PlotterMissingError, match=f"U\\+{ord(RARE[0]):04X}"):
        card.png(shown(wallet).text, wallet.licences[:1], fonts)


def test_texts_that_turn_the_line_are_refused(wallet: ecert.Wallet) -> None:
    with pytest.raises(FormatError):
        card.png(shown(wallet).text, [Title("驾驶证\u202e", "公安局")], chain())


def test_only_a_show_code_with_its_titles_is_drawn(
    wallet: ecert.Wallet, police: ecert.Issuer
) -> None:
    with pytest.raises(ParseError):
        card.png("123", wallet.licences[:1], chain())
    with pytest.raises(ValueError, match="zip"):
        card.png(shown(wallet).text, wallet.licences, chain())
    licence = police.issue(
        "机动车驾驶证", number="510681199003071237",
        holder=ecert.Holder("张伟", "510681199003071237"), fields={"准驾车型": "C1"},
        valid_until=date(2031, 6, 1),
    )  # fmt: skip
    with pytest.raises(ValueError, match="paper"):
        card.png(police.paper_code(licence.id), wallet.licences[:1], chain())
