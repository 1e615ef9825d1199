"""What a load asks for: files that the server has, each looked at once before."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from modmirror.errors import ConfigError
from modmirror.lab.engine.port import Limit, Request
from modmirror.lab.load.job import Ask
from modmirror.lab.opening import agent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modmirror.lab.bench.cases import BenchModule
    from modmirror.lab.bundle import Lab
    from modmirror.lab.target import Target

NAME = "load-look"
"""Measurement name of the look: its samples warm caches and count for nothing."""
_LARGEST = 64 << 20
"""Bytes: larger files measure the disk and the wire."""


async def look(
    lab: Lab, target: Target, modules: Sequence[BenchModule], files: Sequence[str]
) -> dict[str, Ask]:
    """Ask for every file once, and return those that were there, by path.

    Raises:
        ConfigError: not one of them was.
    """
    asks: dict[str, Ask] = {}
    reason = ""
    lab.progress.begin("first look", len(modules) * len(files))
    for file, path in [(file, module.file(file)) for module in modules for file in files]:
        request = Request(target, path, connection="warm", keep="bytes", limit=Limit(size=_LARGEST))
        fetched = await lab.engine.fetch(request)
        lab.record(NAME, file, fetched)
        if fetched.ok:
            digest = hashlib.sha256(fetched.body).hexdigest()
            asks[path] = Ask(payload_of(target, path), fetched.size, digest)
        else:
            reason = f"{path}: {fetched.reason}"
        lab.progress.step(target.name)
    lab.progress.end()
    if not asks:
        raise ConfigError(
            "MIRROR",
            f"{target.name} has nothing of what was to be asked for; {reason}",
            hint="name modules that it has with --module PATH@VERSION",
        )
    return asks


def payload_of(target: Target, path: str) -> bytes:
    """Return the bytes of a request."""
    headers = {
        "host": target.authority,
        "user-agent": agent(),
        "accept": "*/*",
        "accept-encoding": "identity",
        **target.headers,
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"GET {target.request_path(path)} HTTP/1.1\r\n{lines}\r\n".encode("latin-1")
