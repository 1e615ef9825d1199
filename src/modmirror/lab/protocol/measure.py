"""``lab protocol``: goes through the table for each mirror, one request at a time (lab.md 2.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modmirror.lab.politeness import VolumeSpent
from modmirror.lab.protocol.asking import NAME, Asking, Subject
from modmirror.lab.protocol.handshake import shake_hands
from modmirror.lab.protocol.table import CHECKS
from modmirror.lab.results.protocol import Cell, ProtocolResult

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from modmirror.lab.bundle import Lab
    from modmirror.lab.protocol.handshake import Shake
    from modmirror.lab.protocol.table import Check
    from modmirror.lab.target import Target

__all__ = ("NAME", "Protocol", "lacking")
_ASKED_FIRST = 2
"""Checks after which a mirror that has not answered at all is left alone."""


class Protocol:
    """The measurement."""

    def __init__(
        self, subject: Subject | None = None, checks: Sequence[Check] = CHECKS, shake: Shake = shake_hands
    ) -> None:
        self.subject = subject or Subject()
        self._checks = checks
        self._shake = shake

    async def __call__(self, lab: Lab) -> ProtocolResult:
        """Examine every target, one after another."""
        lab.progress.begin(NAME, len(lab.targets) * len(self._checks))
        cells = {target.name: await self._examined(lab, target) for target in lab.targets}
        lab.progress.end()
        return ProtocolResult(
            targets=tuple(cells),
            features=tuple(check.feature for check in self._checks),
            cells=cells,
        )

    async def _examined(self, lab: Lab, target: Target) -> dict[str, Cell]:
        asking = Asking(lab, target, self.subject, self._shake)
        cells: dict[str, Cell] = {}
        for number, check in enumerate(self._checks):
            reason = asking.dead if number >= _ASKED_FIRST else ""
            try:
                cells[check.key] = Cell("unknown", reason) if reason else await check.examine(asking)
            except VolumeSpent as error:
                cells[check.key] = Cell("unknown", f"not asked: {error.reason}")
            lab.progress.step(f"{target.name}: {check.title}")
        return cells


def lacking(result: ProtocolResult, remedies: Mapping[str, str] | None = None) -> list[str]:
    """Return a sentence for each feature that the go command needs and a mirror was not seen to have.

    ``remedies`` says by key of a feature what to try where the mirror answered, but not as it should.
    """
    told = remedies or {}
    return [
        f"{target}: {feature.title}: {cell.verdict}: {cell.note or cell.evidence}"
        + (told.get(feature.key, "") if cell.verdict == "no" else "")
        for target, cells in result.cells.items()
        for feature in result.features
        if feature.needed
        and (cell := cells[feature.key]).verdict not in {"yes", "not-applicable", "partly"}
    ]
