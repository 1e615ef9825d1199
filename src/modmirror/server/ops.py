"""The mirror's own pages: health, metrics, and a home page for people.

Module paths cannot collide with them: the first element of a module path holds a dot (protocol.md A.16).
"""

from __future__ import annotations

import json
import re
from asyncio import get_running_loop
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import unquote_to_bytes

from modmirror.server.headers import Headers
from modmirror.telemetry.metrics import CONTENT_TYPE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from modmirror.server.exchange import Exchange
    from modmirror.telemetry.metrics import Metrics

Facts: TypeAlias = "Callable[[], Sequence[tuple[str, str]]]"
"""What the home page tells of the mirror: labels and values, in order. They are public."""

_HOST = re.compile(rb"[A-Za-z0-9.:\[\]-]{1,255}")
_ROOT_PAGES = (b"/livez", b"/readyz", b"/healthz", b"/robots.txt")
_TEXT = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Page:
    """A page to send whole."""

    status: int
    headers: Headers
    body: bytes


class Ops:
    """Finds and makes the pages."""

    def __init__(
        self, problems: Callable[[], Awaitable[list[str]]], metrics: Metrics, prefix: str, facts: Facts
    ) -> None:
        self.draining = False
        """Set when the process is about to stop: load balancers should look elsewhere."""
        self._problems = problems
        self._metrics = metrics
        self._prefix = prefix
        self._facts = facts
        self._below: dict[bytes, Callable[[str], Awaitable[object]]] = {}
        below = prefix.encode()
        pages: dict[bytes, Callable[[Exchange], Awaitable[Page]]] = {
            b"/": self._home,
            b"/livez": self._alive,
            b"/healthz": self._alive,
            b"/readyz": self._ready,
            b"/metrics": self._counted,
            b"/robots.txt": self._robots,
        }
        self._pages = {below + path: page for path, page in pages.items()}
        # A load balancer in front of many services asks at the root, whatever the prefix.
        self._pages.update({path: pages[path] for path in _ROOT_PAGES})
        if below:
            self._pages[below] = self._home

    def add_json(self, path: str, tell: Callable[[], object]) -> None:
        """Add a page below ``/-/`` that shows what ``tell`` returns at the moment. It is public."""

        async def page(_: Exchange) -> Page:
            return _json(tell())

        self._pages[f"{self._prefix}/-/{path}".encode()] = page

    def add_json_below(self, path: str, tell: Callable[[str], Awaitable[object]]) -> None:
        """Add pages below ``/-/<path>/``: ``tell`` gets the rest of the path, decoded. They are public."""
        self._below[f"{self._prefix}/-/{path}/".encode()] = tell

    async def page(self, exchange: Exchange) -> Page | None:
        """Return the page that the exchange asks for, if it is one."""
        make = self._pages.get(exchange.raw_path)
        if make is not None:
            return await make(exchange)
        for beginning, tell in self._below.items():
            if exchange.raw_path.startswith(beginning):
                rest = unquote_to_bytes(exchange.raw_path.removeprefix(beginning))
                return _json(await tell(rest.decode("utf-8", "replace")))
        return None

    async def _alive(self, _exchange: Exchange) -> Page:
        return _page(200, _TEXT, b"ok\n")

    async def _ready(self, _exchange: Exchange) -> Page:
        problems = ["shutting down"] if self.draining else await self._problems()
        if problems:
            return _page(503, _TEXT, "".join(f"not ready: {each}\n" for each in problems).encode())
        return _page(200, _TEXT, b"ready\n")

    async def _counted(self, _exchange: Exchange) -> Page:
        # A large registry takes tens of milliseconds to write down: not on the event loop.
        body = await get_running_loop().run_in_executor(None, self._metrics.render)
        return _page(200, CONTENT_TYPE, body)

    async def _robots(self, _exchange: Exchange) -> Page:
        return _page(200, _TEXT, b"User-agent: *\nDisallow: /\n")

    async def _home(self, exchange: Exchange) -> Page:
        url = self._own_url(exchange)
        if b"text/html" in exchange.headers.get(b"accept", b""):
            return _page(200, "text/html; charset=utf-8", _html(url, self._facts()).encode())
        return _page(200, _TEXT, _plain(url, self._facts()).encode())

    def _own_url(self, exchange: Exchange) -> str:
        """The address by which this client reaches the mirror."""
        host = exchange.headers.get(b"host", b"")
        name = host.decode() if _HOST.fullmatch(host) else "localhost"
        return f"{exchange.caller.scheme}://{name}{self._prefix}"


def _json(told: object) -> Page:
    body = json.dumps(told, ensure_ascii=False, indent=2).encode("utf-8", "replace")
    return _page(200, "application/json", body + b"\n")


def _page(status: int, content_type: str, body: bytes) -> Page:
    headers = Headers(
        (b"content-type", content_type.encode()),
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
    )
    return Page(status, headers, body)


def _plain(url: str, facts: Sequence[tuple[str, str]]) -> str:
    lines = [f"{label}: {value}" for label, value in facts]
    return "\n".join(
        [
            "modmirror, a Go module mirror · Go 模块镜像",
            "",
            "Use it · 使用方法:",
            "",
            f"    go env -w GOPROXY={url}",
            "",
            *lines,
            "",
        ]
    )


def _html(url: str, facts: Sequence[tuple[str, str]]) -> str:
    rows = "".join(f"<tr><th>{escape(label)}</th><td>{escape(value)}</td></tr>" for label, value in facts)
    return _HTML.replace("{url}", escape(url)).replace("{rows}", rows)


_HTML = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>modmirror</title>
<style>
body { font: 16px/1.6 system-ui, sans-serif; margin: 3rem auto; max-width: 44rem; padding: 0 1rem;
       color-scheme: light dark }
pre { padding: 1rem; border: 1px solid; border-radius: .4rem; overflow-x: auto }
th { text-align: left; padding-right: 2rem; font-weight: normal; opacity: .7 }
</style>
</head>
<body>
<h1>modmirror</h1>
<p>A Go module mirror. Paste this line into a terminal:<br>
<span lang="zh">Go 模块镜像。把下面这行粘贴到终端：</span></p>
<pre>go env -w GOPROXY={url}</pre>
<table>{rows}</table>
</body>
</html>
"""
