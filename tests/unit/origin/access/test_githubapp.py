from __future__ import annotations

import asyncio
from base64 import urlsafe_b64decode

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from modmirror.errors import UpstreamBadAnswer, UpstreamError, UpstreamRefused, UpstreamUnavailable
from modmirror.origin.access.githubapp import GithubApp, Installation, app_jwt, check_key
from tests.fakes.engine import FakeClock
from tests.fakes.github_app import NOW, Api, pem, rsa_key


def app(api: Api, clock: FakeClock, key: str = "") -> GithubApp:
    return GithubApp(Installation("12", "34", "https://api.github.test"), lambda: key or pem(), api, clock)


def decoded(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


def test_the_claim_is_signed_by_the_key_and_short_lived() -> None:
    head, body, signature = app_jwt("12", pem(), NOW).split(".")
    signed = f"{head}.{body}".encode()
    rsa_key().public_key().verify(decoded(signature), signed, PKCS1v15(), SHA256())
    assert msgspec.json.decode(decoded(head)) == {"alg": "RS256", "typ": "JWT"}
    assert msgspec.json.decode(decoded(body)) == {"iat": NOW - 60, "exp": NOW + 540, "iss": "12"}


async def test_a_token_is_asked_for_once_and_kept() -> None:
    api = Api()
    one = app(api, FakeClock(NOW))
    assert await asyncio.gather(*(one.token() for _ in range(5))) == ["token-1"] * 5
    ((url, headers),) = api.asked
    assert url == "https://api.github.test/app/installations/34/access_tokens"
    assert headers["Authorization"].startswith("Bearer ey")


async def test_a_token_is_renewed_before_it_ends() -> None:
    api, clock = Api(), FakeClock(NOW)
    one = app(api, clock)
    await one.token()
    clock.advance(3299)
    assert await one.token() == "token-1"
    clock.advance(1)
    assert await one.token() == "token-2"


async def test_while_no_new_token_can_be_had_the_old_one_is_used_to_its_end() -> None:
    api, clock = Api(), FakeClock(NOW)
    one = app(api, clock)
    await one.token()
    api.answer = UpstreamUnavailable("https://api.github.test", "down")
    clock.advance(3599)
    assert await one.token() == "token-1"
    clock.advance(1)
    with pytest.raises(UpstreamUnavailable, match="down"):
        await one.token()


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((401, b"{}"), UpstreamRefused),
        ((404, b"{}"), UpstreamRefused),
        ((500, b""), UpstreamUnavailable),
        ((302, b""), UpstreamUnavailable),
        ((201, b"<html>"), UpstreamBadAnswer),
        ((201, b'{"token": "a\\r\\nX: y", "expires_at": "2023-11-14T23:13:20Z"}'), UpstreamBadAnswer),
        ((201, b'{"token": "a", "expires_at": "tomorrow"}'), UpstreamBadAnswer),
        ((201, b'{"token": "a", "expires_at": "2023-11-14T23:13:20"}'), UpstreamBadAnswer),
        ((201, b'{"token": "", "expires_at": "2023-11-14T23:13:20Z"}'), UpstreamBadAnswer),
    ],
)
async def test_what_is_no_token_is_an_error_of_the_api(
    answer: tuple[int, bytes], error: type[UpstreamError]
) -> None:
    with pytest.raises(error) as caught:
        await app(Api(answer), FakeClock(NOW)).token()
    assert caught.value.upstream == "https://api.github.test"


async def test_a_refusal_says_what_to_check() -> None:
    with pytest.raises(UpstreamRefused) as caught:
        await app(Api((404, b"")), FakeClock(NOW)).token()
    assert "installation_id" in caught.value.hint


async def test_a_key_that_went_bad_is_an_error_that_repeats_nothing_of_it() -> None:
    with pytest.raises(UpstreamUnavailable, match="key of GitHub App 12 is not a private key") as caught:
        await app(Api(), FakeClock(NOW), key="s3cret").token()
    assert "s3cret" not in caught.value.reason


def test_only_rsa_keys_without_a_passphrase_are_taken() -> None:
    check_key(pem())
    with pytest.raises(ValueError, match="is not an RSA key"):
        check_key(pem(ec.generate_private_key(ec.SECP256R1())))
    with pytest.raises(ValueError, match="is not a private key"):
        check_key("-----BEGIN RSA PRIVATE KEY-----\nx\n-----END RSA PRIVATE KEY-----\n")


async def test_no_representation_shows_a_token() -> None:
    one = app(Api(), FakeClock(NOW))
    await one.token()
    assert "token" not in repr(one)
    assert "token-1" not in repr(one._current)
