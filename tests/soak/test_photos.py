"""Photographs of show codes at a window: the small form of 600."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from ecert.reasons import Outcome, Reason
from ecert.show.render import qr_version
from tests.soak import photo_world, photos

SEED = 1


def test_photographs_are_read_and_never_misread() -> None:
    rates = photos.read_all(60, seed=SEED)
    assert rates.photos == 60
    photos.require_enough(rates, slack=1)


def test_a_photograph_is_the_same_every_time() -> None:
    one, other = list(photos.photographs(2, seed=SEED)), list(photos.photographs(2, seed=SEED))
    assert one == other
    assert one[0].data != next(iter(photos.photographs(1, seed=SEED + 1))).data


def test_kinds_and_damages_in_turn_and_three_pixels_a_module_or_more() -> None:
    taken = list(photos.photographs(24, seed=SEED))
    assert sorted((one.kind, one.damage) for one in taken) == sorted(
        (kind, damage) for kind in photo_world.KINDS for damage in photos.DAMAGES
    )
    for photo in taken:
        assert 3.0 <= photo.pixels <= 6.0
        image = Image.open(io.BytesIO(photo.data))
        assert min(image.size) > 3 * (17 + 4 * qr_version(photo.digits))


@pytest.mark.parametrize("kind", photo_world.KINDS)
def test_each_code_is_accepted_where_nothing_is_the_matter(kind: str) -> None:
    world = photo_world.load()
    for code in world.codes[kind]:
        verdict = world.window().verify(code)
        assert verdict.accepted
        assert len(verdict.parts) == (3 if kind == "three" else 1)


def test_one_that_cannot_be_read_is_unreadable_and_not_refused() -> None:
    """So faint that the window sees nothing; the clerk is asked to try again."""
    photo = next(iter(photos.photographs(1, seed=SEED)))
    image = Image.open(io.BytesIO(photo.data)).convert("L").point(lambda value: 100 + value // 100)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=10)
    verdict = photo_world.load().window().verify_picture(out.getvalue())
    assert (verdict.reason, verdict.outcome) == (Reason.UNREADABLE, Outcome.UNDETERMINED)
