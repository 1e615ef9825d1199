"""Tokens of a GitHub App installation: signed for, fetched, kept, and renewed before they expire."""

from __future__ import annotations

import asyncio
import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from modmirror.errors import UpstreamBadAnswer, UpstreamError, UpstreamRefused, UpstreamUnavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

RENEW_BEFORE = 300.0
"""Seconds before its end at which a token is replaced: a fetch may run for minutes."""
_CLOCK_SKEW = 60
"""Seconds that our clock may be ahead of theirs."""
_JWT_LIFE = 540
"""Seconds; GitHub takes at most ten minutes."""
_CREATED = 201
_REFUSALS = frozenset({401, 403, 404, 422})
_TOKEN = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class Installation:
    """Which App and installation, and where its API is."""

    app_id: str
    installation_id: str
    api_url: str


@dataclass(frozen=True, slots=True)
class _Token:
    value: str = field(repr=False)
    expires: float


class _Granted(msgspec.Struct):
    token: str
    expires_at: str


class GithubApp:
    """The current token of one installation. No representation shows key or token.

    Args:
        installation: whose token.
        key: reads the private key (PEM); called for each new token, so that it can be rotated.
        post: sends a POST without a body; returns status and body. Raises UpstreamError.
        clock: seconds since the epoch.
    """

    def __init__(
        self,
        installation: Installation,
        key: Callable[[], str],
        post: Callable[[str, Mapping[str, str]], Awaitable[tuple[int, bytes]]],
        clock: Callable[[], float],
    ) -> None:
        self._installation = installation
        self._key = key
        self._post = post
        self._clock = clock
        self._current: _Token | None = None
        self._renewing = asyncio.Lock()

    def __repr__(self) -> str:
        return f"<GithubApp {self._installation.app_id} on {self._installation.api_url}>"

    async def token(self) -> str:
        """Return a token that is good for some minutes at least.

        When a new one cannot be had, the old one is used to its end.

        Raises:
            UpstreamError: named by the API's URL; no token could be had.
        """
        async with self._renewing:
            now = self._clock()
            if self._current is None or self._current.expires - RENEW_BEFORE <= now:
                try:
                    self._current = await self._fetch()
                except UpstreamError:
                    if self._current is None or self._current.expires <= now:
                        raise
            return self._current.value

    async def _fetch(self) -> _Token:
        one = self._installation
        try:
            claim = await asyncio.to_thread(lambda: app_jwt(one.app_id, self._key(), self._clock()))
        except ValueError as error:
            raise UpstreamUnavailable(one.api_url, f"the key of GitHub App {one.app_id} {error}") from error
        headers = {
            "Authorization": f"Bearer {claim}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
        }
        url = f"{one.api_url}/app/installations/{one.installation_id}/access_tokens"
        status, body = await self._post(url, headers)
        if status in _REFUSALS:
            hint = "check app_id, installation_id and the private key"
            reason = f"gives GitHub App {one.app_id} no token ({status})"
            raise UpstreamRefused(one.api_url, reason, status=status, hint=hint)
        if status != _CREATED:
            raise UpstreamUnavailable(one.api_url, f"answered {status} to the request for a token")
        return self._read(body)

    def _read(self, body: bytes) -> _Token:
        try:
            granted = msgspec.json.decode(body, type=_Granted)
            expires = datetime.fromisoformat(granted.expires_at)
        except (msgspec.MsgspecError, ValueError) as error:
            raise UpstreamBadAnswer(
                self._installation.api_url, "sent something that is no token"
            ) from error
        if expires.tzinfo is None or not _TOKEN.fullmatch(granted.token):
            raise UpstreamBadAnswer(self._installation.api_url, "sent something that is no token")
        return _Token(granted.token, expires.timestamp())


def check_key(pem: str) -> None:
    """Check that a text is an RSA private key. Raises ValueError, whose text repeats nothing of it."""
    _load(pem)


def app_jwt(app_id: str, pem: str, now: float) -> str:
    """Return the signed claim (RS256) with which an App asks for tokens."""
    claims = {"iat": int(now) - _CLOCK_SKEW, "exp": int(now) + _JWT_LIFE, "iss": app_id}
    parts = ({"alg": "RS256", "typ": "JWT"}, claims)
    signed = b".".join(_base64(msgspec.json.encode(part)) for part in parts)
    signature = _load(pem).sign(signed, PKCS1v15(), SHA256())
    return (signed + b"." + _base64(signature)).decode()


def _load(pem: str) -> RSAPrivateKey:
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError) as error:
        raise ValueError("is not a private key in PEM without a passphrase") from error
    if isinstance(key, RSAPrivateKey):
        return key
    raise ValueError("is not an RSA key")


def _base64(data: bytes) -> bytes:
    return urlsafe_b64encode(data).rstrip(b"=")
