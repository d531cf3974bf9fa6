"""A sheet's life: printed, copied, scanned at a window, and when it is refused."""

from __future__ import annotations

import io
from datetime import date
from typing import TYPE_CHECKING

import pypdfium2
import pytest
from PIL import Image, ImageChops

from ecert.model.holders import Holder
from ecert.reasons import Reason
from ecert.show import sheet
from ecert.verify.policy import TERMINAL
from tests.flows.world import MATTER, refuses
from tests.fonts import chain

if TYPE_CHECKING:
    from pathlib import Path

    from ecert.show.printed import PrintedCopy
    from ecert.verify.verdict import Verdict
    from tests.flows.world import World

LOAN, UNTIL = "办理机动车转移登记", date(2026, 12, 31)


def page(data: bytes, dpi: int) -> Image.Image:
    """The first page as a printer makes it, grey."""
    with pypdfium2.PdfDocument(data) as document:
        bitmap = document[0].render(scale=dpi / 72, grayscale=True)
        picture: Image.Image = bitmap.to_pil()
        return picture.convert("L")


def photocopied(picture: Image.Image, angle: float, level: int) -> Image.Image:
    """Laid on the glass a little askew, with grain, and in black and white only."""
    askew = picture.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    grain = Image.effect_noise(askew.size, 60).point(lambda value: abs(value - 128))
    worn = ImageChops.subtract(askew, grain)
    return worn.point(lambda value: 255 if value > level else 0).convert("1")


def seen(world: World, picture: Image.Image, matter: str = MATTER) -> Verdict:
    out = io.BytesIO()
    picture.save(out, "PNG")
    return world.window.verify_picture(out.getvalue(), matter=matter)


def printed(world: World, **how: object) -> PrintedCopy:
    copy = world.police.print_copy(world.licence.id, **how)  # type: ignore[arg-type]
    world.sync()
    return copy


@pytest.mark.parametrize("profile", ["minimal", "full"])
@pytest.mark.parametrize("dpi", [100, 150, 300])
def test_a_printed_sheet_is_read_and_accepted_as_bearer(
    world: World, profile: str, dpi: int
) -> None:
    copy = printed(world, profile=profile)
    verdict = seen(world, page(sheet.pdf(copy, chain()), dpi))
    assert verdict.accepted, verdict.explain("en")
    assert verdict.licence.bearer
    assert verdict.licence.purpose is None
    assert "请查验身份证件原件" in verdict.explain("zh")


@pytest.mark.parametrize(("angle", "level"), [(0, 128), (1.5, 128), (-2.5, 90), (3, 170)])
@pytest.mark.parametrize("dpi", [150, 300])
def test_a_photocopy_of_a_sheet_is_read(world: World, dpi: int, angle: float, level: int) -> None:
    copy = printed(world, profile="full", purpose=LOAN, valid_until=UNTIL)
    verdict = seen(world, photocopied(page(sheet.pdf(copy, chain()), dpi), angle, level))
    assert verdict.accepted, verdict.explain("en")
    assert verdict.licence.bearer


def test_the_clerk_is_told_what_it_is_limited_to(world: World) -> None:
    verdict = world.verify(printed(world, purpose=LOAN, valid_until=UNTIL).code)
    assert verdict.accepted
    copy = verdict.licence.purpose
    assert copy is not None
    assert (copy.purpose, copy.maker, copy.valid_until) == (LOAN, "四川省广安市公安局", UNTIL)
    assert copy.made_at.isoformat() == "2026-11-22T00:00:00+08:00"
    assert verdict.licence.valid_until == UNTIL
    told = verdict.explain("zh")
    assert f"仅限用于：{LOAN}" in told
    assert verdict.to_dict()["parts"][0]["licence"]["purpose"]["purpose"] == LOAN


def test_a_withdrawn_sheet_is_refused_and_its_neighbour_is_not(world: World) -> None:
    lost, kept = printed(world), printed(world)
    world.police.withdraw_credential(lost.credential, reason="打印件遗失")
    world.sync()
    refuses(world.verify(lost.code), Reason.CREDENTIAL_WITHDRAWN)
    assert world.verify(kept.code).accepted
    assert world.verify().accepted


def test_a_sheet_of_a_revoked_licence_is_refused(world: World) -> None:
    copy = printed(world)
    world.police.revoke(
        world.licence.id, reason="醉驾", document="公交决字〔2026〕1号", actor="王强"
    )
    world.sync()
    refuses(world.verify(copy.code), Reason.REVOKED)


def test_a_sheet_ends_on_its_own_last_day(world: World) -> None:
    copy = printed(world, valid_until=date(2026, 11, 23))
    world.clock.advance(hours=24 + 13)  # 23:00 on the 23rd
    world.sync()
    assert world.verify(copy.code).accepted
    world.clock.advance(hours=2)
    refuses(world.verify(copy.code), Reason.EXPIRED)
    assert world.verify().accepted, "the licence goes on"


def test_where_policy_refuses_paper_a_sheet_is_refused(world: World) -> None:
    copy = printed(world)
    world.window.policy = TERMINAL
    refuses(world.verify(copy.code), Reason.HOLDER_PROOF)


def test_paper_counts_as_often_as_it_is_scanned(world: World) -> None:
    code = printed(world).code
    assert [world.verify(code).accepted for _ in range(3)] == [True] * 3


def test_an_old_paper_code_without_the_new_key_still_counts(world: World) -> None:
    code = world.police.paper_code(world.licence.id)
    world.sync()
    verdict = world.verify(code)
    assert verdict.accepted
    assert verdict.licence.purpose is None


def test_a_rare_name_is_on_the_sheet_and_in_the_verdict(world: World) -> None:
    name = "张𠜎𪚥㐂"
    licence = world.issue(holder=Holder(name, "510681199003071237"))
    copy = world.police.print_copy(licence.id)
    world.sync()
    data = sheet.pdf(copy, chain())
    with pypdfium2.PdfDocument(data) as document:
        assert name in document[0].get_textpage().get_text_bounded()
    verdict = seen(world, page(data, 150))
    assert verdict.accepted
    assert verdict.licence.holders == ((name, "1237"),)


def test_nothing_of_the_flow_is_left_beside_the_sheet(world: World, tmp_path: Path) -> None:
    before = set(tmp_path.iterdir())
    sheet.pdf(printed(world), chain())
    assert set(tmp_path.iterdir()) == before
