"""A portrait on its way from the office to the clerk's eyes."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from ecert.reasons import Reason
from ecert.show.portrait import CLAIM, to_claim
from ecert.sign import sdjwt
from tests.flows.test_files import check, resigned
from tests.flows.world import MATTER, ZHANG, World, refuses
from tests.unit.show.test_portrait import file, picture

if TYPE_CHECKING:
    import ecert


@pytest.fixture
def licence(world: World) -> ecert.Licence:
    """A licence with a portrait, in the wallet and in force at the window."""
    issued = world.police.issue(
        "机动车驾驶证", number=ZHANG.number, holder=ZHANG, fields={"准驾车型": "C1"},
        valid_until=date(2031, 6, 1), portrait=file(picture()),
    )  # fmt: skip
    world.deliver(issued)
    return issued


def test_the_clerk_sees_it_where_it_is_disclosed(world: World, licence: ecert.Licence) -> None:
    token = world.police.file(licence.id)
    world.sync()
    verdict = check(world, token)
    assert verdict.accepted, verdict.explain("en")
    assert verdict.licence.portrait == world.police.archive.portrait(licence.id)
    assert "照片：请与本人比对" in verdict.explain()
    assert "Portrait: compare it with the person" in verdict.explain("en")
    # It is of the person, and passes though no entry of the list maps it.
    assert verdict.licence.basis is not None
    assert CLAIM not in verdict.licence.fields


def test_what_is_printed_and_kept_has_no_picture_in_it(
    world: World, licence: ecert.Licence
) -> None:
    token = world.police.file(licence.id)
    world.sync()
    plain = check(world, token).to_dict()["parts"][0]["licence"]
    assert plain["portrait"] is True
    kept_back = sdjwt.present(token, lambda path: path != (CLAIM,))
    verdict = check(world, kept_back)
    assert verdict.accepted
    assert verdict.licence.portrait is None
    assert verdict.to_dict()["parts"][0]["licence"]["portrait"] is False
    assert "照片" not in verdict.explain()


def test_a_show_code_carries_none(world: World, licence: ecert.Licence) -> None:
    world.sync()
    code = world.wallet.show(licence.id, profile="full")
    verdict = world.window.verify(code.text, matter=MATTER)
    assert verdict.accepted
    assert verdict.licence.portrait is None


@pytest.mark.parametrize("value", ["", 1, "R0lGODlh", to_claim(file(picture((481, 640))))])
def test_what_is_no_portrait_is_malformed(
    world: World, licence: ecert.Licence, value: object
) -> None:
    """Even if the issuer itself has signed it."""
    token = sdjwt.present(world.police.file(licence.id), lambda path: path != (CLAIM,))
    world.sync()
    refuses(
        check(world, resigned(world, token, lambda c: c.update(portrait=value))), Reason.MALFORMED
    )
