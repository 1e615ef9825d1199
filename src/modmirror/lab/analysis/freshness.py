"""How long a new version stays invisible, from looks that were made now and then (lab.md 2.5).

Every look is a sample of measurement ``freshness``: ``case`` is the place (``info``, ``list``, ``latest``),
``path`` names the version in the same words as the event of its birth. A look that saw the version is
``ok``; one that was answered without it has a status that says so and another outcome. A look that failed
(a timeout, a 5xx) says nothing, neither yes nor no.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from msgspec.structs import replace

from modmirror.lab.analysis.estimates import share_of
from modmirror.lab.results.estimates import Estimate
from modmirror.lab.results.freshness import CurvePoint, FreshnessResult, Lag
from modmirror.measure.survival import Seen, curve, middle

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from modmirror.lab.results.estimates import Share
    from modmirror.lab.results.events import Event
    from modmirror.measure.sample import Sample

_Looks: TypeAlias = "dict[str, dict[str, dict[str, list[Sample]]]]"
MEASUREMENT = "freshness"
BORN = "published"
"""Event of a version's birth: ``at`` may lie before the run's beginning, ``text`` is the path."""
WAYS = "freshness-ways"
"""Event: how versions are looked for, as :data:`NOTES` has it."""
NOTES = {
    "split": (
        "by name: versions of their own; list and latest: versions that were not asked for by name",
        "按版本查询使用单独的版本；列表与最新版本使用未被按名查询过的版本",
    ),
    "passive": ("no version was asked for by name", "未按名查询任何版本"),
    "active": (
        "versions were asked for by name, which may be what made mirrors fetch them",
        "曾按名查询版本，镜像可能因此才去获取",
    ),
    "both": (
        "every version was asked for by name too, which may be what made mirrors list it",
        "每个版本也都按名查询过，镜像可能因此才将其列出",
    ),
}
"""How the observer effect was kept out, in English and Chinese."""
WITHIN = (60, 300, 1800)
"""Seconds whose shares are reported."""
_ANSWERED = frozenset({200, 404, 410})


def freshness_result(samples: Iterable[Sample], events: Sequence[Event]) -> FreshnessResult:
    """Return what samples and events of a run say, with how it was looked for."""
    ways = [event.text for event in events if event.name == WAYS]
    note, chinese = NOTES[ways[-1]] if ways and ways[-1] in NOTES else ("", "")
    return replace(freshness(samples, events), note=note, note_zh=chinese)


def freshness(samples: Iterable[Sample], events: Iterable[Event]) -> FreshnessResult:
    """Estimate the lags of each target in each place. Versions without an event of birth are left out."""
    births, looks = _looks(samples, events)
    return FreshnessResult(
        targets={
            target: {place: _lag(versions, births) for place, versions in places.items()}
            for target, places in sorted(looks.items())
        },
    )


def seen_by_place(samples: Iterable[Sample], events: Iterable[Event]) -> dict[tuple[str, str], list[Seen]]:
    """Return by target and place between which two looks each version became visible."""
    births, looks = _looks(samples, events)
    return {
        (target, place): [_seen(each, births[path]) for path, each in versions.items()]
        for target, places in looks.items()
        for place, versions in places.items()
    }


def _looks(samples: Iterable[Sample], events: Iterable[Event]) -> tuple[dict[str, float], _Looks]:
    """Return births by path, and looks by target, place and path."""
    births = {event.text: event.at for event in events if event.name == BORN}
    looks: _Looks = {}
    for sample in samples:
        if sample.measurement == MEASUREMENT and sample.path in births:
            versions = looks.setdefault(sample.target, {}).setdefault(sample.case, {})
            versions.setdefault(sample.path, []).append(sample)
    return births, looks


def _lag(versions: Mapping[str, Sequence[Sample]], births: Mapping[str, float]) -> Lag:
    seen = [_seen(looks, births[path]) for path, looks in versions.items()]
    steps = curve(seen)
    half = middle(steps, len(seen))
    return Lag(
        median=Estimate(half.value, half.low, half.high, len(seen)),
        curve=tuple(CurvePoint(step.seconds, step.share, step.low, step.high) for step in steps),
        within={str(seconds): _within(seen, seconds) for seconds in WITHIN},
        versions=len(seen),
        never=sum(each.by == float("inf") for each in seen),
    )


def _seen(looks: Sequence[Sample], born: float) -> Seen:
    """Return between which two looks a version became visible, in seconds after its birth."""
    after = 0.0
    for look in sorted(looks, key=lambda each: each.started):
        # The answer was made somewhere between sending and receiving: take what is sure.
        if look.outcome == "ok":
            return Seen(after, max(look.started + look.timing.total - born, after))
        if look.status in _ANSWERED:
            after = max(after, look.started - born)
    return Seen(after)


def _within(seen: Sequence[Seen], seconds: float) -> Share:
    """Return how many were visible within so many seconds, of those of which that is known."""
    sure = [each for each in seen if each.by <= seconds or each.after >= seconds]
    return share_of(sum(each.by <= seconds for each in sure), len(sure))
