"""The kinds of upstream, by the scheme of their URL. A new kind is one file and one row here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modmirror.errors import ConfigError
from modmirror.upstream.address import CONFIG_KEY, without_secrets
from modmirror.upstream.directory import DirectoryUpstream
from modmirror.upstream.http import HttpUpstream

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from modmirror.upstream.clients import HttpClients
    from modmirror.upstream.credentials import Credentials
    from modmirror.upstream.port import Upstream


def _directory(url: str, clients: HttpClients, _: Credentials) -> Upstream:
    return DirectoryUpstream(url, stall_timeout=clients.settings.stall_timeout)


KINDS: Mapping[str, Callable[[str, HttpClients, Credentials], Upstream]] = {
    "https": HttpUpstream,
    "http": HttpUpstream,
    "file": _directory,
}


def open_upstream(url: str, clients: HttpClients, credentials: Credentials) -> Upstream:
    """Make the upstream that a URL names. Asks it nothing yet.

    Raises:
        ConfigError: with key ``from``; its hint says how a right one looks.
    """
    scheme, found, _ = url.partition(":")
    make = KINDS.get(scheme.lower()) if found else None
    if make is None:
        reason = f'"{without_secrets(url)}" is no kind of upstream that is known here'
        schemes = ", ".join(f"{kind}://" for kind in KINDS)
        raise ConfigError(CONFIG_KEY, reason, hint=f"begin it with one of {schemes}")
    return make(url, clients, credentials)
