"""Wakes a load generator at an instant, to some ten microseconds.

Timers of event loops count in milliseconds: longer than a fast server takes to answer. The kernel's timerfd
(timerfd_create(2)) is a file that becomes readable in time; Python has it from 3.13 on, so it is called
through the C library.
"""

from __future__ import annotations

import ctypes
import os
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Callable

_MONOTONIC = 1
_FLAGS = os.O_NONBLOCK | os.O_CLOEXEC
_ABSOLUTE = 1
_NANOSECONDS = 1_000_000_000


class _TimeSpec(ctypes.Structure):
    _fields_: ClassVar = [("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long)]


class _TimerSpec(ctypes.Structure):
    _fields_: ClassVar = [("interval", _TimeSpec), ("value", _TimeSpec)]


class Alarm:
    """Calls ``wake`` on the loop at the instant that was set last."""

    def __init__(self, loop: AbstractEventLoop, wake: Callable[[], None]) -> None:
        """Raises OSError where the kernel gives no timer."""
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._file = self._checked(self._libc.timerfd_create(_MONOTONIC, _FLAGS))
        self._loop = loop
        self._wake = wake
        loop.add_reader(self._file, self._ring)

    def set(self, instant: float) -> None:
        """Ring at an instant of ``time.monotonic``; at once when it is over."""
        # A value of zero would switch the timer off.
        nanoseconds = max(1, int(instant * _NANOSECONDS))
        value = _TimeSpec(*divmod(nanoseconds, _NANOSECONDS))
        spec = _TimerSpec(_TimeSpec(0, 0), value)
        self._checked(self._libc.timerfd_settime(self._file, _ABSOLUTE, ctypes.byref(spec), None))

    def close(self) -> None:
        """Give the timer back."""
        self._loop.remove_reader(self._file)
        os.close(self._file)

    def _ring(self) -> None:
        try:
            os.read(self._file, 8)
        except BlockingIOError:
            return  # it was set anew in the meantime
        self._wake()

    def _checked(self, result: int) -> int:
        if result < 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
        return result
