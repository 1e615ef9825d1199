"""A value that is asked for again when it is old, by one caller for all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from modmirror.singleflight import SingleFlight

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

T = TypeVar("T")


class Remembered(Generic[T]):
    """Remembers what ``ask`` returned for ``seconds``. A failure is not remembered, and raised to all."""

    def __init__(
        self, ask: Callable[[], Coroutine[None, None, T]], seconds: float, ticks: Callable[[], float]
    ) -> None:
        self._ask = ask
        self._seconds = seconds
        self._ticks = ticks
        self._asking: SingleFlight[str, T] = SingleFlight()
        self._known: tuple[float, T] | None = None

    async def get(self) -> T:
        """Return the value, no older than allowed."""
        if self._known is not None and self._ticks() - self._known[0] < self._seconds:
            return self._known[1]
        return await self.renew()

    @property
    def age(self) -> float:
        """Seconds since what `get` returned was asked for."""
        return self._ticks() - self._known[0] if self._known is not None else 0.0

    async def renew(self) -> T:
        """Return the value as it is now. Joins a renewal that has already begun."""
        return await self._asking.result("", self._renew)

    async def _renew(self) -> T:
        began = self._ticks()
        value = await self._ask()
        # As old as the question: it may have taken long.
        self._known = (began, value)
        return value
