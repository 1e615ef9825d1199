from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from modmirror.errors import ConfigError
from modmirror.upstream.clients import HttpClients
from modmirror.upstream.credentials import Credentials
from modmirror.upstream.directory import DirectoryUpstream
from modmirror.upstream.http import HttpUpstream
from modmirror.upstream.opening import open_upstream
from modmirror.upstream.settings import HttpSettings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def clients() -> AsyncIterator[HttpClients]:
    clients = HttpClients(HttpSettings())
    yield clients
    await clients.close()


@pytest.mark.parametrize(
    ("url", "kind", "name"),
    [
        ("https://u:p@proxy.example/x?t=s", HttpUpstream, "https://proxy.example/x"),
        ("HTTPS://proxy.example", HttpUpstream, "https://proxy.example"),
        ("http://127.0.0.1:8081/", HttpUpstream, "http://127.0.0.1:8081"),
        ("file:///srv/goproxy", DirectoryUpstream, "file:goproxy"),
        ("file:///srv/go%20proxy/", DirectoryUpstream, "file:go proxy"),
    ],
)
async def test_the_scheme_chooses_the_kind(clients: HttpClients, url: str, kind: type, name: str) -> None:
    upstream = open_upstream(url, clients, Credentials())
    assert isinstance(upstream, kind)
    assert upstream.name == name
    await upstream.close()


@pytest.mark.parametrize(
    "url",
    [
        "ftp://hunter2@proxy.example",
        "proxy.example",
        "direct",
        "",
        "https://",
        "https:///path",
        "https://h/#part",
        "http://u:hunter2@h",
        "file://host/dir",
        "file:///dir?x=hunter2",
        "file:///dir#x",
        "file:relative",
        "file://",
        "file:///a%00b",
    ],
)
async def test_a_bad_url_says_how_a_right_one_looks(clients: HttpClients, url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        open_upstream(url, clients, Credentials())
    assert caught.value.key == "from"
    assert "://" in caught.value.hint
    assert "hunter2" not in str(caught.value)
