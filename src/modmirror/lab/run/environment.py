"""Where a run was made: what another person must know to repeat it."""

from __future__ import annotations

import os
import platform
import time
from importlib.metadata import version
from pathlib import Path

from modmirror.lab.run.manifest import Environment

_CONGESTION = Path("/proc/sys/net/ipv4/tcp_congestion_control")


def environment(engine: str = "") -> Environment:
    """Return what can be known of this machine without asking anybody."""
    return Environment(
        version=version("modmirror"),
        python=platform.python_version(),
        kernel=f"{platform.system()} {platform.release()}",
        machine=platform.machine(),
        cores=len(os.sched_getaffinity(0)),
        engine=engine,
        congestion=_first_line(_CONGESTION),
        timezone=time.strftime("%z"),
    )


def _first_line(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").partition("\n")[0]
    except OSError:
        # Another kernel: not to know it is no reason not to measure.
        return ""
