from __future__ import annotations

from modmirror.storage.settings import StorageSettings


def test_the_default_is_a_tree_on_disk_that_leaves_room() -> None:
    assert StorageSettings() == StorageSettings(kind="filesystem", path="", min_free_bytes=256 << 20)
