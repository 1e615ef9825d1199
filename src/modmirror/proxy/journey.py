"""One file's way along the chain of a route: who is asked next, and what is said when nobody is left.

The separators of the chain mean what they mean (protocol.md A.14). Within a stretch of upstreams joined by
``|`` their order is the router's, because there it makes no difference to the answer. What follows behind
a ``,`` still depends on what the one declared before it said.

Where an upstream is doubted the way is walked twice: past it, and if that leads nowhere once more, now
asking it too, with what the others said kept in mind. So it is asked last, and its word counts in the
place where it is declared.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from modmirror.errors import (
    Error,
    NotExist,
    UpstreamBusy,
    UpstreamError,
    UpstreamRefused,
    VerificationError,
)
from modmirror.protocol.chain import DIRECT, GaveUp, start, step
from modmirror.routing.plan import Question
from modmirror.upstream.race import RacedUpstream
from modmirror.upstream.trip import Trip

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modmirror.measure.score import Class
    from modmirror.protocol.chain import Ask, Link
    from modmirror.proxy.memory import Doubts
    from modmirror.upstream.guide import Guide
    from modmirror.upstream.port import Upstream


@dataclass(frozen=True, slots=True)
class Chain:
    """The upstreams of a route in declared order."""

    links: tuple[Link, ...]
    upstreams: Mapping[str, Upstream]
    """By the name used in ``links``."""
    guide: Guide | None = None
    """Without one, upstreams are asked one after another."""
    measured: bool = False
    """Whether the order within a stretch is the router's."""

    def stretch(self, position: int) -> range:
        """Return the positions that belong to the same pool as ``position``, all of them beyond it."""
        end = position + 1
        names = {self._name(position)}
        while (
            end < len(self.links)
            and self.links[end - 1].go_on == "any"
            and self.links[end].upstream in self.upstreams
            and DIRECT not in (self.links[end - 1].upstream, self.links[end].upstream)
            and self._name(end) not in names  # the same place with other credentials is another upstream
        ):
            names.add(self._name(end))
            end += 1
        return range(position, end)

    def pools(self) -> list[tuple[str, ...]]:
        """Return the pools of upstreams by display name."""
        found, position = [], 0
        while position < len(self.links) and self.links[position].upstream in self.upstreams:
            stretch = self.stretch(position)
            if self.links[position].upstream != DIRECT:  # a repository has no score and no breaker
                found.append(tuple(self._name(each) for each in stretch))
            position = stretch.stop
        return found

    def _name(self, position: int) -> str:
        return self.upstreams[self.links[position].upstream].name


class Journey:
    """The state of one walk. Take `next` until it is None, and say how each attempt went."""

    def __init__(self, chain: Chain, asked: Class, module: str, doubts: Doubts | None = None) -> None:
        self._chain = chain
        self._asked = asked
        self._module = module
        self._doubts = doubts
        self._wary = doubts is not None and doubts.weighty
        """Whether those in doubt are walked past."""
        self._passed = False
        """Whether any was on this walk."""
        self._said: dict[str, Error] = {}
        """What upstreams answered, by the name used in the links of the chain."""
        self._known: Mapping[str, Error] = {}
        """The same of the walk before."""
        self._forgiven: list[Error] = []
        """Answers at which no separator stopped, so that none does the second time."""
        self._links: list[Link] = list(chain.links)
        self._state: Ask | GaveUp = start(chain.links)
        self._trip: Trip | None = None
        self._end_of_trip = 0
        self._heard: list[str] = []

    @property
    def error(self) -> Error:
        """The verdict, when `next` was None. A failure names everybody who was asked."""
        assert isinstance(self._state, GaveUp)  # noqa: S101  # the walk is over
        error = self._state.error
        if not isinstance(error, UpstreamError) or len(self._heard) < 2:  # noqa: PLR2004  # nobody else
            return error
        own = _line(error.upstream, error)
        return _with_reason(
            error, "\n".join([error.reason, *(line for line in self._heard if line != own)])
        )

    @property
    def heard(self) -> tuple[str, ...]:
        """What everybody said, a line each."""
        return tuple(self._heard)

    def has_instead(self, upstream: Upstream) -> bool:
        """Tell whether somebody else, who is well, can be asked for the same file at once."""
        return self._trip is not None and self._trip.has_instead(upstream.name)

    def next(self) -> Upstream | None:
        """Return whom to ask, or None when nobody is left."""
        while (position := self._position()) is not None:
            upstream = self._arrive(position)
            said = self._answer_of(position, upstream)
            if said is not None:
                self._step(said, lenient=said in self._forgiven or isinstance(said, VerificationError))
            elif (objection := self._objection(upstream.name)) is not None:
                # Passing over is our decision, not the upstream's answer: "," does not stop at it.
                self._go_on(objection, lenient=not self._leaves_pool(position))
            else:
                return upstream if self._trip is None else RacedUpstream(self._trip, upstream)
        return None

    def came(self, upstream: Upstream) -> None:
        """The file came from ``upstream`` and is good."""
        if self._trip is not None:
            self._trip.came(upstream.name)

    def failed(self, upstream: Upstream, error: Error, *, lenient: bool = False) -> None:
        """An attempt failed. ``lenient``: the next one is asked whatever the separator says."""
        trip = self._trip
        if trip is None or not isinstance(upstream, RacedUpstream):
            self._step(error, lenient=lenient)
            return
        had_begun = upstream.name not in trip.said
        trip.said[upstream.name] = error
        if had_begun and isinstance(error, UpstreamError) and upstream.heard:
            trip.guide.broke(upstream.name, self._asked, self._module, error)
        if upstream.name != upstream.first:
            return  # the faster one's file was no good: the first one has not had its say
        self._step(error, lenient=lenient)
        answered = isinstance(error, UpstreamRefused)  # that nobody gets it from there is no failure
        is_over = isinstance(self._state, GaveUp) and not self._passed
        if isinstance(error, UpstreamError) and not answered and not is_over:
            self._check_budget(trip, upstream.name, error)

    def _check_budget(self, trip: Trip, failed: str, error: Error) -> None:
        if not trip.guide.retry(failed):
            self._passed = False
            self._state = GaveUp(error)

    def _position(self) -> int | None:
        """Return where the walk stands, None at its end. Where somebody was passed, that is not the end."""
        if isinstance(self._state, GaveUp) and self._passed:
            self._walk_again()
        return None if isinstance(self._state, GaveUp) else self._state.position

    def _walk_again(self) -> None:
        """Begin anew with what is known, and pass only those who are not to be asked at all."""
        self._wary = self._passed = False
        self._known = dict(self._said)
        self._links = list(self._chain.links)
        self._state = start(self._chain.links)
        self._trip = None
        self._end_of_trip = 0
        self._heard = []

    def _answer_of(self, position: int, upstream: Upstream) -> Error | None:
        """Return what an upstream has answered already."""
        if self._trip is not None:
            return self._trip.said.get(upstream.name)
        return self._known.get(self._links[position].upstream)

    def _step(self, error: Error, *, lenient: bool) -> None:
        """Go on after an answer that is not the file."""
        assert not isinstance(self._state, GaveUp)  # noqa: S101  # nobody fails who was not asked
        self._said[self._links[self._state.position].upstream] = error
        if lenient:
            self._forgiven.append(error)
        self._go_on(error, lenient=lenient)

    def _go_on(self, error: Error, *, lenient: bool) -> None:
        assert not isinstance(self._state, GaveUp)  # noqa: S101  # as above
        name = self._chain.upstreams[self._links[self._state.position].upstream].name
        self._heard.append(_line(name, error))
        if not lenient and self._leaves_pool(self._state.position):
            error, lenient = self._word_of_the_last(error)
        links = [replace(link, go_on="any") for link in self._links] if lenient else self._links
        self._state = step(links, self._state, error)

    def _leaves_pool(self, position: int) -> bool:
        """Tell whether a ``,`` is to be passed with the last one of a stretch."""
        at_end = self._trip is not None and position == self._end_of_trip - 1
        return at_end and self._links[position].go_on == "not-found"

    def _word_of_the_last(self, error: Error) -> tuple[Error, bool]:
        """Return what counts at a ``,``, and whether to go on: whoever stands before it decides.

        That is the last one *declared*, whenever it was asked. Else a failing private mirror would let a
        name through to a public one, only because another was slower this time.
        """
        assert self._trip is not None  # noqa: S101  # without a stretch nothing was put in order
        said = self._trip.said.get(self._trip.question.pool[-1])
        if said is None or isinstance(said, NotExist):  # it was passed over, or has nothing
            return error, True
        return said, False

    def _arrive(self, position: int) -> Upstream:
        """Return the upstream at a position; at the beginning of a stretch, first put it in order."""
        if position >= self._end_of_trip:
            self._set_out(position)
        return self._chain.upstreams[self._links[position].upstream]

    def _set_out(self, position: int) -> None:
        guide, links = self._chain.guide, self._chain.links
        if guide is None or links[position].upstream == DIRECT:
            self._trip = None
            self._end_of_trip = position + 1
            return
        stretch = self._chain.stretch(position)
        keys = {self._chain.upstreams[links[each].upstream].name: links[each].upstream for each in stretch}
        measured = self._chain.measured and len(keys) > 1
        question = Question(tuple(keys), self._asked, self._module, measured)
        plan = guide.plan(question)
        for each, name in zip(stretch, sorted(plan.order, key=self._is_suspect), strict=True):
            self._links[each] = replace(links[each], upstream=keys[name])
        self._trip = Trip(
            guide,
            question,
            plan,
            {name: self._chain.upstreams[key] for name, key in keys.items()},
            self._is_suspect,
            {name: self._known[key] for name, key in keys.items() if key in self._known},
        )
        self._end_of_trip = stretch.stop

    def _is_suspect(self, upstream: str) -> bool:
        """Tell whether others are asked first, wherever it makes no other difference."""
        doubts = self._doubts
        return doubts is not None and bool(doubts.refusal(upstream) or doubts.hesitation(upstream))

    def _objection(self, upstream: str) -> Error | None:
        """Say why an upstream is passed over, if it is."""
        if self._doubts is None:
            return None
        refusal = self._doubts.refusal(upstream)
        if refusal is not None or not self._wary:
            return refusal
        hesitation = self._doubts.hesitation(upstream)
        self._passed = self._passed or hesitation is not None
        return hesitation


def _line(upstream: str, error: Error) -> str:
    gist = error.reason.partition("\n")[0]
    return f"{upstream}: {gist}"


def _with_reason(error: UpstreamError, reason: str) -> UpstreamError:
    match error:
        case UpstreamRefused():
            return UpstreamRefused(error.upstream, reason, status=error.status, hint=error.hint)
        case UpstreamBusy():
            return UpstreamBusy(error.upstream, reason, retry_after=error.retry_after, hint=error.hint)
        case _:
            return type(error)(error.upstream, reason, hint=error.hint)
