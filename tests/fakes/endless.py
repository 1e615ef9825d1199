"""Any number of made-up modules, each file known from its path alone: ``endless.test/ANY-NAME``.

For upstreams that are asked for something new again and again: ``FakeUpstream(handler=endless.answer)``.
"""

from __future__ import annotations

import random
import re
from functools import lru_cache

from tests.e2e.modules import h1_of_go_mod
from tests.fakes.gomodules import plain_zip
from tests.fakes.zips import slow_h1

VERSION = "v1.0.0"
ZIP_BYTES = 30_000
"""About."""
_PATH = re.compile(r"(endless\.test/[a-z0-9-]+)/@v/(list|v1\.0\.0\.(?:info|mod|zip))", re.ASCII)


def answer(path: str) -> tuple[int, bytes]:
    """Return what a sound upstream says to a path."""
    body = body_of(path)
    return (404, b"not found\n") if body is None else (200, body)


@lru_cache(20_000)
def body_of(path: str) -> bytes | None:
    """Return the file at a path, None when there is none."""
    match = _PATH.fullmatch(path)
    if match is None:
        return None
    module, what = match.groups()
    if what == "list":
        return f"{VERSION}\n".encode()
    if what.endswith(".info"):
        return f'{{"Version":"{VERSION}","Time":"2024-02-03T04:05:06Z"}}'.encode()
    if what.endswith(".mod"):
        return _go_mod(module).encode()
    noise = random.Random(module).randbytes(ZIP_BYTES)
    return plain_zip(module, VERSION, {"go.mod": _go_mod(module), "data.bin": noise})


def record(module: str, version: str) -> tuple[str, str] | None:
    """Return what a checksum database knows of a module version."""
    archive = body_of(f"{module}/@v/{version}.zip")
    return None if archive is None else (slow_h1(archive), h1_of_go_mod(_go_mod(module).encode()))


def _go_mod(module: str) -> str:
    return f"module {module}\n\ngo 1.20\n"
