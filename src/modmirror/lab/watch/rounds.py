"""One round: every mirror is asked for one small file, cold and warm, and for one list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from modmirror.lab.engine.port import Fetched, Limit, Request
from modmirror.lab.politeness import retry_after
from modmirror.mod.path import check_path
from modmirror.protocol.listing import parse_list

if TYPE_CHECKING:
    from collections.abc import Callable

    from modmirror.lab.bench.cases import BenchModule
    from modmirror.lab.bundle import Lab
    from modmirror.lab.target import Target

NAME = "watch"
LIMIT = Limit(seconds=15.0, size=4 << 20)
"""A version list of 4 MB holds 200,000 versions."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one mirror answered in one round."""

    target: str
    cold: Fetched
    warm: Fetched | None
    """None when the mirror keeps no connection, or did not answer cold."""
    listed: Fetched
    versions: tuple[str, ...] | None
    """None when there is no list to be had."""

    @property
    def answers(self) -> tuple[tuple[str, str, Fetched], ...]:
        """What was asked, over which connection, and what became of it."""
        found = (("info", "cold", self.cold), ("info", "warm", self.warm), ("list", "cold", self.listed))
        return tuple((kind, connection, each) for kind, connection, each in found if each is not None)


class Patience:
    """Remembers beyond a round who asked to be left alone, and until when."""

    def __init__(self, wall: Callable[[], float]) -> None:
        """``wall`` returns seconds since 1970: Retry-After may be a date."""
        self._wall = wall
        self._until: dict[str, float] = {}

    def heed(self, fetched: Fetched) -> None:
        """Take note of a Retry-After."""
        after = fetched.headers.get("retry-after", "")
        if fetched.status in {429, 503} and after:
            self._until[fetched.request.target.host] = self._wall() + retry_after(after, self._wall())

    def allows(self, target: Target) -> bool:
        """Say whether a target may be asked again."""
        return self._until.get(target.host, 0.0) <= self._wall()


async def look_around(lab: Lab, module: BenchModule, patience: Patience) -> tuple[Look, ...]:
    """Ask every target that may be asked, one after another, in random order."""
    order = [target for target in lab.targets if patience.allows(target)]
    lab.chance.shuffle(order)
    looks = []
    for target in order:
        look = await _look(lab, target, module)
        for _, _, fetched in look.answers:
            patience.heed(fetched)
        looks.append(look)
    return tuple(looks)


async def _look(lab: Lab, target: Target, module: BenchModule) -> Look:
    info = module.file("info")
    cold = await lab.engine.fetch(Request(target, info, limit=LIMIT))
    warm = None
    if cold.ok and await lab.engine.warm(target, info):
        warm = await lab.engine.fetch(Request(target, info, connection="warm", limit=LIMIT))
    listed = await lab.engine.fetch(Request(target, module.file("list"), keep="bytes", limit=LIMIT))
    versions = tuple(parse_list(listed.body, check_path(module.path))) if listed.ok else None
    look = Look(target.name, cold, warm, listed, versions)
    for case, _, fetched in look.answers:
        lab.record(NAME, case, fetched)
    return look
