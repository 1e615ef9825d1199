"""Reads a page below ``/-/`` of a running mirror."""

from __future__ import annotations

import json
from http.client import HTTPException
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.parse import quote, urlsplit
from urllib.request import ProxyHandler, build_opener

from modmirror.cli.flags import DEFAULT_URL
from modmirror.errors import ConfigError
from modmirror.upstream.address import without_secrets

if TYPE_CHECKING:
    from typing import Any

PATIENCE = 10.0
"""Seconds for a page that a mirror has in memory."""
_HINT = "is a mirror running there? `modmirror serve` starts one; name another one with --url"


def read_page(url: str, page: str) -> dict[str, Any]:
    """Return the JSON object that the mirror at ``url`` shows.

    Raises:
        ConfigError: no mirror answers there.
    """
    shown = without_secrets(url)
    if not _is_http(url):
        raise ConfigError(
            "--url", f'"{shown}" is no http or https address', hint=f"for example {DEFAULT_URL}"
        )
    # The mirror is a neighbour: no proxy stands between.
    opener = build_opener(ProxyHandler({}))
    try:
        with opener.open(f"{url.rstrip('/')}/-/{quote(page, safe='/@!')}", timeout=PATIENCE) as answer:
            told = json.load(answer)
    except HTTPError as error:
        raise ConfigError("--url", f"{shown} answers {error.code}, not as a mirror", hint=_HINT) from error
    except (OSError, HTTPException) as error:
        raise ConfigError("--url", f"nobody answers at {shown}", hint=_HINT) from error
    except ValueError as error:
        raise ConfigError("--url", f"{shown} does not answer as a mirror", hint=_HINT) from error
    if not isinstance(told, dict):
        raise ConfigError("--url", f"{shown} does not answer as a mirror", hint=_HINT)
    return told


def _is_http(url: str) -> bool:
    try:
        return urlsplit(url).scheme in {"http", "https"}
    except ValueError:  # a bracket that is not closed
        return False
