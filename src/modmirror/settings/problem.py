"""What is wrong with a configuration: collected first, then reported all at once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modmirror.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

_URL = re.compile(r"(?<=://)([^/@\s\"',|]*@)?([^?\s\"',|]*)(\?[^\s\"',|]*)?")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. ``source`` is a file and line, a variable or a flag; empty if unknown."""

    key: str
    reason: str
    hint: str = ""
    source: str = ""

    def __str__(self) -> str:
        """Return one line: key, reason, place, and what to do."""
        place = f" ({self.source})" if self.source else ""
        hint = f"; {self.hint}" if self.hint else ""
        subject = f"{self.key}: " if self.key else ""
        return f"{subject}{self.reason}{place}{hint}"


def config_error(problems: Sequence[Problem]) -> ConfigError:
    """Fold problems into the one error that the command line shows."""
    first = problems[0]
    if len(problems) == 1:
        place = f" ({first.source})" if first.source else ""
        return ConfigError(first.key, f"{first.reason}{place}", hint=first.hint)
    lines = "\n".join(f"  {problem}" for problem in problems)
    return ConfigError("", f"{len(problems)} problems:\n{lines}")


def redact(text: str) -> str:
    """Hide user, password and query of every URL in a text: each of them may be a secret."""
    return _URL.sub(_without_secrets, text)


def _without_secrets(url: re.Match[str]) -> str:
    return f"{'***@' if url[1] else ''}{url[2]}{'?***' if url[3] else ''}"
