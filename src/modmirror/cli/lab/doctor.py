"""``modmirror lab doctor``: can this machine measure?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cyclopts import App

from modmirror.cli.flags import AsJson  # noqa: TC001 - cyclopts reads the annotations

if TYPE_CHECKING:
    from modmirror.lab.doctor import DoctorResult
    from modmirror.lab.run.manifest import Manifest

TEACH = """\
Examples:

  modmirror lab doctor
  modmirror lab doctor --json

检查本机是否适合测量：客户端自身开销、时钟、处理器与可用工具。"""

app = App(name="doctor", help_epilogue=TEACH)


@app.default
def doctor(*, json_: AsJson = False) -> int:
    """Say what the measuring client itself costs here, and what it can use."""
    from modmirror.cli.lab.options import Options
    from modmirror.cli.lab.session import Task, perform
    from modmirror.lab.doctor import examine

    return perform(Task("doctor", examine, doctor_text), Options(json_=json_), ())


def doctor_text(result: DoctorResult, manifest: Manifest) -> str:
    """Return the findings for a terminal."""
    where = manifest.environment
    lines = [
        f"{where.kernel}, {where.machine}, {result.cores} processors, Python {where.python}",
        f"TCP congestion control: {where.congestion or 'unknown'}",
        "",
        "floor: what the client itself costs, median ± deviation",
        *(
            f"  {phase:<8} {seconds * 1e6:8.0f} µs ± {result.noise.get(phase, 0.0) * 1e6:.0f}"
            for phase, seconds in result.floor.items()
        ),
        f"  event loop late by {result.lag * 1000:.2f} ms at P99",
        "",
        *(f"  {'yes' if each.there else 'no ':<4}{each.name:<14} {each.use}" for each in result.abilities),
        "",
        *(result.advice or ("fit to measure",)),
    ]
    return "\n".join(lines)
