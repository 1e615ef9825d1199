from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from modmirror.lab.net.control import Control

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from modmirror.lab.net.control import Controlled

PROXY = {"name": "redis", "listen": "127.0.0.1:0", "upstream": "127.0.0.1:6379"}


@pytest.fixture
async def control() -> AsyncIterator[Control]:
    made = Control()
    yield made
    await made.close()


async def ask(control: Control, method: str, path: str, body: object = None) -> Controlled:
    return await control.answer(method, path, b"" if body is None else json.dumps(body).encode())


async def test_a_proxy_is_made_listed_shown_and_deleted(control: Control) -> None:
    made = await ask(control, "POST", "/proxies", PROXY)
    assert made.status == 201
    assert isinstance(made.body, dict)
    assert (made.body["name"], made.body["enabled"], made.body["toxics"]) == ("redis", True, [])
    assert not str(made.body["listen"]).endswith(":0")
    assert (await ask(control, "GET", "/proxies")).body == {"redis": made.body}
    assert (await ask(control, "GET", "/proxies/redis")).body == made.body
    assert (await ask(control, "DELETE", "/proxies/redis")).status == 204
    assert (await ask(control, "GET", "/proxies")).body == {}


async def test_a_proxy_is_switched_off_and_on_with_its_port(control: Control) -> None:
    made = await ask(control, "POST", "/proxies", PROXY)
    assert isinstance(made.body, dict)
    off = await ask(control, "POST", "/proxies/redis", {"enabled": False})
    assert off.body == made.body | {"enabled": False}
    on = await ask(control, "PATCH", "/proxies/redis", {"enabled": True})
    assert on.body == made.body


async def test_another_upstream_keeps_the_toxics(control: Control) -> None:
    await ask(control, "POST", "/proxies", PROXY)
    await ask(control, "POST", "/proxies/redis/toxics", {"type": "latency"})
    moved = await ask(control, "POST", "/proxies/redis", {"upstream": "127.0.0.1:6380"})
    assert isinstance(moved.body, dict)
    assert moved.body["upstream"] == "127.0.0.1:6380"
    assert len(control.proxies["redis"].toxics) == 1


async def test_toxics_are_added_shown_changed_and_removed(control: Control) -> None:
    await ask(control, "POST", "/proxies", PROXY)
    values = {"type": "latency", "stream": "upstream", "toxicity": 0.5, "attributes": {"latency": 100}}
    shown = {
        "name": "latency_upstream",
        "type": "latency",
        "stream": "upstream",
        "toxicity": 0.5,
        "attributes": {"latency": 100, "jitter": 0},
    }
    added = await ask(control, "POST", "/proxies/redis/toxics", values)
    assert (added.status, added.body) == (200, shown)
    assert (await ask(control, "GET", "/proxies/redis/toxics")).body == [shown]
    changed = await ask(
        control, "POST", "/proxies/redis/toxics/latency_upstream", {"attributes": {"jitter": 5}}
    )
    assert changed.body == shown | {"attributes": {"latency": 100, "jitter": 5}}
    assert (await ask(control, "GET", "/proxies/redis/toxics/latency_upstream")).body == changed.body
    assert (await ask(control, "DELETE", "/proxies/redis/toxics/latency_upstream")).status == 204
    assert (await ask(control, "GET", "/proxies/redis/toxics")).body == []


async def test_populate_replaces_proxies_of_the_same_name(control: Control) -> None:
    await ask(control, "POST", "/proxies", PROXY)
    both = [PROXY | {"upstream": "127.0.0.1:1"}, PROXY | {"name": "other", "enabled": False}]
    made = await ask(control, "POST", "/populate", both)
    assert made.status == 201
    assert control.proxies["redis"].upstream == ("127.0.0.1", 1)
    assert not control.proxies["other"].enabled


async def test_a_reset_enables_everything_and_removes_all_toxics(control: Control) -> None:
    await ask(control, "POST", "/proxies", PROXY | {"enabled": False})
    await ask(control, "POST", "/proxies/redis/toxics", {"type": "timeout"})
    assert (await ask(control, "POST", "/reset")).status == 204
    assert control.proxies["redis"].enabled
    assert control.proxies["redis"].toxics == {}


async def test_version_and_the_known_toxics_are_told(control: Control) -> None:
    told = (await ask(control, "GET", "/version")).body
    assert isinstance(told, dict)
    assert told["version"]
    toxics = (await ask(control, "GET", "/toxics")).body
    assert isinstance(toxics, dict)
    assert toxics["latency"] == {"latency": 0.0, "jitter": 0.0}


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/proxies", {"upstream": "h:1"}, 400),
        ("POST", "/proxies", PROXY, 409),
        ("POST", "/proxies", {"name": "b", "upstream": "nowhere"}, 400),
        ("POST", "/proxies", {"name": "b", "upstream": "h:1", "listen": "x"}, 400),
        ("POST", "/proxies/redis/toxics", {"type": "poison"}, 400),
        ("POST", "/proxies/redis/toxics", {"type": "timeout", "toxicity": 7}, 400),
        ("POST", "/populate", {"proxies": 5}, 400),
        ("GET", "/proxies/none", None, 404),
        ("GET", "/proxies/redis/toxics/none", None, 404),
        ("GET", "/nothing", None, 404),
        ("DELETE", "/version", None, 404),
        ("PUT", "/proxies/redis", None, 405),
    ],
)
async def test_what_cannot_be_done_has_its_status_and_a_reason(
    control: Control, method: str, path: str, body: object, status: int
) -> None:
    await ask(control, "POST", "/proxies", PROXY)
    answered = await ask(control, method, path, body)
    assert answered.status == status
    assert isinstance(answered.body, dict)
    assert answered.body["error"]


async def test_what_is_no_json_is_refused_and_so_are_browsers(control: Control) -> None:
    assert (await control.answer("POST", "/proxies", b"{")).status == 400
    assert (await control.answer("POST", "/proxies", b"5")).status == 400
    assert (await control.answer("GET", "/proxies", b"", browser=True)).status == 403
