"""Tools that outlived their mirror: one that is killed cannot end what it started.

Every tool carries in its environment whose it is, and its children inherit that. At the next start those
whose mirror is no more are ended: they would hold the locks of repositories, and the network, for as long
as a stranger's server pleases. Reads ``/proc``; where there is none, nobody is found.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path

MARK = "STARTED_BY"
"""Name of the variable that says whose a process is."""
_PROC = Path("/proc")
_START_TIME = 19
"""Place of a process's start in its ``stat``, counted from behind its name: a pid alone is used again."""


def owner() -> str:
    """Return the value of `MARK` for what this process starts."""
    return f"mirror-{os.getpid()}-{_started(os.getpid())}"


def end_orphans() -> int:
    """End tools whose mirror is no more, of this user and of this container; return how many."""
    found = [int(folder.name) for folder in _PROC.glob("[0-9]*")]
    return sum(_end(pid) for pid in found)


def _end(pid: int) -> bool:
    # What has ended meanwhile, or is another user's, is not ours to end.
    with suppress(FileNotFoundError, ProcessLookupError, PermissionError):
        held = os.pidfd_open(pid)
        try:
            if _is_orphan(pid):
                # By descriptor: the number may be another's by now.
                signal.pidfd_send_signal(held, signal.SIGKILL)
                return True
        finally:
            os.close(held)
    return False


def _is_orphan(pid: int) -> bool:
    folder = _PROC / str(pid)
    if folder.stat().st_uid != os.geteuid() or _space(folder) != _space(_PROC / "self"):
        return False
    start = f"{MARK}=mirror-".encode()
    marks = [each for each in (folder / "environ").read_bytes().split(b"\0") if each.startswith(start)]
    if not marks:
        return False
    mirror, _, started = marks[0].removeprefix(start).decode("ascii", "replace").partition("-")
    return mirror.isdecimal() and not _lives(int(mirror), started)


def _lives(pid: int, started: str) -> bool:
    try:
        return _started(pid) == started
    except (FileNotFoundError, ProcessLookupError):
        return False


def _started(pid: int) -> str:
    """Return when a process started, in ticks since boot; a dead one that is still listed never did."""
    try:
        state, *rest = (_PROC / str(pid) / "stat").read_text("ascii", "replace").rpartition(")")[2].split()
    except FileNotFoundError:
        if _PROC.joinpath("self").exists():
            raise
        return ""  # no /proc: nobody will look either
    return "" if state in {"Z", "X"} else rest[_START_TIME - 1]


def _space(folder: Path) -> str:
    """Return the namespace of a process's number: in another container the same number is another's."""
    return str((folder / "ns" / "pid").readlink())
