"""The measurement: scenarios one after the other, each some times, each with a mirror of its own."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace as changed

from modmirror.lab.fault.names import NotPermitted
from modmirror.lab.fault.rehearsal import rehearse
from modmirror.lab.results.faults import FaultResult

if TYPE_CHECKING:
    from modmirror.lab.bundle import Lab
    from modmirror.lab.fault.rehearsal import Rehearsal
    from modmirror.lab.results.faults import FaultRun

NAME = "fault"
"""Of the measurement and of its stored result."""


@dataclass(frozen=True, slots=True)
class Rehearsals:
    """See `modmirror.lab.bundle.Measurement`. Seeds are drawn from the run's."""

    rehearsals: tuple[Rehearsal, ...]
    repeats: int = 1

    async def __call__(self, lab: Lab) -> FaultResult:
        """Play them all; a scenario that cannot be played here is skipped with its reason."""
        target = self.rehearsals[0].mirror or self.rehearsals[0].command or "modmirror serve"
        result = FaultResult(target, {})
        lab.progress.begin("fault", len(self.rehearsals) * self.repeats)
        for rehearsal in self.rehearsals:
            name = rehearsal.scenario.name
            for _ in range(self.repeats):
                try:
                    run = await self._one(lab, rehearsal)
                except NotPermitted as error:
                    lab.progress.note(f"SKIPPED {name}: {error.reason}")
                    result = changed(result, skipped=result.skipped | {name: error.reason})
                    break
                runs = (*result.scenarios.get(name, ()), run)
                result = changed(result, scenarios=result.scenarios | {name: runs})
                # Now and not at the end: a run that is interrupted keeps what it has.
                lab.run.put_result(NAME, result)
                lab.progress.step(name)
        return result

    async def _one(self, lab: Lab, rehearsal: Rehearsal) -> FaultRun:
        name, since = rehearsal.scenario.name, lab.elapsed
        seeded = replace(rehearsal, seed=lab.chance.getrandbits(32))
        with tempfile.TemporaryDirectory(prefix="modmirror-fault-") as directory:
            run = await rehearse(seeded, Path(directory), lambda line: lab.progress.note(f"{name}: {line}"))
        for event in run.events:
            lab.run.event(changed(event, at=event.at + since, until=None, name=f"{name}: {event.name}"))
        return run
