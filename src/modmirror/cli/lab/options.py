"""What every verb of the lab may be told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path  # noqa: TC003 - cyclopts reads the annotations
from typing import Annotated

from cyclopts import Parameter

from modmirror.cli.flags import AsJson  # noqa: TC001 - cyclopts reads the annotations

THRESHOLD_FAILED = 1
INVALID_RUN = 2
"""Exit codes of the lab beside 0."""

Mirror = Annotated[
    str, Parameter(name="MIRROR", help="URL of a GOPROXY, or name of a known target. None: all known.")
]
"""Positional: ``def verb(*mirrors: Mirror, options: Options = NO_OPTIONS)``."""


Require = Annotated[
    tuple[str, ...],
    Parameter(help="Threshold for every mirror; else exit code 1.", metavar="BAR", negative=()),
]


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Options:
    """The common ones."""

    json_: AsJson = False
    seed: Annotated[int | None, Parameter(help="Repeat a run's order and draws.", metavar="N")] = None
    save: Annotated[
        Path | None, Parameter(help="Keep samples, events and results in a new folder.", metavar="DIR")
    ] = None
    targets: Annotated[Path | None, Parameter(help="TOML file with own mirrors.", metavar="FILE")] = None
    region: Annotated[
        str, Parameter(help="Where this is measured from, for the report.", metavar="NAME")
    ] = ""


NO_OPTIONS = Options()
