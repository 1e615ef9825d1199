"""What a run keeps of a bench beside its samples: what was planned, and why it ended. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from modmirror.lab.analysis.bench import MEASUREMENT, bench
from modmirror.lab.kept import last_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modmirror.lab.results.bench import BenchResult
    from modmirror.lab.results.events import Event
    from modmirror.measure.sample import Sample

PLANNED = "bench-planned"
"""Event: a bench begins; it keeps a :class:`Planned`."""
ENDED = "bench-ended"
"""Event: it came to an end of its own; it keeps an :class:`Ending`."""


class Planned(Struct, frozen=True):
    """How many blocks there were to be."""

    blocks: int
    cases: tuple[str, ...] = ()
    """Those by whose differences it may end early, as ``Sample.case`` names them."""


class Ending(Struct, frozen=True):
    """Why a bench ended before all blocks were asked; empty when it did not."""

    en: str = ""
    zh: str = ""


INTERRUPTED = Ending("interrupted", "已中断")
"""Of a bench that did not come to write its end."""


def clear(done: int, planned: int) -> Ending:
    """Every difference was clear after some of the blocks."""
    return Ending(
        f"after {done} of {planned} blocks every difference was clear",
        f"在 {planned} 个区组中的第 {done} 个之后，所有差异均已明确",
    )


def spent(reason: str) -> Ending:
    """Politeness allows no more."""
    return Ending(reason, "已达到对他人主机的流量上限")


def bench_result(samples: Sequence[Sample], events: Sequence[Event]) -> BenchResult:
    """Return what the samples and events of a run say of a bench, be it at its end or not."""
    # A study may begin a bench anew: only what follows the last beginning belongs to these samples.
    begins = [place for place, event in enumerate(events) if event.name == PLANNED]
    own = events[begins[-1] :] if begins else ()
    planned = last_of(own, PLANNED, Planned) or Planned(0)
    ending = last_of(own, ENDED, Ending) or INTERRUPTED
    mine = [sample for sample in samples if sample.measurement == MEASUREMENT]
    return bench(mine, dict.fromkeys(planned.cases, planned.blocks), ending.en, ending.zh)
