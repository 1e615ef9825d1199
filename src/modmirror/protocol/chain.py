"""Which upstream is asked next: the meaning of a GOPROXY list (protocol.md A.14).

A list is stepped through by whoever does the asking::

    state = start(links)
    while isinstance(state, Ask):
        ... ask links[state.position]; return the answer if it is one ...
        state = step(links, state, outcome)
    raise state.error

Nothing is known here of how an upstream is asked, nor in which order a router would like to ask.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias
from urllib.parse import urlsplit

from modmirror.errors import (
    ConfigError,
    FetchDisabled,
    NotExist,
    UpstreamBadAnswer,
    UpstreamBusy,
    UpstreamRefused,
    UpstreamUnavailable,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from urllib.parse import SplitResult

    from modmirror.errors import Error

GoOn: TypeAlias = Literal["not-found", "any"]

OFF = "off"
"""The link that ends a list by refusing, as in ``GOPROXY=https://mirror.example,off``."""
DIRECT = "direct"
"""The link that ends a list at the repository itself."""

_ENDS = frozenset({DIRECT, OFF})
_KEY = "from"
_SEPARATED = re.compile(r"([^,|]*)([,|]|\Z)")
_SHOWN_SOURCES = 5
"""The go command shows 8 lines: a heading, these, and one that counts the rest leave room for a hint."""


_GIST_CHARACTERS = 200
"""As much of an upstream's error text as is repeated."""
_TOO_MANY_REQUESTS = 429
_SERVER_ERRORS = 500
_SERVICE_UNAVAILABLE = 503


@dataclass(frozen=True, slots=True)
class Link:
    """One entry of a list: the base URL of an upstream, ``direct`` or ``off``; and when to go on."""

    upstream: str
    go_on: GoOn = "not-found"
    """``not-found``: after 404 and 410 only (``,``); ``any``: after every failure (``|``)."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask the upstream at ``position``. ``failures`` is what those before it said."""

    position: int
    failures: tuple[Error, ...] = ()


@dataclass(frozen=True, slots=True)
class GaveUp:
    """No upstream is left. ``error`` is what to tell the client."""

    error: Error


def parse_goproxy(text: str) -> tuple[Link, ...]:
    """Read a GOPROXY list. Blanks and empty entries are skipped, ``direct`` and ``off`` end it.

    Raises:
        ConfigError: an entry is not usable, or there is none.
    """
    links: list[Link] = []
    for word, separator in _SEPARATED.findall(text):
        upstream = word.strip()
        if upstream:
            links.append(Link(_check_upstream(upstream), "any" if separator == "|" else "not-found"))
        if upstream in _ENDS:
            break
    if not links:
        raise ConfigError(_KEY, "the GOPROXY list has no entries", hint="name at least one upstream")
    return tuple(links)


def links_from_list(urls: Iterable[str], fall_through: GoOn) -> tuple[Link, ...]:
    """Make a list of single URLs that all go on in the same way. It may be empty.

    Raises:
        ConfigError: an entry is not usable.
    """
    links: list[Link] = []
    for url in urls:
        if "," in url or "|" in url:
            reason = f'"{_shown(url)}" is several upstreams in one entry'
            raise ConfigError(_KEY, reason, hint="give either a list of URLs or one GOPROXY string")
        links.append(Link(_check_upstream(url.strip()), fall_through))
        if url.strip() in _ENDS:
            break
    return tuple(links)


def start(links: Sequence[Link]) -> Ask | GaveUp:
    """Begin a list. Without links nothing is fetched at all."""
    if not links:
        return GaveUp(FetchDisabled("not stored, and no upstream is configured for this module"))
    return _go_to(links, Ask(0))


def step(links: Sequence[Link], state: Ask, outcome: Error) -> Ask | GaveUp:
    """Say what follows after the upstream at ``state.position`` failed with ``outcome``."""
    failures = (*state.failures, outcome)
    absent = isinstance(outcome, NotExist)
    if absent or links[state.position].go_on == "any":
        return _go_to(links, Ask(state.position + 1, failures))
    return GaveUp(outcome)


def error_for_status(upstream: str, status: int, text: str, retry_after: float | None) -> Error:
    """Name the failure behind a status other than 200, which is the only success (protocol.md A.8).

    ``upstream`` is a display name, ``text`` the beginning of the body, ``retry_after`` is in seconds.
    """
    gist = _gist(text)
    reason = f"status {status}: {gist}" if gist else f"status {status}"
    if status in {404, 410}:
        return NotExist(gist or reason, sources=(upstream,))
    if status in {401, 403, 451}:
        return UpstreamRefused(upstream, reason, status=status)
    if status == _TOO_MANY_REQUESTS or (status == _SERVICE_UNAVAILABLE and retry_after is not None):
        return UpstreamBusy(upstream, reason, retry_after=retry_after)
    if status >= _SERVER_ERRORS:
        return UpstreamUnavailable(upstream, reason)
    return UpstreamBadAnswer(upstream, f"{reason}; only 200 is an answer")


def _gist(text: str) -> str:
    """Return the first line of an error text, without the heading that our own answer adds again."""
    line = text.strip().partition("\n")[0].strip()
    if line.startswith("<"):
        return ""
    return line.removeprefix("not found: ")[:_GIST_CHARACTERS]


def _go_to(links: Sequence[Link], state: Ask) -> Ask | GaveUp:
    if state.position < len(links) and links[state.position].upstream != OFF:
        return state
    if state.failures and links[len(state.failures) - 1].upstream == DIRECT:
        return GaveUp(state.failures[-1])  # the repository itself knows best (A.14)
    # A failure says more than "not found": the module may well exist. The last one speaks.
    troubles = [failure for failure in state.failures if not isinstance(failure, NotExist)]
    if troubles:
        return GaveUp(troubles[-1])
    if len(state.failures) == 1 and not _said_by(state.failures[0]):
        return GaveUp(state.failures[0])  # found out here, not heard from somebody: its own words and hint
    said = [_said(link, failure) for link, failure in zip(links, state.failures, strict=False)]
    sources = tuple(source for source, _ in said)
    if state.position < len(links):
        return GaveUp(
            FetchDisabled(_report("module lookup disabled by GOPROXY=off", said), sources=sources)
        )
    return GaveUp(NotExist(_report("no upstream has it", said), sources=sources))


def _said_by(failure: Error) -> tuple[str, ...]:
    """Return the display names of those who said that something does not exist."""
    return failure.sources if isinstance(failure, NotExist) else ()


def _said(link: Link, failure: Error) -> tuple[str, str]:
    """Return who said that there is no such thing, and the gist of it."""
    return ", ".join(_said_by(failure)) or _shown(link.upstream), failure.reason.partition("\n")[0]


def _report(heading: str, said: Sequence[tuple[str, str]]) -> str:
    """Name each source and its reason, within what the go command shows of an error."""
    lines = [f"{source}: {reason}" for source, reason in said[:_SHOWN_SOURCES]]
    hidden = len(said) - len(lines)
    if hidden:
        lines.append(f"and {hidden} more")
    return "\n".join([heading, *lines])


def _check_upstream(word: str) -> str:
    """Return ``direct``, ``off`` or a complete URL."""
    if word in _ENDS:
        return word
    url = word
    if re.search(r"[.:/]", word) and ":/" not in word and not word.startswith("/"):
        # host/path and host:port are short for https, as in the go command.
        url = f"https://{word}"
    problem = _url_problem(url)
    if problem:
        raise ConfigError(
            _KEY, f'"{_shown(word)}" {problem}', hint="for example https://proxy.example/path"
        )
    return url


def _url_problem(url: str) -> str:
    if not url.isascii() or not url.isprintable() or " " in url:
        return "holds a blank or a character that URLs cannot hold"
    try:
        parts = urlsplit(url)
        _ = parts.port  # reading it is what checks it
    except ValueError:
        return "is not a URL"
    if parts.scheme == "file":
        plain = parts.path.startswith("/") and not (parts.netloc or parts.query or parts.fragment)
        return "" if plain else "is not a plain file:///directory URL"
    if parts.scheme in {"http", "https"}:
        return _http_problem(parts)
    return "is no URL that begins with https://, http:// or file://"


def _http_problem(parts: SplitResult) -> str:
    if not parts.hostname or parts.fragment:
        return "has no host name, or has a fragment"
    if "@" in parts.netloc and parts.scheme == "http":
        # protocol.md A.14: "refusing to pass credentials to insecure URL"
        return "would send credentials over an insecure connection"
    return ""


def _shown(word: str) -> str:
    """Return a URL without what may be secret: user and password, and the query."""
    return re.sub(r"//[^/]*@", "//", word).partition("?")[0]
