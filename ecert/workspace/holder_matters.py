"""What a holder may show licences for: matters and scenes that the operator's lists know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecert.errors import MatterError, RegionError
from ecert.model.regions import covers, name_of

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from ecert.interop.entry import Entry
    from ecert.interop.matters.request import MatterRequest
    from ecert.workspace.workspace import Workspace

_FOUND: Final = 20
_ALL: Final = "*"


class HolderMatters:
    """The matters of the operator's workspace, and what is recognised for them where.

    Args:
        workspace: The operator's.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        # Made once, here: threads that came at the same time would each make their own.
        self._matters = workspace.matters
        self._knowledge = workspace.knowledge

    def reload(self) -> None:
        """Take over what another program, such as ``ecert sync``, has brought into force."""
        self._knowledge.reload()

    def regions(self) -> dict[str, str]:
        """Return where licences may be shown, by code: at home, and where a list recognises any."""
        home = self._workspace.settings.region
        codes = [home, *sorted({entry.target.region for entry in self._entries()} - {home})]
        return {code: name_of(code) for code in codes}

    def find(self, text: str, region: str) -> tuple[str, ...]:
        """Return names of matters and scenes that fit what was typed, for one region.

        Raises:
            MatterError: The text is too long.
        """
        found = [
            one.name for one in self._matters.catalogue.search(text, limit=_FOUND)
            if covers(one.region, region)
        ] if text else []  # fmt: skip
        scenes = {
            matter
            for entry in self._entries()
            if covers(entry.target.region, region)
            for matter in entry.matters
            if matter != _ALL and text in matter
        }
        return tuple(dict.fromkeys([*found, *sorted(scenes)]))[:_FOUND]

    def request(
        self, name: str, region: str, *, at: datetime, types: Collection[str]
    ) -> MatterRequest | None:
        """Return what is asked of a wallet for a matter; None if there is no such matter there."""
        try:
            return self._matters.request(name, region, at=at, types=types)
        except (MatterError, RegionError):
            return None

    def _entries(self) -> list[Entry]:
        lists = self._knowledge.recognition.lists
        return [entry for held in lists for entry in held.document.entries]
