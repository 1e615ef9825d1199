"""Translates what the HTTP client and the clock raise, once, at the call.

Texts name the cause but never a URL: a query may be a token.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pyreqwest.exceptions import (
    BodyDecodeError,
    BuilderError,
    DecodeError,
    PyreqwestError,
    RequestTimeoutError,
)

from modmirror.errors import UpstreamBadAnswer, UpstreamTimeout, UpstreamUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modmirror.errors import UpstreamError
    from modmirror.upstream.settings import HttpSettings

_CONNECTING = "client error (Connect)"
_OS_ERROR = re.compile(r" \(os error \d+\)\Z")


@contextmanager
def while_asking(name: str, settings: HttpSettings) -> Iterator[None]:
    """Translate failures between the start of a request and its status line."""
    try:
        yield
    except RequestTimeoutError as error:
        # A server that accepts and says nothing is reported as a connect timeout too: look closer.
        if _CONNECTING in _causes(error):
            reason = f"no connection within {settings.connect_timeout:g} s"
            raise UpstreamTimeout(name, reason) from error
        raise UpstreamTimeout(name, f"no answer within {settings.first_byte_timeout:g} s") from error
    except PyreqwestError as error:
        raise _named(name, error) from error
    except TimeoutError as error:
        raise UpstreamTimeout(name, f"no answer within {settings.first_byte_timeout:g} s") from error


@contextmanager
def while_reading(name: str, settings: HttpSettings) -> Iterator[None]:
    """Translate failures of reading a body. Whatever breaks it, the rest may be had by asking again."""
    try:
        yield
    except PyreqwestError as error:
        if isinstance(error, TimeoutError):
            raise _stalled(name, settings) from error
        raise UpstreamUnavailable(name, f"the answer broke off: {_cause(error)}") from error
    except TimeoutError as error:
        raise _stalled(name, settings) from error


def _stalled(name: str, settings: HttpSettings) -> UpstreamTimeout:
    return UpstreamTimeout(name, f"the answer stalled: no byte for {settings.stall_timeout:g} s")


def _named(name: str, error: PyreqwestError) -> UpstreamError:
    if isinstance(error, BuilderError):
        return UpstreamBadAnswer(name, "redirects to a URL that cannot be asked")
    if isinstance(error, DecodeError) and not isinstance(error, BodyDecodeError):
        return UpstreamBadAnswer(name, f"did not answer in HTTP: {_cause(error)}")
    return UpstreamUnavailable(name, _cause(error))


def _causes(error: PyreqwestError) -> list[str]:
    details = getattr(error, "details", None) or {}
    return [cause["message"] for cause in details.get("causes") or ()]


def _cause(error: PyreqwestError) -> str:
    """Return the innermost cause: the others only say on whose behalf, and may hold URLs."""
    text = (_causes(error) or [error.message])[-1]
    return "connection failed" if "://" in text else _OS_ERROR.sub("", text)
