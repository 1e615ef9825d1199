"""Failures of the disk, said in the words of the error tree."""

from __future__ import annotations

import errno
from contextlib import contextmanager
from typing import TYPE_CHECKING

from modmirror.errors import StorageBroken, StorageFull

if TYPE_CHECKING:
    from collections.abc import Iterator

_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@contextmanager
def on_disk(problem: str) -> Iterator[None]:
    """Raise StorageFull or StorageBroken, beginning with ``problem``, for an OSError within."""
    try:
        yield
    except OSError as error:
        kind = StorageFull if error.errno in _NO_SPACE else StorageBroken
        raise kind(f"{problem}: {error.strerror}") from error
