"""Module paths whose repository is known from the path alone (protocol.md D.1). Asks nobody.

Two kinds: hosts with a fixed layout, and paths that name their version control system (``x.y/z.git``).
All other paths are found by asking their host.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from modmirror.errors import NotExist

SYSTEMS = ("git", "hg", "svn", "fossil")
"""Version control systems that a path or a page may name."""

SCHEMES = {
    "git": ("https", "git+ssh", "ssh"),
    "hg": ("https", "ssh"),
    "svn": ("https", "svn+ssh"),
    "fossil": ("https",),
}
"""Secure schemes, in the order in which they are tried."""

INSECURE_SCHEMES = {
    "git": ("git", "http"),
    "hg": ("http",),
    "svn": ("http", "svn"),
    "fossil": ("http",),
}
"""Tried after those, and only for paths that are marked insecure (CVE-2023-45285)."""


@dataclass(frozen=True, slots=True)
class Found:
    """Where a module path leads."""

    root: str
    """Import path of the repository's root."""
    vcs: str
    urls: tuple[str, ...]
    """One, or several to be tried in this order."""


@dataclass(frozen=True, slots=True)
class _Site:
    prefix: str
    root: re.Pattern[str]
    form: str
    """How a module path looks there, for people."""
    vcs: str = "git"
    below: bool = True
    """Whether modules may lie below the root."""
    plain_names: bool = False
    """Whether a repository's name may not end like ``.git``."""


_SITES = (
    _Site(
        prefix="github.com",
        root=re.compile(r"github\.com/[\w.-]+/[\w.-]+", re.ASCII),
        form="github.com/OWNER/REPOSITORY",
        plain_names=True,
    ),
    _Site(
        prefix="bitbucket.org",
        root=re.compile(r"bitbucket\.org/[\w.-]+/[\w.-]+", re.ASCII),
        form="bitbucket.org/OWNER/REPOSITORY",
        plain_names=True,
    ),
    _Site(
        prefix="hub.jazz.net/git",
        root=re.compile(r"hub\.jazz\.net/git/[a-z0-9]+/[\w.-]+", re.ASCII),
        form="hub.jazz.net/git/OWNER/REPOSITORY",
        plain_names=True,
    ),
    _Site(
        prefix="git.apache.org",
        root=re.compile(r"git\.apache\.org/[a-z0-9_.-]+\.git", re.ASCII),
        form="git.apache.org/REPOSITORY.git",
    ),
    _Site(
        prefix="git.openstack.org",
        root=re.compile(r"git\.openstack\.org/[\w.-]+/[\w.-]+", re.ASCII),
        form="git.openstack.org/OWNER/REPOSITORY",
    ),
    _Site(
        prefix="chiselapp.com",
        root=re.compile(r"chiselapp\.com/user/[A-Za-z0-9]+/repository/[\w.-]+", re.ASCII),
        form="chiselapp.com/user/USER/repository/REPOSITORY",
        vcs="fossil",
        below=False,
    ),
)
_BELOW = re.compile(r"(?:/[\w.-]+)*", re.ASCII)
_HOST = re.compile(r"[a-z0-9.-]+")
_ELEMENT = re.compile(r"~?[\w.-]+", re.ASCII)
_SUFFIXED = re.compile(rf"(?P<name>~?[\w.-]+)\.(?P<vcs>{'|'.join(SYSTEMS)})", re.ASCII)


def static_site(path: str, *, insecure: bool = False) -> Found | None:
    """Return the repository of ``path``, or None when its host must be asked.

    ``insecure`` adds unprotected schemes at the end of the candidates of a suffixed path.

    Raises:
        NotExist: its host has a layout in which no repository can be at this path.
    """
    for site in _SITES:
        if path == site.prefix or path.startswith(f"{site.prefix}/"):
            return _at_site(site, path)
    return _suffixed(path, insecure=insecure)


def _at_site(site: _Site, path: str) -> Found:
    match = site.root.match(path)
    # A name is greedy, but a match may end inside an element: what follows must be whole elements.
    rest = path[match.end() :] if match else ""
    if match is None or not _BELOW.fullmatch(rest) or (rest and not site.below):
        raise NotExist(f"{path} names no repository", hint=f"module paths there begin with {site.form}")
    root = match[0]
    suffix = _SUFFIXED.fullmatch(root.rpartition("/")[2])
    if site.plain_names and suffix is not None:
        plain = root.removesuffix("." + suffix["vcs"])
        reason = f"{path} names no repository: on {site.prefix} names do not end in .{suffix['vcs']}"
        raise NotExist(reason, hint=f"write {plain}{rest}")
    return Found(root, site.vcs, (f"https://{root}",))


def _suffixed(path: str, *, insecure: bool) -> Found | None:
    """Read ``host/path.git/below``: the first element with such a suffix ends the root."""
    host, *elements = path.split("/")
    if not _HOST.fullmatch(host) or "." not in host[1:-1] or not all(map(_ELEMENT.fullmatch, elements)):
        return None
    for number, element in enumerate(elements, 1):
        if match := _SUFFIXED.fullmatch(element):
            vcs = match["vcs"]
            root = "/".join([host, *elements[:number]])
            bare = root.removesuffix(f".{vcs}")
            schemes = SCHEMES[vcs] + (INSECURE_SCHEMES[vcs] if insecure else ())
            return Found(root, vcs, tuple(f"{scheme}://{bare}" for scheme in schemes))
    return None
