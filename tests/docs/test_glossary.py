"""The glossary names every public word of the library."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from typing import TYPE_CHECKING, Any

import pytest

import ecert
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOMS = (
    "model", "sign", "trust", "status", "interop", "show", "issuers", "wallet", "verify",
    "workspace", "sheets", "client", "online", "service", "webhooks", "testing",
)  # fmt: skip
# The inner workings of algorithms and of places for keys: nobody outside `sign` names them.
INNER = (
    "ecert.sign.suites", "ecert.sign.es256", "ecert.sign.sm2", "ecert.sign.der",
    "ecert.sign.pkcs11",
)  # fmt: skip


@pytest.fixture(scope="module")
def words() -> frozenset[str]:
    """Every name that the glossary writes as code."""
    text = (ROOT / "docs" / "glossary.md").read_text("utf-8")
    return frozenset(re.findall(r"`([A-Za-z_][A-Za-z0-9_]*)`", text))


def test_every_name_of_the_front_door_is_explained(words: frozenset[str]) -> None:
    assert set(ecert.__all__) - words == set()


def test_every_argument_of_the_front_door_is_explained(words: frozenset[str]) -> None:
    missing = {
        parameter
        for name in ecert.__all__
        for function in _functions(getattr(ecert, name))
        for parameter, kind in inspect.signature(function).parameters.items()
        if parameter not in {"self", "cls"} and kind.kind is not kind.VAR_KEYWORD
    }
    assert missing - words == set()


def _functions(value: object) -> Iterator[Callable[..., Any]]:
    if inspect.isfunction(value):
        yield value
    elif inspect.isclass(value):
        for name, member in inspect.getmembers(value):
            function = getattr(member, "__func__", member)
            ours = str(getattr(function, "__module__", "")).startswith("ecert")
            if (
                inspect.isfunction(function)
                and ours
                and (name == "__init__" or not name.startswith("_"))
            ):
                yield function


@pytest.mark.parametrize("room", ROOMS)
def test_every_public_class_of_a_room_is_explained(room: str, words: frozenset[str]) -> None:
    package = importlib.import_module(f"ecert.{room}")
    classes = {
        name
        for info in pkgutil.walk_packages(package.__path__, f"ecert.{room}.")
        if not info.name.startswith(INNER)
        for name, value in vars(importlib.import_module(info.name)).items()
        if inspect.isclass(value) and value.__module__ == info.name and not name.startswith("_")
    }
    assert classes, "a room without classes would make this test prove nothing"
    assert classes - words == set()


def test_nothing_is_explained_that_is_gone(words: frozenset[str]) -> None:
    """Capitalised names in the glossary are classes that exist."""
    classes = {
        name
        for room in ROOMS
        for info in pkgutil.walk_packages(
            importlib.import_module(f"ecert.{room}").__path__, f"ecert.{room}."
        )
        for name, value in vars(importlib.import_module(info.name)).items()
        if inspect.isclass(value)
    } | set(ecert.__all__)
    named = {word for word in words if word[0].isupper()}
    assert named - classes == set()
