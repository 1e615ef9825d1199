"""How far a measurement is, on standard error: a bar for a terminal, plain lines for a log, or nothing."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TextIO

    from modmirror.lab.bundle import Progress

_BAR = 24
_BETWEEN = 0.1
"""Seconds between two drawings of the bar: more would cost the measurement its processor."""


class Silent:
    """Says nothing."""

    def begin(self, title: str, steps: int) -> None:
        """Ignore it."""

    def step(self, text: str = "") -> None:
        """Ignore it."""

    def note(self, text: str) -> None:
        """Ignore it."""

    def end(self) -> None:
        """Ignore it."""


class Lines:
    """For a log: a line at the beginning, at each tenth and for each note."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._title, self._steps, self._done = "", 0, 0

    def begin(self, title: str, steps: int) -> None:
        """Write the title."""
        self._title, self._steps, self._done = title, steps, 0
        self.note(f"{title}: {steps} to do" if steps else title)

    def step(self, text: str = "") -> None:
        """Write a line when one more tenth is done."""
        del text
        self._done += 1
        if self._steps and self._done * 10 // self._steps > (self._done - 1) * 10 // self._steps:
            self.note(f"{self._title}: {self._done} of {self._steps}")

    def note(self, text: str) -> None:
        """Write a line."""
        self._stream.write(f"{text}\n")
        self._stream.flush()

    def end(self) -> None:
        """Nothing is left to take away."""


class Bar:
    """For a terminal: one line that is written over."""

    def __init__(self, stream: TextIO, now: Callable[[], float], *, colour: bool) -> None:
        self._stream, self._now, self._colour = stream, now, colour
        self._title, self._steps, self._done, self._drawn = "", 0, 0, 0.0

    def begin(self, title: str, steps: int) -> None:
        """Draw an empty bar."""
        self._title, self._steps, self._done = title, steps, 0
        self._draw("")

    def step(self, text: str = "") -> None:
        """Count one, and draw if the last drawing is old enough."""
        self._done += 1
        if self._now() - self._drawn >= _BETWEEN or self._done == self._steps:
            self._draw(text)

    def note(self, text: str) -> None:
        """Write a line above the bar."""
        self.end()
        self._stream.write(f"{text}\n")
        self._stream.flush()

    def end(self) -> None:
        """Take the bar away."""
        self._stream.write("\r\x1b[K")
        self._stream.flush()

    def _draw(self, text: str) -> None:
        self._drawn = self._now()
        width = shutil.get_terminal_size().columns - 1
        self._stream.write(f"\r\x1b[K{self._line(text, width)}")
        self._stream.flush()

    def _line(self, text: str, width: int) -> str:
        if not self._steps:
            return f"{self._title}: {self._done}  {text}"[:width]
        full = min(_BAR, _BAR * self._done // self._steps)
        head, count = f"{self._title} ", f" {self._done}/{self._steps}  "
        bar = "━" * full + "─" * (_BAR - full)
        plain = f"{head}{bar}{count}{text}"[:width]
        if not self._colour or len(plain) < len(head) + _BAR:
            return plain
        return f"{head}\x1b[32m{bar[:full]}\x1b[0m{bar[full:]}{plain[len(head) + _BAR :]}"


def progress_on(
    stream: TextIO, environ: Mapping[str, str], now: Callable[[], float], *, quiet: bool = False
) -> Progress:
    """Return what fits the stream: a bar on a terminal, lines elsewhere, nothing when ``quiet``."""
    if quiet:
        return Silent()
    if stream.isatty() and environ.get("TERM") != "dumb":
        return Bar(stream, now, colour=not environ.get("NO_COLOR"))
    return Lines(stream)
