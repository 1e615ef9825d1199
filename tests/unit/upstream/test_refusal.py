from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from modmirror.errors import NotExist, UpstreamUnavailable
from modmirror.upstream.port import Reply
from modmirror.upstream.refusal import MAX_REASON_BYTES, refusal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


async def endless(text: bytes) -> AsyncIterator[bytes]:
    while True:
        yield text


async def once(text: bytes) -> AsyncIterator[bytes]:
    yield text


async def test_the_text_of_an_answer_is_the_reason() -> None:
    error = await refusal("one", Reply(404, once(b"not found: none here\n"), content_type="text/plain"))
    assert isinstance(error, NotExist)
    assert error.reason == "none here"


@pytest.mark.parametrize("content_type", ["text/html", ""])
async def test_what_is_no_text_is_not_repeated(content_type: str) -> None:
    error = await refusal("one", Reply(500, once(b"secret"), content_type=content_type))
    assert isinstance(error, UpstreamUnavailable)
    assert error.reason == "status 500"


async def test_an_endless_text_is_read_in_part() -> None:
    error = await refusal("one", Reply(500, endless(b"x" * MAX_REASON_BYTES), content_type="text/plain"))
    assert len(error.reason) < MAX_REASON_BYTES
