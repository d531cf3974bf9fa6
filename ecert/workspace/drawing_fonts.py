"""The fonts that a workspace's paper is drawn with."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ecert.show.fonts import FontChain
    from ecert.workspace.workspace import Workspace


def fonts_of(workspace: Workspace) -> FontChain:
    """Return the fonts of a workspace's settings, then those of the machine.

    Raises:
        ExtraMissingError: fontTools is not installed.
        FormatError: A font that the settings name is none.
    """
    from ecert.show.fonts import FontChain

    named = workspace.settings.fonts
    return FontChain([workspace.path / named] if named else [])
