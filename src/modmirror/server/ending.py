"""How a running mirror is told to end: politely at the first signal, at once at the second."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

T = TypeVar("T")


class Ending:
    """Knows whether an end has been asked for, since when, and whether anyone still has patience."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """``clock`` gives monotonic seconds."""
        self.asked = asyncio.Event()
        """Set by the first signal: finish what is under way, take nothing new."""
        self._hurried = asyncio.Event()
        self._clock = clock
        self._asked_at = 0.0

    def ask(self) -> None:
        """Take a signal. From the second on nothing is waited for."""
        if self.asked.is_set():
            self._hurried.set()
            return
        self._asked_at = self._clock()
        self.asked.set()

    def left(self, seconds: float) -> float:
        """Return how much is left of ``seconds`` that began with the first signal."""
        return 0.0 if self._hurried.is_set() else max(0.0, self._asked_at + seconds - self._clock())

    async def unless_hurried(self, work: Coroutine[Any, Any, T], give_up: Callable[[], T]) -> T:
        """Return what ``work`` returns; at the second signal cancel it and return ``give_up()``."""
        task = asyncio.create_task(work)
        hurried = asyncio.create_task(self._hurried.wait())
        try:
            await asyncio.wait((task, hurried), return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                return task.result()
            result = give_up()
            task.cancel()
            await asyncio.wait((task,))
            return result
        finally:
            hurried.cancel()
