"""Many clients at once, slow ones, idle ones, and files larger than the memory they may cost."""

from __future__ import annotations

import http.client
import random
import socket
import time
import zipfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.e2e.client import fetch
from tests.e2e.crowd import allow_descriptors, outcome_of, start_crowd
from tests.fakes.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.e2e.conftest import StartMirror
    from tests.e2e.mirror import MirrorProcess, Tables
    from tests.fakes.upstream import FakeUpstream

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("herd")]

MODULE = "herd.test/m"
PATH = f"{MODULE}/@v/v1.0.0.zip"
MB = 1_000_000
MIB = 1 << 20
LIMIT = 60.0


class _WriteOnly:
    """A file that cannot seek, so that zipfile writes data descriptors as the go command does."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self.write = self._file.write
        self.flush = self._file.flush
        self.close = self._file.close


def write_zip(path: Path, size: int) -> Path:
    """Write a module zip of about ``size`` bytes, fast and without holding it in memory."""
    block = random.Random(size).randbytes(4 * MIB)
    out = _WriteOnly(path)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=0) as archive:
        archive.writestr(f"{MODULE}@v1.0.0/go.mod", f"module {MODULE}\n")
        for number in range(max(1, size // len(block))):
            data = number.to_bytes(8, "big") + block[8:]
            archive.writestr(f"{MODULE}@v1.0.0/data/{number:04}.bin", data)
    out.close()
    return path


@pytest.fixture
def config(upstream: FakeUpstream) -> Tables:
    return {"route": [{"match": ["*"], "from": [upstream.url], "sumdb": "off"}]}


class Memory:
    """What a process has used at most since this was made, over what it used then."""

    def __init__(self, mirror: MirrorProcess) -> None:
        self._proc = Path(f"/proc/{mirror.pid}")
        (self._proc / "clear_refs").write_text("5")  # forget the peak so far
        self._idle = self._read("VmRSS")

    def growth(self) -> int:
        return self._read("VmHWM") - self._idle

    def _read(self, name: str) -> int:
        lines = (self._proc / "status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))


def until(what: str, ask: Callable[[], object]) -> None:
    deadline = time.monotonic() + LIMIT
    while not ask():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


@pytest.mark.matrix("T142")
@pytest.mark.matrix("T174")
def test_five_hundred_clients_of_a_cold_zip_cause_one_request_and_little_memory(
    upstream: FakeUpstream, config: Tables, start_mirror: StartMirror, tmp_path: Path
) -> None:
    packed = write_zip(tmp_path / "big.zip", 60 * MB)
    upstream.add(MODULE, "v1.0.0", zip=packed)
    upstream.latency = 1.5  # all have asked before the first byte comes
    mirror = start_mirror(config)
    memory = Memory(mirror)
    crowds = [start_crowd(mirror.url, PATH, packed, 250) for _ in range(2)]
    outcomes = [outcome_of(crowd) for crowd in crowds]
    growth = memory.growth()
    print(f"growth {growth / MB:.0f} MB, {outcomes}")  # noqa: T201 - shown with pytest -s
    assert [outcome.equal for outcome in outcomes] == [250, 250], outcomes
    assert upstream.count(PATH) == 1
    assert growth < 150 * MB
    states = [entry["cache"] for entry in stopped_log(mirror) if entry["path"] == f"/{PATH}"]
    assert (states.count("miss"), states.count("coalesced")) == (1, 499)


def stopped_log(mirror: MirrorProcess) -> list[dict[str, str]]:
    """The whole access log: it is flushed at the end."""
    assert mirror.stop() == 0
    return mirror.access


@pytest.mark.parametrize("stored", [True, False], ids=["hit", "cold"])
def test_slow_readers_of_large_zips_cost_next_to_nothing(
    upstream: FakeUpstream, config: Tables, start_mirror: StartMirror, tmp_path: Path, *, stored: bool
) -> None:
    packed = write_zip(tmp_path / "big.zip", 100 * MB)
    upstream.add(MODULE, "v1.0.0", zip=packed)
    mirror = start_mirror(config)
    if stored:
        assert len(fetch(mirror.url, PATH).body) == packed.stat().st_size
    memory = Memory(mirror)
    with ExitStack() as stack:
        readers = [stack.enter_context(slow_reader(mirror)) for _ in range(20)]
        for _ in range(40):
            for reader in readers:
                assert reader.recv(65_536)
        until("the fill to end", lambda: fetch(mirror.url, PATH).headers is not None)
        growth = memory.growth()
        print(f"growth {growth / MB:.1f} MB")  # noqa: T201 - shown with pytest -s
        assert growth < (10 * MB if stored else 40 * MB)
    assert upstream.count(PATH) == 1


def slow_reader(mirror: MirrorProcess) -> socket.socket:
    host, port = mirror.url.removeprefix("http://").split(":")
    reader = socket.create_connection((host, int(port)), timeout=LIMIT)
    reader.sendall(f"GET /{PATH} HTTP/1.1\r\nHost: mirror\r\n\r\n".encode())
    return reader


def test_thousand_idle_connections_keep_nobody_out(config: Tables, start_mirror: StartMirror) -> None:
    mirror = start_mirror(config)
    allow_descriptors(1500)
    memory = Memory(mirror)
    with ExitStack() as stack:
        for _ in range(1000):
            idle = http.client.HTTPConnection(*_address(mirror), timeout=LIMIT)
            stack.callback(idle.close)
            idle.request("GET", "/livez")
            assert idle.getresponse().read() == b"ok\n"
        began = time.monotonic()
        assert fetch(mirror.url, "livez").status == 200
        assert time.monotonic() - began < 1.0
        growth = memory.growth()
        print(f"growth {growth / MB:.1f} MB")  # noqa: T201 - shown with pytest -s
        assert growth < 30 * MB


def _address(mirror: MirrorProcess) -> tuple[str, int]:
    host, port = mirror.url.removeprefix("http://").split(":")
    return host, int(port)


def test_memory_stays_flat_whatever_the_size_of_a_cold_zip(
    upstream: FakeUpstream, config: Tables, start_mirror: StartMirror, tmp_path: Path
) -> None:
    packed = write_zip(tmp_path / "big.zip", 400 * MB)
    upstream.add(MODULE, "v1.0.0", zip=packed)
    upstream.fault(PATH, Fault(chunked=True))  # nobody knows the length before its end
    mirror = start_mirror(config)
    memory = Memory(mirror)
    assert all(got == right for got, right in zip(streamed(mirror), pieces_of(packed), strict=True))
    growth = memory.growth()
    print(f"growth {growth / MB:.1f} MB")  # noqa: T201 - shown with pytest -s
    assert growth < 40 * MB
    assert upstream.count(PATH) == 1


def streamed(mirror: MirrorProcess) -> Iterator[bytes]:
    connection = http.client.HTTPConnection(*_address(mirror), timeout=LIMIT)
    connection.request("GET", f"/{PATH}")
    answer = connection.getresponse()
    assert answer.getheader("transfer-encoding") == "chunked"
    while piece := answer.read(MIB):
        yield piece
    connection.close()


def pieces_of(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(MIB):
            yield piece
