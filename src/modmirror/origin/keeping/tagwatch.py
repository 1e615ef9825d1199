"""Notices that a repository's tags have moved or gone, also while the mirror was down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modmirror.origin.keeping.tagchanges import format_tags, parse_tags, tag_changes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modmirror.origin.keeping.kept import Kept, KeptRepositories
    from modmirror.origin.keeping.tagchanges import OnTags

TAGS_FILE = "modmirror-tags"
"""Tags as last seen, beside the kept repository."""


class TagWatch:
    """Compares the tags of one repository with those of last time."""

    def __init__(self, home: KeptRepositories, on_tags: OnTags) -> None:
        self._home = home
        self._on_tags = on_tags
        self._seen: dict[str, str] | None = None

    async def see(self, kept: Kept, tags: Mapping[str, str]) -> None:
        """Take note of tags, and tell of those that are not what they were.

        Raises:
            StorageError: they cannot be written down.
        """
        before = self._seen
        if before is None:
            before = parse_tags(await self._home.load(kept.directory, TAGS_FILE))
        changes = tag_changes(before, tags)
        if changes:
            self._on_tags(kept.source, changes)
        if before != tags:
            await self._home.store(kept, TAGS_FILE, format_tags(tags))
        self._seen = dict(tags)
