"""A window's program: claims codes and answers challenges that another program also wants.

Prints one line for each that it got.  Started by tests.unit.store.test_window_race.
"""

from __future__ import annotations

import random  # noqa: TID251 - an order of its own for each program
import sys
from datetime import timedelta

from ecert.show.challenge import WindowChallenge
from ecert.store.challenges import SQLChallenges
from ecert.store.engine import open_engine
from ecert.store.replay import SQLReplay
from tests.unit.issuers.sample_register import AT


def main(url: str, count: int, seed: int, *numbers: str) -> None:
    """Try every code and every challenge once, in an order of its own."""
    chance = random.Random(seed)
    until = AT + timedelta(seconds=90)
    with open_engine(url) as engine:
        replay, book = SQLReplay(engine), SQLChallenges(engine)
        for code in chance.sample(range(count), count):
            if replay.claim(b"code %d" % code, until=until, at=AT):
                print(f"code {code}", flush=True)  # noqa: T201 - what it got
        for number in chance.sample(numbers, len(numbers)):
            mine = b"%d" % seed
            if book.use(WindowChallenge(12, number), code=mine, at=AT):
                print(f"number {number}", flush=True)  # noqa: T201 - the same


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), *sys.argv[4:])
