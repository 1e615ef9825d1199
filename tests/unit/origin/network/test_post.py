from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from modmirror.errors import UpstreamBadAnswer, UpstreamTimeout, UpstreamUnavailable
from modmirror.origin.network.post import ApiPost
from tests.fakes.goimport_server import GoImportServer
from tests.fakes.tls import ca_pem

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

HEADERS = {"Authorization": "Bearer s3cret"}


@pytest.fixture
async def server() -> AsyncIterator[GoImportServer]:
    async with GoImportServer(certified=("127.0.0.1",)) as server:
        yield server


def post(timeout: float = 5.0, ca: bytes | None = None) -> ApiPost:
    return ApiPost(ca_pem() if ca is None else ca, "modmirror/test", timeout)


async def test_a_post_returns_status_and_body(server: GoImportServer) -> None:
    base = server.base_url
    server.page(f"{base}/app/x", b'{"token": "x"}', status=201)
    assert await post()(f"{base}/app/x", HEADERS) == (201, b'{"token": "x"}')
    assert server.seen[0].headers["authorization"] == "Bearer s3cret"
    assert server.seen[0].headers["user-agent"] == "modmirror/test"


async def test_a_redirect_is_an_answer_and_takes_no_secret_along(server: GoImportServer) -> None:
    base = server.base_url
    server.redirect(f"{base}/app/x", f"{base}/elsewhere")
    assert (await post()(f"{base}/app/x", HEADERS))[0] == 302
    assert len(server.seen) == 1


async def test_an_answer_without_end_is_given_up(server: GoImportServer) -> None:
    base = server.base_url
    server.page(f"{base}/big", bytes((1 << 20) + 1), status=201)
    with pytest.raises(UpstreamBadAnswer):
        await post()(f"{base}/big", HEADERS)


async def test_silence_is_a_timeout(server: GoImportServer) -> None:
    base = server.base_url
    server.page(f"{base}/x", b"", headers=[("Content-Length", "10")], hang=True)
    with pytest.raises(UpstreamTimeout):
        await post(0.3)(f"{base}/x", HEADERS)


async def test_a_host_that_cannot_be_reached_or_trusted_is_unavailable(server: GoImportServer) -> None:
    with pytest.raises(UpstreamUnavailable):
        await post(ca=b"")(f"{server.base_url}/x", HEADERS)
    with pytest.raises(UpstreamUnavailable):
        await post()("https://127.0.0.1:1/x", HEADERS)
