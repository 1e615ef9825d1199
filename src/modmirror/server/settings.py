"""Settings of the HTTP edge."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Where and how the mirror listens."""

    host: str = "127.0.0.1"
    """Address to listen on; ``0.0.0.0`` or ``::`` for every interface."""
    port: int = 8080
    """TCP port; 0 picks a free one and prints it."""
    unix_socket: str = ""
    """Path of a Unix socket to listen on instead of TCP."""
    path_prefix: str = ""
    """Serve everything below this path, e.g. ``/goproxy``."""
    tls_cert: str = ""
    """PEM file with the certificate chain; with tls_key, serve https (HTTP/1.1 and HTTP/2)."""
    tls_key: str = ""
    """PEM file with the private key of tls_cert."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses or networks whose X-Forwarded-For, -Proto and X-Request-ID are believed."""
    client_fetches: float = 0.0
    """Fetches a second that one client address may cause, else it gets 429; 0 means any number. What is
    stored does not count."""
    client_burst: int = 2000
    """Fetches that it may cause at once: as many as a large build needs."""
    header_timeout: float = 10.0
    """Seconds a client may take to send its request headers; also closes idle connections."""
    write_stall_timeout: float = 120.0
    """Seconds a client may take nothing of its answer before it is dropped."""
    drain: float = 2.0
    """Seconds between readiness turning false and the listener closing, for load balancers to notice."""
    shutdown_timeout: float = 60.0
    """Seconds that running answers and fills get to finish at shutdown."""


@dataclass(frozen=True, slots=True)
class MemorySettings:
    """The memory tier: small immutable answers kept ready to send."""

    max_bytes: int = 33_554_432
    """Bytes of bodies and headers kept in memory; 0 turns the tier off."""
    max_answer_bytes: int = 65_536
    """Answers larger than this are read from the store each time."""


@dataclass(frozen=True, slots=True)
class Listening:
    """What a mirror that has just begun to listen can say of itself. Not a setting."""

    url: str
    """Where clients reach it, path prefix included; ``unix:PATH`` for a Unix socket."""
    store: str
    """Where modules are kept, for people."""
    upstreams: tuple[str, ...]
    """Display names of the upstreams in the order they are asked, free of credentials."""
