"""A mirror in front of four unlike upstreams, and machines that build with ever new modules."""

from __future__ import annotations

import json
import shutil
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

from tests.e2e.go import GoCommand
from tests.e2e.mirror import MirrorProcess
from tests.fakes.endless import VERSION, answer, record
from tests.fakes.faults import Fault
from tests.fakes.sumdb import FakeSumdb
from tests.fakes.sumdb_server import serve
from tests.fakes.upstream import FakeUpstream

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from tests.e2e.mirror import Tables

CUT = "cut"
FAULTS: Mapping[str, Mapping[str, Fault]] = {
    CUT: {},
    "reset": {"*": Fault(reset_after=0)},
    "closed": {"*": Fault(close_header=True)},
    "blackhole": {"*": Fault(stall_header=True)},
    "stalled": {"*.zip": Fault(stall_after=1000)},
    "slow": {"*": Fault(delay=1.0)},
    "server-error": {"*": Fault(status=500)},
    "too-many": {"*": Fault(status=429, headers={"Retry-After": "2"})},
    "truncated": {"*": Fault(truncate_after=8)},
    "corrupt": {"*.zip": Fault(flip=20_000)},
    "not-found": {"*": Fault(status=404)},
}
"""What befalls one upstream, by pattern of paths."""


@dataclass
class World:
    """Everything that runs."""

    directory: Path
    upstreams: tuple[FakeUpstream, ...]
    mirror: MirrorProcess
    modules: int
    """New ones in each build."""
    built: list[Mapping[str, str]] = field(default_factory=list)
    """What builds have required so far."""
    _numbers: Iterator[int] = field(default_factory=count)

    def build(self, requires: Mapping[str, str] | None = None) -> float:
        """Download modules to a new machine, by default those that nobody has asked for; return seconds."""
        number = next(self._numbers)
        wanted = requires or {f"endless.test/b{number}m{each}": VERSION for each in range(self.modules)}
        machine = GoCommand(self.directory / f"machine{number}", self.mirror.url)
        main = machine.module("app", wanted)
        begin = time.monotonic()
        machine.run("mod", "download", cwd=main).must()
        taken = time.monotonic() - begin
        shutil.rmtree(machine.root)
        self.built.append(wanted)
        return taken

    def settle(self, limit: float = 180.0) -> None:
        """Build until the mirror has got over what was: all upstreams are asked again and look as they are.

        Without traffic nobody is probed, and what was known stays.
        """
        latencies = {upstream.url: upstream.latency for upstream in self.upstreams}
        deadline = time.monotonic() + limit
        while True:
            standings = [each for each in self._standings() if each["upstream"] in latencies]
            if all(_is_well(each, latencies[each["upstream"]]) for each in standings):
                return
            assert time.monotonic() < deadline, standings
            self.build()

    def _standings(self) -> list[dict[str, Any]]:
        with urlopen(f"{self.mirror.url}/-/upstreams", timeout=10) as answer:  # noqa: S310  # loopback
            found: list[dict[str, Any]] = json.load(answer)["upstreams"]
        return found

    def favourite(self) -> FakeUpstream:
        """Build once, and return whom the mirror asked most for it."""
        before = [upstream.count() for upstream in self.upstreams]
        self.build()
        asked = [upstream.count() - then for upstream, then in zip(self.upstreams, before, strict=True)]
        return self.upstreams[asked.index(max(asked))]


def _is_well(standing: Mapping[str, Any], latency: float) -> bool:
    score = standing["score_ms"]["meta"] or 0.0
    return standing["breaker"] == "closed" and standing["share"] == 1 and score < 1500 * latency


@contextmanager
def sick(upstream: FakeUpstream, fault: str) -> Iterator[None]:
    """Let one upstream have a fault for a while."""
    for pattern, one in FAULTS[fault].items():
        upstream.fault(pattern, one)
    if fault == CUT:
        upstream.stop()
    try:
        yield
    finally:
        upstream.heal()
        if not upstream.is_running:
            upstream.start()


@contextmanager
def running_world(directory: Path, latencies: Sequence[float], modules: int) -> Iterator[World]:
    """Start upstreams, a database that knows the truth, and the mirror; build once."""
    with ExitStack() as stack:
        upstreams = tuple(
            stack.enter_context(FakeUpstream(latency=latency, sigma=0.2, handler=answer))
            for latency in latencies
        )
        database = stack.enter_context(serve(FakeSumdb(resolve=record)))
        config: Tables = {
            "route": [{"match": ["*"], "from": "|".join(upstream.url for upstream in upstreams)}],
            "sumdb": [{"name": database.db.name, "key": database.db.key, "from": [database.url]}],
        }
        mirror = stack.enter_context(MirrorProcess(directory / "mirror", config))
        world = World(directory, upstreams, mirror, modules)
        world.build()
        yield world
