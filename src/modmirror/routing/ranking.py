"""The order in which the upstreams of a pool are asked, and the words for it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from modmirror.measure.score import CLASSES, usual_rate
from modmirror.routing.choose import Choice
from modmirror.routing.coverage import Coverage
from modmirror.routing.plan import Candidate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modmirror.measure.score import Class
    from modmirror.routing.chance import Chance
    from modmirror.routing.member import Member
    from modmirror.routing.plan import Question

ChoiceKey: TypeAlias = "tuple[tuple[str, ...], Class]"
"""A pool, and a class of files."""


@dataclass(slots=True)
class Ranking:
    """Ranks the members of pools."""

    members: Mapping[str, Member]
    chance: Chance
    coverage: Coverage = field(default_factory=Coverage)
    choices: dict[ChoiceKey, Choice] = field(default_factory=dict)

    def look(self, question: Question, now: float) -> Choice | None:
        """Look at the scores once; return the choice if it has just changed."""
        choice = self.choices.setdefault((question.pool, question.asked), Choice())
        scores = {
            name: self.score(name, question.asked, now)
            for name in question.pool
            if self.members[name].is_usable(now)
        }
        return choice if choice.look(scores) else None

    def score(self, name: str, asked: Class, now: float) -> float | None:
        """Return the expected seconds of a member for a class; None: nothing is known."""
        usual = usual_rate(member.tracks[asked].rate for member in self.members.values())
        return self.members[name].tracks.score(asked, now, usual)

    def shown(self, name: str, now: float) -> dict[Class, float | None]:
        """Return the scores of a member for people: None where it would be a guess from other classes."""
        tracks = self.members[name].tracks
        return {
            asked: self.score(name, asked, now) if tracks.is_known(asked, now) else None
            for asked in CLASSES
        }

    def order(self, question: Question, now: float, *, slow_start: bool) -> tuple[Candidate, ...]:
        """Rank a pool, the first to ask first.

        Who can be asked comes before who cannot, who has such modules before who lacks them, the chosen one
        before its rivals, those by score, the unknown in declared order. With ``slow_start`` an upstream
        that has just come back gives way as often as its share says.
        """
        candidates = [self._candidate(name, question, now) for name in question.pool]
        if not question.measured:
            return tuple(candidates)
        chosen = self._chosen(question)

        def rank(candidate: Candidate) -> tuple[bool, bool, bool, bool, float]:
            name = candidate.upstream
            share = self.members[name].breaker.share(now)
            gives_way = slow_start and share < 1 and self.chance.random() >= share
            lacks = self.coverage.lacks(name, question.module, now)
            score = math.inf if candidate.score is None else candidate.score
            return not self.members[name].is_usable(now), lacks, gives_way, name != chosen, score

        return tuple(sorted(candidates, key=rank))

    def _chosen(self, question: Question) -> str | None:
        choice = self.choices.get((question.pool, question.asked))
        return choice.current if choice else None

    def _candidate(self, name: str, question: Question, now: float) -> Candidate:
        member = self.members[name]
        state = member.breaker.state(now)
        score = self.score(name, question.asked, now)
        if state != "closed":
            why = f"{state}: {member.breaker.reason or 'it asked for a pause'}"
        elif self.coverage.lacks(name, question.module, now):
            why = "was found to lack such modules a short while ago"
        elif not question.measured:
            why = "as declared"
        else:
            why = self._merit(name, score, question)
        return Candidate(name, score, state, why)

    def _merit(self, name: str, score: float | None, question: Question) -> str:
        merit = "no score yet" if score is None else f"score {1000 * score:.0f} ms"
        if self._chosen(question) != name:
            return merit
        return f"{merit}; chosen: {self.choices[question.pool, question.asked].why}"
