from __future__ import annotations

import json

import pytest

from modmirror.server.ops import Ops, Page
from modmirror.telemetry.metrics import NullMetrics
from tests.fakes.exchanges import RecordingExchange


class World:
    def __init__(self, prefix: str = "") -> None:
        self.trouble: list[str] = []
        self.ops = Ops(
            self.problems, NullMetrics(), prefix, lambda: [("store", "<disk>"), ("upstreams", "up")]
        )

    async def problems(self) -> list[str]:
        return self.trouble

    async def page(self, path: str, **headers: str) -> Page | None:
        return await self.ops.page(RecordingExchange(path, **headers))

    async def text(self, path: str, **headers: str) -> str:
        page = await self.page(path, **headers)
        assert page is not None
        return page.body.decode()


@pytest.mark.parametrize("path", ["/livez", "/healthz", "/readyz", "/metrics", "/robots.txt", "/"])
async def test_the_pages_exist_and_are_not_to_be_kept(path: str) -> None:
    page = await World().page(path)
    assert page is not None
    assert page.status == 200
    assert dict(page.headers.pairs)[b"cache-control"] == b"no-store"
    assert dict(page.headers.pairs)[b"content-length"] == b"%d" % len(page.body)


@pytest.mark.parametrize(
    "path", ["/livez/", "/Livez", "//livez", "/example.com/m/@v/list", "/metrics/x", ""]
)
async def test_nothing_else_is_a_page(path: str) -> None:
    assert await World().page(path) is None


async def test_below_a_prefix_are_all_pages_and_health_is_at_the_root_as_well() -> None:
    world = World("/go")
    for path in ("/go", "/go/", "/go/livez", "/go/metrics", "/livez", "/readyz", "/healthz", "/robots.txt"):
        assert await world.page(path) is not None, path
    for path in ("/", "/metrics"):
        assert await world.page(path) is None, path


async def test_ready_says_what_is_missing() -> None:
    world = World()
    assert await world.text("/readyz") == "ready\n"
    world.trouble = ["the store is full", "no route"]
    page = await world.page("/readyz")
    assert page is not None
    assert (page.status, page.body) == (503, b"not ready: the store is full\nnot ready: no route\n")
    assert await world.text("/livez") == "ok\n"


async def test_a_draining_mirror_is_alive_but_not_ready() -> None:
    world = World()
    world.ops.draining = True
    page = await world.page("/readyz")
    assert page is not None
    assert (page.status, page.body) == (503, b"not ready: shutting down\n")
    assert await world.text("/livez") == "ok\n"


async def test_the_home_page_shows_the_line_to_paste_as_this_client_needs_it() -> None:
    text = await World("/go").text("/go/", host="mirror.example:8443")
    assert "go env -w GOPROXY=http://mirror.example:8443/go\n" in text
    assert "store: <disk>" in text


async def test_the_home_page_is_html_for_browsers_in_two_languages_and_escaped() -> None:
    text = await World().text("/", host="mirror.example", accept="text/html,*/*")
    assert text.startswith("<!doctype html>")
    assert "GOPROXY=http://mirror.example<" in text
    assert "&lt;disk&gt;" in text
    assert 'lang="zh"' in text
    assert "checked" not in text, "what is checked follows from the routes: it is one of the facts"
    assert "src=" not in text
    assert "http://" not in text.replace("http://mirror.example", "")


@pytest.mark.parametrize("host", ['"><script>', "", "a b", "x" * 300])
async def test_a_host_that_is_none_is_not_shown(host: str) -> None:
    text = await World().text("/", host=host, accept="text/html")
    assert "GOPROXY=http://localhost<" in text
    assert "<script>" not in text


async def test_robots_stay_away() -> None:
    assert await World().text("/robots.txt") == "User-agent: *\nDisallow: /\n"


@pytest.mark.parametrize("prefix", ["", "/go"])
async def test_others_may_add_pages_that_show_what_is_so_at_the_moment(prefix: str) -> None:
    world, heat = World(prefix), [1]
    world.ops.add_json("hot", lambda: {"heat": heat})
    heat.append(2)
    page = await world.page(f"{prefix}/-/hot")
    assert page is not None
    assert dict(page.headers.pairs)[b"content-type"] == b"application/json"
    assert json.loads(page.body) == {"heat": [1, 2]}


async def test_pages_below_a_path_get_the_rest_of_it_decoded() -> None:
    world = World("/go")

    async def tell(rest: str) -> object:
        return {"rest": rest}

    world.ops.add_json_below("explain", tell)
    told = await world.text("/go/-/explain/example.com/%21m@v1.0.0%2Bincompatible")
    assert json.loads(told) == {"rest": "example.com/!m@v1.0.0+incompatible"}
    assert json.loads(await world.text("/go/-/explain/%FF")) == {"rest": "\ufffd"}
    assert await world.page("/go/-/explain") is None
