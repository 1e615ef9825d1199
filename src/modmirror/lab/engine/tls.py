"""TLS over a socket that the engine reads itself, so that the handshake is timed apart."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modmirror.errors import ConfigError
from modmirror.lab.engine.failures import AnswerBroken
from modmirror.lab.engine.port import TlsFacts

if TYPE_CHECKING:
    import socket

_PIECE = 1 << 18


def client_context(ca_file: str) -> ssl.SSLContext:
    """Return a context that verifies, speaks HTTP/1.1 and resumes no session.

    Raises:
        ConfigError: ``ca_file`` is named and holds no certificates.
    """
    context = ssl.create_default_context()
    if ca_file:
        try:
            context.load_verify_locations(Path(ca_file))
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(
                "--targets",
                f"ca_file {ca_file} cannot be used: {error.strerror or error}",
                hint="a PEM file",
            ) from error
    # A resumed handshake is another, shorter one: cold would not be cold.
    context.options |= ssl.OP_NO_TICKET
    context.set_alpn_protocols(["http/1.1"])
    return context


class TlsPipe:
    """Reads and writes one socket through TLS."""

    def __init__(self, sock: socket.socket, context: ssl.SSLContext, host: str) -> None:
        self._sock = sock
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._object = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)

    async def handshake(self) -> TlsFacts:
        """Shake hands. Raises ssl.SSLError and OSError."""
        while True:
            try:
                self._object.do_handshake()
            except ssl.SSLWantReadError:
                await self._flush()
                await self._fill()
            except ssl.SSLError:
                await self._flush()  # the alert tells the server why
                raise
            else:
                await self._flush()
                return _facts(self._object)

    async def send(self, data: bytes) -> None:
        """Send all of it."""
        self._object.write(data)
        await self._flush()

    async def receive(self) -> bytes:
        """Return what comes next; nothing at the end. Raises AnswerBroken for an end without goodbye."""
        while True:
            try:
                return self._object.read(_PIECE)
            except ssl.SSLWantReadError:
                await self._fill()
            except ssl.SSLZeroReturnError:
                return b""
            except ssl.SSLEOFError as error:
                raise AnswerBroken("truncated", "the connection was cut without a goodbye") from error

    async def _flush(self) -> None:
        if data := self._outgoing.read():
            await asyncio.get_running_loop().sock_sendall(self._sock, data)

    async def _fill(self) -> None:
        data = await asyncio.get_running_loop().sock_recv(self._sock, _PIECE)
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()


def _facts(handshaken: ssl.SSLObject) -> TlsFacts:
    certificate: dict[str, Any] = handshaken.getpeercert() or {}
    cipher = handshaken.cipher()
    return TlsFacts(
        version=handshaken.version() or "",
        cipher=cipher[0] if cipher else "",
        issuer=_name(certificate.get("issuer", ())),
        subject=_name(certificate.get("subject", ())),
        expires=certificate.get("notAfter", ""),
        alpn=handshaken.selected_alpn_protocol() or "",
    )


def _name(parts: tuple[tuple[tuple[str, str], ...], ...]) -> str:
    values = {key: value for part in parts for key, value in part}
    chosen = (values.get(key, "") for key in ("organizationName", "commonName"))
    return ", ".join(value for value in chosen if value)
