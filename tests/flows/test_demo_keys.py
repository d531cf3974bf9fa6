"""Demonstration keys are good for demonstrations: whatever is not one refuses them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

import ecert
from ecert.demo import demo_region
from ecert.reasons import Outcome, Reason
from ecert.sign import envelope
from ecert.sign.keys import PrivateKey
from ecert.trust.roots import Role, make_roots
from ecert.verify.policy import COUNTER, DemoKeys
from ecert.workspace import Workspace
from tests.flows.world import MATTER, Clock, World, refuses

if TYPE_CHECKING:
    from pathlib import Path


def real_roots(clock: Clock) -> bytes:
    """A real province's root set."""
    keys = [PrivateKey.generate() for _ in range(5)]
    document = make_roots(
        "310000", "上海市",
        {
            Role.ROOTS: [keys[0].public], Role.TRUST_LIST: [keys[1].public],
            Role.CATALOGUE: [keys[2].public], Role.RECOGNITION_LIST: [keys[3].public],
        },
        threshold=dict.fromkeys(Role, 1),
        issued=clock(), expires=clock().replace(year=2030),
    )  # fmt: skip
    return envelope.make(document.TYP, document.to_payload(), [keys[0]])


def test_beside_real_roots_a_demonstration_key_is_refused(world: World) -> None:
    assert world.verify().accepted
    world.window.knowledge.pin((real_roots(world.clock),))
    verdict = world.verify()
    refuses(verdict, Reason.DEMO_KEY)
    assert verdict.outcome is Outcome.REFUSED


def test_a_window_that_is_not_in_demo_mode_refuses_them_alone_too(world: World) -> None:
    strict = ecert.Verifier(
        "500000", knowledge=world.window.knowledge, clock=world.clock,
        policy=replace(COUNTER, demo=DemoKeys.REFUSE),
    )  # fmt: skip
    refuses(strict.verify(world.code(), matter=MATTER), Reason.DEMO_KEY)


@pytest.mark.parametrize("demo", [True, False])
def test_a_workspace_takes_them_only_if_it_is_a_demonstration(
    world: World, tmp_path: Path, *, demo: bool
) -> None:
    given = {"demo": True} if demo else {"passphrase": "correct horse"}
    with Workspace.init(
        tmp_path / "w", region="500000", name="窗口", clock=world.clock,
        **given,
    ) as window:  # fmt: skip
        # However they came in, with --allow-demo or by a program.
        window.knowledge.pin(ecert.demo_roots())
        for data in (*(world.police.status_lists()),):
            window.knowledge.accept(world.police.trust_list())
            window.knowledge.accept(data)
        window.knowledge.accept(ecert.fixture("川渝互认清单"))
        verdict = window.checks.check(world.code(), matter=MATTER).verdict
        if demo:
            assert verdict.accepted
            assert verdict.demo
        else:
            refuses(verdict, Reason.DEMO_KEY)
            # Nor do other rules of the same window, nor a look back.
            assert (
                window.checks_by(window.verifier_at(world.clock()))
                .check(world.code(), matter=MATTER)
                .verdict.reason
                is Reason.DEMO_KEY
            )


def test_demonstration_roots_never_take_the_place_of_real_ones(world: World) -> None:
    assert demo_region("310000").roots
    world.window.knowledge.pin((real_roots(world.clock),))
    with pytest.raises(ecert.EcertError):
        world.window.knowledge.pin((demo_region("310000").roots,))
