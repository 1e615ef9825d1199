from __future__ import annotations

import asyncio

import pytest

from modmirror.lab.fault.asking import HttpAsk
from modmirror.lab.fault.scenario import find_scenario
from modmirror.lab.fault.standing import stand

LIST = "/example.com/lab/text/@v/list"
LIMIT = 20.0


async def test_it_says_where_it_is_plays_the_scenario_once_and_stays() -> None:
    said: asyncio.Queue[str] = asyncio.Queue()

    async def line() -> str:
        return await asyncio.wait_for(said.get(), LIMIT)

    scenario = find_scenario("server-errors").scaled(0.02)
    standing = asyncio.create_task(stand(scenario, ("127.0.0.1", 0), 0, said.put_nowait))
    try:
        url = (await line()).removeprefix("upstream: ")
        assert (await line()).startswith("GOSUMDB: sum.lab.test+")
        ask = HttpAsk(url, LIMIT)
        assert (await ask(LIST)).status == 200
        assert "behave" in await line()
        assert (await ask(LIST)).status == 500
        assert await line() == "healed"
        assert (await ask(LIST)).status == 200
        await ask.close()
    finally:
        standing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await standing


async def test_over_tls_it_says_whom_to_trust() -> None:
    said: list[str] = []
    standing = asyncio.create_task(stand(find_scenario("tls-expired"), ("127.0.0.1", 0), 0, said.append))
    try:
        async with asyncio.timeout(LIMIT):
            while len(said) < 3:
                await asyncio.sleep(0.01)
    finally:
        standing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await standing
    assert said[0].startswith("upstream: https://127.0.0.1:")
    assert said[2].startswith("authority to trust: ")
