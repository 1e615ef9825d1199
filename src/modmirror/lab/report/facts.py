"""What a report is made from: the facts of a run and everything that its measurements found.

Its JSON form is ``--format json``; its schema is versioned with ``results.estimates.FORMAT``.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

from modmirror.lab.analysis.hours import HoursResult  # noqa: TC001 - msgspec reads the annotations
from modmirror.lab.results.bench import BenchResult  # noqa: TC001 - msgspec reads the annotations
from modmirror.lab.results.cache import CacheResult  # noqa: TC001 - msgspec reads the annotations
from modmirror.lab.results.coverage import CoverageResult  # noqa: TC001 - msgspec reads the annotations
from modmirror.lab.results.differences import Difference  # noqa: TC001 - msgspec reads the annotations
from modmirror.lab.results.estimates import FORMAT
from modmirror.lab.results.faults import FaultResult  # noqa: TC001 - msgspec reads the annotations
from modmirror.lab.results.freshness import FreshnessResult  # noqa: TC001 - msgspec reads the annotations
from modmirror.lab.results.links import LinkCheck  # noqa: TC001 - msgspec reads the annotations
from modmirror.lab.results.load import LoadResult  # noqa: TC001 - msgspec reads the annotations
from modmirror.lab.results.probe import ProbeResult  # noqa: TC001 - msgspec reads the annotations
from modmirror.lab.results.protocol import ProtocolResult  # noqa: TC001 - msgspec reads the annotations
from modmirror.lab.results.ranking import Ranking  # noqa: TC001 - msgspec reads the annotations
from modmirror.lab.results.replay import ReplayResult  # noqa: TC001 - msgspec reads the annotations
from modmirror.lab.results.setting import Setting  # noqa: TC001 - msgspec reads the annotations

State: TypeAlias = Literal["running", "complete", "interrupted"]
OWN_SHARE = "the client's own share"
"""Name, in an environment, of what requests take of a server that does nothing."""


class TargetFacts(Struct, frozen=True):
    """A mirror that was measured."""

    name: str
    url: str
    region: str = ""
    operator: str = ""


class Flag(Struct, frozen=True):
    """Why the numbers of a run must not be trusted, as ``client_saturated`` or ``clock_jump``."""

    name: str
    text: str = ""


class RunFacts(Struct, frozen=True):
    """Where, when and how a run was made."""

    command: str
    version: str
    seed: int
    state: State
    started: str
    """ISO 8601 with its offset."""
    ended: str = ""
    region: str = ""
    corpus: str = ""
    """Digest of what was asked for."""
    targets: tuple[TargetFacts, ...] = ()
    flags: tuple[Flag, ...] = ()
    environment: dict[str, str] = {}
    requests: int = 0
    failed: int = 0
    received: int = 0
    """Bytes of all bodies."""
    notes: tuple[str, ...] = ()
    """What reading the run's folder had to pass over, as a torn last line."""
    remade: tuple[str, ...] = ()
    """Results that were made again from samples and events, not read as they were stored."""


class Requirement(Struct, frozen=True):
    """A bar that the reader set, and where it was not met."""

    text: str
    """As ``p95<200ms``."""
    failures: tuple[str, ...] = ()
    """One sentence each; none when it was met everywhere."""
    failures_zh: tuple[str, ...] = ()
    """The same in Chinese."""


class Elsewhere(Struct, frozen=True):
    """Who is best from another place."""

    region: str
    started: str
    ranking: Ranking
    trusted: bool = True


class Report(Struct, frozen=True, kw_only=True):
    """One run, whole. What was not measured is None or empty."""

    format: int = FORMAT
    run: RunFacts
    ranking: Ranking | None = None
    setting: Setting | None = None
    protocol: ProtocolResult | None = None
    coverage: CoverageResult | None = None
    freshness: FreshnessResult | None = None
    probe: ProbeResult | None = None
    bench: BenchResult | None = None
    load: tuple[LoadResult, ...] = ()
    cache: CacheResult | None = None
    faults: tuple[FaultResult, ...] = ()
    links: tuple[LinkCheck, ...] = ()
    replay: ReplayResult | None = None
    downloads: dict[str, tuple[float, ...]] = {}
    """By target: bytes a second of each single download of 1 MB or more."""
    hours: HoursResult | None = None
    """Of a run that touches two hours of the day at least."""
    arch: dict[str, float] = {}
    """By target: Arch Linux's mirror score, to compare with; lower is better."""
    elsewhere: tuple[Elsewhere, ...] = ()
    """The same mirrors as measured from other places."""
    differences: tuple[Difference, ...] = ()
    requirements: tuple[Requirement, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Targets, best first where that is known, else as they were given."""
        if self.ranking is not None:
            return tuple(ranked.target for ranked in self.ranking.targets)
        return tuple(target.name for target in self.run.targets)

    @property
    def trusted(self) -> bool:
        """Whether the run came to its end and nothing says that its numbers are wrong."""
        return self.run.state == "complete" and not self.run.flags
