"""Says what a failed run of hg, svn or fossil means to whoever asked. Pure.

Each tool names its own phrases (:class:`Phrases`); a full disk and the limits of a process look alike in
all of them. No error shows a secret or a server path.
"""

from __future__ import annotations

import re
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modmirror.errors import (
    NotExist,
    StorageBroken,
    StorageFull,
    UpstreamBadAnswer,
    UpstreamBusy,
    UpstreamUnavailable,
)
from modmirror.origin.processes.redaction import cleaned

if TYPE_CHECKING:
    from modmirror.errors import Error
    from modmirror.origin.access.vcs import VcsAccess, VcsSource
    from modmirror.origin.processes.running import Finished

_LONGEST = 400
_FULL = re.compile(r"No space left on device|Disk quota exceeded|database or disk is full")
_TOO_LARGE = re.compile(r"File too large|file size limit", re.IGNORECASE)
_TOO_HUNGRY = re.compile(r"[Oo]ut of memory|Cannot allocate memory|MemoryError")
_BUSY = re.compile(r"\b(429 Too Many|503 Service|HTTP Error (429|503))")


@dataclass(frozen=True, slots=True)
class Phrases:
    """How one tool speaks on standard error, in its untranslated English."""

    tool: str
    absent: re.Pattern[str]
    """There is no such repository, or it is not for us."""
    reason: re.Pattern[str]
    """Its first group is what went wrong. The first such line counts."""


def remote_failure(phrases: Phrases, source: VcsSource, finished: Finished, access: VcsAccess) -> Error:
    """Return the error for a run that asked a remote repository and failed."""
    said = cleaned(finished.stderr, [access.password] if access.password else [])
    problem = _limit_reached(phrases, source.url, finished, said)
    if problem is not None:
        return problem
    if phrases.absent.search(said):
        return source.unreadable()
    if _BUSY.search(said):
        return UpstreamBusy(source.url, f"it asks us to come back later: {_reason(phrases, said)}")
    return UpstreamUnavailable(source.url, _reason(phrases, said) or _ended(phrases, finished))


def local_failure(phrases: Phrases, url: str, finished: Finished) -> Error:
    """Return the error for a run that worked on a kept repository and failed."""
    said = cleaned(finished.stderr, ())
    problem = _limit_reached(phrases, url, finished, said)
    reason = _reason(phrases, said) or _ended(phrases, finished)
    return problem or StorageBroken(f"the kept copy of {url} cannot be read: {reason}")


def unreachable(url: str, commit_id: str) -> NotExist:
    """Return the error for a commit that is not, or no longer, part of a repository."""
    shown = commit_id if commit_id.isascii() and commit_id.isalnum() else "of that name"
    return NotExist(f"commit {shown[:64]} cannot be reached from any branch or tag of {url}")


def _limit_reached(phrases: Phrases, url: str, finished: Finished, said: str) -> Error | None:
    if _FULL.search(said):
        return StorageFull(f"no space left to keep {url}")
    if _TOO_LARGE.search(said) or finished.code == -signal.SIGXFSZ:
        return UpstreamBadAnswer(url, "it is larger than all the space for kept repositories")
    if _TOO_HUNGRY.search(said):
        return UpstreamBadAnswer(url, f"it needs more memory than {phrases.tool} may have here")
    return None


def _reason(phrases: Phrases, said: str) -> str:
    match = phrases.reason.search(said)
    return match[1].strip()[:_LONGEST] if match else ""


def _ended(phrases: Phrases, finished: Finished) -> str:
    return f"{phrases.tool} ended with {finished.code}"
