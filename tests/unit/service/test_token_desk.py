"""Tokens are looked up for each request; those of one moment share one look."""

from __future__ import annotations

import asyncio
import threading
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from ecert.errors import StoreError
from ecert.service.token_desk import TokenDesk
from ecert.store.engine import open_engine
from ecert.store.tokens import SQLTokens
from ecert.workspace.access import Role, find_token, new_token
from tests.unit.issuers.sample_register import AT

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

    from ecert.store.engine import Engine
    from ecert.store.tokens import AccessToken

DAY = timedelta(days=1)
PATIENCE = 30


class Slow(SQLTokens):
    """Tokens whose first look lasts until the gate opens."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.looks: list[set[str]] = []
        self.begun, self.gate = threading.Event(), threading.Event()
        self.fault: StoreError | None = None

    def some(self, token_ids: Collection[str]) -> Mapping[str, AccessToken]:
        self.looks.append(set(token_ids))
        self.begun.set()
        assert self.gate.wait(PATIENCE)
        if self.fault is not None:
            raise self.fault
        return super().some(token_ids)


@pytest.fixture
def tokens(tmp_path: Path) -> Iterator[Slow]:
    """No token yet."""
    with open_engine(tmp_path / "tokens.sqlite") as engine:
        yield Slow(engine)


def _add(tokens: SQLTokens) -> str:
    text, kept = new_token(Role.CLERK, "3号窗口", created=AT, expires=AT + DAY)
    tokens.add(kept)
    return text


async def _meanwhile(tokens: Slow, desk: TokenDesk, texts: list[str]) -> list[asyncio.Task[str]]:
    """Ask for the first, and for the others while its look lasts."""

    async def ask(text: str) -> str:
        token, why = await desk.find(text, AT)
        return why if token is None else token.id

    asked = [asyncio.create_task(ask(texts[0]))]
    await asyncio.to_thread(tokens.begun.wait, PATIENCE)
    asked += [asyncio.create_task(ask(text)) for text in texts[1:]]
    await asyncio.sleep(0)
    return asked


def test_those_who_come_while_one_looks_share_the_next_look(tokens: Slow) -> None:
    texts = [_add(tokens) for _ in range(3)]
    ids = [text.split(".")[1] for text in texts]

    async def play() -> list[str]:
        asked = await _meanwhile(tokens, TokenDesk(tokens), [texts[0], *texts])
        tokens.gate.set()
        return await asyncio.gather(*asked)

    assert asyncio.run(play()) == [ids[0], *ids]
    assert tokens.looks == [{ids[0]}, set(ids)]


def test_a_token_withdrawn_before_the_request_came_opens_nothing(tokens: Slow) -> None:
    first, second = _add(tokens), _add(tokens)

    async def play() -> list[str]:
        desk = TokenDesk(tokens)
        asked = await _meanwhile(tokens, desk, [first])
        assert tokens.withdraw(second.split(".")[1], AT)
        asked += [asyncio.create_task(_why(desk, second))]
        await asyncio.sleep(0)
        tokens.gate.set()
        return await asyncio.gather(*asked)

    assert asyncio.run(play()) == [first.split(".")[1], "withdrawn"]


async def _why(desk: TokenDesk, text: str) -> str:
    token, why = await desk.find(text, AT)
    assert token is None
    return why


def test_it_says_what_the_single_look_up_says(tokens: Slow) -> None:
    good = _add(tokens)
    prefix, token_id, secret = good.split(".")
    tokens.gate.set()
    texts = (
        good, "", "nonsense", f"{prefix}.{token_id}.", f"{prefix}.{token_id}.{secret}x",
        f"{prefix}.000000000000.{secret}", f"{prefix}.证.{secret}", f"{prefix}.cert-1.{secret}",
    )  # fmt: skip

    async def play() -> None:
        desk = TokenDesk(tokens)
        for text in texts:
            for at in (AT, AT + DAY, AT - DAY):
                assert await desk.find(text, at) == find_token(text, tokens, at)

    asyncio.run(play())


def test_a_caller_that_hangs_up_takes_nothing_from_the_others(tokens: Slow) -> None:
    text = _add(tokens)

    async def play() -> str:
        asked = await _meanwhile(tokens, TokenDesk(tokens), [text, text, text])
        asked[1].cancel()
        await asyncio.sleep(0)
        tokens.gate.set()
        return (await asyncio.gather(asked[0], asked[2]))[1]

    assert asyncio.run(play()) == text.split(".")[1]


def test_a_database_that_refuses_is_told_to_all_and_the_next_look_is_made(tokens: Slow) -> None:
    text = _add(tokens)
    tokens.fault = StoreError("坏了", "gone")
    tokens.gate.set()

    async def play() -> None:
        desk = TokenDesk(tokens)
        for _ in range(2):
            with pytest.raises(StoreError, match="gone"):
                await desk.find(text, AT)
        tokens.fault = None
        assert (await desk.find(text, AT))[1] == ""

    asyncio.run(play())


@pytest.mark.parametrize(
    "text",
    ["ecert.\x00a.x", f"ecert.{'a' * 13}.x", "ecert.ABCDEFABCDEF.x", "ecert.c:00.x", "ecert..x"],
)
def test_what_no_token_is_written_like_is_not_looked_up(tokens: Slow, text: str) -> None:
    # PostgreSQL would refuse a NUL, and with it whatever others ask at the same time.
    tokens.gate.set()
    assert asyncio.run(TokenDesk(tokens).find(text, AT)) == (None, "malformed")
    assert tokens.looks == []


def test_a_thread_that_could_not_start_spoils_one_request_alone(
    tokens: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, desk = _add(tokens), TokenDesk(tokens)
    tokens.gate.set()
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", _refused)
        with pytest.raises(RuntimeError, match="can't start new thread"):
            asyncio.run(desk.find(text, AT))
    found, _ = asyncio.run(desk.find(text, AT))
    assert found is not None


def _refused(_: threading.Thread) -> None:
    raise RuntimeError("can't start new thread")
