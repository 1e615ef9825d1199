"""The servers that are compared: nginx, Go's file server, and the mirror as its users start it."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.machine import cpus, tool
from tests.e2e.go import GoCommand

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_START_LIMIT = 20.0
_NGINX = """\
daemon off;
pid nginx.pid;
error_log stderr error;
worker_processes {workers};
{user}
events {{ worker_connections 4096; }}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 1000000;
    open_file_cache max=10000;
    client_body_temp_path tmp/body;
    proxy_temp_path tmp/proxy;
    fastcgi_temp_path tmp/fastcgi;
    uwsgi_temp_path tmp/uwsgi;
    scgi_temp_path tmp/scgi;
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        root {root};
    }}
}}
"""


@dataclass(frozen=True)
class Running:
    """A server that accepts connections."""

    name: str
    url: str
    pid: int


def free_port() -> int:
    """A TCP port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def nginx(root: Path, scratch: Path) -> Iterator[Running]:
    """Serve ``root`` with sendfile, without a log: the fastest that nginx does."""
    port = free_port()
    (scratch / "tmp").mkdir(parents=True, exist_ok=True)
    config = _NGINX.format(
        workers=len(cpus()), user="user root;" if os.geteuid() == 0 else "", port=port, root=root
    )
    (scratch / "nginx.conf").write_text(config)
    command = [tool("nginx"), "-p", str(scratch), "-c", "nginx.conf"]
    with running("nginx", command, port) as server:
        yield server


@contextmanager
def go_server(root: Path, binary: Path, rate: float = 0.0) -> Iterator[Running]:
    """Serve ``root`` with Go's http.FileServer, each answer at ``rate`` bytes a second (0: unlimited)."""
    port = free_port()
    command = [str(binary), "-root", str(root), "-listen", f"127.0.0.1:{port}", "-rate", str(rate)]
    with running("go", command, port) as server:
        yield server


def build_go_server(source: Path, scratch: Path) -> Path:
    """Compile the file server and return the program."""
    binary = scratch / "fileserver"
    go = GoCommand(scratch / "go", "off", {"GOFLAGS": ""})
    tool("go")
    go.run("build", "-o", str(binary), ".", cwd=source).must()
    return binary


@contextmanager
def running(name: str, command: Sequence[str], port: int) -> Iterator[Running]:
    """Run a server while it is needed; it is there when its port accepts connections."""
    with subprocess.Popen(command) as process:
        try:
            wait_for(port, process)
            yield Running(name, f"http://127.0.0.1:{port}", process.pid)
        finally:
            process.terminate()


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Return when ``process`` accepts connections."""
    deadline = time.monotonic() + _START_LIMIT
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended with {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise RuntimeError(f"{process.args!r} does not listen")
