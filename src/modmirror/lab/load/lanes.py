"""The connections of one worker: opened when needed, kept while the server keeps them."""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING

from modmirror.lab.engine.tls import client_context
from modmirror.lab.load.lane import Lane

if TYPE_CHECKING:
    from collections.abc import Callable

    from modmirror.lab.load.job import Place
    from modmirror.lab.load.lane import Owner
    from modmirror.measure.sample import Outcome


class CannotConnect(Exception):
    """A connection could not be opened."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome)
        self.outcome = outcome


class Lanes:
    """Opens connections to one place, and ends them all."""

    def __init__(self, place: Place, timeout: float, now: Callable[[], float]) -> None:
        self._place = place
        self._timeout = timeout
        self._now = now
        self._context = client_context(place.ca_file) if place.tls else None
        self._all: set[Lane] = set()

    def __len__(self) -> int:
        return len(self._all)

    async def open(self, owner: Owner) -> Lane:
        """Open one more. Raises CannotConnect."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._timeout):
                _, lane = await loop.create_connection(
                    lambda: Lane(owner, self._now), self._place.host, self._place.port, ssl=self._context
                )
        except TimeoutError as error:
            raise CannotConnect("timeout") from error
        except ssl.SSLError as error:
            raise CannotConnect("tls") from error
        except ConnectionResetError as error:
            raise CannotConnect("reset") from error
        except OSError as error:
            raise CannotConnect("refused") from error
        self._all.add(lane)
        return lane

    def forget(self, lane: Lane) -> None:
        """A connection has ended."""
        self._all.discard(lane)

    def give_up(self, before: float) -> None:
        """End what was intended before an instant and is not answered yet."""
        for lane in [each for each in self._all if each.exchange and each.exchange.intended < before]:
            lane.give_up()

    def close(self) -> None:
        """End every connection."""
        for lane in self._all:
            if lane.open:
                lane.close()
        self._all.clear()
