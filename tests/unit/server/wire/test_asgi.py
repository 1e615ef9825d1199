from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from modmirror.errors import UpstreamTimeout
from modmirror.server.app import create_app
from modmirror.server.settings import MemorySettings, ServerSettings
from modmirror.server.wire import asgi
from modmirror.server.wire.asgi import AnswerCut, AsgiApp
from modmirror.telemetry.instruments import Instruments
from tests.fakes.answers import (
    INFO,
    LIST,
    ZIP,
    BytesBlob,
    EndlessBlob,
    ScriptedEngine,
    ScriptedGrowing,
    growing_zip,
    info,
    stored_zip,
    versions,
)
from tests.fakes.sinks import ListedAccessLog

if TYPE_CHECKING:
    from modmirror.server.wire.asgi import Scope

BODY = bytes(range(256)) * 1200


class World:
    """One client of an ASGI server."""

    def __init__(self, stall_limit: float = 100.0) -> None:
        self.engine = ScriptedEngine({INFO: info, LIST: versions, ZIP: lambda: stored_zip(BytesBlob(BODY))})
        self.log = ListedAccessLog()
        instruments = Instruments(access_log=self.log, new_id=lambda: "id-7")
        edge = create_app(self.engine, ServerSettings(), MemorySettings(), (), instruments)
        self.app = AsgiApp(edge, stall_limit)
        self.messages: list[dict[str, Any]] = []
        self.left = asyncio.Event()
        self.room = 10_000
        """Messages that the server takes before it makes the application wait for ever."""

    def scope(self, path: str, method: str = "GET", *headers: tuple[bytes, bytes]) -> Scope:
        return {
            "type": "http",
            "http_version": "2",
            "method": method,
            "scheme": "https",
            "raw_path": path.encode(),
            "client": ("192.0.2.5", "4711"),
            "headers": list(headers),
        }

    async def receive(self) -> dict[str, Any]:
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: dict[str, Any]) -> None:
        if len(self.messages) == self.room:
            await asyncio.Event().wait()
        self.messages.append(message)

    async def get(self, path: str, method: str = "GET", *headers: tuple[bytes, bytes]) -> tuple[int, bytes]:
        self.messages.clear()
        await self.app(self.scope(path, method, *headers), self.receive, self.send)
        return self.messages[0]["status"], b"".join(each["body"] for each in self.messages[1:])

    @property
    def headers(self) -> dict[bytes, bytes]:
        return dict(self.messages[0]["headers"])


@pytest.mark.parametrize(
    ("path", "body"), [(INFO, b'{"Version":"v1.0.0"}'), (LIST, b"v1.0.0\n"), (ZIP, BODY)]
)
async def test_answers_go_out_as_messages(path: str, body: bytes) -> None:
    world = World()
    for _ in range(2):
        assert await world.get(path) == (200, body)
        assert world.headers[b"x-request-id"] == b"id-7"
        assert [each.get("more_body") for each in world.messages[1:]][-1] is False
    assert await world.get(path, "HEAD") == (200, b"")


async def test_a_hit_from_memory_does_not_reach_the_engine_and_is_logged() -> None:
    world = World()
    await world.get(INFO)
    await world.get(INFO)
    assert len(world.engine.asked) == 1
    assert [(e.cache, e.client, e.upstream) for e in world.log.entries] == [
        ("miss", "192.0.2.5", "up"),
        ("hit", "192.0.2.5", "up"),
    ]


async def test_large_content_goes_out_in_pieces() -> None:
    world = World()
    await world.get(ZIP)
    assert max(len(each["body"]) for each in world.messages[1:]) <= 122_880


async def test_lines_of_one_header_are_joined() -> None:
    world = World()
    await world.get(INFO)
    etag = world.headers[b"etag"]
    assert (await world.get(INFO, "GET", (b"if-none-match", b'"x"'), (b"if-none-match", etag)))[0] == 304


async def test_other_scopes_are_none_of_our_business() -> None:
    world = World()
    await world.app({"type": "lifespan"}, world.receive, world.send)
    assert world.messages == []


async def test_a_client_without_an_address_is_one_on_a_unix_socket() -> None:
    world = World()
    scope = world.scope(LIST)
    scope["client"] = None
    await world.app(scope, world.receive, world.send)
    assert world.log.entries[0].client == "unix"


@pytest.mark.parametrize("version", ["1", "1.0"])
async def test_http_1_0_needs_whole_files(version: str) -> None:
    world = World()
    scope = world.scope(LIST)
    scope["http_version"] = version
    await world.app(scope, world.receive, world.send)
    assert world.engine.asked[0].whole


async def test_an_answer_that_breaks_off_leaves_by_an_exception() -> None:
    world = World()
    growing = ScriptedGrowing(100, b"12345", error=UpstreamTimeout("up", "slow"))
    world.engine.answers[ZIP] = lambda: growing_zip(growing)
    with pytest.raises(AnswerCut, match="failed"):
        await world.get(ZIP)
    assert growing.closed == 1


async def test_a_client_that_left_is_noticed_while_sending(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asgi, "WATCH_AFTER", 0)
    world = World()
    world.engine.answers[ZIP] = lambda: stored_zip(EndlessBlob())
    world.left.set()
    with pytest.raises(AnswerCut, match="left"):
        await world.get(ZIP)


async def test_a_client_that_left_is_noticed_while_the_engine_works(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(asgi, "WATCH_AFTER", 0)
    world = World()
    world.engine.gate = asyncio.Event()
    world.left.set()
    await world.app(world.scope(LIST), world.receive, world.send)
    assert (world.log.entries[0].aborted, world.messages) == ("left", [])


async def test_a_client_that_takes_nothing_is_dropped() -> None:
    world = World(stall_limit=0.02)
    world.engine.answers[ZIP] = lambda: growing_zip(ScriptedGrowing(None, BODY))
    world.room = 3
    with pytest.raises(AnswerCut, match="stalled"):
        await world.get(ZIP)


async def test_a_quick_answer_is_never_watched() -> None:
    world = World()
    world.left.set()
    assert (await world.get(LIST))[0] == 200
    assert world.log.entries[0].aborted == ""
