"""One piece of work per key, however many ask for it at once.

The work runs in a task of its own: whoever asked first may leave without ending it for the others. Fills
and repositories both share work in this way.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Hashable

K = TypeVar("K", bound="Hashable")
T = TypeVar("T")


class SingleFlight(Generic[K, T]):
    """Running work by key. Results are not kept: the next call after the end starts anew."""

    def __init__(self) -> None:
        self._running: dict[K, asyncio.Task[T]] = {}

    async def result(self, key: K, work: Callable[[], Coroutine[None, None, T]]) -> T:
        """Return (or raise) what the work for ``key`` ends with."""
        return (await self.run(key, work))[0]

    async def run(self, key: K, work: Callable[[], Coroutine[None, None, T]]) -> tuple[T, bool]:
        """Return the result of the work for ``key`` and whether it had been started by another caller."""
        task, joined = self.start(key, work)
        return await asyncio.shield(task), joined

    def start(self, key: K, work: Callable[[], Coroutine[None, None, T]]) -> tuple[asyncio.Task[T], bool]:
        """Start the work unless it is running; return its task and whether it was running already."""
        task = self._running.get(key)
        if task is not None:
            return task, True
        task = asyncio.get_running_loop().create_task(work())
        self._running[key] = task
        task.add_done_callback(lambda done: self._ended(key, done))
        return task, False

    async def drain(self, timeout: float) -> int:  # noqa: ASYNC109  # the limit covers many tasks, not one await
        """Let running work finish, cancel what is left after ``timeout`` seconds; return how many were."""
        running = set(self._running.values())
        if not running:
            return 0
        _, late = await asyncio.wait(running, timeout=timeout)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late)
        return len(late)

    def _ended(self, key: K, task: asyncio.Task[T]) -> None:
        del self._running[key]
        if not task.cancelled():
            task.exception()  # every waiter may have left: mark it as seen, the shell has reported it
