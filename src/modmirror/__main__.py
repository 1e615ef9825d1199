"""``python -m modmirror`` and the ``modmirror`` command."""

from __future__ import annotations

import atexit
import os
import sys
from contextlib import suppress

from modmirror.cli.main import run


def main() -> None:
    """Run the command line and leave with its exit code."""
    codes: list[int] = []
    atexit.register(_leave, codes)
    codes.append(run(sys.argv[1:]))
    sys.exit(codes[0])


def _leave(codes: list[int]) -> None:
    """End the process before the interpreter is taken apart, unless a bug is on its way out.

    The HTTP client ends a native thread of its own some milliseconds after it was closed. If Python is half
    gone by then, the process aborts, whatever its exit code should have been.
    """
    if not codes:
        return
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):  # whoever was reading has gone
            stream.flush()
    os._exit(codes[0])


if __name__ == "__main__":
    main()
