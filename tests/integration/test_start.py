"""A start that cannot work ends with one message and exit code 2; one that can says where it is."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SERVE = [sys.executable, "-m", "modmirror", "serve"]


def refused(*argv: str, cwd: Path) -> str:
    """Run ``serve`` and return its message."""
    done = subprocess.run(
        [*SERVE, *argv], cwd=cwd, capture_output=True, text=True, timeout=30, check=False, env=clean()
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("error: ")
    return done.stderr


def clean() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("MODMIRROR_")}


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_a_taken_port(tmp_path: Path, taken: int) -> None:
    message = refused("--store", "store", "--port", str(taken), cwd=tmp_path)
    assert "server.port" in message
    assert not (tmp_path / "store").exists()


def test_a_store_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("")
    assert "storage.path" in refused("--store", "store", "--port", "0", cwd=tmp_path)


def test_a_file_that_is_not_toml(tmp_path: Path) -> None:
    (tmp_path / "modmirror.toml").write_text("[server\n")
    assert "modmirror.toml is not TOML" in refused(cwd=tmp_path)


def test_an_upstream_that_is_no_url(tmp_path: Path) -> None:
    message = refused("--store", "store", "--upstream", "ftp://example.com", cwd=tmp_path)
    assert "(--upstream)" in message


def test_a_certificate_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "x.pem").write_text("x")
    message = refused(
        "--port", "0", "--store", "store", "--tls-cert", "x.pem", "--tls-key", "x.pem", cwd=tmp_path
    )
    assert "server.tls_cert" in message


def test_a_start_at_a_terminal_shows_the_line_to_paste(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    command = [*SERVE, "--port", "0", "--store", "store", "--log-level", "error"]
    with subprocess.Popen(
        command, cwd=tmp_path, stderr=theirs, stdout=subprocess.DEVNULL, env=clean()
    ) as mirror:
        os.close(theirs)
        text = shown(ours, until="Ctrl+C", seconds=30)
        mirror.send_signal(signal.SIGINT)
        code = mirror.wait(30)
    os.close(ours)
    assert re.search(r"go env -w GOPROXY=http://127\.0\.0\.1:[1-9]\d*", text)
    assert "store · 存储" in text
    assert code == 0


def shown(terminal: int, *, until: str, seconds: float) -> str:
    """Read a terminal until a text appears."""
    data = b""
    deadline = time.monotonic() + seconds
    while until.encode() not in data and time.monotonic() < deadline:
        if select.select([terminal], [], [], 0.1)[0]:
            data += os.read(terminal, 65_536)
    return data.decode()
