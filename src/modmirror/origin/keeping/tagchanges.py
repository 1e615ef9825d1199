"""Which tags of a repository have been moved or taken away since they were last seen. Pure.

Versions that are stored stay what they are (protocol.md A.19); people should hear of it all the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class TagChange(NamedTuple):
    """A tag that no longer is what it was."""

    name: str
    before: str
    """The commit it pointed at."""
    after: str
    """The commit it points at now; empty when it is gone."""


OnTags: TypeAlias = "Callable[[str, tuple[TagChange, ...]], None]"
"""Who is told of a repository, by its URL, and of what has become of its tags."""


def tag_changes(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[TagChange, ...]:
    """Compare commits by tag name. New tags are no change."""
    return tuple(
        TagChange(name, commit, after.get(name, ""))
        for name, commit in sorted(before.items())
        if after.get(name) != commit
    )


def format_tags(tags: Mapping[str, str]) -> bytes:
    """Write tags down, to be compared with those of another day."""
    return "".join(f"{commit} {name}\n" for name, commit in sorted(tags.items())).encode()


def parse_tags(data: bytes) -> dict[str, str]:
    """Read what :func:`format_tags` wrote; lines that a crash has cut off are left out."""
    *lines, _ = data.decode("utf-8", "replace").split("\n")
    pairs = (line.partition(" ") for line in lines)
    return {name: commit for commit, space, name in pairs if space}
