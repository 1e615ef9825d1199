"""One line on a terminal that says how far a long step is; silence everywhere else."""

from __future__ import annotations

import sys
import time

_BAR = 30
_REDRAW = 0.1
"""Seconds between two drawings."""


class Progress:
    """Draws ``label [####----] 12/40``. Callable as ``progress(done, total)``."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._shown = sys.stderr.isatty()
        self._last = 0.0

    def __call__(self, done: int, total: int) -> None:
        """Draw when there is somebody to look, not more often than the eye can follow."""
        now = time.monotonic()
        if not self._shown or (now - self._last < _REDRAW and done < total):
            return
        self._last = now
        filled = _BAR * done // max(total, 1)
        end = "\n" if done >= total else ""
        bar = "#" * filled + "-" * (_BAR - filled)
        sys.stderr.write(f"\r{self._label:<22} [{bar}] {done}/{total}{end}")
        sys.stderr.flush()
