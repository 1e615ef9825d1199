"""One POST to an API that the configuration names: how a GitHub App asks for its tokens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from pyreqwest.client import ClientBuilder
from pyreqwest.exceptions import PyreqwestError, RequestTimeoutError

from modmirror.errors import UpstreamBadAnswer, UpstreamTimeout, UpstreamUnavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

_TIMEOUT = 15.0
"""Seconds for the whole exchange: fetches wait for the token."""
_MAX_ANSWER_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class ApiPost:
    """Sends requests. Unlike pages, the host is an operator's choice: it is trusted, and may be inside.

    Proxies (``HTTPS_PROXY``, ``NO_PROXY``) come from the environment.
    """

    ca_pem: bytes
    """Further certificate authorities; empty for none."""
    user_agent: str
    timeout: float = _TIMEOUT

    async def __call__(self, url: str, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """Send an empty POST; return status and body. Redirects are answers.

        Raises:
            UpstreamError: named by the URL.
        """
        builder = (
            ClientBuilder()
            .follow_redirects(enable=False)
            .timeout(timedelta(seconds=self.timeout))
            .user_agent(self.user_agent)
        )
        if self.ca_pem:
            builder = builder.add_root_certificate_pem(self.ca_pem)
        try:
            async with builder.build() as client:
                request = client.post(url).headers(dict(headers)).body_bytes(b"").build_streamed()
                async with request as response:
                    body = bytes(await response.body_reader.read(_MAX_ANSWER_BYTES + 1) or b"")
        except RequestTimeoutError as error:
            raise UpstreamTimeout(url, f"no answer within {self.timeout:g} s") from error
        except PyreqwestError as error:
            raise UpstreamUnavailable(url, "the connection failed") from error
        if len(body) > _MAX_ANSWER_BYTES:
            raise UpstreamBadAnswer(url, "sends more than any answer of its kind has")
        return response.status, body
