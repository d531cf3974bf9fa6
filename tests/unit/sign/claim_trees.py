"""Hypothesis: claims with values hidden anywhere in them, and what must come of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from ecert.sign.concealment import Hide

if TYPE_CHECKING:
    from collections.abc import Callable

    from ecert.sign.disclosure import Path

RESERVED = {"_sd", "...", "_sd_alg"}
# Names with a meaning for the verifier, which these claims must not carry by chance.
MEANT = {"iss", "iat", "nbf", "exp", "cnf", "vct", "vct#integrity", "status"}

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
_NAMES = _TEXT.filter(lambda name: name not in RESERVED | MEANT)
_LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | _TEXT
)


def _maybe_hidden(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.tuples(values, st.booleans()).map(lambda pair: Hide(pair[0]) if pair[1] else pair[0])


_NODES = st.recursive(
    _LEAVES,
    lambda inner: (
        st.lists(_maybe_hidden(inner), max_size=3)
        | st.dictionaries(_NAMES, _maybe_hidden(inner), max_size=3)
    ),
    max_leaves=10,
)
claims: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    _NAMES, _maybe_hidden(_NODES), max_size=4
)
"""Claims with some values, at any depth, marked by `Hide`."""


def expected(node: Any, reveal: Callable[[Path], bool], path: Path = ()) -> Any:
    """What a verifier learns: hidden values only where ``reveal`` says so, and no position."""
    if isinstance(node, dict):
        return {
            name: expected(_inside(value), reveal, (*path, name))
            for name, value in node.items()
            if not isinstance(value, Hide) or reveal((*path, name))
        }
    if isinstance(node, list):
        return [
            expected(_inside(value), reveal, (*path, position))
            for position, value in enumerate(node)
            if not isinstance(value, Hide) or reveal((*path, position))
        ]
    return node


def _inside(value: Any) -> Any:
    return value.value if isinstance(value, Hide) else value


def hidden_paths(node: Any, path: Path = ()) -> list[Path]:
    """Where something is hidden, from the top."""
    if not isinstance(node, (dict, list)):
        return []
    steps = node.items() if isinstance(node, dict) else enumerate(node)
    found: list[Path] = []
    for step, value in steps:
        if isinstance(value, Hide):
            found.append((*path, step))
        found += hidden_paths(_inside(value), (*path, step))
    return found
