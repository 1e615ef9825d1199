"""What a run says of itself: who measured what, from where, with which seed, and whether to believe it.

Format history: 1, the first.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

from modmirror.lab.target import TargetEntry  # noqa: TC001 - msgspec reads the annotations

FORMAT = 1

State: TypeAlias = Literal["running", "complete", "interrupted"]
"""``running`` in a stored manifest: it still runs, or was killed."""

FlagName: TypeAlias = Literal[
    "client_saturated", "clock_jump", "drift", "dns_changed", "tls_intercepted", "cpu_steal", "link_off"
]
"""Why a run is not to be believed (lab.md 2.4)."""


class Flag(Struct, frozen=True):
    """One reason why a run is invalid."""

    name: FlagName
    text: str
    """With numbers, for a reader."""


class Environment(Struct, frozen=True):
    """Where the measuring was done."""

    version: str = ""
    """Of modmirror."""
    python: str = ""
    kernel: str = ""
    machine: str = ""
    cores: int = 0
    engine: str = ""
    congestion: str = ""
    """TCP congestion control: bbr hides loss."""
    timezone: str = ""


class Manifest(Struct, frozen=True):
    """``manifest.json`` of a run."""

    verb: str
    """``bench``, ``coverage``, …, ``study``."""
    seed: int
    started: str
    """Date and time, ISO 8601, UTC."""
    targets: tuple[TargetEntry, ...] = ()
    command: tuple[str, ...] = ()
    region: str = ""
    corpus: str = ""
    """Digest of the corpus, where there is one."""
    environment: Environment = Environment()
    floor: dict[str, float] = {}
    """Median seconds of each phase against the null server: what the client itself costs."""
    flags: tuple[Flag, ...] = ()
    state: State = "running"
    ended: str = ""
    format: int = FORMAT

    @property
    def valid(self) -> bool:
        """Whether nothing is known that makes the numbers doubtful."""
        return not self.flags
