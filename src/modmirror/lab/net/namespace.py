"""Network namespaces without a name: they vanish with the last file descriptor, whatever happens to us."""

from __future__ import annotations

import ctypes
import os
import struct
import subprocess
import threading
from fcntl import ioctl
from typing import TYPE_CHECKING, TypeVar

from modmirror.errors import Error

if TYPE_CHECKING:
    from collections.abc import Callable

R = TypeVar("R")

_NEW_NETWORK = 0x40000000
"""CLONE_NEWNET of sched.h; Python has it from 3.12 on only."""
_SET_INTERFACE = 0x400454CA
"""TUNSETIFF of linux/if_tun.h."""
_TUN, _NO_HEADER = 0x0001, 0x1000
_REQUEST = struct.Struct("16sH22x")
_LIMIT = 10.0


class NotPermitted(Error):
    """This machine, or this user, may not do it."""


class Namespace:
    """One network namespace. Raises NotPermitted when it cannot be made."""

    def __init__(self) -> None:
        self._file = _in_thread(_begin)
        self._call(_bring_up, "lo")

    @property
    def path(self) -> str:
        """Where other programs find it while this process runs."""
        return f"/proc/{os.getpid()}/fd/{self._file}"

    def close(self) -> None:
        """Let it go."""
        os.close(self._file)

    def run(self, function: Callable[[], R]) -> R:
        """Call a function within the namespace, in a thread of its own: sockets made there belong to it."""

        def entered() -> R:
            _call_kernel("setns", self._file, _NEW_NETWORK)
            return function()

        return _in_thread(entered)

    def add_tun(self, name: str, address: str, peer: str) -> int:
        """Make a point-to-point device and return its file, which reads and writes packets."""

        def make() -> int:
            try:
                file = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
            except OSError as error:
                raise NotPermitted(f"/dev/net/tun: {error.strerror}") from error
            try:
                ioctl(file, _SET_INTERFACE, _REQUEST.pack(name.encode(), _TUN | _NO_HEADER))
                _ip("addr", "add", address, "peer", peer, "dev", name)
                _bring_up(name)
            except OSError as error:
                os.close(file)
                raise NotPermitted(f"a TUN device: {error.strerror}") from error
            except Error:
                os.close(file)
                raise
            return file

        return self.run(make)

    def _call(self, function: Callable[[str], None], argument: str) -> None:
        try:
            self.run(lambda: function(argument))
        except Error:
            self.close()
            raise


def _begin() -> int:
    _call_kernel("unshare", _NEW_NETWORK)
    return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


def _call_kernel(name: str, *arguments: int) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    if getattr(library, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise NotPermitted(
            f"{name}: {os.strerror(number)}", hint="run it as root, or under: unshare --map-root-user"
        )


def _bring_up(name: str) -> None:
    _ip("link", "set", "dev", name, "up")


def _ip(*words: str) -> None:
    try:
        done = subprocess.run(
            ["ip", *words],  # noqa: S607 - wherever iproute2 is
            capture_output=True,
            text=True,
            timeout=_LIMIT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotPermitted(f"ip (of iproute2) cannot be run: {error}") from error
    if done.returncode:
        raise NotPermitted(f"ip {' '.join(words)}: {done.stderr.strip()}")


def _in_thread(function: Callable[[], R]) -> R:
    """Call a function in a thread that is thrown away: its namespace must be nobody else's."""
    outcome: list[R] = []
    failure: list[BaseException] = []

    def call() -> None:
        try:
            outcome.append(function())
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            failure.append(error)

    thread = threading.Thread(target=call, name="namespace")
    thread.start()
    thread.join()
    if failure:
        raise failure[0]
    return outcome[0]
