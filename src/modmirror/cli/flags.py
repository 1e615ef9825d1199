"""Flags that several verbs take, and that mean the same everywhere."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

AsJson = Annotated[bool, Parameter(name="--json", help="One JSON object.", negative=())]

PinFiles = Annotated[
    str, Parameter(name="FILE", help="What pins versions, go.sum if not given; - is standard input.")
]
"""Positional: ``def verb(*files: PinFiles)``."""

Toolchains = Annotated[
    tuple[str, ...],
    Parameter(help="Also the Go toolchains named, for OS/ARCH; repeat it.", metavar="OS/ARCH", negative=()),
]
