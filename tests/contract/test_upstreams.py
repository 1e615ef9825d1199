"""The upstream contract, kept by every kind of upstream."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from modmirror.upstream.clients import HttpClients
from modmirror.upstream.directory import DirectoryUpstream
from modmirror.upstream.http import HttpUpstream
from modmirror.upstream.settings import HttpSettings
from tests.contract.upstream_suite import CONTENT, PATH, Place, UpstreamSuite, fetch
from tests.fakes.gomodules import make_file
from tests.fakes.h2 import H2Site, h2_site
from tests.fakes.tls import write_ca
from tests.fakes.upstream import FakeUpstream

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


class TestHttp(UpstreamSuite):
    @pytest.fixture
    async def place(self) -> AsyncIterator[Place]:
        clients = HttpClients(HttpSettings())
        with FakeUpstream(prefix="/base") as fake:
            yield Place(HttpUpstream(f"{fake.url}//", clients), fake.put)
            await clients.close()


class TestHttps(UpstreamSuite):
    @pytest.fixture
    async def place(self, tmp_path: Path) -> AsyncIterator[Place]:
        clients = HttpClients(HttpSettings(ca_file=str(write_ca(tmp_path))))
        with FakeUpstream(tls=True) as fake:
            yield Place(HttpUpstream(fake.url, clients), fake.put)
            await clients.close()


class TestHttp2(UpstreamSuite):
    @pytest.fixture
    async def site(self, tmp_path: Path) -> AsyncIterator[tuple[H2Site, str]]:
        async with h2_site(tmp_path) as both:
            yield both

    @pytest.fixture
    async def place(self, tmp_path: Path, site: tuple[H2Site, str]) -> AsyncIterator[Place]:
        served, url = site
        clients = HttpClients(HttpSettings(ca_file=str(write_ca(tmp_path))))

        def put(path: str, content: bytes) -> None:
            served.modules.files[path] = make_file(content)

        yield Place(HttpUpstream(url, clients), put)
        await clients.close()

    async def test_http_2_is_what_was_spoken(self, place: Place, site: tuple[H2Site, str]) -> None:
        place.put(PATH, CONTENT)
        await fetch(place.upstream, PATH)
        assert site[0].versions == ["2"]


class TestDirectory(UpstreamSuite):
    @pytest.fixture
    async def place(self, tmp_path: Path) -> AsyncIterator[Place]:
        def put(path: str, content: bytes) -> None:
            target = tmp_path / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)

        upstream = DirectoryUpstream(f"file://{tmp_path}")
        yield Place(upstream, put)
        await upstream.close()
