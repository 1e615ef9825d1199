"""One host as a web server on loopback, for tools that follow redirects around their proxy.

Fossil speaks through a proxy only until a server sends it elsewhere, hg only until it is sent to ftp: then
they go there themselves, to whatever address that is. So they are given this server as the repository. It
knows one host, connects to pinned addresses only, verifies the certificate, and passes no redirect on that
leads away from the host (protocol.md D.8).
"""

from __future__ import annotations

import asyncio
import re
import ssl
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeAlias

from modmirror.origin.network.door import CONNECT_SECONDS, LOOPBACK, MAX_HEAD_BYTES, carry, open_door

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from modmirror.origin.network.guard import Endpoint
    from modmirror.origin.network.remote import Remote

_Connection: TypeAlias = tuple[asyncio.StreamReader, asyncio.StreamWriter]

_END = b"\r\n\r\n"

_REQUEST = re.compile(rb"(?:GET|POST) /[^ ]* HTTP/1\.[01]")
_ANSWER = re.compile(rb"HTTP/1\.[01] ([0-9]{3})[ \r]")
_LOCATION = re.compile(rb"\r\nlocation:[ \t]*([^\r\n]*?)[ \t]*\r\n", re.IGNORECASE)
_PATH = re.compile(rb"/(?!/)[!-~]*")
_OWN_FIELD = re.compile(rb"(?:host|(?:proxy-)?connection):", re.IGNORECASE)


@asynccontextmanager
async def open_relay(
    remote: Remote, endpoints: Sequence[Endpoint], ca_file: str = ""
) -> AsyncIterator[str]:
    """Serve what the host of ``remote`` does while the body runs; yield the URL that stands for ``remote``.

    Args:
        remote: an http or https URL.
        endpoints: where its host may be reached.
        ca_file: PEM file of authorities to trust instead of the system's; empty for those.

    Raises:
        OSError: the file cannot be read.
    """
    context = None
    if remote.scheme == "https":
        context = await asyncio.to_thread(ssl.create_default_context, cafile=ca_file or None)
    async with open_door(_Relay(remote, endpoints, context).lead) as port:
        yield f"http://{LOOPBACK}:{port}{remote.path}"


class _Relay:
    """One host, and what of its answers may be passed on."""

    def __init__(
        self, remote: Remote, endpoints: Sequence[Endpoint], context: ssl.SSLContext | None
    ) -> None:
        self._name = remote.host.strip("[]")
        self._origin = f"{remote.scheme}://".encode()
        self._host = remote.host if remote.port is None else f"{remote.host}:{remote.port}"
        self._endpoints = endpoints
        self._context = context

    async def lead(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection with what the host says, or refuse."""
        request = self._request(await reader.readuntil(_END))
        if request is None:
            writer.write(_refusal("not a request"))
            return
        try:
            inner = await self._connect()
        except ssl.SSLCertVerificationError as error:
            writer.write(_refusal(f"its certificate is not trusted: {error.verify_message}"))
            return
        if inner is None:
            writer.write(_refusal("no answer"))
            return
        inner[1].write(request)
        sending = asyncio.create_task(carry(reader, inner[1]))
        try:
            await self._pass_on(inner[0], writer)
        finally:
            sending.cancel()
            inner[1].close()
            await asyncio.gather(sending, return_exceptions=True)

    def _request(self, head: bytes) -> bytes | None:
        """Return the head of a request as the host expects it, the only one on its connection."""
        first, *fields = head.removesuffix(_END).split(b"\r\n")
        if not _REQUEST.fullmatch(first):
            return None
        kept = [line for line in fields if not _OWN_FIELD.match(line)]
        return b"\r\n".join([first, b"Host: " + self._host.encode(), *kept, b"Connection: close", b"", b""])

    async def _connect(self) -> _Connection | None:
        name = self._name if self._context else None
        for address, port in self._endpoints:
            try:
                async with asyncio.timeout(CONNECT_SECONDS):
                    return await asyncio.open_connection(
                        address, port, ssl=self._context, server_hostname=name, limit=MAX_HEAD_BYTES
                    )
            except ssl.SSLCertVerificationError:
                raise
            except (OSError, TimeoutError):
                continue
        return None

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry an answer that is one. Of a redirect within the host only the path is passed on."""
        head = await reader.readuntil(_END)
        match = _ANSWER.match(head)
        if match is None:
            writer.write(_refusal("not an answer"))
        elif not match[1].startswith(b"3"):
            writer.write(head)
            await carry(reader, writer)
        elif path := self._path_of(head):
            writer.write(_answer(match[1].decode() + " x", f"Location: {path}"))
        else:
            writer.write(_refusal("it redirects to another place, and that is not followed"))

    def _path_of(self, head: bytes) -> str:
        """Return the path that a redirect leads to, empty when it leads away from the host."""
        match = _LOCATION.search(head)
        path = match[1].removeprefix(self._origin + self._host.encode()) if match else b""
        return path.decode() if _PATH.fullmatch(path) else ""


def _refusal(reason: str) -> bytes:
    return _answer(f"502 {reason}")


def _answer(status: str, *fields: str) -> bytes:
    lines = (f"HTTP/1.1 {status}", *fields, "Content-Length: 0", "Connection: close", "", "")
    return "\r\n".join(lines).encode()
