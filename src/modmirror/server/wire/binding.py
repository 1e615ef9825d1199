"""Takes the address to listen on, before anything else starts, and says clearly why it cannot."""

from __future__ import annotations

import contextlib
import errno
import resource
import socket
import ssl
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from modmirror.errors import ConfigError

if TYPE_CHECKING:
    from modmirror.server.settings import ServerSettings

BACKLOG = 4096
"""Connections that may wait to be accepted: a build farm starts all at once."""
SOCKET_MODE = 0o666
"""Of a Unix socket: whoever may enter its directory may connect, as anybody may on loopback."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A listening socket: clients that connect from now on wait until they are served."""

    socket: socket.socket
    url: str
    """Where clients reach it, path prefix included; ``unix:PATH`` for a Unix socket."""


def bind(settings: ServerSettings) -> Bound:
    """Take the address that the settings name, before anything else starts.

    Raises:
        ConfigError: the address is taken, forbidden or unknown, or the certificate cannot be used.
    """
    _check_certificate(settings)
    _raise_descriptor_limit()
    if settings.unix_socket:
        path = Path(settings.unix_socket).absolute()
        return Bound(_bind_unix(path), f"unix:{path}")
    bound = _bind_tcp(settings)
    host, port = bound.getsockname()[:2]
    # What is shown has to work when pasted: the unspecified address is no destination.
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104 - told apart, not bound
    scheme = "https" if settings.tls_cert else "http"
    return Bound(bound, f"{scheme}://{shown}:{port}{settings.path_prefix}")


def release(bound: Bound) -> None:
    """Stop listening; remove the file of a Unix socket."""
    bound.socket.close()
    if bound.url.startswith("unix:"):
        Path(bound.url.removeprefix("unix:")).unlink(missing_ok=True)


def _bind_tcp(settings: ServerSettings) -> socket.socket:
    where = f"{settings.host}:{settings.port}"
    try:
        found = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except OSError as error:
        raise ConfigError(
            "server.host", f"{settings.host} is no address of this machine: {error.strerror}"
        ) from error
    family, kind, protocol, _, address = found[0]
    bound = socket.socket(family, kind, protocol)
    try:
        # Without SO_REUSEPORT: two mirrors that share a port by accident must not look fine.
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        _limit_unacknowledged(bound, settings.write_stall_timeout)
        bound.bind(address)
        bound.listen(BACKLOG)
    except OSError as error:
        bound.close()
        raise _address_error(error, where) from error
    bound.setblocking(False)  # noqa: FBT003 - the standard library's own signature
    return bound


def _limit_unacknowledged(bound: socket.socket, seconds: float) -> None:
    """Let the kernel drop a client that acknowledges nothing for so long; accepted sockets inherit it.

    It also notices clients whose machine has vanished, which no application can.
    """
    option = getattr(socket, "TCP_USER_TIMEOUT", None)  # Linux
    if option is not None:
        bound.setsockopt(socket.IPPROTO_TCP, option, int(seconds * 1000))


def _address_error(error: OSError, where: str) -> ConfigError:
    if error.errno == errno.EADDRINUSE:
        return ConfigError(
            "server.port", f"{where} is taken by another process", hint="stop it, or choose another --port"
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return ConfigError(
            "server.port", f"not allowed to listen on {where}", hint="ports below 1024 need privileges"
        )
    return ConfigError("server.host", f"cannot listen on {where}: {error.strerror}")


def _bind_unix(path: Path) -> socket.socket:
    _remove_stale(path)
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        bound.bind(str(path))
        path.chmod(SOCKET_MODE)
        bound.listen(BACKLOG)
    except OSError as error:
        bound.close()
        reason = error.strerror or str(error)
        raise ConfigError("server.unix_socket", f"cannot listen on {path}: {reason}") from error
    bound.setblocking(False)  # noqa: FBT003 - the standard library's own signature
    return bound


def _remove_stale(path: Path) -> None:
    """Remove a socket that a mirror left behind when it was killed, and nothing else."""
    try:
        mode = path.lstat().st_mode
    except OSError:
        return  # bind will say what is wrong, if anything
    if not stat.S_ISSOCK(mode):
        raise ConfigError(
            "server.unix_socket", f"{path} exists and is no socket", hint="choose another path"
        )
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            with contextlib.suppress(FileNotFoundError):
                path.unlink()
            return
        except OSError as error:
            raise ConfigError("server.unix_socket", f"cannot use {path}: {error.strerror}") from error
    raise ConfigError("server.unix_socket", f"{path} is in use by another process", hint="stop it first")


def _check_certificate(settings: ServerSettings) -> None:
    if not settings.tls_cert:
        return
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        # No password: asked for on a terminal it would stop a service from starting.
        context.load_cert_chain(settings.tls_cert, settings.tls_key or None, password="")
    except ssl.SSLError as error:
        reason = f"{settings.tls_cert} and {settings.tls_key} are no usable pair: {error.reason or error}"
        raise ConfigError(
            "server.tls_cert", reason, hint="PEM files, the key without a password"
        ) from error
    except OSError as error:
        name = error.filename or settings.tls_cert
        raise ConfigError("server.tls_cert", f"cannot read {name}: {error.strerror}") from error


def _raise_descriptor_limit() -> None:
    """Each client and each file takes a descriptor; the usual limit of 1024 is for shells."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
