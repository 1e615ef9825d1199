from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from modmirror.policy.decide import RuleSettings
from modmirror.proxy.forecast import forecast
from modmirror.proxy.routes import Routes
from modmirror.storage.port import BlobKey
from tests.fakes.engine import make_engine
from tests.fakes.guided import guide_for
from tests.fakes.waiting import ready

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.fakes.engine import Engine

ONE, TWO = ready("one.example"), ready("two.example")


@pytest.fixture
async def engine() -> AsyncIterator[Engine]:
    made = make_engine(ONE, TWO)
    yield made
    await made.close()


async def told(engine: Engine, text: str, **changes: Any) -> dict[str, Any]:
    """Forecast with a guided route that differs from the engine's by ``changes``."""
    guide, _ = guide_for(ONE, TWO, scores=0.05)
    route = replace(next(iter(engine.tools.routes)), guide=guide, measured=True, **changes)
    mirror = replace(engine.mirror, tools=replace(engine.tools, routes=Routes([route])))
    return await forecast(mirror, text)


async def test_upstreams_are_named_in_the_order_in_which_they_are_asked_and_why(engine: Engine) -> None:
    got = await told(engine, "x.y/m@v1.0.0")
    assert got["asked"] == [
        {"upstream": "one.example", "score_ms": 50.0, "breaker": "closed", "why": "score 50 ms"},
        {"upstream": "two.example", "score_ms": 50.0, "breaker": "closed", "why": "score 50 ms"},
    ]
    assert got["stored"] == {"info": False, "mod": False, "zip": False}
    assert got["then"].startswith("what is stored is served; for the rest the upstreams are asked")
    assert (ONE.asked, TWO.asked) == (0, 0)


async def test_what_is_stored_needs_nobody(engine: Engine) -> None:
    for extension in ("info", "mod", "zip"):
        key = BlobKey("x.y/!m", "v1.0.0", extension)  # type: ignore[arg-type]  # the loop widens the literals
        if extension == "zip":
            spool = await engine.storage.spool()
            spool.write(b"content")
            await engine.storage.put(key, spool, sha256(b"content").hexdigest(), "h1:x")
        else:
            await engine.storage.put(key, b"content", sha256(b"content").hexdigest())
    got = await told(engine, "x.y/M@v1.0.0")
    assert got["stored"] == {"info": True, "mod": True, "zip": True}
    assert got["then"] == "served from the store; nobody is asked"


async def test_policy_speaks_first(engine: Engine) -> None:
    mirror = replace(engine.mirror, rules=(RuleSettings(match=("x.y/*",), reason="it is evil"),))
    got = await forecast(mirror, "x.y/m@v1.0.0")
    assert got["policy"] == {"allowed": False, "reason": "x.y/m@v1.0.0: it is evil", "rule": 0}
    assert got["then"] == "refused: x.y/m@v1.0.0: it is evil"


async def test_an_offline_route_asks_nobody(engine: Engine) -> None:
    got = await told(engine, "x.y/m", offline=True, links=())
    assert got["asked"] == []
    assert got["then"].endswith("the route is offline")


async def test_without_a_guide_the_order_is_as_declared(engine: Engine) -> None:
    got: dict[str, Any] = await forecast(engine.mirror, "x.y/m")
    assert [each["upstream"] for each in got["asked"]] == ["one.example", "two.example"]
    assert {each["why"] for each in got["asked"]} == {"as declared"}


@pytest.mark.parametrize("text", ["", "no spaces@v1", "x.y/m@../v1", "x"])
async def test_what_names_no_module_is_said_to(engine: Engine, text: str) -> None:
    got = await forecast(engine.mirror, text)
    assert str(got["then"]).startswith("refused: ")


async def test_a_module_without_a_route_is_told_so(engine: Engine) -> None:
    got = await told(engine, "x.y/m", match=("corp.example",))
    assert got["route"] is None
    assert "no route of this mirror matches x.y/m" in got["then"]
