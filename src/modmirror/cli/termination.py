"""SIGTERM (``docker stop``, ``timeout``, a closing CI job) ends a command as Ctrl-C does.

So what a command made for the time being is removed, and it says what it has kept. Verbs that have a better
way to end, as ``serve`` and ``watch`` have, put their own handlers in this one's place.
"""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType


class Termination:
    """Whether this process has been told to end."""

    def __init__(self) -> None:
        self.asked = False

    @contextmanager
    def as_interrupt(self) -> Iterator[None]:
        """Raise KeyboardInterrupt on SIGTERM while the block runs. For the main thread."""
        before = signal.signal(signal.SIGTERM, self._heard)
        try:
            yield
        finally:
            signal.signal(signal.SIGTERM, before)

    def _heard(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self.asked = True
        if callable(signal.getsignal(signal.SIGINT)):
            # An event loop has a handler of its own there, which ends its tasks in order.
            signal.raise_signal(signal.SIGINT)
        else:
            # A shell makes jobs in the background deaf to Ctrl-C; this is not meant by that.
            raise KeyboardInterrupt
