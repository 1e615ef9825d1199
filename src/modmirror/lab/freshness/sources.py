"""Where new versions come from: a list that is known, or an index that is asked again and again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from modmirror.lab.engine.port import Limit, Request
from modmirror.lab.freshness.births import parse_births

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modmirror.lab.bundle import Lab
    from modmirror.lab.freshness.births import Birth
    from modmirror.lab.target import Target

AT_ONCE = float("-inf")
YOUNG = 300.0
"""Seconds of age beyond which a version is no longer new: too much of its lag would be unknown."""
_INTERVAL = 60.0
"""Seconds between two questions to an index."""
_A_TIME = 10
"""Versions taken from one answer, so that they are spread over time."""
_LIMIT = Limit(seconds=30.0, size=4 << 20)
_LINES = 500


class Source(Protocol):
    """Gives versions while there are any to come."""

    next_at: float | None
    """Seconds since 1970 from which it may be asked again. None: there is no more."""

    async def more(self, lab: Lab, now: float) -> Sequence[Birth]:
        """Return versions not given before."""
        ...


class Listed:
    """Versions that are known beforehand, some maybe yet to come."""

    def __init__(self, births: Sequence[Birth]) -> None:
        self.next_at: float | None = AT_ONCE
        self._births = births

    async def more(self, lab: Lab, now: float) -> Sequence[Birth]:
        """Return all of them, once."""
        del lab, now
        self.next_at = None
        return self._births


class Index:
    """An index as index.golang.org is one: times are when its proxy first had the version."""

    def __init__(self, target: Target, versions: int | None, taken: Sequence[str] = ()) -> None:
        """Take so many versions, or go on for ever (None). Paths ``taken`` are not taken again."""
        self.next_at: float | None = AT_ONCE
        self._target = target
        self._left = versions
        self._taken = set(taken)
        self._since: float | None = None

    async def more(self, lab: Lab, now: float) -> Sequence[Birth]:
        """Ask what is new, and draw from it: one version of a module in a run."""
        since = now - YOUNG if self._since is None else self._since
        when = datetime.fromtimestamp(since, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        request = Request(
            self._target,
            f"index?since={when}&limit={_LINES}",
            connection="warm",
            keep="bytes",
            limit=_LIMIT,
        )
        fetched = await lab.engine.fetch(request)
        self.next_at = now + _INTERVAL
        try:
            births = parse_births(fetched.body) if fetched.ok else ()
        except ValueError as error:
            fetched = fetched.judged("protocol", str(error))
            births = ()
        if not fetched.ok:
            lab.progress.note(f"{self._target.name}: {fetched.reason}")
            return ()
        if births:
            self._since = max(birth.at for birth in births)
        return self._drawn(births, lab, now)

    def _drawn(self, births: Sequence[Birth], lab: Lab, now: float) -> Sequence[Birth]:
        newest = {birth.module.path: birth for birth in births if birth.at > now - YOUNG}
        fit = [birth for path, birth in newest.items() if path not in self._taken]
        room = _A_TIME if self._left is None else min(_A_TIME, self._left)
        drawn = lab.chance.sample(fit, min(room, len(fit)))
        self._taken.update(birth.module.path for birth in drawn)
        if self._left is not None:
            self._left -= len(drawn)
            if not self._left:
                self.next_at = None
        return drawn
