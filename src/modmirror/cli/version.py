"""``modmirror version``."""

from __future__ import annotations

import platform
from importlib.metadata import version

from cyclopts import App

app = App(name="version", help_epilogue="")


def version_line() -> str:
    """Return the version, and of Python and the system: what a bug report needs."""
    python = f"Python {platform.python_version()}"
    return f"modmirror {version('modmirror')} ({python}, {platform.system()} {platform.machine()})"


@app.default
def print_version() -> None:
    """Print the version."""
    print(version_line())
