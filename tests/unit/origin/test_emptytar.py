from __future__ import annotations

import io
import tarfile

from modmirror.origin.emptytar import empty_archive


async def test_it_is_a_whole_archive_without_files() -> None:
    data = b"".join([piece async for piece in empty_archive()])
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        assert tar.getnames() == []
