"""The command line's outermost frame: what comes out of a verb becomes an exit code and one clear message.

Exit codes: 0 done; 1 it failed; 2 wrong flags or configuration; 70 a bug in modmirror; 130 interrupted;
141 whoever read the output went away; 143 told to end (SIGTERM).
"""

from __future__ import annotations

import os
import sys
import traceback
from io import TextIOWrapper
from typing import TYPE_CHECKING

from modmirror.cli.termination import Termination
from modmirror.errors import ConfigError, Error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cyclopts import CycloptsError

FAILED, WRONG_INPUT, BUG, INTERRUPTED, PIPE_CLOSED, TERMINATED = 1, 2, 70, 130, 141, 143


def run(argv: Sequence[str]) -> int:
    """Run the command line and return its exit code. Prints at most one message; never a traceback."""
    termination = Termination()
    with termination.as_interrupt():
        code = _run(argv)
    return TERMINATED if termination.asked and code == INTERRUPTED else code


def _run(argv: Sequence[str]) -> int:
    from cyclopts import CycloptsError

    from modmirror.cli.verbs import build_app

    _print_whatever_the_locale()
    try:
        result = build_app(_version)(list(argv))
        sys.stdout.flush()
    except CycloptsError as error:
        return _wrong_usage(error)
    except Error as error:
        return _failed(error)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except Exception as error:  # noqa: BLE001 - the last frame: a user gets a message, not a traceback
        return _bug(error)
    return result if isinstance(result, int) else 0


def _version() -> str:
    from modmirror.cli.version import version_line

    return version_line()


def _print_whatever_the_locale() -> None:
    """Print "?" for what an old locale cannot spell. By default Python would fail half-way."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


def _wrong_usage(error: CycloptsError) -> int:
    _say("error", str(error))
    _say("hint", f"{' '.join(('modmirror', *(error.command_chain or ())))} --help lists what there is")
    return WRONG_INPUT


def _failed(error: Error) -> int:
    subject = f"{error.key}: " if isinstance(error, ConfigError) and error.key else ""
    _say("error", f"{subject}{error.reason}")
    if error.hint:
        _say("hint", error.hint)
    return WRONG_INPUT if isinstance(error, ConfigError) else FAILED


def _bug(error: Exception) -> int:
    if os.environ.get("MODMIRROR_DEBUG"):
        traceback.print_exception(error)
        return BUG
    _say("error", f"this is a bug in modmirror: {type(error).__name__}")
    _say("hint", "run it again with MODMIRROR_DEBUG=1 and report the traceback, please")
    return BUG


def _say(kind: str, text: str) -> None:
    colour = {"error": "31", "hint": "36"}[kind]
    bright = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
    label = f"\x1b[{colour}m{kind}:\x1b[0m" if bright else f"{kind}:"
    print(label, text, file=sys.stderr)
