"""What one route may reach, and with which secrets.

A secret goes to a URL only when the route that is asking names its key *and* the key is for that URL. The
first keeps a module path that anyone can choose (``evil.test/x``, whose page names a private repository)
from being served with someone else's key; the second keeps keys from hosts that look alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from modmirror.errors import NotExist
from modmirror.mod.patterns import match_prefix_patterns
from modmirror.origin.access.git import GitAccess, HttpAccess
from modmirror.origin.access.govcs import DEFAULT_RULES, VcsRule, check_vcs
from modmirror.origin.access.keys import HeaderKey, Key, SshKey, best_key
from modmirror.origin.access.rewrite import Rewrite, rewritten
from modmirror.origin.access.secret import split_basic
from modmirror.origin.access.ssh import ssh_command
from modmirror.origin.access.vcs import VcsAccess
from modmirror.origin.network.remote import Remote, parse_remote, without_userinfo

if TYPE_CHECKING:
    from modmirror.origin.network.guard import AddressGuard, Pinned

_FILE = "file://"
_ALWAYS = frozenset({"https"})
_INSECURE = frozenset({"http", "git", "svn"})
_HTTP = frozenset({"https", "http"})


@dataclass(frozen=True, slots=True)
class RouteRules:
    """What a route's settings say about repositories."""

    keys: tuple[Key, ...] = ()
    """The keys that it names."""
    rewrites: tuple[Rewrite, ...] = ()
    govcs: tuple[VcsRule, ...] = DEFAULT_RULES
    insecure: tuple[str, ...] = ()
    """Patterns as in GOINSECURE, of module paths that may be fetched without protection."""
    private: bool = False
    """Whether its modules are private: what GOPRIVATE says to the go command."""
    ca_file: str = ""
    """PEM file with further certificate authorities, for git."""


class RouteAccess:
    """The rules of one route, applied."""

    def __init__(self, rules: RouteRules, guard: AddressGuard) -> None:
        self.guard = guard
        self._rules = rules

    def is_insecure(self, path: str) -> bool:
        """Tell whether a module path may be fetched without protection."""
        return match_prefix_patterns(self._rules.insecure, path)

    def check_vcs(self, vcs: str, root: str) -> None:
        """Raise NotExist when modules at ``root`` may not be kept with ``vcs`` (GOVCS)."""
        check_vcs(self._rules.govcs, vcs, root, private=self._rules.private)

    def check_remote(self, url: str, *, insecure: bool = False) -> str:
        """Return where ``url`` leads after rewriting, written in the one way that is used here.

        What an operator wrote as the target of a rewrite is trusted; what a page says is not.

        Raises:
            NotExist: the URL cannot be used, or runs over a transport that is not open for it.
        """
        return self._target(url, insecure=insecure)[0]

    async def authorization(self, url: str) -> str | None:
        """Return the Authorization value for a request to an https URL, or None.

        Raises:
            UpstreamError: there is a key, and its token cannot be had.
        """
        try:
            key = best_key(self._rules.keys, parse_remote(url.partition("?")[0]))
        except ValueError:
            # A page's URL may be odder than a repository's: no key is for such.
            return None
        return await key.authorization() if isinstance(key, HeaderKey) else None

    async def git(self, url: str, *, insecure: bool = False) -> GitAccess:
        """Return what git has to be given to ask ``url``, with addresses judged and pinned now.

        Raises:
            NotExist: it may not be asked over its transport, or has no such host.
            Denied: its host is in a network that is not allowed.
            UpstreamError: its host could not be resolved, or a token could not be had.
        """
        target, remote, pinned = await self._admitted(url, insecure=insecure)
        if remote is None:
            return GitAccess(target, "file")
        key = best_key(self._rules.keys, remote)
        if isinstance(key, SshKey):
            command = ssh_command(key.key, key.known_hosts, user=key.user, remote=remote, pinned=pinned)
            return GitAccess(target, "ssh", ssh_command=command)
        config = [("http.followRedirects", "false"), *_pin(remote, pinned)]
        if self._rules.ca_file:
            config.append(("http.sslCAInfo", self._rules.ca_file))
        if isinstance(key, HeaderKey):
            config += [
                (f"http.{remote}.extraHeader", ""),
                (f"http.{remote}.extraHeader", f"Authorization: {await key.authorization()}"),
            ]
        return GitAccess(target, remote.transport, tuple(config))

    async def http(self, url: str, *, insecure: bool = False) -> HttpAccess | None:
        """Return what a request to a git server has to be given; None where it is not over HTTP.

        Raises as `git`.
        """
        target, remote, pinned = await self._admitted(url, insecure=insecure)
        if remote is None or remote.transport not in _HTTP:
            return None
        key = best_key(self._rules.keys, remote)
        secret = await key.authorization() if isinstance(key, HeaderKey) else ""
        return HttpAccess(target.rstrip("/"), url, pinned, secret)

    async def vcs(self, url: str, *, insecure: bool = False) -> VcsAccess:
        """Return what the tools of other systems have to be given to ask ``url``.

        They know no bearer tokens: without a password they ask for what is public. Raises as `git`.
        """
        target, remote, pinned = await self._admitted(url, insecure=insecure)
        if remote is None:
            return VcsAccess(target)
        endpoints = pinned.endpoints if pinned else ()
        key = best_key(self._rules.keys, remote)
        if isinstance(key, SshKey):
            command = ssh_command(key.key, key.known_hosts, user=key.user, remote=remote, pinned=pinned)
            return VcsAccess(target, endpoints, ssh_command=command)
        user, password = split_basic(await key.authorization()) if key else ("", "")
        return VcsAccess(target, endpoints, user, password, ca_file=self._rules.ca_file)

    def unreadable(self, url: str) -> NotExist:
        """Return the error for a repository that its host does not show to us (protocol.md A.14)."""
        target = rewritten(self._rules.rewrites, url) or url
        try:
            key = best_key(self._rules.keys, parse_remote(target))
        except ValueError:
            key = None
        shown = without_userinfo(url)
        # Where something lies on this machine is nobody's business.
        if target != url and not target.startswith(_FILE):
            shown += f", rewritten to {without_userinfo(target)},"
        if key is None:
            hint = "if it is private, give its route an access for it; otherwise check the spelling"
            return NotExist(f"{shown} does not exist, or may not be read without a key", hint=hint)
        hint = "check that the key may read it, and that the path is spelt right"
        return NotExist(f"{shown} does not exist, or its key may not read it", hint=hint)

    async def _admitted(self, url: str, *, insecure: bool) -> tuple[str, Remote | None, Pinned | None]:
        """Return the target, its parts (None for a directory) and its addresses (None when trusted)."""
        target, trusted = self._target(url, insecure=insecure)
        if target.startswith(_FILE):
            return target, None, None
        remote = self._parse(target)
        if trusted:
            return target, remote, None
        return target, remote, await self.guard.admit(remote.host, remote.real_port)

    def _target(self, url: str, *, insecure: bool) -> tuple[str, bool]:
        """Return where ``url`` leads, and whether an operator wrote that."""
        target = rewritten(self._rules.rewrites, url)
        if target is not None and target.startswith(_FILE):
            return target, True
        remote = self._parse(target or url)
        opened = _ALWAYS | _INSECURE if insecure or target is not None else _ALWAYS
        if remote.transport not in opened and not isinstance(best_key(self._rules.keys, remote), SshKey):
            raise _closed(remote)
        return str(remote), target is not None

    def _parse(self, url: str) -> Remote:
        try:
            return parse_remote(url)
        except ValueError as error:
            hint = "a repository's URL looks like https://git.example/team/name"
            raise NotExist(f'"{without_userinfo(url)}" {error}', hint=hint) from error


def _closed(remote: Remote) -> NotExist:
    if remote.transport == "ssh":
        hint = 'an access of kind "ssh" for it, named by the route, would open it'
        return NotExist(f"{remote} needs an SSH key, and there is none for it", hint=hint)
    hint = "https is; http, git and svn are for module paths that the route lists as insecure"
    return NotExist(f"{remote} is not fetched over {remote.scheme}", hint=hint)


def _pin(remote: Remote, pinned: Pinned | None) -> list[tuple[str, str]]:
    """Tell curl, inside git, at which addresses the host is. A literal address pins itself."""
    if pinned is None or remote.host.startswith("["):
        return []
    addresses = ",".join(f"[{ip}]" if ":" in ip else ip for ip, _ in pinned.endpoints)
    return [("http.curloptResolve", f"{remote.host}:{remote.real_port}:{addresses}")]
