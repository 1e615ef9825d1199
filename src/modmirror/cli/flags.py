"""Flags that several verbs take, and that mean the same everywhere."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

AsJson = Annotated[bool, Parameter(name="--json", help="One JSON object.", negative=())]

DEFAULT_URL = "http://127.0.0.1:8080"
"""Where a mirror listens that was told nothing."""

MirrorUrl = Annotated[str, Parameter(name="--url", help="Address of the mirror.", metavar="URL")]
"""The running mirror that a verb asks."""

PinFiles = Annotated[
    str,
    Parameter(
        name="FILE",
        help="What pins versions, go.sum if not given; - is standard input.",
        # Else "-" would be taken for an option. What is none comes here too: ``pins_of_files`` refuses it.
        allow_leading_hyphen=True,
    ),
]
"""Positional: ``def verb(*files: PinFiles)``."""

Toolchains = Annotated[
    tuple[str, ...],
    Parameter(help="Also the Go toolchains named, for OS/ARCH; repeat it.", metavar="OS/ARCH", negative=()),
]
