"""``lab probe``: a few requests to each target, cold ones first (lab.md 8.1)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from modmirror.lab.bench.cases import BenchModule, popular
from modmirror.lab.engine.port import CACHE_HEADERS, Fetched, Limit, Request
from modmirror.lab.results.probe import ProbeResult, ProbeTarget, Side
from modmirror.measure.quantiles import median

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modmirror.lab.bundle import Lab
    from modmirror.lab.target import Target

NAME = "probe"
PHASES = ("dns", "connect", "tls", "send", "wait", "receive")


@dataclass(frozen=True, slots=True)
class ProbePlan:
    """How much is asked."""

    module: BenchModule = field(default_factory=lambda: popular()[0])
    cold: int = 3
    warm: int = 5
    timeout: float = 15.0
    """Seconds for one request."""


class Probe:
    """The measurement."""

    def __init__(self, plan: ProbePlan | None = None) -> None:
        self.plan = plan or ProbePlan()

    async def __call__(self, lab: Lab) -> ProbeResult:
        """Look at each target, one after another."""
        lab.progress.begin(NAME, len(lab.targets))
        looked = {}
        for target in lab.targets:
            looked[target.name] = await self._look(lab, target)
            lab.progress.step(target.name)
        lab.progress.end()
        return ProbeResult(path=self._path, targets=looked)

    @property
    def _path(self) -> str:
        return self.plan.module.file("info")

    async def _look(self, lab: Lab, target: Target) -> ProbeTarget:
        cold = [await self._ask(lab, target, "cold", number) for number in range(self.plan.cold)]
        if all(fetched.status is None for fetched in cold):
            return looked_at(target, cold, ())  # it does not answer: five more would tell nothing new
        if self.plan.warm:
            await lab.engine.warm(target, self._path)
        warm = [await self._ask(lab, target, "warm", number) for number in range(self.plan.warm)]
        return looked_at(target, cold, warm)

    async def _ask(self, lab: Lab, target: Target, case: str, number: int) -> Fetched:
        request = Request(
            target,
            self._path,
            connection="cold" if case == "cold" else "warm",
            limit=Limit(seconds=self.plan.timeout),
        )
        fetched = await lab.engine.fetch(request)
        lab.record(NAME, "info", fetched, block=number)
        return fetched


def looked_at(target: Target, cold: Sequence[Fetched], warm: Sequence[Fetched]) -> ProbeTarget:
    """Return what a look showed. A server that keeps no connection shows nothing warm."""
    last = (*cold, *warm)[-1]
    kept = [fetched for fetched in warm if fetched.reused]
    bad = next((fetched for fetched in (*cold, *warm) if not fetched.ok), None)
    tls = last.tls
    return ProbeTarget(
        url=target.url,
        cold=_side(cold),
        warm=_side(kept),
        status=last.status,
        address=last.address,
        http=last.http,
        tls=f"{tls.version} {tls.cipher}" if tls else "",
        issuer=tls.issuer if tls else "",
        expires=tls.expires if tls else "",
        rtt=last.tcp.rtt if last.tcp else None,
        headers={name: last.headers[name] for name in CACHE_HEADERS if name in last.headers},
        reason=bad.reason if bad else "",
        emulated_connect=target.connect_delay,
    )


def _side(fetched: Sequence[Fetched]) -> Side:
    answered = [each.timing for each in fetched if each.status is not None]
    phases: dict[str, float] = {}
    for phase in PHASES:
        values = [value for timing in answered if (value := getattr(timing, phase)) is not None]
        if values:
            phases[phase] = median(values)
    return Side(
        n=len(fetched),
        failed=sum(not each.ok for each in fetched),
        total=median([timing.total for timing in answered]) if answered else None,
        phases=phases,
    )
