"""``lab freshness``: looks for new versions until every mirror shows them, or for long enough (lab.md 2.5).

Nothing is asked before it exists: mirrors remember for a while that something does not.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from modmirror.lab.analysis.freshness import BORN, MEASUREMENT, WAYS, freshness_result
from modmirror.lab.engine.port import Limit, Request
from modmirror.lab.freshness.births import Birth, named_birth
from modmirror.lab.freshness.looks import Place, Ways, is_past, judged, next_look, path_of, places_of
from modmirror.lab.politeness import VolumeSpent
from modmirror.lab.results.events import Event

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from modmirror.lab.bundle import Lab
    from modmirror.lab.engine.port import Fetched
    from modmirror.lab.freshness.sources import Source
    from modmirror.lab.results.freshness import FreshnessResult
    from modmirror.lab.run.port import Run
    from modmirror.lab.target import Target

NAME = MEASUREMENT
WATCHED = "watched"
"""Event: where a version is looked for, as ``PATH@VERSION list,latest``."""
PAST = "superseded"
"""Event: a newer version was the latest already, as ``PATH@VERSION TARGET``."""
STOPPED = "stopped"
_LIMIT = Limit(seconds=15.0, size=4 << 20)


@dataclass(frozen=True, slots=True)
class FreshnessPlan:
    """How long, and how, versions are looked for."""

    ways: Ways = "split"
    patience: float = 2700.0
    """Seconds of age at which looking ends."""


@dataclass(slots=True)
class _Open:
    """One version that one mirror has not shown in one place yet."""

    target: Target
    birth: Birth
    place: Place
    at: float
    """Of the next look, in seconds since 1970."""
    looked: bool = False


class Freshness:
    """The measurement. On a run that was interrupted, it goes on where it ended."""

    def __init__(
        self, source: Source, wall: Callable[[], float], plan: FreshnessPlan | None = None
    ) -> None:
        """``wall`` returns seconds since 1970."""
        self._source = source
        self._wall = wall
        self.plan = plan or FreshnessPlan()
        self._open: list[_Open] = []
        self._born = 0
        self._zero = 0.0
        """When the run began, in seconds since 1970."""

    async def __call__(self, lab: Lab) -> FreshnessResult:
        """Measure."""
        self._zero = self._wall() - lab.elapsed
        self._resume(lab)
        lab.run.event(Event(lab.elapsed, WAYS, self.plan.ways))
        lab.progress.begin(NAME, 0)
        try:
            await self._watch(lab)
        except VolumeSpent as error:
            lab.run.event(Event(lab.elapsed, STOPPED, error.reason))
            lab.progress.note(error.reason)
        lab.progress.end()
        return self.so_far(lab.run)

    def so_far(self, run: Run) -> FreshnessResult:
        """Return what a run has found, be it at its end or not: Ctrl-C is how watching ends."""
        return freshness_result(run.samples(NAME), run.events())

    async def _watch(self, lab: Lab) -> None:
        while True:
            asks = self._source.next_at
            if asks is not None and asks <= self._wall_now(lab):
                self._take(await self._source.more(lab, self._wall_now(lab)), lab)
                asks = self._source.next_at
            upcoming = [each.at for each in self._open] + ([] if asks is None else [asks])
            if not upcoming:
                return
            await lab.clock.sleep_until(lab.began + min(upcoming) - self._zero)
            await self._look(lab)

    def _wall_now(self, lab: Lab) -> float:
        # Not the wall clock itself: were it moved meanwhile, lags would move with it.
        return self._zero + lab.elapsed

    def _take(self, births: Sequence[Birth], lab: Lab) -> None:
        for birth in births:
            lab.run.event(Event(birth.at - self._zero, BORN, birth.name))
            places = places_of(birth.module, self._born, self.plan.ways)
            lab.run.event(Event(lab.elapsed, WATCHED, f"{birth.name} {','.join(places)}"))
            self._born += 1
            lab.progress.note(f"new: {birth.name}, looked for in {', '.join(places)}")
            self._open += [
                self._opened(target, birth, place, lab) for target in lab.targets for place in places
            ]

    def _opened(self, target: Target, birth: Birth, place: Place, lab: Lab) -> _Open:
        age = self._wall_now(lab) - birth.at
        # What is older already is looked at now: each second adds to what cannot be known.
        first = next_look(0.0, lab.chance)
        return _Open(target, birth, place, birth.at + max(first, age))

    async def _look(self, lab: Lab) -> None:
        """Make the looks that are due: of each mirror one after another, of all mirrors together."""
        now = self._wall_now(lab)
        due: dict[str, list[_Open]] = defaultdict(list)
        for each in self._open:
            if each.at <= now:
                due[each.target.name].append(each)
        over = await asyncio.gather(*(self._look_at(rows, lab) for rows in due.values()))
        done = {id(each) for rows in over for each in rows}
        self._open = [each for each in self._open if id(each) not in done]

    async def _look_at(self, due: Sequence[_Open], lab: Lab) -> list[_Open]:
        """Look; return what needs no further look."""
        over: list[_Open] = []
        hangs = False
        for each in due:
            # A mirror that hangs is asked once a turn: the others wait for its timeouts too.
            fetched = None if hangs else await self._asked(each, lab)
            hangs = hangs or (fetched is not None and fetched.outcome == "timeout")
            age = self._wall_now(lab) - each.birth.at
            each.at = each.birth.at + next_look(age, lab.chance)
            seen = fetched is not None and fetched.ok
            if seen or each.at - each.birth.at > self.plan.patience:
                over.append(each)
            lab.progress.step(f"{each.target.name}: {each.birth.name}")
        return over

    async def _asked(self, each: _Open, lab: Lab) -> Fetched:
        module, place = each.birth.module, each.place
        request = Request(
            each.target, path_of(module, place), connection="warm", keep="bytes", limit=_LIMIT
        )
        fetched = await lab.engine.fetch(request)
        if place == "latest" and not each.looked and is_past(fetched, module):
            lab.run.event(Event(lab.elapsed, PAST, f"{each.birth.name} {each.target.name}"))
            return fetched
        each.looked = each.looked or fetched.ok
        fetched = judged(fetched, module, place)
        sample = fetched.sample(NAME, place, began=lab.began)
        lab.run.append(replace(sample, path=each.birth.name))
        return fetched

    def _resume(self, lab: Lab) -> None:
        """Open again what an earlier session left open."""
        events = lab.run.events()
        born = {event.text: event.at + self._zero for event in events if event.name == BORN}
        settled = {
            (sample.target, sample.path, sample.case)
            for sample in lab.run.samples(NAME)
            if sample.outcome == "ok"
        }
        past = [event.text.partition(" ") for event in events if event.name == PAST]
        settled |= {(target, name, "latest") for name, _, target in past}
        for event in events:
            if event.name != WATCHED:
                continue
            self._born += 1
            name, _, places = event.text.partition(" ")
            birth = named_birth(name, born[name])
            self._open += [
                self._opened(target, birth, cast("Place", place), lab)
                for target in lab.targets
                for place in places.split(",")
                if (target.name, name, place) not in settled
            ]
