from __future__ import annotations

import dataclasses
import socket
import stat
from typing import TYPE_CHECKING

import pytest
import trustme

from modmirror.errors import ConfigError
from modmirror.server.settings import ServerSettings
from modmirror.server.wire.binding import Bound, bind, release
from tests.fakes.tls import authority

if TYPE_CHECKING:
    from pathlib import Path


def refused(**settings: object) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        release(bind(dataclasses.replace(ServerSettings(port=0), **settings)))  # type: ignore[arg-type]  # one at a time
    return caught.value


@pytest.fixture
def pem(tmp_path: Path) -> Path:
    path = tmp_path / "both.pem"
    authority().issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(path))
    return path


def test_port_zero_is_a_free_port_that_is_shown() -> None:
    bound = bind(ServerSettings(port=0))
    port = bound.socket.getsockname()[1]
    assert port
    assert bound.url == f"http://127.0.0.1:{port}"
    release(bound)


@pytest.mark.parametrize(
    ("host", "shown"),
    [("0.0.0.0", "127.0.0.1"), ("::", "[::1]"), ("::1", "[::1]"), ("127.0.0.2", "127.0.0.2")],
)
def test_the_url_works_when_pasted(host: str, shown: str) -> None:
    bound = bind(ServerSettings(host=host, port=0, path_prefix="/go"))
    assert bound.url == f"http://{shown}:{bound.socket.getsockname()[1]}/go"
    with socket.create_connection((shown.strip("[]"), bound.socket.getsockname()[1])):
        pass
    release(bound)


def test_every_interface_takes_both_families() -> None:
    bound = bind(ServerSettings(host="::", port=0))
    with socket.create_connection(("127.0.0.1", bound.socket.getsockname()[1])):
        pass
    release(bound)


def test_clients_may_connect_before_anybody_serves() -> None:
    bound = bind(ServerSettings(port=0))
    with socket.create_connection(bound.socket.getsockname()):
        pass
    release(bound)


def test_a_taken_port_is_told_clearly() -> None:
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        error = refused(port=port)
    assert (error.key, error.reason) == ("server.port", f"127.0.0.1:{port} is taken by another process")
    assert error.hint


def test_two_mirrors_cannot_share_a_port_by_accident() -> None:
    first = bind(ServerSettings(port=0))
    assert refused(port=first.socket.getsockname()[1]).key == "server.port"
    release(first)


@pytest.mark.parametrize("host", ["203.0.113.1", "no.such.host.invalid"])
def test_an_address_of_another_machine_is_told_clearly(host: str) -> None:
    error = refused(host=host)
    assert error.key == "server.host"
    assert "Errno" not in error.reason


def test_a_client_that_acknowledges_nothing_is_dropped_by_the_kernel() -> None:
    bound = bind(ServerSettings(port=0, write_stall_timeout=1.5))
    assert bound.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 1500
    release(bound)


def test_a_unix_socket_can_be_connected_to_by_anybody_and_goes_away(tmp_path: Path) -> None:
    path = tmp_path / "mirror.sock"
    bound = bind(ServerSettings(unix_socket=str(path)))
    assert bound.url == f"unix:{path}"
    assert stat.S_IMODE(path.stat().st_mode) == 0o666
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))
    release(bound)
    assert not path.exists()
    release(Bound(bound.socket, bound.url))


def test_a_socket_left_behind_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "mirror.sock"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    release(bind(ServerSettings(unix_socket=str(path))))


def test_a_socket_in_use_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "mirror.sock"
    first = bind(ServerSettings(unix_socket=str(path)))
    error = refused(unix_socket=str(path))
    assert (error.key, error.reason) == ("server.unix_socket", f"{path} is in use by another process")
    assert path.exists()
    release(first)


def test_a_file_that_is_no_socket_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "precious"
    path.write_text("data")
    assert refused(unix_socket=str(path)).key == "server.unix_socket"
    assert path.read_text() == "data"


def test_a_unix_socket_that_cannot_be_made_is_told_clearly(tmp_path: Path) -> None:
    assert refused(unix_socket=str(tmp_path / "no" / "folder" / "s")).key == "server.unix_socket"
    assert refused(unix_socket=str(tmp_path / ("long" * 40))).key == "server.unix_socket"


def test_with_a_certificate_the_url_is_https(pem: Path) -> None:
    bound = bind(ServerSettings(port=0, tls_cert=str(pem), tls_key=str(pem)))
    assert bound.url.startswith("https://")
    release(bound)


def test_a_certificate_that_cannot_be_used_is_told_before_the_port_is_taken(
    pem: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.pem"
    trustme.CA().issue_cert("x.example").private_key_pem.write_to_path(str(other))
    junk = tmp_path / "junk.pem"
    junk.write_text("no certificate")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        for cert, key in [(pem, other), (junk, junk), (tmp_path / "none", pem), (pem, tmp_path / "none")]:
            error = refused(port=port, tls_cert=str(cert), tls_key=str(key))
            assert error.key == "server.tls_cert"
