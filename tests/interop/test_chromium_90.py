"""The pages run in Chromium 90: ES2020, and no newer part of JavaScript, the browser or CSS."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.interop.conftest import Oracle

STATIC = files("ecert.service").joinpath("static")
# Made by others, for browsers of 2020; what it asks beyond those is filled in by camera.js.
FOREIGN = {"zxing-reader.js"}
TOO_NEW = {
    "at.js": "const last = [1].at(-1);",
    "assign.js": "let one = null; one ??= 1;",
    "private.js": "class One { #two = 2; }",
    "clone.js": "structuredClone({});",
    "find.js": "[1].findLast((one) => one);",
    "own.js": "Object.hasOwn({}, 'a');",
    "uuid.js": "crypto.randomUUID();",
    "timeout.js": "fetch('/', { signal: AbortSignal.timeout(3) });",
    "popover.js": "document.body.showPopover();",
    "has.css": "a:has(b) { color: red; }",
    "nested.css": "a { & b { color: red; } }",
    "units.css": "a { height: 10dvh; }",
    "container.css": "@container (min-width: 1px) { a { color: red; } }",
    "layer.css": "@layer one { b { color: red; } }",
    "mix.css": "a { color: color-mix(in srgb, red, blue); }",
    "accent.css": "a { accent-color: red; }",
}
OLD_ENOUGH = {
    "fine.js": "'a'.replaceAll('a', 'b'); const one = { two: 1 }; one?.two ?? 2;",
    "fine.css": "a { display: grid; gap: 3px; aspect-ratio: 1; clip-path: inset(50%); }",
}


def test_the_pages_use_nothing_that_chromium_90_has_not(chromium_90: Oracle) -> None:
    own = {
        item.name: item.read_text("utf-8")
        for item in STATIC.iterdir()
        if item.name.endswith((".js", ".css")) and item.name not in FOREIGN
    }
    assert {"clerk.js", "clerk.css"} <= own.keys()
    assert chromium_90(files=own) == {"ok": True, "faults": []}


def test_the_linter_sees_what_is_too_new_and_nothing_else(chromium_90: Oracle) -> None:
    faults = chromium_90(files=TOO_NEW | OLD_ENOUGH)["faults"]
    assert {fault.partition(":")[0] for fault in faults} == TOO_NEW.keys()


@pytest.mark.parametrize("name", sorted(FOREIGN))
def test_what_others_made_is_parsed_as_es2020_too(chromium_90: Oracle, name: str) -> None:
    faults = chromium_90(files={name: STATIC.joinpath(name).read_text("utf-8")})["faults"]
    assert [fault for fault in faults if "Parsing error" in fault] == []
