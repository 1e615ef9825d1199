from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.request
from urllib.parse import urlsplit

import pytest

from modmirror.errors import ConfigError
from modmirror.lab.net.control import Control
from modmirror.lab.net.controlserver import controlled


def ask(url: str, body: dict[str, object] | None = None, agent: str = "client") -> tuple[int, bytes]:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"User-Agent": agent})  # noqa: S310 - http, loopback
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - as above
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


async def test_the_api_is_spoken_over_http() -> None:
    control = Control()
    async with controlled(control, ("127.0.0.1", 0)) as url:
        proxy: dict[str, object] = {"name": "a", "upstream": "127.0.0.1:1"}
        status, body = await asyncio.to_thread(ask, url + "/proxies", proxy)
        assert (status, json.loads(body)["name"]) == (201, "a")
        status, body = await asyncio.to_thread(ask, url + "/reset", {})
        assert (status, body) == (204, b"")
        status, body = await asyncio.to_thread(ask, url + "/proxies", None, "Mozilla/5.0")
        assert (status, json.loads(body)["error"]) == (403, "User agent not allowed")
    await control.close()


async def test_an_address_that_is_taken_is_wrong_input() -> None:
    control = Control()
    async with controlled(control, ("127.0.0.1", 0)) as url:
        with pytest.raises(ConfigError) as caught:
            async with controlled(control, ("127.0.0.1", urlsplit(url).port or 0)):
                raise AssertionError
    assert caught.value.key == "--control"
    assert caught.value.reason == f"127.0.0.1:{urlsplit(url).port}: Address already in use"
