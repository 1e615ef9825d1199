"""Makes an error of an answer that is not the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modmirror.protocol.chain import error_for_status

if TYPE_CHECKING:
    from modmirror.errors import Error
    from modmirror.upstream.port import Reply

MAX_REASON_BYTES = 4_096
"""How much of an error body is read; the go command shows at most 648 bytes."""


async def refusal(name: str, reply: Reply) -> Error:
    """Read the short text of an answer that is not the file and make an error of it."""
    text = b""
    async for chunk in reply.body:
        text += chunk
        if len(text) >= MAX_REASON_BYTES:
            break
    readable = reply.content_type.startswith("text/plain")
    reason = text[:MAX_REASON_BYTES].decode("utf-8", "replace") if readable else ""
    return error_for_status(name, reply.status, reason, reply.retry_after)
