"""Read the digits of a code that was laid flat: decide, correct what can be, decide again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecert.show.digits import split_codes
from ecert.show.recovery import correcting, equalising, layout, straightening

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from PIL import Image

# Rounds of deciding; each but the first knows the blocks that those before have brought.
_ROUNDS = 4
# Pixels over which light is evened out before a code is sought: for modules of few pixels and
# of many.
_LIGHTS = (12, 30)


def digits_in(grey: Image.Image) -> set[str]:
    """Return the digits of the codes in a picture that the decoder could not read.

    Args:
        grey: Mode L, from black to white; a module has five pixels or more.

    Returns:
        The digits of every code that is found and can be corrected: who looks for one must know
        of two.  Length and check digits are right.
    """
    for radius in _LIGHTS:
        places = list(straightening.places(grey, radius))
        if places:
            return {digits for digits in (_digits_at(grey, one) for one in places) if digits}
    return set()


def _digits_at(grey: Image.Image, place: straightening.Place) -> str | None:
    flat = straightening.flattened(grey, place)
    seen = equalising.levels(flat, straightening.MARGIN)
    digits = _Modules(seen, place.version).digits()
    return digits if digits is not None and split_codes(digits) else None


class _Modules:
    """The modules of one code, of which more and more are known.

    Attributes:
        known: By x and y; True is dark.
        written: The blocks that are corrected, by number.
    """

    def __init__(self, seen: equalising.Levels, version: int) -> None:
        self._seen = seen
        self._version = version
        self.known = dict(layout.fixed(version))
        self.written: dict[int, list[int]] = {}
        first = equalising.decided(seen, self.known)
        self._mask = max(layout.MASKS, key=lambda mask: self._agreement(first, mask))
        self.known |= layout.described(version, self._mask)

    def digits(self) -> str | None:
        """Return the digits, or None if a block cannot be corrected or they are none."""
        blocks = layout.blocks(self._version)
        for _ in range(_ROUNDS):
            before = len(self.written)
            for decided in self._decisions():
                self._correct(equalising.surer(decided))
                if len(self.written) == len(blocks):
                    data = (self.written[at][: block.data] for at, block in enumerate(blocks))
                    return layout.digits_of(b"".join(map(bytes, data)), self._version)
            if len(self.written) == before:
                break
        return None

    def _decisions(self) -> Iterator[list[float]]:
        decided = equalising.decided(self._seen, self.known)
        yield decided
        decided = equalising.cleared(self._seen, self.known, decided)
        yield equalising.cleared(self._seen, self.known, decided)

    def _agreement(self, decided: Sequence[float], mask: int) -> float:
        """Return how well what tells of the mask tells of this one."""
        side = self._seen.side
        return sum(
            max(-1.0, min(1.0, decided[y * side + x])) * (-1 if dark else 1)
            for (x, y), dark in layout.described(self._version, mask).items()
        )

    def _correct(self, decided: Sequence[float]) -> None:
        """Correct what blocks can be, and know their modules from then on."""
        side = self._seen.side
        places = layout.data_places(self._version)
        turned = layout.inverted(self._version, self._mask)
        # Above 0 is 1.
        bits = [
            decided[y * side + x] * (1 if turn else -1)
            for (x, y), turn in zip(places, turned, strict=True)
        ]
        blocks = layout.blocks(self._version)
        words = [[0] * block.total for block in blocks]
        trust = [[0.0] * block.total for block in blocks]
        for at, (number, place) in enumerate(layout.word_order(self._version)):
            byte = bits[8 * at : 8 * at + 8]
            words[number][place] = sum(128 >> bit for bit, value in enumerate(byte) if value > 0)
            trust[number][place] = min(map(abs, byte))
        for number, block in enumerate(blocks):
            if number not in self.written:
                written = _corrected(words[number], trust[number], block.total - block.data)
                if written is not None:
                    self.written[number] = written
        self._know()

    def _know(self) -> None:
        places = layout.data_places(self._version)
        turned = layout.inverted(self._version, self._mask)
        for at, (number, place) in enumerate(layout.word_order(self._version)):
            if number in self.written:
                word = self.written[number][place]
                for bit in range(8):
                    one = bool(word & 128 >> bit)
                    self.known[places[8 * at + bit]] = one != turned[8 * at + bit]


def _corrected(words: Sequence[int], trust: Sequence[float], checks: int) -> list[int] | None:
    """Correct a block, leaving out more and more of the words that are trusted least."""
    doubtful = sorted(range(len(words)), key=trust.__getitem__)
    for count in range(0, checks - 1, 2):
        written = correcting.corrected(words, checks, doubtful[:count])
        if written is not None:
            return written
    return None
