"""Keeps the router's scores over a restart: the first choice of a new process should not be a guess."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

from modmirror.errors import StorageError
from modmirror.measure.score import CLASSES, Prior
from modmirror.storage.port import Document

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from modmirror.measure.score import Class
    from modmirror.routing.router import Router
    from modmirror.storage.port import DocumentStorage
    from modmirror.telemetry.events import Events

KEY = "-/scores"
"""No path of a module file begins like this."""
EVERY = 60.0
"""Seconds between saves."""
MAX_AGE = 7 * 86_400.0
"""Seconds after which old scores are worth nothing."""


class SavedScores:
    """The scores of one router in the document store."""

    def __init__(
        self,
        router: Router,
        documents: DocumentStorage,
        now: Callable[[], float],
        clock: Callable[[], float],
        events: Events,
    ) -> None:
        """``now`` is since the epoch, ``clock`` the router's own."""
        self._router = router
        self._documents = documents
        self._now = now
        self._clock = clock
        self._events = events

    def restore(self) -> None:
        """Tell the router what was known. What is too old, or of another shape, is passed over."""
        document = self._documents.get(KEY)
        if document is not None and self._now() - document.fetched_at < MAX_AGE:
            self._router.restore(parse_scores(document.body))

    async def save(self) -> None:
        """Remember what is known now. A full store is told of, and no reason to stop for."""
        body = format_scores(self._router.snapshot(self._clock()))
        try:
            await self._documents.put(KEY, Document(body, self._now(), ""))
        except StorageError as error:
            self._events.warning("scores not saved", reason=error.reason)

    async def run(self, sleep: Callable[[float], Awaitable[None]]) -> None:
        """Save now and then, until cancelled."""
        while True:
            await sleep(EVERY)
            await self.save()


def format_scores(priors: dict[str, dict[Class, Prior]]) -> bytes:
    """Write scores as JSON."""
    return json.dumps(
        {
            name: {asked: [prior.first_byte, prior.rate, prior.long_run] for asked, prior in known.items()}
            for name, known in priors.items()
            if known
        }
    ).encode()


def parse_scores(body: bytes) -> dict[str, dict[Class, Prior]]:
    """Read scores. Those of another version of this program count as none."""
    try:
        document = json.loads(body)
        return {
            str(name): {asked: _prior(*known[asked]) for asked in CLASSES if asked in known}
            for name, known in document.items()
        }
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        return {}


def _prior(first_byte: float, rate: float, long_run: float) -> Prior:
    """Make one of numbers that may have been measured. Raises ValueError for others."""
    prior = Prior(float(first_byte), float(rate), float(long_run))
    if not (
        0 < prior.first_byte < math.inf and 0 <= prior.rate < math.inf and 0 <= prior.long_run < math.inf
    ):
        raise ValueError("not what a clock measures")
    return prior
