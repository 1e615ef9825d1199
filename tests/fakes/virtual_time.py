"""An event loop whose time stands still while something can be done, and else jumps to the next timer."""

from __future__ import annotations

import asyncio
import selectors
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

T = TypeVar("T")


class _Jumping(selectors.DefaultSelector):
    """Never waits: passes the time that it would have waited to ``jump``."""

    def __init__(self, jump: Callable[[float], None]) -> None:
        super().__init__()
        self._jump = jump

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        found = super().select(0)
        if not found:
            assert timeout is not None, "everything waits, and nothing can happen any more"
            self._jump(timeout)
        return found


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """For code that waits by the loop's own clock and talks to no socket."""

    def __init__(self) -> None:
        self._instant = 1000.0
        super().__init__(_Jumping(self._jump))

    def time(self) -> float:
        return self._instant

    def _jump(self, seconds: float) -> None:
        self._instant += seconds


def in_virtual_time(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end, however long that takes in the loop's time."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(work)
