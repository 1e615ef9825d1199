"""Says what a failed git command means to whoever asked. Pure.

Errors show no secret and no path of this machine.
"""

from __future__ import annotations

import re
import signal
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
    from collections.abc import Callable, Iterable

    from modmirror.errors import Error
    from modmirror.origin.access.git import GitAccess
    from modmirror.origin.processes.running import Finished

_LONGEST = 400
_SECRET_KEY = re.compile(r"\.(extraheader|proxy)$", re.IGNORECASE)

_SHORTEST_SECRET = 6
"""Shorter words of a header, such as ``Basic``, are no secrets; replacing them would garble the rest."""

_ABSENT = re.compile(
    r"^fatal: repository '.*' not found"
    r"|not valid: is this a git repository\?"
    r"|does not appear to be a git repository"
    r"|^ERROR: Repository not found"
    r"|could not read (Username|Password) for"
    r"|Authentication failed for"
    r"|Permission denied \("
    r"|The requested URL returned error: (401|403|404|410|451)\b",
    re.MULTILINE,
)
_FULL = re.compile(r"No space left on device|Disk quota exceeded")
_HUNGRY = re.compile(r"[Oo]ut of memory|Cannot allocate memory|mmap failed|unable to create thread")
_MOVED = re.compile(r"URL returned error: 30[1-8]\b|unable to update url base from redirection")
_NO_SHALLOW = re.compile(r"shallow capabilities|does not support (shallow|--depth)")
_BAD_NAME = re.compile(r"^error: invalid path (.{1,200})", re.MULTILINE)
_REASON = re.compile(
    r"^(?:fatal|error|ERROR|ssh): (.+)$|^(.*(?:Permission denied|Connection|Host key).*)$", re.MULTILINE
)
_TOO_HUNGRY = "it needs more memory than git may have here"


def too_large(source: str) -> Error:
    """Return the error for a repository that the limit on files has stopped."""
    return UpstreamBadAnswer(source, "it is larger than all the space for kept repositories")


def _busy(source: str) -> Error:
    return UpstreamBusy(source, "it asks us to come back later")


def _moved(source: str) -> Error:
    hint = "Name the place where it is now, in its go-import page or in a rewrite of the route."
    return UpstreamUnavailable(source, "it redirects to another place, and that is not followed", hint=hint)


def _strange_host(source: str) -> Error:
    hint = "Check the key of the host, then put it into the known_hosts file of its access."
    return UpstreamUnavailable(source, "its host key is not the known one", hint=hint)


# In this order: a full disk breaks the connection, and git names the break last.
_MEANINGS: tuple[tuple[re.Pattern[str], Callable[[str], Error]], ...] = (
    (_FULL, lambda source: StorageFull(f"no space left to keep {source}")),
    (re.compile(r"died of signal 25|[Ff]ile too large|[Ff]ile size limit"), too_large),
    (_HUNGRY, lambda source: UpstreamBadAnswer(source, _TOO_HUNGRY)),
    (re.compile(r"The requested URL returned error: (429|503)\b"), _busy),
    (_MOVED, _moved),
    (re.compile(r"Host key verification failed|REMOTE HOST IDENTIFICATION HAS CHANGED"), _strange_host),
)


def remote_failure(
    source: str, finished: Finished, access: GitAccess, unreadable: Callable[[], NotExist]
) -> Error:
    """Return the error for a command that asked a remote repository and failed."""
    said = cleaned(finished.stderr, secrets_of(access))
    # What the remote side says through git is shown, but decides nothing.
    own = "\n".join(line for line in said.splitlines() if not line.startswith("remote:"))
    if finished.code == -signal.SIGXFSZ:
        return too_large(source)
    for pattern, meaning in _MEANINGS:
        if pattern.search(own):
            return meaning(source)
    if _ABSENT.search(own):
        return unreadable()
    return UpstreamUnavailable(source, _reason(own) or f"git ended with {finished.code}")


def local_failure(source: str, finished: Finished) -> Error:
    """Return the error for a command that worked on a kept repository and failed.

    Only what could be the kept copy's fault is StorageBroken.
    """
    said = cleaned(finished.stderr, ())
    name = _BAD_NAME.search(said)
    if name:
        hint = "Remove the file, then tag a new version."
        return NotExist(f"{source} holds a file with a name that git does not accept: {name[1]}", hint=hint)
    if _FULL.search(said):
        return StorageFull(f"no space left to keep {source}")
    if _HUNGRY.search(said):
        return UpstreamBadAnswer(source, _TOO_HUNGRY)
    reason = _reason(said) or f"git ended with {finished.code}"
    return StorageBroken(f"the kept copy of {source} cannot be read: {reason}")


def no_shallow(finished: Finished) -> bool:
    """Tell whether a fetch failed only because the server cannot leave history out."""
    return _NO_SHALLOW.search(finished.stderr) is not None


def is_moved(finished: Finished) -> bool:
    """Tell whether a command failed because the server pointed to another place."""
    return _MOVED.search(finished.stderr) is not None


def secrets_of(access: GitAccess) -> Iterable[str]:
    """Yield every text that must not be seen, longest forms first."""
    for key, value in access.config:
        if value and _SECRET_KEY.search(key):
            yield value
            yield from (word for word in value.split() if len(word) >= _SHORTEST_SECRET)


def _reason(said: str) -> str:
    found = [first or second for first, second in _REASON.findall(said)]
    # The first fatal line is the cause; what follows is advice and consequences.
    return found[0].strip()[:_LONGEST] if found else ""
