"""SIGTERM while zips are on their way: finish what can be finished, cut off the rest, and say so."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import struct
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.client import fetch
from tests.fakes.gomodules import big_zip
from tests.fakes.store_tree import leftovers, module_files

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.conftest import StartMirror
    from tests.e2e.mirror import MirrorProcess, Tables
    from tests.fakes.upstream import FakeUpstream

MODULE = "slow.test/m"
PATH = f"{MODULE}/@v/v1.0.0.zip"
SIZE = 2 << 20
LIMIT = 20.0


@pytest.fixture
def packed(upstream: FakeUpstream) -> bytes:
    """A zip that takes about a second to arrive."""
    packed = big_zip(MODULE, "v1.0.0", SIZE)
    upstream.add(MODULE, "v1.0.0", zip=packed)
    upstream.bandwidth = SIZE
    return packed


def config(upstream: FakeUpstream, **server: float) -> Tables:
    return {"route": [{"match": ["*"], "from": [upstream.url], "sumdb": "off"}], "server": server}


def until(what: str, ask: Callable[[], object]) -> None:
    deadline = time.monotonic() + LIMIT
    while not ask():
        assert time.monotonic() < deadline, what
        time.sleep(0.005)


def under_way(upstream: FakeUpstream) -> bool:
    """Whether a part of the zip is on its way that clients may see already."""
    return any(seen.sent > SIZE // 4 for seen in upstream.requests(PATH))


def stopped(mirror: MirrorProcess) -> dict[str, Any]:
    """The last line of the log."""
    said: dict[str, Any] = json.loads(mirror.log.splitlines()[-1])
    assert said["event"] == "stopped"
    return {key: value for key, value in said.items() if key.endswith("cut_off")}


def test_running_answers_and_their_fill_are_finished(
    upstream: FakeUpstream, packed: bytes, start_mirror: StartMirror
) -> None:
    mirror = start_mirror(config(upstream, drain=0.3))
    with ThreadPoolExecutor(3) as pool:
        clients = [pool.submit(fetch, mirror.url, PATH) for _ in range(3)]
        until("a fill under way", lambda: under_way(upstream))
        mirror.tell(signal.SIGTERM)
        until("readiness to flip", lambda: fetch(mirror.url, "readyz").status == 503)
        assert fetch(mirror.url, "livez").status == 200, "what still comes is served during the drain"
        assert mirror.wait() == 0
        assert all(client.result().whole and client.result().body == packed for client in clients)
    assert upstream.count(PATH) == 1
    assert module_files(mirror.store)[PATH] == packed
    assert stopped(mirror) == {"answers_cut_off": 0, "fills_cut_off": 0}


def test_fill_whose_client_has_left_is_finished(
    upstream: FakeUpstream, packed: bytes, start_mirror: StartMirror
) -> None:
    mirror = start_mirror(config(upstream))
    begin_and_leave(mirror)
    mirror.tell(signal.SIGTERM)
    assert mirror.wait() == 0
    assert module_files(mirror.store)[PATH] == packed
    assert stopped(mirror) == {"answers_cut_off": 0, "fills_cut_off": 0}


def begin_and_leave(mirror: MirrorProcess) -> None:
    """Read the beginning of the zip, then reset the connection."""
    connection = http.client.HTTPConnection("127.0.0.1", int(mirror.url.rpartition(":")[2]), timeout=LIMIT)
    connection.request("GET", f"/{PATH}")
    answer = connection.getresponse()
    assert answer.read(1000)
    assert connection.sock is not None
    connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    answer.close()
    connection.close()


@pytest.mark.parametrize("how", ["limit", "second signal"])
def test_what_takes_too_long_is_cut_off_with_a_line_in_the_log(
    upstream: FakeUpstream, packed: bytes, start_mirror: StartMirror, how: str
) -> None:
    upstream.bandwidth = SIZE // 60
    mirror = start_mirror(config(upstream, shutdown_timeout=0.5 if how == "limit" else 60.0))
    with ThreadPoolExecutor(1) as pool:
        client = pool.submit(fetch, mirror.url, PATH)
        until("a fill under way", lambda: any(seen.sent for seen in upstream.requests(PATH)))
        asked = time.monotonic()
        mirror.tell(signal.SIGTERM)
        if how == "second signal":
            until("the first signal to be taken", lambda: refuses(mirror))
            mirror.tell(signal.SIGTERM)
        assert mirror.wait() == 0
        assert time.monotonic() - asked < LIMIT
        assert not client.result().whole
    assert stopped(mirror) == {"answers_cut_off": 1, "fills_cut_off": 1}
    assert module_files(mirror.store) == {}
    assert leftovers(mirror.store) == []


def refuses(mirror: MirrorProcess) -> bool:
    """Whether the mirror has stopped listening."""
    return fetch(mirror.url, "livez").status == 0
