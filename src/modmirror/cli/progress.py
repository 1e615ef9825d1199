"""One line on a terminal that tells how far a long piece of work is."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO

REDRAW = 0.1
"""Seconds between two pictures."""
_BAR = 24
_CLEAR = "\r\x1b[K"
_MINUTE = 60


class Progress:
    """A bar with counts and the time that is left. Silent where ``stream`` is no terminal."""

    def __init__(self, stream: TextIO, total: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._shown = stream.isatty()
        self._total = total
        self._clock = clock
        self._started = clock()
        self._drawn = float("-inf")

    def show(self, done: int, more: str) -> None:
        """Draw, unless that was a moment ago: ``done`` of the total, and ``more`` behind it."""
        now = self._clock()
        if not self._shown or now - self._drawn < REDRAW:
            return
        self._drawn = now
        filled = _BAR * done // max(1, self._total)
        bar = "█" * filled + "░" * (_BAR - filled)
        left = self._left(done, now - self._started)
        self._stream.write(f"{_CLEAR}{bar} {done}/{self._total} files, {more}{left}")
        self._stream.flush()

    def end(self) -> None:
        """Take the line away."""
        if self._shown:
            self._stream.write(_CLEAR)
            self._stream.flush()

    def _left(self, done: int, passed: float) -> str:
        if not done or done == self._total:
            return ""
        seconds = round(passed * (self._total - done) / done)
        return f", {seconds // _MINUTE}:{seconds % _MINUTE:02} left"
