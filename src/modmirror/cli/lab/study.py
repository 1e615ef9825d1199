"""``modmirror lab study``: everything that a file asks for, as one run that can be interrupted."""

from __future__ import annotations

import json
import os
import secrets
import sys
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
from cyclopts import App, Parameter

from modmirror.cli.flags import AsJson  # noqa: TC001 - cyclopts reads the annotations
from modmirror.cli.lab.options import THRESHOLD_FAILED
from modmirror.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modmirror.lab.bundle import Progress
    from modmirror.lab.report.facts import Report
    from modmirror.lab.run.folder import RunFolder
    from modmirror.lab.study.config import StudyConfig
    from modmirror.lab.study.steps import Step

TEACH = """\
Examples:

  modmirror lab study --init > study.toml
  modmirror lab study study.toml
  modmirror lab study study.toml --save monday
  modmirror lab study study.toml --region us-east

The run is a folder called as the file (study), or as --save says. Ctrl-C, a
crash or a full disk lose nothing that was measured; the same command goes on
with what is missing. At its end stand the ranking, the setting to use, and
report.txt, report.md, report.html and report.json in the folder.

按配置文件执行全部测量：可中断、可继续，结果与报告保存在同一目录。"""

app = App(name="study", help_epilogue=TEACH)


@app.default
def study(
    config: Annotated[Path | None, Parameter(name="CONFIG", help="TOML file.")] = None,
    /,
    *,
    init: Annotated[bool, Parameter(help="Print a configuration to begin with.", negative=())] = False,
    save: Annotated[Path | None, Parameter(help="Folder of the run.", metavar="DIR")] = None,
    seed: Annotated[
        int | None, Parameter(help="Of order and draws, instead of the file's.", metavar="N")
    ] = None,
    region: Annotated[
        str, Parameter(help="Of the topology in [net], instead of the file's.", metavar="NAME")
    ] = "",
    json_: AsJson = False,
) -> int:
    """Make a whole study, or go on with it."""
    from modmirror.lab.study.config import read_study
    from modmirror.lab.study.link import moved

    if init:
        text = resources.files("modmirror.lab.study").joinpath("example.toml").read_text(encoding="utf-8")
        print(text, end="")
        return 0
    if config is None:
        raise ConfigError(
            "CONFIG", "no file was named", hint="modmirror lab study --init > study.toml writes one"
        )
    read = read_study(config, os.environ)
    if not region:
        return _studied(read, save or Path(config.stem), seed, json_=json_)
    place = save or Path(f"{config.stem}-{region}")
    return _studied(moved(read, region), place, seed, json_=json_)


def _studied(config: StudyConfig, place: Path, seed: int | None, *, json_: bool) -> int:
    from modmirror.cli.lab.report import exit_code
    from modmirror.cli.lab.studied import carried_out, write_reports
    from modmirror.lab.clock import SystemClock
    from modmirror.lab.progress import progress_on
    from modmirror.lab.study.link import line_of
    from modmirror.lab.study.recipes import bars_of, born_in, steps_of

    # What cannot be is said before anything is made.
    bars_of(config)
    steps_of(config, ())
    line_of(config)
    run = _opened(config, place, seed)
    steps = steps_of(config, born_in(run.events()))
    progress = progress_on(sys.stderr, os.environ, SystemClock().now, quiet=json_)
    problems = carried_out(run, progress, _performed(run, config, steps, progress))
    report = _concluded(run, config)
    write_reports(report, run)
    _tell(run, report, problems, json_=json_)
    return exit_code(report) or (THRESHOLD_FAILED if problems else 0)


def _opened(config: StudyConfig, place: Path, seed: int | None) -> RunFolder:
    """Return the run: a new one, or the one that was begun with the same configuration."""
    from modmirror.lab.clock import today
    from modmirror.lab.engine.http1 import Http1Engine
    from modmirror.lab.run.environment import environment
    from modmirror.lab.run.folder import RunFolder
    from modmirror.lab.run.lines import write_whole
    from modmirror.lab.run.manifest import Manifest
    from modmirror.lab.study.config import FILE
    from modmirror.lab.study.link import region_of

    copy = place / FILE
    if copy.is_file():
        run = RunFolder.open(place, today)
        _check_same(run, config, seed)
        run.resume()
        return run
    about = config.tables.study
    chosen = about.seed if seed is None else seed
    manifest = Manifest(
        verb="study",
        seed=secrets.randbelow(1 << 32) if chosen is None else chosen,
        started=today(),
        targets=tuple(target.entry() for target in config.targets),
        command=("modmirror", *sys.argv[1:]),
        region=region_of(config),
        environment=environment(Http1Engine.name),
    )
    run = RunFolder.create(place, manifest, today)
    write_whole(copy, config.text)
    return run


def _check_same(run: RunFolder, config: StudyConfig, seed: int | None) -> None:
    """See that a run goes on as it was begun. Raises ConfigError."""
    from modmirror.lab.study.config import FILE
    from modmirror.lab.study.link import region_of

    if (run.path / FILE).read_bytes() != config.text:
        raise ConfigError(
            "--save",
            f"{run.place} is a study with another configuration",
            hint="name another folder, or undo the change",
        )
    if region_of(config) != run.manifest.region:
        raise ConfigError(
            "--region", f"{run.place} is measured from {run.manifest.region}", hint="name another folder"
        )
    if seed not in {None, run.manifest.seed}:
        raise ConfigError(
            "--seed", f"{run.place} was begun with {run.manifest.seed}", hint="name another folder"
        )


async def _performed(
    run: RunFolder, config: StudyConfig, steps: Sequence[Step], progress: Progress
) -> tuple[str, ...]:
    from modmirror.lab.clock import SystemClock
    from modmirror.lab.study.link import reached
    from modmirror.lab.study.performing import Bench, perform

    async with reached(config, run, steps, progress) as targets:
        return await perform(Bench(run, targets, SystemClock(), progress), steps)


def _concluded(run: RunFolder, config: StudyConfig) -> Report:
    from modmirror.cli.lab.report import read_whole
    from modmirror.lab.report.requiring import required

    report = read_whole(run, config.tables.study.for_)
    return msgspec.structs.replace(report, requirements=required(report, config.tables.study.require))


def _tell(run: RunFolder, report: Report, problems: Sequence[str], *, json_: bool) -> None:
    from modmirror.cli.lab.report import terminal
    from modmirror.lab.render.text import write_text
    from modmirror.lab.report.document import Document
    from modmirror.lab.report.ranking import ranking
    from modmirror.lab.report.verdict import verdict
    from modmirror.lab.report.writing import TITLE

    if json_:
        document = {
            "run": run.place,
            "state": run.manifest.state,
            "flags": msgspec.to_builtins(run.manifest.flags),
            "problems": list(problems),
            "ranking": msgspec.to_builtins(report.ranking),
            "setting": msgspec.to_builtins(report.setting),
            "requirements": msgspec.to_builtins(report.requirements),
        }
        print(json.dumps(document, ensure_ascii=False, indent=2))
        return
    sections = [section for section in (verdict(report), ranking(report)) if section is not None]
    print(write_text(Document(TITLE, tuple(sections)), terminal(sys.stdout, os.environ, "en")), end="")
    for problem in problems:
        print(f"not measured: {problem}", file=sys.stderr)
    print(f"kept: {run.place} (report.txt, report.md, report.html, report.json)", file=sys.stderr)
