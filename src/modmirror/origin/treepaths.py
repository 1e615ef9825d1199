"""Says which paths name a file or directory of a commit, whatever the version control system. Pure."""

from __future__ import annotations

_NEVER_ELEMENTS = {"", ".", ".."}


def is_plain_path(path: str) -> bool:
    """Tell whether a path names something in a tree in the one way that trees do.

    Tools take others for more than a name: a second question on a line of its own, a place outside.
    """
    return "\n" not in path and "\0" not in path and not _NEVER_ELEMENTS & set(path.split("/"))
