"""What a server on this machine costs: processor time and memory of the processes that listen on a port.

Read from /proc (proc(5)); a server that cannot be seen has no numbers, and none are made up. All processes
that hold the socket count: a server with workers is one server.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_LISTENS = "0A"
"""State of a socket in /proc/net/tcp."""
_PORT, _STATE, _INODE = 1, 3, 9
_PARENT, _USER, _SYSTEM = 1, 11, 12
"""Places in /proc/PID/stat after the name, which may hold blanks."""
_RESIDENT = 1
"""Place in /proc/PID/statm, in pages."""


@dataclass(frozen=True, slots=True)
class Usage:
    """At one moment."""

    cpu: float
    """Seconds of processor time so far."""
    rss: int
    """Bytes."""


class Server:
    """Processes of a server, found once."""

    def __init__(self, pids: frozenset[int]) -> None:
        self.pids = pids

    def usage(self) -> Usage | None:
        """Return what they use together with their children; None when they are gone or not to be seen."""
        ticks, pages = 0, 0
        seen = False
        for pid in _families(self.pids):
            fields = _stat(pid)
            if fields is None:
                continue
            seen = True
            ticks += int(fields[_USER]) + int(fields[_SYSTEM])
            pages += _resident(pid)
        if not seen:
            return None
        return Usage(ticks / os.sysconf("SC_CLK_TCK"), pages * os.sysconf("SC_PAGE_SIZE"))


def find_server(port: int) -> Server:
    """Return the server that listens on a port of this machine; one without processes when unseen."""
    inodes = {f"socket:[{inode}]" for inode in _listening(port)}
    return Server(frozenset(pid for pid in _pids() if inodes and not inodes.isdisjoint(_sockets(pid))))


def _listening(port: int) -> set[str]:
    found = set()
    for name in ("tcp", "tcp6"):
        try:
            lines = (_PROC / "net" / name).read_text(encoding="ascii").splitlines()[1:]
        except OSError:
            continue  # a kernel without IPv6
        for line in lines:
            words = line.split()
            if words[_STATE] == _LISTENS and int(words[_PORT].rpartition(":")[2], 16) == port:
                found.add(words[_INODE])
    return found


def _pids() -> list[int]:
    return [int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit()]


def _sockets(pid: int) -> set[str]:
    try:
        entries = list((_PROC / str(pid) / "fd").iterdir())
    except OSError:
        return set()  # not ours to look at, or gone in the meantime
    found = set()
    for entry in entries:
        with suppress(OSError):  # closed in the meantime
            found.add(str(entry.readlink()))
    return found


def _families(pids: frozenset[int]) -> set[int]:
    """Return processes with all their descendants."""
    parents = {pid: int(fields[_PARENT]) for pid in _pids() if (fields := _stat(pid)) is not None}
    family = set(pids)
    while more := {pid for pid, parent in parents.items() if parent in family} - family:
        family |= more
    return family


def _stat(pid: int) -> list[str] | None:
    try:
        return (
            (_PROC / str(pid) / "stat")
            .read_text(encoding="utf-8", errors="replace")
            .rpartition(")")[2]
            .split()
        )
    except OSError:
        return None


def _resident(pid: int) -> int:
    try:
        return int((_PROC / str(pid) / "statm").read_text(encoding="ascii").split()[_RESIDENT])
    except OSError:
        return 0  # it has just ended
