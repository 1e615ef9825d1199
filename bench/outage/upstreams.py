"""Four unlike upstreams for each contender: its own, to count requests, but all with the same fate."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

from bench.outage.timeline import SIGMA, UPSTREAMS
from tests.fakes.endless import answer
from tests.fakes.upstream import FakeUpstream

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from bench.outage.timeline import Phase, Trouble


class Upstreams:
    """All of them, by contender and name."""

    def __init__(self, contenders: Sequence[str]) -> None:
        self._by_contender = {
            contender: {
                name: FakeUpstream(latency=latency, sigma=SIGMA, handler=answer)
                for name, latency in UPSTREAMS.items()
            }
            for contender in contenders
        }
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        for own in self._by_contender.values():
            for upstream in own.values():
                self._stack.enter_context(upstream)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def ports(self, contender: str) -> dict[str, int]:
        """Return where a contender finds its upstreams, by name in declared order."""
        return {name: upstream.port for name, upstream in self._by_contender[contender].items()}

    def requests(self, contender: str) -> int:
        """Return how many requests a contender has sent so far, probes and all."""
        return sum(upstream.count() for upstream in self._by_contender[contender].values())

    def play(self, phases: Sequence[Phase], begin: float) -> threading.Thread:
        """Let the phases happen; ``begin`` is a monotonic instant. Returns the thread that does it."""
        thread = threading.Thread(target=self._play, args=(phases, begin), name="timeline", daemon=True)
        thread.start()
        return thread

    def _play(self, phases: Sequence[Phase], begin: float) -> None:
        for phase in phases:
            time.sleep(max(0.0, begin + phase.start - time.monotonic()))
            for own in self._by_contender.values():
                for name, upstream in own.items():
                    _set(upstream, UPSTREAMS[name], phase.troubles.get(name))


def _set(upstream: FakeUpstream, latency: float, trouble: Trouble | None) -> None:
    upstream.heal()
    upstream.latency = latency * (trouble.slower if trouble else 1.0)
    for pattern, fault in (trouble.faults if trouble else {}).items():
        upstream.fault(pattern, fault)
    if trouble and trouble.cut:
        upstream.stop()
    elif not upstream.is_running:
        upstream.start()
