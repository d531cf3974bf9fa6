"""The notation of sd-jwt-python's test cases: YAML in which ``!sd`` marks what may be hidden."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from ecert.sign.sdjwt import Hide

if TYPE_CHECKING:
    from collections.abc import Callable


class _Marked:
    """A map key under ``!sd``; hashed by identity, so that it can be one."""

    def __init__(self, name: Any) -> None:
        self.name = name


class _Loader(yaml.SafeLoader):
    """Safe YAML with ``!sd``."""


def _plain(loader: _Loader, node: yaml.Node) -> Any:
    """Construct what stands under the mark, as if the mark were not there."""
    if isinstance(node, yaml.ScalarNode):
        # "null" in quotes stays text, null without them is none.
        tag = loader.resolve(  # type: ignore[no-untyped-call]
            yaml.ScalarNode, node.value, (node.style is None, False)
        )
        return loader.construct_object(
            yaml.ScalarNode(tag, node.value, node.start_mark, node.end_mark, node.style)
        )
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    assert isinstance(node, yaml.MappingNode)
    return loader.construct_mapping(node, deep=True)


def _marked(loader: _Loader, node: yaml.Node) -> _Marked:
    return _Marked(_plain(loader, node))


_Loader.add_constructor("!sd", _marked)


def _with_hides(node: Any) -> Any:
    """Turn marked keys and marked elements into `Hide`."""
    if isinstance(node, _Marked):
        return Hide(_with_hides(node.name))
    if isinstance(node, list):
        return [_with_hides(element) for element in node]
    if isinstance(node, dict):
        return {
            (name.name if isinstance(name, _Marked) else name): (
                Hide(_with_hides(value)) if isinstance(name, _Marked) else _with_hides(value)
            )
            for name, value in node.items()
        }
    return node


def read_specification(text: str) -> dict[str, Any]:
    """Read one case; its claims have `Hide` where they had ``!sd``."""
    loaded: dict[str, Any] = _with_hides(yaml.load(text, _Loader))  # noqa: S506 - a safe loader
    return loaded


def wanted(disclosed: Any) -> Callable[[tuple[str | int, ...]], bool]:
    """Return what ``sdjwt.present`` asks: does the case's holder disclose what is at this path?

    The structure follows the claims; true, or anything that goes on below, discloses.  ``False``
    stands for a claim that stays hidden, and what is not mentioned stays hidden.
    """

    def reveal(path: tuple[str | int, ...]) -> bool:
        node = disclosed
        for step in path:
            if isinstance(node, dict):
                node = node.get(step)
            elif isinstance(node, list) and isinstance(step, int) and step < len(node):
                node = node[step]
            else:
                return False
        return node is not None and node is not False

    return reveal
