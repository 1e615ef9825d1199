"""The clock of real runs: monotonic, the one that the event loop waits by."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime


class SystemClock:
    """CLOCK_MONOTONIC."""

    def now(self) -> float:
        """Return seconds since some instant."""
        return time.monotonic()

    async def sleep_until(self, instant: float) -> None:
        """Return at an instant, at once when it is over."""
        # The loop may wake a hair too early.
        while (left := instant - time.monotonic()) > 0:  # noqa: ASYNC110 - time itself is waited for
            await asyncio.sleep(left)


def today() -> str:
    """Return date and time as manifests write them."""
    return datetime.now(UTC).isoformat(timespec="seconds")
