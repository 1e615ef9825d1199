"""Which secret goes to which URL, and nowhere else.

A credential belongs to one scheme, host and port, and to whole path elements below a prefix:
``https://registry.example.com`` never matches ``https://registry.example.com.evil.test``, and
``https://host/team`` never matches ``https://host/team-two``. Of several that match, the one with the
longest path is used. No representation shows a secret.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from pyreqwest.http import Url

from modmirror.errors import ConfigError
from modmirror.upstream.address import basic, origin, without_secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from modmirror.upstream.settings import CredentialSettings


@dataclass(frozen=True, slots=True)
class Scope:
    """The URLs that a credential is for."""

    origin: tuple[str, str, int]
    elements: tuple[str, ...]

    @classmethod
    def of(cls, url: Url) -> Self:
        """Return everything at and below a URL."""
        return cls(origin(url), _elements(url))

    def covers(self, url: Url) -> bool:
        """Tell whether a request to ``url`` may carry the credential."""
        return origin(url) == self.origin and _elements(url)[: len(self.elements)] == self.elements


@dataclass(slots=True)
class _Credential:
    scope: Scope
    username: str
    secret: Callable[[], str] = field(repr=False)
    value: str = field(default="", repr=False)

    def load(self) -> None:
        secret = self.secret()
        self.value = basic(self.username, secret) if self.username else f"Bearer {secret}"


class Credentials:
    """The credentials of a configuration. ``Credentials()`` has none."""

    def __init__(self, known: Sequence[_Credential] = ()) -> None:
        self._known = sorted(known, key=lambda one: len(one.scope.elements), reverse=True)

    @classmethod
    def from_settings(
        cls,
        settings: Sequence[CredentialSettings],
        read_env: Mapping[str, str],
        read_file: Callable[[str], str],
    ) -> Self:
        """Read every secret once. ``read_file`` raises OSError for a file that cannot be read.

        Raises:
            ConfigError: a URL is unusable or insecure, or a secret is missing, empty or unsendable.
        """
        known = []
        for index, one in enumerate(settings):
            label = f"credential[{index}]"
            source = _source(label, one, read_env, read_file)
            credential = _Credential(Scope.of(_secure_url(label, one.url)), one.username, source)
            credential.load()
            known.append(credential)
        return cls(known)

    def authorization(self, url: Url | str) -> str | None:
        """Return the Authorization value for a request to ``url``, or None."""
        parsed = Url(url) if isinstance(url, str) else url
        return next((one.value for one in self._known if one.scope.covers(parsed)), None)

    def reload(self) -> None:
        """Read every secret again, so that one can be rotated without a restart.

        A secret that cannot be read at this moment keeps its last value: files are often replaced in
        two steps. Blocks on files.
        """
        for one in self._known:
            try:
                one.load()
            except ConfigError:
                continue

    def __repr__(self) -> str:
        scopes = ", ".join(f"{one.scope.origin[0]}://{one.scope.origin[1]}" for one in self._known)
        return f"<Credentials for {scopes or 'nothing'}>"


def _elements(url: Url) -> tuple[str, ...]:
    return tuple(element for element in url.path.split("/") if element)


def _secure_url(label: str, text: str) -> Url:
    """Parse the URL of a credential: https, or http to this very machine."""
    shown = without_secrets(text)
    key, hint = f"{label}.url", "write it like https://registry.example/team"
    try:
        url = Url(text)
    except ValueError as error:
        raise ConfigError(key, f'"{shown}" is not a URL', hint=hint) from error
    if url.scheme not in {"http", "https"} or not url.host_str or url.username or url.password:
        raise ConfigError(key, f'"{shown}" is not a plain http or https URL', hint=hint)
    if url.scheme == "http" and not _is_loopback(url.host_str):
        # protocol.md A.15: credentials travel over https only.
        raise ConfigError(key, f'"{shown}" would send a secret over an insecure connection', hint=hint)
    return url


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _source(
    label: str, one: CredentialSettings, read_env: Mapping[str, str], read_file: Callable[[str], str]
) -> Callable[[], str]:
    """Return how the one secret of a credential is read."""
    kinds = ("bearer_env", "bearer_file") if not one.username else ("password_env", "password_file")
    named = [kind for kind in kinds if getattr(one, kind)]
    if len(named) != 1:
        reason = f"needs exactly one of {kinds[0]} and {kinds[1]}"
        hint = "a user name goes with a password, a bearer token goes without a user name"
        raise ConfigError(label, reason, hint=hint)
    key, place = f"{label}.{named[0]}", getattr(one, named[0])

    def read() -> str:
        try:
            secret = read_env[place] if named[0].endswith("_env") else read_file(place)
        except KeyError:
            raise ConfigError(key, f"the variable {place} is not set") from None
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(key, f"{place} cannot be read") from error
        return _sendable(key, secret.removesuffix("\n").removesuffix("\r"))

    return read


def _sendable(key: str, secret: str) -> str:
    """Refuse what would break out of a header; the text says nothing of the secret itself."""
    if not secret:
        raise ConfigError(key, "the secret is empty")
    if not secret.isprintable() or (key.rpartition(".")[2].startswith("bearer") and not secret.isascii()):
        raise ConfigError(key, "the secret holds a character that cannot be sent")
    return secret
