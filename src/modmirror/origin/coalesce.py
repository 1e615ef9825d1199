"""Work that several callers want at once is done once.

It runs in a task of its own, so that a caller who goes away does not end it for the others. The mirror's
fills do the same one ring further out (:mod:`modmirror.proxy.singleflight`), where origins cannot look.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

T = TypeVar("T")


class Coalesced:
    """Running work by key. A result is not kept: the next call after the end starts anew."""

    def __init__(self) -> None:
        self._running: dict[str, asyncio.Task[Any]] = {}

    async def run(self, key: str, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Return (or raise) what the work for ``key`` ends with; it is started now unless it is running."""
        task: asyncio.Task[T] | None = self._running.get(key)
        if task is None:
            task = asyncio.get_running_loop().create_task(work())
            self._running[key] = task
            task.add_done_callback(lambda done: self._ended(key, done))
        return await asyncio.shield(task)

    def _ended(self, key: str, task: asyncio.Task[Any]) -> None:
        del self._running[key]
        if not task.cancelled():
            task.exception()  # all who waited may have left: seen is enough
