from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from modmirror.errors import ConfigError, UpstreamUnavailable
from modmirror.upstream.clients import HttpClients
from modmirror.upstream.http import HttpUpstream
from modmirror.upstream.settings import HttpSettings
from tests.contract.upstream_suite import fetch
from tests.fakes.tls import write_ca
from tests.fakes.upstream import FakeUpstream

if TYPE_CHECKING:
    from pathlib import Path


async def ask(settings: HttpSettings, url: str) -> bytes:
    """GET /x with a client made now."""
    clients = HttpClients(settings)
    try:
        return (await fetch(HttpUpstream(url, clients), "x"))[1]
    finally:
        await clients.close()


async def test_a_certificate_of_an_unknown_authority_is_refused() -> None:
    with FakeUpstream(tls=True) as fake, pytest.raises(UpstreamUnavailable, match="certificate"):
        await ask(HttpSettings(), fake.url)


@pytest.mark.parametrize("place", ["ca_file", "SSL_CERT_FILE"])
async def test_a_further_authority_may_be_trusted(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ca_file = str(write_ca(tmp_path))
    if place == "SSL_CERT_FILE":
        monkeypatch.setenv(place, ca_file)
    settings = HttpSettings(ca_file=ca_file if place == "ca_file" else "")
    with FakeUpstream(tls=True) as fake:
        fake.put("x", "hello")
        assert await ask(settings, fake.url) == b"hello"


@pytest.mark.parametrize(
    "content", [b"", b"garbage", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
)
def test_a_file_without_usable_certificates_is_a_config_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "ca.pem").write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        HttpClients(HttpSettings(ca_file=str(tmp_path / "ca.pem")))
    assert caught.value.key == "http.ca_file"


def test_an_absent_file_of_authorities_is_a_config_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        HttpClients(HttpSettings(ca_file=str(tmp_path / "absent.pem")))


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy"])
async def test_requests_go_through_the_proxy_of_the_environment(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FakeUpstream() as proxy:
        proxy.handler = lambda _: (200, b"by proxy")
        monkeypatch.setenv(name, proxy.url)
        assert await ask(HttpSettings(), "http://upstream.test/base") == b"by proxy"
        assert proxy.log[0].target == "http://upstream.test/base/x"


@pytest.mark.parametrize("name", ["NO_PROXY", "no_proxy"])
async def test_no_proxy_excepts_hosts(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeUpstream() as proxy, FakeUpstream() as fake:
        fake.put("x", "direct")
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv(name, "127.0.0.1")
        assert await ask(HttpSettings(), fake.url) == b"direct"
        assert proxy.log == []


@pytest.mark.parametrize(("setting", "sent"), [("", "modmirror/"), ("ours/1", "ours/1")])
async def test_the_user_agent_names_the_mirror(setting: str, sent: str) -> None:
    with FakeUpstream() as fake:
        await ask(HttpSettings(user_agent=setting), fake.url)
        assert fake.log[0].headers["user-agent"].startswith(sent)


async def test_a_closed_client_asks_nothing_more() -> None:
    clients = HttpClients(HttpSettings())
    await clients.close()
    await clients.close()
    with pytest.raises(RuntimeError, match="closed"):
        _ = clients.client
