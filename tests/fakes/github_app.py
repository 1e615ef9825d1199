"""The part of GitHub's API that grants tokens to an App, in this process; and a key to sign with."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from modmirror.errors import UpstreamError

if TYPE_CHECKING:
    from collections.abc import Mapping

NOW = 1_700_000_000.0


@cache
def rsa_key() -> rsa.RSAPrivateKey:
    """Return the one key of this process."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | None = None) -> str:
    """Return a private key as PEM."""
    made = (key or rsa_key()).private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    return made.decode()


@dataclass
class Api:
    """Grants ``token-1``, ``token-2``, … each good for an hour; or answers as told."""

    answer: tuple[int, bytes] | UpstreamError | None = None
    asked: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)
    expires: str = "2023-11-14T23:13:20Z"

    async def __call__(self, url: str, headers: Mapping[str, str]) -> tuple[int, bytes]:
        self.asked.append((url, headers))
        await asyncio.sleep(0)
        if isinstance(self.answer, UpstreamError):
            raise self.answer
        granted = {"token": f"token-{len(self.asked)}", "expires_at": self.expires, "permissions": {}}
        return self.answer or (201, msgspec.json.encode(granted))
