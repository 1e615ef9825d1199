"""What the client asks during a rehearsal: hits, lists and fresh misses in turn, all with known answers."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from modmirror.lab.emulate.modules import EPOCH
from modmirror.lab.fault.asking import Question
from modmirror.lab.fault.subject import LIST_TTL
from modmirror.mod.path import ModulePath

if TYPE_CHECKING:
    from collections.abc import Callable

    from modmirror.lab.emulate.modules import ModuleSet

_LISTED = ModulePath("example.com/lab/text")
_KEPT = ModulePath("example.com/lab/yaml"), "v1.3.0"
_FRESH_VERSION = "v1.0.0"
_OLD = 3.0
"""Times the lifetime of a list: what is missing from it for longer, the mirror did not look for."""


class Script:
    """Questions without end. ``clock`` is Unix time, as releases are dated."""

    def __init__(
        self, modules: ModuleSet, scale: float, *, judge_age: bool, clock: Callable[[], float] = time.time
    ) -> None:
        """``judge_age`` only where it is known how long the mirror keeps lists."""
        self._modules = modules
        self._allowance = _OLD * LIST_TTL * scale
        self._judge_age = judge_age
        self._clock = clock
        self._asked = 0
        # Nobody has asked for these before, in no earlier rehearsal either.
        self._fresh = f"example.com/lab/fresh{clock():.0f}x"
        self._published: list[float] = []

    def warming(self) -> tuple[Question, ...]:
        """Return what is asked once before the beginning, so that it is kept."""
        return self._hit(), self._list()

    def next(self) -> Question:
        """Return the next question: two hits, two misses and a list out of five."""
        self._asked += 1
        match self._asked % 5:
            case 1 | 3:
                return self._hit()
            case 0:
                return self._list()
            case _:
                return self._miss()

    def publish(self) -> None:
        """Let there be a new version, which lists should show before long."""
        now = self._clock()
        self._modules.publish(_LISTED, f"v1.1.{len(self._published)}", now)
        self._published.append(now)

    def is_old(self, body: bytes) -> bool:
        """Tell whether a list lacks a version that was published too long ago."""
        listed = {line for line in body.decode(errors="replace").splitlines() if line.startswith("v1.1.")}
        too_long = self._clock() - self._allowance
        return any(
            at < too_long and f"v1.1.{number}" not in listed for number, at in enumerate(self._published)
        )

    def _hit(self) -> Question:
        module, version = _KEPT
        return Question("hit", f"/{module}/@v/{version}.zip", self._zip(module, version))

    def _list(self) -> Question:
        old = self.is_old if self._judge_age else None
        return Question("list", f"/{_LISTED}/@v/list", is_old=old)

    def _miss(self) -> Question:
        # Another module each time: a mirror may remember what a module's upstream did before.
        module = ModulePath(f"{self._fresh}{self._asked}")
        self._modules.publish(module, _FRESH_VERSION, EPOCH)
        return Question("miss", f"/{module}/@v/{_FRESH_VERSION}.zip", self._zip(module, _FRESH_VERSION))

    def _zip(self, module: ModulePath, version: str) -> bytes:
        release = self._modules.release(module, version)
        if release is None:
            raise AssertionError(version)
        return release.zip
