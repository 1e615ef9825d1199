"""Where an upstream lives, and the URLs of requests below it and of redirects away from it.

URLs are parsed by the HTTP client's own parser wherever a host is compared: what is checked here is
what is connected to. Knows nothing of connections.
"""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import quote, unquote

from pyreqwest.http import Url

from modmirror.errors import ConfigError, InvalidTarget, UpstreamBadAnswer

CONFIG_KEY = "from"
"""The setting that upstream URLs come from."""

# protocol.md A.2: the go command sends these raw, and "!" as %21.
_RAW = "/$&+=:@~"
_DATABASE_PATHS = ("sumdb/", "lookup/", "tile/")
_PLAIN = re.compile(r"https?://[^/\\\s][^\\\s]*", re.IGNORECASE)
_PRIVATE_ENDINGS = (".internal", ".local", ".localhost", ".lan", ".home.arpa", ".test", ".example")
_UNSENDABLE = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class HttpAddress:
    """A parsed base URL of scheme http or https."""

    name: str
    """Display name: no user, no password, no query."""
    root: str
    """``scheme://host[:port]/path`` without a final slash."""
    query: str | None
    """Sent with each request, as the go command does (protocol.md A.1): it may be a token."""
    authorization: str | None = field(repr=False)
    """Value of an Authorization header made of the URL's user and password."""

    def url_of(self, path: str) -> Url:
        """Return the URL of an escaped path below the base. Raises InvalidTarget."""
        check_path(path)
        raw = _RAW + "!" if path.startswith(_DATABASE_PATHS) else _RAW
        return Url(f"{self.root}/{quote(path, safe=raw)}").with_query_string(self.query)


def parse_http_address(text: str) -> HttpAddress:
    """Read the base URL of an upstream.

    Raises:
        ConfigError: with key ``from``; its text repeats no credentials.
    """
    shown = without_secrets(text)
    # The parser forgives what browsers forgive (blanks, backslashes, a third slash); a configuration
    # that needs forgiving is a mistake.
    if not _PLAIN.fullmatch(text):
        raise _unusable(shown, "names no host to ask over http or https")
    try:
        url = Url(text)
    except ValueError as error:
        raise _unusable(shown, "is not a URL") from error
    if url.fragment is not None:
        raise _unusable(shown, "has a fragment, which is never sent")
    userinfo = bool(url.username or url.password)
    if userinfo and url.scheme == "http":
        # protocol.md A.14: "refusing to pass credentials to insecure URL"
        raise _unusable(shown, "would send its user and password over an insecure connection")
    path = re.sub("/{2,}", "/", url.path).rstrip("/")
    root = f"{url.scheme}://{_host_and_port(url)}{path}"
    own = basic(unquote(url.username), unquote(url.password or "")) if userinfo else None
    return HttpAddress(name=root, root=root, query=url.query_string, authorization=own)


def basic(user: str, password: str) -> str:
    """Return the Authorization value for a user and a password."""
    return f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"


def without_secrets(text: str) -> str:
    """Return a URL, however broken, without user, password and query."""
    return re.sub(r"//[^/]*@", "//", text).partition("?")[0]


def check_path(path: str) -> None:
    """Refuse a path that could leave the base or break a request. Raises InvalidTarget."""
    if _UNSENDABLE.search(path) or "\\" in path:
        raise InvalidTarget("the path holds a character that no module file has")
    if any(element in {"", ".", ".."} for element in path.split("/")):
        raise InvalidTarget("the path has an empty element, or one of dots only")


def is_same_origin(one: Url, other: Url) -> bool:
    """Tell whether two URLs share scheme, host and port, so that credentials for one fit the other."""
    return origin(one) == origin(other)


def origin(url: Url) -> tuple[str, str, int]:
    """Return (scheme, host in lower case, port)."""
    return url.scheme, url.host_str or "", url.port_or_known_default or 0


def redirected(name: str, here: Url, location: str) -> Url:
    """Return where a redirect leads, without user, password and fragment.

    Raises:
        UpstreamBadAnswer: to no URL, to another scheme, or from https to http (protocol.md A.15).
    """
    try:
        there = here.join(location)
    except ValueError as error:
        raise UpstreamBadAnswer(name, "redirects to something that is not a URL") from error
    if there.scheme not in {"http", "https"} or not there.host_str:
        raise UpstreamBadAnswer(name, "redirects to something that is neither http nor https")
    if here.scheme == "https" and there.scheme == "http":
        raise UpstreamBadAnswer(name, "redirects from https to http")
    plain = f"{there.scheme}://{_host_and_port(there)}{there.path}"
    return Url(plain).with_query_string(there.query_string)


def _host_and_port(url: Url) -> str:
    return f"{url.host_str}:{url.port}" if url.port is not None else str(url.host_str)


def _unusable(shown: str, problem: str) -> ConfigError:
    hint = "write it like https://proxy.example/path, or file:///directory"
    return ConfigError(CONFIG_KEY, f'"{shown}" {problem}', hint=hint)


def is_public(name: str) -> bool:
    """Tell whether an upstream of that display name is on the public Internet, as far as it shows."""
    if not _PLAIN.fullmatch(name):
        return False
    host = Url(name).host_str or ""
    try:
        return ip_address(host.strip("[]")).is_global
    except ValueError:
        return "." in host and not host.endswith(_PRIVATE_ENDINGS)
