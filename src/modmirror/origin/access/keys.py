"""Keys to private repositories, by the name that routes use for them.

Each kind is one function and one row of the table at the end. A key knows which URLs it is for; who may
use it is decided by the routes that name it (:mod:`modmirror.origin.access.route`).
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from modmirror.errors import ConfigError
from modmirror.origin.access.githubapp import GithubApp, Installation, check_key
from modmirror.origin.access.netrc import parse_netrc
from modmirror.origin.access.secret import Places, Secret, basic, check_sendable, reader, without_newline
from modmirror.origin.access.ssh import check_path, write_key
from modmirror.origin.network.remote import Scope, parse_remote, without_userinfo

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from modmirror.origin.access.netrc import NetrcEntry
    from modmirror.origin.network.remote import Remote
    from modmirror.origin.settings import AccessSettings

_NUMBER = re.compile(r"[A-Za-z0-9._-]+")
_SSH_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
_APP_USER = "x-access-token"
"""The user name that GitHub wants with a token of an App."""


@dataclass(frozen=True, slots=True)
class HeaderKey:
    """An Authorization header for what is below an https URL."""

    scope: Scope
    authorization: Callable[[], Awaitable[str]] = field(repr=False)
    """Returns the header's value. Raises UpstreamError when a token cannot be had."""


@dataclass(frozen=True, slots=True)
class SshKey:
    """A private key for what is below an ssh URL."""

    scope: Scope
    user: str
    key: Path
    known_hosts: Path


Key: TypeAlias = HeaderKey | SshKey


@dataclass(frozen=True, slots=True)
class KeyTools:
    """What keys need of the outside world."""

    places: Places
    folder: Path
    """Where private keys that come from a variable are written, for ssh to read."""
    post: Callable[[str, Mapping[str, str]], Awaitable[tuple[int, bytes]]]
    """See `modmirror.origin.access.githubapp.GithubApp`."""
    clock: Callable[[], float]
    """Seconds since the epoch."""


def open_keys(settings: Sequence[AccessSettings], tools: KeyTools) -> dict[str, tuple[Key, ...]]:
    """Read every secret once, and return the keys by name.

    Raises:
        ConfigError: two have one name, a URL is unusable or insecure, or a secret is missing or unfit.
    """
    found: dict[str, tuple[Key, ...]] = {}
    for index, one in enumerate(settings):
        label = f"access[{index}]"
        if not one.name or one.name in found:
            reason = f'a second access is named "{one.name}"' if one.name else "must be given"
            raise ConfigError(f"{label}.name", reason)
        found[one.name] = _KINDS[one.kind](label, one, tools)
    return found


def best_key(keys: Sequence[Key], remote: Remote) -> Key | None:
    """Return the key for ``remote``: of those that are for it, the one with the longest path."""
    fitting = [key for key in keys if key.scope.covers(remote)]
    return max(fitting, key=lambda key: len(key.scope.elements), default=None)


def _password(label: str, one: AccessSettings, tools: KeyTools) -> tuple[Key, ...]:
    if not one.username or ":" in one.username:
        raise ConfigError(f"{label}.username", "must be given, without a colon")
    check_sendable(f"{label}.username", one.username)
    secret = _header_secret(label, one, tools.places)
    return (_header_key(_scope(label, one.url), lambda: basic(one.username, secret())),)


def _token(label: str, one: AccessSettings, tools: KeyTools) -> tuple[Key, ...]:
    if one.username:
        reason = "a bearer token goes without a user name"
        hint = 'with a user name it is kind = "password"'
        raise ConfigError(f"{label}.username", reason, hint=hint)
    secret = _header_secret(label, one, tools.places)
    return (_header_key(_scope(label, one.url), lambda: f"Bearer {secret()}"),)


def _netrc(label: str, one: AccessSettings, tools: KeyTools) -> tuple[Key, ...]:
    if one.url:
        reason, hint = "is not for netrc", "its entries name their hosts"
        raise ConfigError(f"{label}.url", reason, hint=hint)
    secret = Secret(reader(label, one, tools.places), partial(_check_netrc, label))
    return tuple(_netrc_key(label, entry, secret) for entry in parse_netrc(secret()))


def _ssh(label: str, one: AccessSettings, tools: KeyTools) -> tuple[Key, ...]:
    scope = _scope(label, one.url, "ssh")
    if not one.known_hosts_file:
        reason = "must be given: no host is trusted without its key"
        raise ConfigError(f"{label}.known_hosts_file", reason, hint="ssh-keyscan HOST writes one; check it")
    if one.username and not _SSH_USER.fullmatch(one.username):
        raise ConfigError(f"{label}.username", "is not a user name")
    text = reader(label, one, tools.places)()
    key = Path(one.secret_file) if one.secret_file else write_key(tools.folder, text)
    known_hosts = check_path(f"{label}.known_hosts_file", Path(one.known_hosts_file))
    try:
        tools.places.read_file(str(known_hosts))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{label}.known_hosts_file", f"{known_hosts} cannot be read") from error
    return (SshKey(scope, one.username, check_path(f"{label}.secret_file", key), known_hosts),)


def _github_app(label: str, one: AccessSettings, tools: KeyTools) -> tuple[Key, ...]:
    for name in ("app_id", "installation_id"):
        if not _NUMBER.fullmatch(getattr(one, name)):
            hint = "both stand on the settings page of the App"
            raise ConfigError(f"{label}.{name}", "must be given", hint=hint)
    _scope(label, one.api_url, key="api_url")
    secret = Secret(reader(label, one, tools.places), partial(_check_key, label))
    installation = Installation(one.app_id, one.installation_id, one.api_url.rstrip("/"))
    app = GithubApp(installation, secret, tools.post, tools.clock)

    async def authorization() -> str:
        return basic(_APP_USER, await app.token())

    return (HeaderKey(_scope(label, one.url or "https://github.com"), authorization),)


def _header_key(scope: Scope, value: Callable[[], str]) -> HeaderKey:
    async def authorization() -> str:
        # A file is read, which may be on a slow disk.
        return await asyncio.to_thread(value)

    return HeaderKey(scope, authorization)


def _header_secret(label: str, one: AccessSettings, places: Places) -> Callable[[], str]:
    read = reader(label, one, places)
    return Secret(lambda: without_newline(read()), partial(check_sendable, label))


def _netrc_key(label: str, entry: NetrcEntry, secret: Callable[[], str]) -> HeaderKey:
    def value() -> str:
        now = {each.machine: each for each in parse_netrc(secret())}.get(entry.machine, entry)
        return basic(now.login, now.password)

    return _header_key(_scope(label, f"https://{entry.machine}", key="secret_file"), value)


def _check_netrc(label: str, text: str) -> None:
    try:
        entries = parse_netrc(text)
    except ValueError as error:
        raise ConfigError(label, f"the netrc text {error}") from error
    if not entries:
        hint = "an entry is: machine HOST login NAME password SECRET"
        raise ConfigError(label, "the netrc text has no entry for a machine", hint=hint)
    for entry in entries:
        check_sendable(label, entry.login + entry.password)


def _check_key(label: str, text: str) -> None:
    try:
        check_key(text)
    except ValueError as error:
        raise ConfigError(label, f"the secret {error}") from error


def _scope(label: str, url: str, transport: str = "https", *, key: str = "url") -> Scope:
    shown = without_userinfo(url)
    hint = f"write it like {transport}://git.example/team"
    if not url:
        raise ConfigError(f"{label}.{key}", "must be given", hint=hint)
    try:
        remote = parse_remote(url)
    except ValueError as error:
        raise ConfigError(f"{label}.{key}", f'"{shown}" {error}', hint=hint) from error
    if remote.transport != transport:
        reason = f'"{shown}" is not an {transport} URL, and the secret goes nowhere else'
        raise ConfigError(f"{label}.{key}", reason, hint=hint)
    return Scope.of(remote)


_KINDS: Mapping[str, Callable[[str, AccessSettings, KeyTools], tuple[Key, ...]]] = {
    "password": _password,
    "token": _token,
    "netrc": _netrc,
    "ssh": _ssh,
    "github-app": _github_app,
}
