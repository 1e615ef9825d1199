"""Work that goes on beside the serving of requests, for as long as the mirror runs."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from modmirror.telemetry.events import Events


def begin(work: Coroutine[object, object, None], name: str, events: Events) -> asyncio.Task[None]:
    """Begin it. A bug that ends it is logged under its name, and the mirror serves on without it."""

    def ended(task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            events.error("bug in background work", work=name, error=error)

    task = asyncio.create_task(work, name=name)
    task.add_done_callback(ended)
    return task


async def end(*tasks: asyncio.Task[None]) -> None:
    """Cancel them, and return when all are gone. What ended one before is not raised again."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
