from __future__ import annotations

import json
import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.request import urlopen

import pytest

from modmirror.cli.lab.watch import WatchFlags, check, exporting, keeping
from modmirror.cli.main import WRONG_INPUT, run
from modmirror.errors import ConfigError, StorageFull
from modmirror.lab.run.folder import RunFolder
from modmirror.lab.target import parse_target
from modmirror.lab.watch.gauges import WatchMetrics
from tests.fakes.lab import memory_run, targets_named

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Mirror(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = b"v1.0.0\n" if self.path.endswith("/list") else b'{"Version":"v1.0.0"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is theirs
        """Say nothing."""


@pytest.fixture
def mirror() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Mirror) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def watch(*words: str) -> int:
    return run(["lab", "watch", "--port", "0", "--every", "0.1", *words])


def test_each_round_tells_a_line_for_each_mirror(mirror: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert watch(mirror, "--rounds", "2") == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert all("info cold" in line and "info warm" in line and "lag none" in line for line in lines)


def test_json_has_one_object_a_line(mirror: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert watch(mirror, "--rounds", "1", "--json") == 0
    (line,) = capsys.readouterr().out.splitlines()
    told = json.loads(line)
    assert [answer["outcome"] for answer in told["answers"]] == ["ok", "ok", "ok"]
    assert told["lag_seconds"] == 0


def test_a_mirror_that_is_not_there_is_told_and_not_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        assert watch(url, "--rounds", "1", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert {answer["outcome"] for answer in told["answers"]} == {"refused"}


def test_a_watch_can_be_kept(mirror: str, tmp_path: Path) -> None:
    assert watch(mirror, "--rounds", "1", "--save", str(tmp_path / "run")) == 0
    folder = RunFolder.open(tmp_path / "run")
    assert folder.manifest.state == "complete"
    assert {sample.case for sample in folder.samples("watch")} == {"info", "list"}


def test_a_watch_that_fails_keeps_what_it_has(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path / "run", memory_run("watch").manifest, lambda: "2026")
    with pytest.raises(StorageFull), keeping(folder):
        raise StorageFull("no space")
    assert RunFolder.open(tmp_path / "run").manifest.state == "interrupted"


def test_a_watch_that_is_not_kept_writes_nothing() -> None:
    with pytest.raises(StorageFull), keeping(None):
        raise StorageFull("no space")


def test_metrics_can_be_read_while_it_runs(capsys: pytest.CaptureFixture[str]) -> None:
    with exporting(WatchMetrics(), WatchFlags(port=0)):
        url = capsys.readouterr().err.split()[1]
        with urlopen(url, timeout=10) as answer:  # noqa: S310 - loopback
            assert b"modproxy_lab_rounds_total 0.0" in answer.read()


@contextmanager
def taken_port() -> Iterator[int]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


def test_a_port_that_is_taken_is_said_with_what_to_do(
    mirror: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with taken_port() as port:
        assert run(["lab", "watch", mirror, "--port", str(port), "--rounds", "1"]) == WRONG_INPUT
    said = capsys.readouterr().err
    assert f"127.0.0.1:{port}: Address already in use\n" in said
    assert "name another, or 0 for any" in said


@pytest.mark.parametrize(
    "flags", [WatchFlags(every=0), WatchFlags(every=float("nan")), WatchFlags(rounds=0)]
)
def test_an_impossible_pace_is_refused(flags: WatchFlags) -> None:
    with pytest.raises(ConfigError):
        check(flags, targets_named("a"))


def test_mirrors_of_others_are_asked_seldom() -> None:
    with pytest.raises(ConfigError, match="too often"):
        check(WatchFlags(every=1), (parse_target("https://proxy.test"),))
    check(WatchFlags(every=10), (parse_target("https://proxy.test"),))
    check(WatchFlags(every=1), targets_named("a"))
