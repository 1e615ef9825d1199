"""An emulated upstream that stays up, for mirrors that are started by somebody else."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from modmirror.lab.fault.stage import staged

if TYPE_CHECKING:
    from collections.abc import Callable

    from modmirror.lab.fault.scenario import Scenario


async def stand(
    scenario: Scenario | None, listen: tuple[str, int], seed: int, say: Callable[[str], None]
) -> None:
    """Serve at ``listen`` until cancelled; with a scenario, play it once after its time of health.

    Raises ConfigError when the address is taken, NotPermitted for a scenario with names.
    """
    wire = scenario.wire if scenario else "http"
    with tempfile.TemporaryDirectory(prefix="modmirror-fault-") as directory:
        async with staged(Path(directory), wire, seed=seed, listen=listen) as stage:
            say(f"upstream: {stage.url}")
            say(f"GOSUMDB: {stage.sumdb.key} {stage.sumdb_url}")
            if stage.authority:
                say(f"authority to trust: {stage.authority.ca_file}")
            if scenario is not None:
                await asyncio.sleep(scenario.before)
                begin = asyncio.get_running_loop().time()
                for step in scenario.step:
                    await asyncio.sleep(begin + step.at - asyncio.get_running_loop().time())
                    await stage.take(step)
                    say(f"{step.at:7.2f} s  {step.do}")
                await asyncio.sleep(begin + scenario.fault - asyncio.get_running_loop().time())
                await stage.heal()
                say("healed")
            await asyncio.Event().wait()
