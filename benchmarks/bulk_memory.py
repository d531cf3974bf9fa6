"""The most memory that any process of a measurement took, as Linux keeps count of it (VmHWM)."""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterator

_PAUSE_SECONDS = 0.05


class MemoryWatch:
    """Looks at this process and its children as long as the block lasts; a context manager.

    Attributes:
        peaks: Bytes at the worst moment, by process.
    """

    def __init__(self) -> None:
        self.peaks: dict[int, int] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    @property
    def largest(self) -> int:
        """Bytes of the largest process."""
        return max(self.peaks.values(), default=0)

    def __enter__(self) -> Self:
        # What this process took before does not count (proc(5): 5 resets the peak).
        with suppress(OSError):
            Path("/proc/self/clear_refs").write_text("5")
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._look()

    def _watch(self) -> None:
        while not self._over.wait(_PAUSE_SECONDS):
            self._look()

    def _look(self) -> None:
        for folder in _family(Path("/proc/self")):
            # One that has just ended tells nothing of its memory.
            with suppress(OSError, ValueError, KeyError):
                lines = (folder / "status").read_text().splitlines()
                told = dict(line.split(":", 1) for line in lines if ":" in line)
                process, peak = int(told["Pid"]), int(told["VmHWM"].split()[0]) * 1024
                self.peaks[process] = max(peak, self.peaks.get(process, 0))


def _family(folder: Path) -> Iterator[Path]:
    yield folder
    for file in folder.glob("task/*/children"):
        with suppress(OSError):
            for child in file.read_text().split():
                yield from _family(Path("/proc") / child)
