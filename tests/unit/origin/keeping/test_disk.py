from __future__ import annotations

import errno
import os

import pytest

from modmirror.errors import StorageBroken, StorageFull
from modmirror.origin.keeping.disk import on_disk


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG], ids=os.strerror)
def test_no_space_is_a_full_store(number: int) -> None:
    with pytest.raises(StorageFull, match=f"^it failed: {os.strerror(number)}$"), on_disk("it failed"):
        raise OSError(number, os.strerror(number))


@pytest.mark.parametrize("number", [errno.EIO, errno.EACCES, errno.ENOENT], ids=os.strerror)
def test_any_other_failure_is_a_broken_store(number: int) -> None:
    with pytest.raises(StorageBroken, match="^it failed: ") as caught, on_disk("it failed"):
        raise OSError(number, os.strerror(number), "/a/secret/path")
    assert "secret" not in caught.value.reason


def test_what_is_no_failure_of_the_disk_passes() -> None:
    with pytest.raises(ZeroDivisionError), on_disk("it failed"):
        raise ZeroDivisionError
