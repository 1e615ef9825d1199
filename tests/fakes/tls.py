"""A certificate authority for loopback servers under test."""

from __future__ import annotations

import ssl
from functools import cache
from typing import TYPE_CHECKING

import trustme

if TYPE_CHECKING:
    from pathlib import Path


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


def server_context() -> ssl.SSLContext:
    """Return a server context for 127.0.0.1, ::1 and localhost (HTTP/1.1 only)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority().issue_cert("127.0.0.1", "localhost", "::1").configure_cert(context)
    context.set_alpn_protocols(["http/1.1"])
    return context
