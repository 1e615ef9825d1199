"""The same load by wrk, a generator that nobody here wrote: it tells whether ours is what was measured."""

from __future__ import annotations

import asyncio
import re
import shutil
from typing import TYPE_CHECKING

from modmirror.errors import ConfigError, Error

if TYPE_CHECKING:
    from modmirror.lab.target import Target

AGREE = 0.1
"""Share by which two generators may differ."""

_DONE = re.compile(r"(\d+) requests in ([\d.]+)(m?s|m)\b")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0}
_BROKEN = re.compile(r"Non-2xx or 3xx responses: \d+|Socket errors: .*")
_SLACK = 30.0


class WrkFailed(Error):
    """wrk said nothing that can be used."""


def find_wrk() -> str:
    """Return the path of wrk. Raises ConfigError when there is none."""
    found = shutil.which("wrk")
    if not found:
        raise ConfigError("--engine", "there is no wrk on PATH", hint="apt install wrk, or leave it out")
    return found


async def wrk_rate(target: Target, path: str, connections: int, seconds: float) -> float:
    """Return requests a second of a closed loop for one path. Raises WrkFailed."""
    headers = [word for name, value in target.headers.items() for word in ("-H", f"{name}: {value}")]
    whole = max(1, round(seconds))
    process = await asyncio.create_subprocess_exec(
        find_wrk(), "-t1", f"-c{connections}", f"-d{whole}s", *headers, address(target, path),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        async with asyncio.timeout(whole + _SLACK):
            output, _ = await process.communicate()
    except TimeoutError as error:
        raise WrkFailed("wrk stands still") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return rate_of(output.decode(errors="replace"))


def address(target: Target, path: str) -> str:
    """Return the URL of a path."""
    return f"{target.scheme}://{target.authority}{target.request_path(path)}"


def rate_of(output: str) -> float:
    """Read what wrk printed. Raises WrkFailed."""
    done = _DONE.search(output)
    if done is None or not int(done[1]):
        raise WrkFailed(f"wrk counted no answers: {output.strip()[-200:]}")
    if broken := _BROKEN.search(output):
        raise WrkFailed(f"wrk met failures: {broken[0]}")
    return int(done[1]) / (float(done[2]) * _SECONDS[done[3]])
