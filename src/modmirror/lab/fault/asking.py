"""The client of a rehearsal: asks at a steady rate whatever becomes of it, and judges each answer.

Open loop: a request that hangs does not stop those behind it, so that a stall is seen in full (lab.md 2.1).
"""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from pyreqwest.client import ClientBuilder
from pyreqwest.exceptions import PyreqwestError, RequestTimeoutError

from modmirror.lab.fault.analysis import WRONG_BYTES, Probe

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyreqwest.client import Client

    from modmirror.lab.fault.analysis import Kind

_OK = 200
_SLACK = 1.0


@dataclass(frozen=True, slots=True)
class Reply:
    """What a mirror answered. Header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and how the answer is judged."""

    kind: Kind
    path: str
    wanted: bytes | None = None
    """The only right body, where there is one."""
    is_old: Callable[[bytes], bool] | None = None
    """Tells whether a body shows a world that is too long gone."""


class Ask(Protocol):
    """Makes one request. Raises TimeoutError and OSError."""

    async def __call__(self, path: str) -> Reply:
        """Get ``path``, which begins with a slash."""
        ...


class HttpAsk:
    """Asks a mirror over HTTP, with connections that are kept as the go command keeps them."""

    def __init__(self, base: str, limit: float) -> None:
        """``limit`` is the patience of the client, in seconds."""
        self._base = base.rstrip("/")
        self._limit = limit
        self._client: Client = (
            ClientBuilder()
            .no_proxy()
            .timeout(timedelta(seconds=limit + _SLACK))
            .user_agent("modmirror-lab (rehearses faults)")
            .build()
        )

    async def __call__(self, path: str) -> Reply:
        """See :class:`Ask`."""
        try:
            async with asyncio.timeout(self._limit):
                response = await self._client.get(self._base + path).build().send()
                body = bytes(await response.bytes())
        except RequestTimeoutError as error:
            raise TimeoutError(str(error)) from error
        except PyreqwestError as error:
            raise ConnectionError(str(error)) from error
        headers = {str(name).lower(): str(value) for name, value in response.headers.items()}
        return Reply(response.status, headers, body)

    async def close(self) -> None:
        """End its connections."""
        await self._client.close()


async def probe(ask: Ask, question: Question, *, began: float, at: float) -> Probe:
    """Ask once, and judge. ``at`` is the intended beginning in seconds after the instant ``began``."""
    try:
        reply = await ask(question.path)
    except TimeoutError:
        return _failed(question, began, at, "no answer in time")
    except OSError as error:
        return _failed(question, began, at, f"connection: {error}")
    seconds = max(0.0, time.monotonic() - began - at)
    text = _problem(question, reply)
    source = reply.headers.get("x-modmirror-upstream", "")
    return Probe(at, seconds, question.kind, not text, _is_stale(question, reply), source, text)


def reason_of(body: bytes) -> str:
    """Return the first line of an error, for a reader."""
    line = body[:300].decode(errors="replace").partition("\n")[0].strip()
    return json.dumps(line, ensure_ascii=False) if line else "without a word"


def _failed(question: Question, began: float, at: float, text: str) -> Probe:
    return Probe(at, max(0.0, time.monotonic() - began - at), question.kind, ok=False, text=text)


def _problem(question: Question, reply: Reply) -> str:
    if reply.status != _OK:
        return f"{reply.status} {reason_of(reply.body)}"
    if question.wanted is not None and reply.body != question.wanted:
        return WRONG_BYTES
    return ""


def _is_stale(question: Question, reply: Reply) -> bool:
    if reply.status != _OK:
        return False
    marked = reply.headers.get("x-modmirror-cache") == "stale"
    warned = reply.headers.get("warning", "").startswith("110")
    return marked or warned or (question.is_old is not None and question.is_old(reply.body))
