"""What measurements found: the shapes that are stored as ``results/<measurement>.json`` and reported.

Each is made by a pure function of what a run keeps. Times are seconds, sizes bytes, rates bytes or requests
a second. What n does not allow is None: readers see "n too small", never a made-up number (lab.md 2.4).
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

from modmirror.measure.warmup import WarmUp  # noqa: TC001 - msgspec reads the annotations

FORMAT = 1
"""Version of all shapes below."""
Verdict: TypeAlias = Literal["yes", "no", "partly", "not-applicable", "unknown"]


class Estimate(Struct, frozen=True):
    """A number with its 95 % confidence interval. None: too few samples for it."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int = 0


class Share(Struct, frozen=True):
    """``ok`` of ``n``, with its Wilson 95 % interval."""

    ok: int
    n: int
    low: float
    high: float


class Event(Struct, frozen=True):
    """Something that happened at ``at`` seconds after the beginning, maybe until ``until``."""

    at: float
    name: str
    text: str = ""
    until: float | None = None


# --- protocol ------------------------------------------------------------------------------------


class Cell(Struct, frozen=True):
    """One mirror, one feature of the protocol."""

    verdict: Verdict
    evidence: str
    """Request and answer in one line: ``GET …/@v/list → 200, 1,234 bytes``."""
    note: str = ""


class Feature(Struct, frozen=True):
    """One row of the conformance matrix."""

    key: str
    title: str
    needed: bool = False
    """Whether the go command needs it."""
    clause: str = ""
    """Where the rule stands, as in ``A.14``."""


class ProtocolResult(Struct, frozen=True):
    """The conformance matrix."""

    targets: tuple[str, ...]
    features: tuple[Feature, ...]
    cells: dict[str, dict[str, Cell]]
    """By target, then by feature key."""


# --- coverage ------------------------------------------------------------------------------------


class Mismatch(Struct, frozen=True):
    """A file whose ``h1:`` is not what it should be."""

    path: str
    got: str
    want: str
    authority: str
    """Who says so: the name of a checksum database, or ``majority``."""


class TargetCoverage(Struct, frozen=True):
    """What one mirror had of the corpus."""

    overall: Share
    strata: dict[str, Share]
    mismatches: tuple[Mismatch, ...] = ()
    repacked: int = 0
    """Files with other bytes than elsewhere but the same ``h1:``."""
    missing: tuple[str, ...] = ()
    """The first paths that it did not have, with the reason."""


class CoverageResult(Struct, frozen=True):
    """Availability and integrity over a stratified corpus."""

    corpus: str
    """Digest of the corpus that was asked for."""
    strata: tuple[str, ...]
    targets: dict[str, TargetCoverage]


# --- freshness -----------------------------------------------------------------------------------


class CurvePoint(Struct, frozen=True):
    """Share of versions that were visible after ``seconds``."""

    seconds: float
    share: float
    low: float
    high: float


class Lag(Struct, frozen=True):
    """How long new versions stay invisible in one place."""

    median: Estimate
    curve: tuple[CurvePoint, ...]
    within: dict[str, Share]
    """By ``60``, ``300`` and ``1800`` seconds."""
    versions: int
    never: int
    """Versions that did not become visible before the measurement ended (censored)."""


class FreshnessResult(Struct, frozen=True):
    """Lags by target, then by place: ``info`` (asked for by name), ``list`` and ``latest``."""

    targets: dict[str, dict[str, Lag]]
    note: str = ""
    """How the observer effect was kept out."""
    note_zh: str = ""


# --- probe ---------------------------------------------------------------------------------------


class Side(Struct, frozen=True):
    """A few requests of one kind: too few for intervals, enough for a first look."""

    n: int
    failed: int
    total: float | None
    """Median seconds of the answers that came, whatever their status."""
    phases: dict[str, float]
    """Median seconds of each phase that occurred."""


class ProbeTarget(Struct, frozen=True):
    """One look at one mirror."""

    url: str
    cold: Side
    warm: Side
    status: int | None = None
    address: str = ""
    http: str = ""
    tls: str = ""
    """Version and cipher."""
    issuer: str = ""
    expires: str = ""
    """Of the certificate, as it writes it."""
    rtt: float | None = None
    """Round trip as the kernel sees it."""
    headers: dict[str, str] = {}
    """Those that betray caches."""
    reason: str = ""
    """Why there was no good answer."""
    emulated_connect: float = 0.0
    """Seconds of the connect phase that the lab itself added."""


class ProbeResult(Struct, frozen=True):
    """Phases cold and warm, by target."""

    path: str
    targets: dict[str, ProbeTarget]


# --- bench ---------------------------------------------------------------------------------------


class Distribution(Struct, frozen=True):
    """Times of one target in one case."""

    n: int
    failed: int
    mean: float | None
    median: Estimate
    p95: Estimate
    p99: Estimate
    jitter: float | None
    """Median absolute deviation by the median."""
    ecdf: tuple[tuple[float, float], ...]
    """At most 200 points of time and share."""
    phases: dict[str, float]
    """Median seconds of each phase that occurred."""
    asked: int = 0
    """Requests that were made, those of the warm-up too. ``failed`` counts among these."""

    @property
    def tried(self) -> int:
        """Requests, also of a result that was stored before they were counted."""
        return self.asked or self.n + self.failed


class Speed(Struct, frozen=True):
    """Bytes a second of downloads of at least 1 MB."""

    receive: Estimate
    """While receiving."""
    whole: Estimate
    """With everything before the first byte."""
    jitter_between: float | None = None
    jitter_within: float | None = None


class Comparison(Struct, frozen=True):
    """Two targets in one case, paired by block."""

    case: str
    first: str
    second: str
    ratio: Estimate
    """Time of ``first`` by time of ``second``."""
    p: float
    """Corrected for the number of pairs (Holm)."""
    tie: bool


class BenchResult(Struct, frozen=True):
    """Latency and speed, in randomised complete blocks."""

    cases: tuple[str, ...]
    """As ``info/warm``, ``info/cold``, ``zip-small/warm``, ``module:golang.org/x/text``."""
    targets: dict[str, dict[str, Distribution]]
    """By target, then by case."""
    speeds: dict[str, Speed]
    comparisons: tuple[Comparison, ...]
    groups: dict[str, dict[str, str]]
    """By case, then by target: letters; targets that share one are tied."""
    blocks: int
    stopped: str = ""
    """Why it ended before the planned number of blocks."""
    stopped_zh: str = ""
    warm_up: dict[str, WarmUp] | None = None
    """By target that began slowly. All times leave those blocks out. None: nobody looked."""


# --- load ----------------------------------------------------------------------------------------


class LoadStep(Struct, frozen=True):
    """One rate of an open-loop sweep."""

    offered: float
    achieved: float
    dropped: int
    response: dict[str, float | None]
    """From the intended start: by ``p50``, ``p95``, ``p99``, ``p999``, ``max``."""
    service: dict[str, float | None]
    """From the real start."""
    errors: dict[str, int]
    """By outcome."""
    client_cpu: float
    """Share of one processor."""
    server_cpu: float | None = None
    server_rss: int | None = None
    server_gc_count: int | None = None
    """Runs of the server's garbage collector; None where the server does not tell."""
    server_gc_seconds: float | None = None
    """Seconds for which they held it up, together."""
    gc_pause_p99: float | None = None
    """Of the client."""
    histogram: str = ""
    """HdrHistogram V2, base64, of the response times."""
    part: str = ""
    """``sweep``, or the share of the knee that it was measured at: ``25%``."""
    n: int = 0
    """Requests that were planned."""
    rejected: int = 0
    """Answers 429; they are among the errors."""
    lateness_p99: float | None = None
    """Seconds by which the client itself began too late."""
    failed: str = ""
    """Why the rate is beyond the knee; empty when it is not."""


class LoadResult(Struct, frozen=True):
    """A rate sweep to the knee of one target, and its closed-loop capacity."""

    target: str
    arrivals: str
    steps: tuple[LoadStep, ...]
    knee: float | None
    """Last rate with error ≤ 1 %, P99 within the objective and achieved/offered ≥ 0.98."""
    reason: str = ""
    """What ended the sweep."""
    closed_capacity: float | None = None
    """Requests a second of a closed loop: its latency compares with nothing."""
    wrk_capacity: float | None = None
    """The same by wrk, where the two were compared."""


# --- cache ---------------------------------------------------------------------------------------


class HotResource(Struct, frozen=True):
    """A resource that is asked for often."""

    path: str
    count: int
    error: int
    """The count may be too high by this much."""


class TargetCache(Struct, frozen=True):
    """What a cache does for one target."""

    cold: Estimate
    warm: Estimate
    ratio: Estimate
    """Cold wait by warm wait."""
    coalescing: float | None
    """Upstream requests for simultaneous requests of one cold file; 1 is ideal."""
    concurrent: int = 0
    hits: dict[str, Share] = {}
    """By temperature: ``hot``, ``warm``, ``cold``."""
    saved_seconds: float | None = None
    """What one hit saves against one miss."""
    notes: tuple[str, ...] = ()
    """How it was found out, and what could not be."""


class CacheResult(Struct, frozen=True):
    """Hot against cold."""

    targets: dict[str, TargetCache]
    hot: tuple[HotResource, ...] = ()


# --- faults --------------------------------------------------------------------------------------


class FaultPoint(Struct, frozen=True):
    """One request during a scenario."""

    at: float
    ok: bool
    stale: bool
    seconds: float
    kind: str = ""
    """``hit``, ``list`` or ``miss``: whether it needed the upstream."""


class FaultRun(Struct, frozen=True):
    """One repetition of a scenario."""

    points: tuple[FaultPoint, ...]
    events: tuple[Event, ...]
    detect: float | None
    """Seconds from the fault to the first sign that the mirror noticed."""
    gap: float
    """Longest time without a good answer."""
    stale: int
    recover: float | None
    """Seconds from the end of the fault until P95 is within 1.2 times that of before."""
    overshoot: int
    """Requests that reached the sick upstream while it should have been left alone."""
    backoff: Verdict = "unknown"
    """Whether the retries follow a full-jitter law under its cap."""
    wrong: int = 0
    """Answers with wrong bytes: must be none."""
    failures: dict[str, int] = {}
    """The most frequent failures that the client saw."""


class FaultResult(Struct, frozen=True):
    """Scenarios by name."""

    target: str
    scenarios: dict[str, tuple[FaultRun, ...]]
    skipped: dict[str, str] = {}
    """Scenarios that could not be played here, with the reason."""


# --- net, replay ---------------------------------------------------------------------------------


class LinkCheck(Struct, frozen=True):
    """What a self-test measured on an emulated link, against what was asked for."""

    region: str
    backend: str
    asked: dict[str, float]
    measured: dict[str, float]
    good: bool
    note: str = ""


class ReplayCost(Struct, frozen=True):
    """One whole build from one target."""

    seconds: Estimate
    requests: int
    size: int
    failed: int
    go_seconds: Estimate | None = None
    """With the real go command, where there is one."""
    note: str = ""
    """How the seconds came about, where they were not simply taken."""


class ReplayResult(Struct, frozen=True):
    """What a whole build costs."""

    build: str
    targets: dict[str, ReplayCost]


# --- the verdict ---------------------------------------------------------------------------------


class Gate(Struct, frozen=True):
    """A condition without which nothing else counts."""

    name: str
    passed: bool
    text: str
    zh: str = ""


class Ranked(Struct, frozen=True):
    """One target in the ranking."""

    target: str
    rank: int
    group: str
    """Letters; targets that share one are tied."""
    score: float | None
    """0 to 1; None when a gate failed."""
    parts: dict[str, float]
    """Desirability by dimension, 0 to 1."""
    gates: tuple[Gate, ...]
    chance: tuple[float, ...]
    """Probability of each rank."""


class Ranking(Struct, frozen=True):
    """Who is best, and how sure that is."""

    weights: dict[str, float]
    targets: tuple[Ranked, ...]
    winner: str | None
    """Named only when its chance to be best is above 0.9."""
    text: str
    """One sentence."""


class Reason(Struct, frozen=True):
    """Why one part of a setting is as it is."""

    part: str
    en: str
    zh: str


class Setting(Struct, frozen=True):
    """What to configure, computed from the results. Empty ``goproxy``: nothing can be recommended."""

    goproxy: str
    gosumdb: str
    gonosumdb: str = ""
    toml: str = ""
    """The ``[[route]]`` block of a mirror of one's own."""
    reasons: tuple[Reason, ...] = ()
    warnings: tuple[Reason, ...] = ()


class Difference(Struct, frozen=True):
    """A number that changed since an earlier run, beyond chance."""

    target: str
    what: str
    before: float
    after: float
    p: float | None
    """None: a fact, in which chance has no part."""
    worse: bool
