"""Settings of upstreams."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """How other proxies are asked. Proxies (``HTTPS_PROXY``, ``NO_PROXY``) come from the environment."""

    connect_timeout: float = 10.0
    """Seconds for DNS, TCP and TLS."""
    first_byte_timeout: float = 60.0
    """Seconds until the status line: an upstream may be fetching the module itself."""
    stall_timeout: float = 30.0
    """Seconds without a byte of the body."""
    max_connections: int = 256
    """Requests in flight to all upstreams together."""
    ca_file: str = ""
    """PEM file with further certificate authorities; ``SSL_CERT_FILE`` works too."""
    user_agent: str = ""
    """User-Agent to send; empty means ``modmirror/VERSION``."""


@dataclass(frozen=True, slots=True)
class CredentialSettings:
    """A secret for one upstream, read from a file or the environment. Never logged."""

    url: str
    """URL prefix that it is for: scheme, host, port and path must match whole elements."""
    username: str = ""
    """User name for basic authentication; empty with a bearer token."""
    password_env: str = ""
    """Environment variable holding the password."""
    password_file: str = ""
    """File holding the password; a final newline is dropped."""
    bearer_env: str = ""
    """Environment variable holding a bearer token."""
    bearer_file: str = ""
    """File holding a bearer token; a final newline is dropped."""
