"""URLs of repositories: one strict spelling, and which secret may go to which of them.

Such URLs come from web pages that anyone can write. What is not plainly a URL is refused, never repaired;
what is used is written again from its parts (protocol.md D.7). Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self
from urllib.parse import unquote

_URL = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.-]*)://"
    r"(?:(?P<user>[A-Za-z0-9_][A-Za-z0-9._~-]*)@)?"
    r"(?P<host>[a-z0-9_][a-z0-9._-]*|\[[0-9a-f:.]+\])"
    r"(?::(?P<port>[0-9]{1,5}))?"
    # Nothing that a shell, git's own URL code or a terminal might take for more than a letter.
    r"(?P<path>(?:/[A-Za-z0-9._~@+,=:%-]*)*)",
    re.ASCII,
)
_HEAD = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_PORTS = {"https": 443, "http": 80, "ssh": 22, "git": 9418, "svn": 3690}
_SSH = frozenset({"ssh", "git+ssh", "svn+ssh"})
_MAX_PORT = 65535
_LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Remote:
    """A URL of a repository, taken apart. Scheme and host are in lower case."""

    scheme: str
    user: str
    """Only with ssh: a name, never a password."""
    host: str
    """An IPv6 address keeps its brackets."""
    port: int | None
    """As written; None is the default of the scheme."""
    path: str
    """Empty, or beginning with a slash; without elements of dots only."""

    @property
    def transport(self) -> str:
        """``ssh`` for every scheme that runs over ssh, else the scheme."""
        return "ssh" if self.scheme in _SSH else self.scheme

    @property
    def real_port(self) -> int:
        """The port that is connected to; 0 for a scheme without a default."""
        return self.port or _PORTS.get(self.transport, 0)

    @property
    def elements(self) -> tuple[str, ...]:
        """The path between its slashes."""
        return tuple(element for element in self.path.split("/") if element)

    def __str__(self) -> str:
        user = f"{self.user}@" if self.user else ""
        port = f":{self.port}" if self.port is not None else ""
        return f"{self.scheme}://{user}{self.host}{port}{self.path}"


@dataclass(frozen=True, slots=True)
class Scope:
    """The URLs that a secret is for: one transport, host and port, and whole elements below a path.

    ``registry.example.com.evil.test`` is another host, ``/team-two`` is not below ``/team``.
    """

    transport: str
    host: str
    port: int
    elements: tuple[str, ...] = ()

    @classmethod
    def of(cls, remote: Remote) -> Self:
        """Return everything at and below a URL."""
        return cls(remote.transport, remote.host, remote.real_port, remote.elements)

    def covers(self, remote: Remote) -> bool:
        """Tell whether a secret of this scope may go to ``remote``."""
        here = (self.transport, self.host, self.port)
        below = remote.elements[: len(self.elements)] == self.elements
        return below and here == (remote.transport, remote.host, remote.real_port)


def parse_remote(text: str) -> Remote:
    """Take a URL apart.

    Raises:
        ValueError: it is not one; the text completes a sentence that begins with the URL.
    """
    head = _HEAD.match(text)
    # Scheme and host are the same in either case; a user name and a path are not.
    spelt = _lower_host(head[0]) + text[head.end() :] if head else text
    match = _URL.fullmatch(spelt) if len(text) <= _LONGEST else None
    if match is None:
        raise ValueError(_why_not(text))
    port = int(match["port"]) if match["port"] else None
    remote = Remote(match["scheme"], match["user"] or "", match["host"], port, match["path"])
    if port is not None and not 0 < port <= _MAX_PORT:
        raise ValueError("has a port that cannot be")
    if remote.user and remote.transport != "ssh":
        raise ValueError("holds a user name, which only ssh takes from a URL")
    # git decodes the paths of some transports.
    plain = unquote(remote.path)
    if not plain.isprintable() or "\\" in plain:
        raise ValueError("has a path with a character that is not allowed")
    if any(element in {".", ".."} for element in plain.split("/")):
        raise ValueError("has a path element of dots only")
    if any(element.startswith("-") for element in remote.elements[:1]):
        raise ValueError("has a path that begins with a dash")
    return remote


def without_userinfo(text: str) -> str:
    """Return a URL, however broken, without user, password, query and what cannot be printed."""
    plain = re.sub(r"//[^/]*@", "//", text).partition("?")[0]
    return "".join(letter if letter.isprintable() else "?" for letter in plain)[:200]


def _lower_host(head: str) -> str:
    scheme, _, authority = head.partition("://")
    user, at, host = authority.rpartition("@")
    return f"{scheme.lower()}://{user}{at}{host.lower()}"


def _why_not(text: str) -> str:
    if not _SCHEME.match(text):
        return "has no scheme such as https://"
    if "?" in text or "#" in text:
        return "has a query or a fragment, which no repository has"
    if ":" in text.partition("://")[2].partition("/")[0].rpartition("@")[0]:
        return "holds a password"
    return "is not a URL that is understood here"
