"""Servers that live in a thread of their own, for commands that run an event loop themselves."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractAsyncContextManager

T = TypeVar("T")
_LIMIT = 20.0


@contextmanager
def in_own_thread(server: AbstractAsyncContextManager[T]) -> Iterator[T]:
    """Enter ``server`` on an event loop in another thread, and yield what it yields."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield asyncio.run_coroutine_threadsafe(server.__aenter__(), loop).result(_LIMIT)
    finally:
        asyncio.run_coroutine_threadsafe(server.__aexit__(None, None, None), loop).result(_LIMIT)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(_LIMIT)
        loop.close()
