"""An operating system that fails, or kills the process, at the call of our choice.

``FaultyOs(monkeypatch)`` counts the calls that change or open files. ``fail(n, errno)`` makes the n-th from
now raise; with ``forever=True`` all later ones too, like a disk that stays full. ``kill(n)`` ends the
process with SIGKILL right before the n-th takes effect: the next best thing to pulling the plug.
"""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pytest

CALLS = (
    "open",
    "pwrite",
    "write",
    "fsync",
    "fdatasync",
    "link",
    "replace",
    "rename",
    "mkdir",
    "unlink",
    "ftruncate",
)


class FaultyOs:
    """Stands in for :mod:`os`; harmless until told otherwise."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, calls: tuple[str, ...] = CALLS) -> None:
        self.fired: list[str] = []
        self.seen: list[str] = []
        self._plan: Callable[[], None] | None = None
        self._countdown = 0
        self._forever = False
        for name in calls:
            monkeypatch.setattr(os, name, self._wrap(name, getattr(os, name)))

    def fail(self, nth: int, code: int, *, forever: bool = False) -> None:
        """Let the ``nth`` call from now (1 is the next) raise OSError with this errno."""

        def raise_it() -> None:
            raise OSError(code, os.strerror(code))

        self._arm(nth, raise_it, forever=forever)

    def kill(self, nth: int) -> None:
        """Let the process die right before the ``nth`` call from now."""
        self._arm(nth, lambda: os.kill(os.getpid(), signal.SIGKILL), forever=False)

    def heal(self) -> bool:
        """Stop failing; say whether anything failed since it was armed."""
        self._plan = None
        return bool(self.fired)

    def _arm(self, nth: int, plan: Callable[[], None], *, forever: bool) -> None:
        self.fired = []
        self.seen = []
        self._countdown = nth
        self._plan = plan
        self._forever = forever

    def _wrap(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            if self._plan is not None:
                self.seen.append(name)
                self._countdown -= 1
                if self._countdown == 0 or (self._forever and self._countdown < 0):
                    self.fired.append(name)
                    self._plan()
            return real(*args, **kwargs)

        return call


def each_call(limit: int = 100) -> Iterator[int]:
    """Yield 1, 2, 3, ... so that a test can fail every call in turn and stop when none was left."""
    yield from range(1, limit)
    raise AssertionError(f"still failing at call {limit}")
