"""``modmirror lab demo``: the whole lab on one machine, with verdicts that are known beforehand."""

from __future__ import annotations

import json
import os
import secrets
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
from cyclopts import App, Parameter

from modmirror.cli.flags import AsJson  # noqa: TC001 - cyclopts reads the annotations
from modmirror.cli.lab.options import THRESHOLD_FAILED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modmirror.lab.bundle import Progress
    from modmirror.lab.demo.judging import Finding
    from modmirror.lab.run.folder import RunFolder

TEACH = """\
Examples:

  modmirror lab demo
  modmirror lab demo --quick --seed 3
  modmirror lab demo --save demo --open

Needs no internet: five emulated mirrors in three regions (a good one, a slow, a
stale, an incomplete and a corrupting one) and a real modmirror in front of them
are measured as any mirror would be. Exit code 1 when the lab did not find out
what is wrong with each.

无需联网的演示：五个各有缺陷的模拟镜像与一个真实的 modmirror，
完整测量并给出结论。"""

app = App(name="demo", help_epilogue=TEACH)

_RIGHT, _WRONG = "right", "WRONG"


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class DemoFlags:
    """How much, and what becomes of it."""

    quick: Annotated[bool, Parameter(help="With less of everything, in a minute.", negative=())] = False
    seed: Annotated[int | None, Parameter(help="Of the made-up world.", metavar="N")] = None
    save: Annotated[
        Path | None, Parameter(help="Keep the run and its reports in a new folder.", metavar="DIR")
    ] = None
    open_: Annotated[bool, Parameter(name="--open", help="Show the report in a browser.", negative=())] = (
        False
    )
    json_: AsJson = False


NO_FLAGS = DemoFlags()


@app.default
def demo(*, flags: DemoFlags = NO_FLAGS) -> int:
    """Measure six mirrors whose faults are known, and see that the lab finds them."""
    from modmirror.cli.lab.report import read_whole
    from modmirror.cli.lab.studied import carried_out, write_reports
    from modmirror.lab.clock import SystemClock
    from modmirror.lab.demo.judging import judge
    from modmirror.lab.demo.plan import FULL, QUICK
    from modmirror.lab.progress import progress_on

    begun = time.monotonic()
    effort = QUICK if flags.quick else FULL
    seed = secrets.randbelow(1 << 16) if flags.seed is None else flags.seed
    run = _begin(flags.save, seed)
    progress = progress_on(sys.stderr, os.environ, SystemClock().now, quiet=flags.json_)
    problems = carried_out(run, progress, _play(run, progress, seed, quick=flags.quick))
    report = read_whole(run)
    findings = judge(report, effort.stale)
    files = write_reports(report, run)
    page = next(file for file in files if file.suffix == ".html")
    seconds = time.monotonic() - begun
    if flags.json_:
        _print_json(seed, findings, problems, run, seconds)
    else:
        print(demo_text(findings, seconds))
        print(f"\nreport: {page}\nmore of it: modmirror lab report {run.place}")
    for flag in run.manifest.flags:
        print(f"the numbers are in doubt: {flag.name}: {flag.text}", file=sys.stderr)
    if flags.open_:
        import webbrowser

        webbrowser.open(page.resolve().as_uri())
    wrong = problems or not all(finding.right for finding in findings)
    return THRESHOLD_FAILED if wrong else 0


def demo_text(findings: Sequence[Finding], seconds: float) -> str:
    """Return the verdicts, one a line, and how many are right."""
    width = max(len(finding.who) for finding in findings)
    lines = [
        f"  {_RIGHT if finding.right else _WRONG}  {finding.who:<{width}}  {finding.text}"
        for finding in findings
    ]
    right = sum(finding.right for finding in findings)
    head = f"{right} of {len(findings)} verdicts are right, after {seconds:.0f} s"
    return "\n".join(["", *lines, "", head])


def _begin(save: Path | None, seed: int) -> RunFolder:
    from modmirror.lab.clock import today
    from modmirror.lab.engine.http1 import Http1Engine
    from modmirror.lab.run.environment import environment
    from modmirror.lab.run.folder import RunFolder
    from modmirror.lab.run.manifest import Manifest

    place = save or Path(tempfile.mkdtemp(prefix="modmirror-demo-"))
    command = ("modmirror", *sys.argv[1:])
    manifest = Manifest(
        "demo", seed, today(), command=command, region="here", environment=environment(Http1Engine.name)
    )
    return RunFolder.create(place, manifest, today)


async def _play(run: RunFolder, progress: Progress, seed: int, *, quick: bool) -> tuple[str, ...]:
    from modmirror.lab.clock import SystemClock
    from modmirror.lab.demo.cast import cast
    from modmirror.lab.demo.plan import FULL, QUICK, steps
    from modmirror.lab.demo.stage import staged
    from modmirror.lab.study.performing import Bench, perform

    effort = QUICK if quick else FULL
    progress.note(f"seed {seed}. Five mirrors, made up, and modmirror in front of them:")
    for part in cast(effort.stale):
        progress.note(f"  {part.role:<11} {part.region:<14} {part.about}")
    with tempfile.TemporaryDirectory(prefix="modmirror-demo-") as directory:
        progress.note("setting them up, and measuring the links to their regions")
        async with staged(Path(directory), seed, effort.stale) as stage:
            stage.describe(run)
            bench = Bench(run, stage.targets, SystemClock(), progress)
            return await perform(bench, steps(stage, effort))


def _print_json(
    seed: int, findings: Sequence[Finding], problems: Sequence[str], run: RunFolder, seconds: float
) -> None:
    document = {
        "seed": seed,
        "right": all(finding.right for finding in findings) and not problems,
        "findings": msgspec.to_builtins(findings),
        "problems": list(problems),
        "flags": msgspec.to_builtins(run.manifest.flags),
        "run": run.place,
        "seconds": round(seconds, 1),
    }
    print(json.dumps(document, ensure_ascii=False, indent=2))
