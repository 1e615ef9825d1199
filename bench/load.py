"""Load on hot files: wrk against the mirror and its peers, turn by turn."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

from bench.machine import ToolMissing, cpu_seconds, cpus, tool
from bench.result import FOR_INFORMATION, Bar, Result, ratios

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.rig import Rig

_DONE = re.compile(r"(\d+) requests in ([\d.]+)(m?s|m)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0}


def hot_file(rig: Rig, title: str, path: str, connections: int, bar: Bar) -> list[Result]:
    """Compare requests a second for one file: with Go's file server, and for information with nginx."""
    tool("wrk")
    mirror, go = rig.mirror, rig.go_peer
    costs: dict[str, list[float]] = {}
    contenders = {
        "mirror": _contender(rig, f"{mirror.url}/{path}", connections, mirror.pid, costs, "mirror"),
        "go": _contender(rig, f"{go.url}/{path}", connections, go.pid, costs, "go"),
    }
    try:
        nginx = rig.nginx_peer
        contenders["nginx"] = _contender(rig, f"{nginx.url}/{path}", connections, nginx.pid, costs, "nginx")
    except ToolMissing as missing:
        note = str(missing)
    else:
        note = ""
    rates = rig.interleave(title, contenders)
    details = {f"{name} requests/s": values for name, values in rates.items()}
    details |= {f"{name} cpu us/request": tuple(values) for name, values in costs.items()}
    rows = [Result(f"{title}: mirror / Go", "x", bar, ratios(rates["mirror"], rates["go"]), "", details)]
    against_nginx = ratios(rates["mirror"], rates["nginx"]) if "nginx" in rates else ()
    rows.append(Result(f"{title}: mirror / nginx", "x", FOR_INFORMATION, against_nginx, unavailable=note))
    return rows


def _contender(
    rig: Rig, url: str, connections: int, pid: int, costs: dict[str, list[float]], name: str
) -> Callable[[], float]:
    def run() -> float:
        before = cpu_seconds(pid)
        requests, seconds = wrk(url, connections, rig.seconds)
        costs.setdefault(name, []).append((cpu_seconds(pid) - before) / requests * 1e6)
        return requests / seconds

    return run


def wrk(url: str, connections: int, seconds: int) -> tuple[int, float]:
    """Return requests answered and seconds taken. Any answer but 2xx, and any broken one, is an error."""
    threads = min(len(cpus()), connections)
    command = [tool("wrk"), f"-t{threads}", f"-c{connections}", f"-d{seconds}s", url]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    broken = re.search(r"Non-2xx or 3xx responses: \d+|Socket errors: .*", output)
    done = _DONE.search(output)
    if broken or not done or int(done[1]) == 0:
        raise RuntimeError(f"wrk on {url}: {broken[0] if broken else output}")
    return int(done[1]), float(done[2]) * _SECONDS[done[3]]
