"""What a server tells of itself: a page in the text format of Prometheus."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from modmirror.errors import ConfigError
from modmirror.lab.engine.port import Limit, Request
from modmirror.lab.target import parse_target

if TYPE_CHECKING:
    from modmirror.lab.bundle import Lab
    from modmirror.lab.target import Target

_BELOW = "metrics"
_LIMIT = Limit(seconds=10.0, size=8 << 20)


async def read_metrics(lab: Lab, target: Target, page: str, key: str) -> str | None:
    """Return the page, None when there is none.

    Args:
        lab: Whose engine asks.
        target: The server.
        page: URL of the page; empty: ``metrics`` below the server.
        key: The option that a wrong ``page`` came from.

    Raises:
        ConfigError: ``page`` is no URL of a page.
    """
    place, path = page_at(page, key) if page else (target, _BELOW)
    fetched = await lab.engine.fetch(Request(place, path, connection="warm", keep="bytes", limit=_LIMIT))
    return fetched.body.decode("utf-8", "replace") if fetched.ok else None


def page_at(url: str, key: str) -> tuple[Target, str]:
    """Return the server of a page, and where on it the page is. Raises ConfigError with ``key``."""
    base, _, path = url.rpartition("/")
    if base.endswith(":/") or (base and not path):
        raise ConfigError(key, "names a server and no page", hint="as in http://127.0.0.1:9100/metrics")
    return parse_target(base, key=key), path


def summed(page: str, name: str) -> float | None:
    """Return the sum of a sample over its labels; None when the page does not have it, or no number of it.

    A counter that is declared and was never counted is zero.
    """
    lines = re.findall(rf"^(# TYPE )?{re.escape(name)}(?:\{{.*\}})? (\S+)", page, re.MULTILINE)
    try:
        numbers = [float(value) for comment, value in lines if not comment]
    except ValueError:
        return None
    return math.fsum(numbers) if lines and all(map(math.isfinite, numbers)) else None
