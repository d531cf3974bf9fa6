"""The pytest plug-in; found by its entry point, and light: nothing is loaded until it is asked for.

============================  ===================================================================
``ecert_world``               a `DemoWorld`: issuer, wallet, window and clock of one demonstration
``ecert_issuer``              its issuer, 四川省广安市公安局
``ecert_wallet``              the wallet of 张伟, with a driving licence, identity card and
                              business licence
``ecert_verifier``            a verifier in Chongqing that knows the sample list
``ecert_workspace``           the same window as a `Workspace`, where the test asks for one
``ecert_clock``               the time of all of them; ``advance(minutes=5)``
``ecert_code``                a good code of the driving licence, for 机动车业务
``ecert_bad_code``            each of `BAD_CODES` in turn: what is shown, the outcome, the reason
============================  ===================================================================
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecert.issuers.issuer import Issuer
    from ecert.testing.bad_codes import BadCode
    from ecert.testing.world import DemoClock, DemoWorld
    from ecert.verify.verifier import Verifier
    from ecert.wallet.wallet import Wallet
    from ecert.workspace import Workspace


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each test that asks for ``ecert_bad_code`` all of them."""
    if "ecert_bad_code" in metafunc.fixturenames:
        from ecert.testing.bad_codes import BAD_CODES  # noqa: PLC0415 - only where asked for

        metafunc.parametrize("ecert_bad_code", list(BAD_CODES), indirect=True)


@pytest.fixture
def ecert_world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DemoWorld]:
    """Everybody who takes part, for one test."""
    from ecert.testing.world import DemoWorld  # noqa: PLC0415 - only where asked for

    with DemoWorld.make(
        tmp_path_factory.mktemp("ecert"), workspace="ecert_workspace" in request.fixturenames
    ) as world:
        yield world


@pytest.fixture
def ecert_clock(ecert_world: DemoWorld) -> DemoClock:
    """The time of the world."""
    return ecert_world.clock


@pytest.fixture
def ecert_issuer(ecert_world: DemoWorld) -> Issuer:
    """An issuing authority under demonstration keys."""
    return ecert_world.issuer


@pytest.fixture
def ecert_wallet(ecert_world: DemoWorld) -> Wallet:
    """A holder's wallet."""
    return ecert_world.wallet


@pytest.fixture
def ecert_verifier(ecert_world: DemoWorld) -> Verifier:
    """A window's verifier."""
    return ecert_world.verifier


@pytest.fixture
def ecert_workspace(ecert_world: DemoWorld) -> Workspace:
    """The window's workspace; ``ecert_verifier`` is then its verifier."""
    return ecert_world.require_workspace()


@pytest.fixture
def ecert_code(ecert_world: DemoWorld) -> str:
    """A good code."""
    return ecert_world.code()


@pytest.fixture
def ecert_bad_code(request: pytest.FixtureRequest, ecert_world: DemoWorld) -> BadCode:
    """One bad code, ready to be shown; the world has been brought to where it is bad."""
    from ecert.testing.bad_codes import BAD_CODES  # noqa: PLC0415 - only where asked for

    return BAD_CODES[request.param](ecert_world)
