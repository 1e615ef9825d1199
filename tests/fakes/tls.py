"""A certificate authority for loopback servers under test."""

from __future__ import annotations

import ssl
from contextlib import suppress
from functools import cache
from http.server import ThreadingHTTPServer
from typing import TYPE_CHECKING

import trustme

if TYPE_CHECKING:
    import socket
    from http.server import BaseHTTPRequestHandler
    from pathlib import Path

_LAST_WORDS = 1.0
"""Seconds that a client may take to say that it heard the end."""


@cache
def authority() -> trustme.CA:
    """Return the one test authority of this process."""
    return trustme.CA()


def ca_pem() -> bytes:
    """Return the authority's certificate, to be trusted by clients."""
    return authority().cert_pem.bytes()


def write_ca(folder: Path) -> Path:
    """Write the authority's certificate into a folder, for ``SSL_CERT_FILE`` and ``ca_file``."""
    path = folder / "ca.pem"
    path.write_bytes(ca_pem())
    return path


def write_server_cert(folder: Path, *names: str) -> tuple[Path, Path]:
    """Write (certificate chain, private key) for loopback, or for the names given."""
    issued = authority().issue_cert(*(names or ("127.0.0.1", "localhost", "::1")))
    chain, key = folder / "cert.pem", folder / "key.pem"
    chain.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    key.write_bytes(issued.private_key_pem.bytes())
    return chain, key


def server_context(*names: str) -> ssl.SSLContext:
    """Return a server context for loopback, or for the names given (HTTP/1.1 only)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority().issue_cert(*(names or ("127.0.0.1", "localhost", "::1"))).configure_cert(context)
    context.set_alpn_protocols(["http/1.1"])
    return context


class LoopbackServer(ThreadingHTTPServer):
    """A web server on a free port of loopback; with names, over https under these and 127.0.0.1."""

    daemon_threads = True

    def __init__(self, handler: type[BaseHTTPRequestHandler], names: tuple[str, ...] | None) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        if names is not None:
            # Who connects and says nothing holds up its own thread, not the listener.
            self.socket = server_context("127.0.0.1", *names).wrap_socket(
                self.socket, server_side=True, do_handshake_on_connect=False
            )

    @property
    def url(self) -> str:
        """Where it is."""
        scheme = "https" if isinstance(self.socket, ssl.SSLSocket) else "http"
        return f"{scheme}://127.0.0.1:{self.server_address[1]}"

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        """Say goodbye in TLS too: git takes an end without it for an answer cut short."""
        if isinstance(request, ssl.SSLSocket):
            with suppress(OSError, ValueError):
                request.settimeout(_LAST_WORDS)
                request.unwrap()
        super().shutdown_request(request)
