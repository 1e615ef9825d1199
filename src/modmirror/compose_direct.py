"""The part of the composition root that is about ``direct``: repositories, keys, guards, tools.

Apart from ``compose.py`` only because both together are long. Nothing of it is opened where no route has
``direct``.
"""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from modmirror.errors import ConfigError
from modmirror.origin.access.govcs import parse_govcs
from modmirror.origin.access.keys import KeyTools, open_keys
from modmirror.origin.access.rewrite import parse_rewrites
from modmirror.origin.access.route import RouteAccess, RouteRules
from modmirror.origin.access.secret import Places
from modmirror.origin.access.vcs import VcsSource
from modmirror.origin.discovery.discovery import Discovery, Lifetimes
from modmirror.origin.discovery.pages import Pages
from modmirror.origin.explain import Explainer
from modmirror.origin.fossil.command import Fossil
from modmirror.origin.fossil.repository import FossilRepository
from modmirror.origin.git.command import Git
from modmirror.origin.git.contact import Contact
from modmirror.origin.git.repository import GitRepository
from modmirror.origin.git.smarthttp import SmartHttp
from modmirror.origin.git.source import GitSource
from modmirror.origin.hg.command import Hg
from modmirror.origin.hg.repository import HgRepository
from modmirror.origin.keeping.kept import KeptRepositories
from modmirror.origin.keeping.terms import Terms
from modmirror.origin.limits import RepositoryLimits
from modmirror.origin.modules import Modules
from modmirror.origin.network.guard import AddressGuard, SystemResolver
from modmirror.origin.network.networks import parse_networks
from modmirror.origin.network.post import ApiPost
from modmirror.origin.processes.process import Tool
from modmirror.origin.repositories import RouteRepositories
from modmirror.origin.svn.command import Svn
from modmirror.origin.svn.repository import SvnRepository
from modmirror.origin.zips import ZipMaker
from modmirror.proxy.direct import DirectUpstream
from modmirror.proxy.modroots import GuardedRoots
from modmirror.upstream.observed import ObservedUpstream

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AsyncExitStack

    from modmirror.config import Config
    from modmirror.origin.access.keys import Key
    from modmirror.origin.discovery.inquiry import Site
    from modmirror.origin.keeping.tagchanges import TagChange
    from modmirror.origin.port import Repository
    from modmirror.origin.repositories import Opener
    from modmirror.proxy.settings import RouteSettings
    from modmirror.telemetry.instruments import Instruments
    from modmirror.upstream.port import Upstream

ORIGIN_THREADS = 8
"""For archives and zips on disk. Nothing that comes from an upstream waits for them."""
TOOL_PROCESSES = 8
"""Runs of each version control system at once, apart for what asks a remote side and what does not."""


class Direct:
    """Makes ``direct`` for each route that has it. Nothing of it exists where no route does."""

    def __init__(
        self, config: Config, path: Path, instruments: Instruments, closing: AsyncExitStack
    ) -> None:
        """Keep repositories in ``path``."""
        self._config = config
        self._path = path
        self._instruments = instruments
        self._closing = closing

    def open(self, settings: RouteSettings) -> Upstream:
        """Return what makes a route's modules, counted and timed like any upstream."""
        direct = DirectUpstream(self.modules(settings), self._roots(settings), self._shared.pool)
        return ObservedUpstream(direct, self._instruments.metrics, self._instruments.ticks)

    def modules(self, settings: RouteSettings) -> Modules:
        """Return the modules of a route's repositories."""
        return Modules(*self._parts(settings))

    def explainer(self, settings: RouteSettings) -> Explainer:
        """Return what tells how a route's modules are made."""
        return Explainer(*self._parts(settings))

    def _parts(self, settings: RouteSettings) -> tuple[Discovery, RouteRepositories, ZipMaker]:
        shared, origin = self._shared, self._config.origin
        access = RouteAccess(self._rules(settings), self._guard(settings))
        pages = Pages(
            access,
            timeout=origin.discovery_timeout,
            ca_pem=_read_bytes(self._config.http.ca_file),
            user_agent=_user_agent(self._config),
        )
        repositories = RouteRepositories(self._openers(settings, access, pages))
        discovery = Discovery(
            access,
            pages,
            repositories.ping,
            Lifetimes(origin.discovery, origin.discovery_absent),
            time.monotonic,
        )
        return discovery, repositories, ZipMaker(shared.path / "tmp", shared.pool)

    def _openers(self, settings: RouteSettings, access: RouteAccess, pages: Pages) -> Mapping[str, Opener]:
        shared, origin = self._shared, self._config.origin
        http = SmartHttp(
            timeout=origin.timeout,
            ca_pem=_read_bytes(self._config.http.ca_file),
            user_agent=_user_agent(self._config),
            clock=time.monotonic,
        )

        def git(site: Site) -> Repository:
            contact = Contact(site, access, http, pages, time.monotonic)
            source = GitSource(
                site.url,
                contact.reach,
                lambda: access.unreadable(site.url),
                audience=",".join(settings.access),
                list_names=contact.list_names,
                follow=contact.follow,
            )
            return GitRepository(shared.git, source, shared.terms)

        return {"git": git} | {vcs: self._opener(vcs, settings, access) for vcs in shared.others}

    def _opener(self, vcs: str, settings: RouteSettings, access: RouteAccess) -> Opener:
        """Return how to open repositories of another system than git, one that is installed."""
        shared = self._shared

        def open_(site: Site) -> Repository:
            source = VcsSource(
                site.url,
                lambda: access.vcs(site.url, insecure=site.insecure),
                lambda: access.unreadable(site.url),
                audience=",".join(settings.access),
            )
            make = shared.others[vcs]
            return make(source, shared.terms)

        return open_

    def _tools(self, name: str) -> tuple[Tool, Tool]:
        """Return a program twice: for what is here, and for what asks a remote side. Raises ConfigError."""
        where = self._config.origin.search_path
        pair = Tool(name, TOOL_PROCESSES, where), Tool(name, TOOL_PROCESSES, where)
        for tool in pair:
            self._closing.push_async_callback(tool.close)
        return pair

    def _others(self) -> Mapping[str, Callable[..., Repository]]:
        """Return what makes repositories of other systems than git: of those that are installed."""
        found: dict[str, Callable[..., Repository]] = {}
        with suppress(ConfigError):
            found["hg"] = partial(HgRepository, Hg(*self._tools("hg")))
        with suppress(ConfigError):
            found["svn"] = partial(SvnRepository, Svn(self._tools("svn")[1]))
        with suppress(ConfigError):
            found["fossil"] = partial(FossilRepository, Fossil(*self._tools("fossil")))
        return found

    def _rules(self, settings: RouteSettings) -> RouteRules:
        return RouteRules(
            keys=tuple(key for name in settings.access for key in self._shared.keys[name]),
            rewrites=parse_rewrites(settings.rewrite),
            govcs=parse_govcs(self._config.origin.govcs),
            insecure=settings.insecure,
            private=settings.sumdb == "off",
            ca_file=self._config.http.ca_file,
        )

    def _guard(self, settings: RouteSettings) -> AddressGuard:
        return AddressGuard(self._shared.resolver, parse_networks(settings.private_networks))

    def _roots(self, settings: RouteSettings) -> GuardedRoots:
        return GuardedRoots(self._guard(settings), self._config.http, time.monotonic)

    def _tags_changed(self, url: str, changes: tuple[TagChange, ...]) -> None:
        for change in changes:
            self._instruments.events.warning("tag changed", repository=url, change=str(change))

    @cached_property
    def _shared(self) -> _SharedByRoutes:
        path, origin = self._path, self._config.origin
        events = self._instruments.events
        kept = KeptRepositories(path / "kept", origin.max_bytes, events=events)
        kept.open()
        self._closing.callback(kept.close)
        terms = Terms(
            kept,
            RepositoryLimits(origin.refresh, origin.timeout, origin.background_timeout),
            self._tags_changed,
        )
        resolver = SystemResolver()
        self._closing.callback(resolver.close)
        pool = ThreadPoolExecutor(ORIGIN_THREADS, "modmirror-origin")
        self._closing.callback(pool.shutdown, cancel_futures=True)
        tools = KeyTools(
            places=Places(os.environ, lambda name: Path(name).read_text(encoding="utf-8")),
            folder=path / "keys",
            post=ApiPost(_read_bytes(self._config.http.ca_file), _user_agent(self._config)),
            clock=self._instruments.now,
        )
        git = Git(*self._tools("git"))
        return _SharedByRoutes(
            path, git, self._others(), terms, resolver, pool, open_keys(self._config.access, tools)
        )


@dataclass(frozen=True, slots=True)
class _SharedByRoutes:
    """What all routes with ``direct`` share."""

    path: Path
    git: Git
    others: Mapping[str, Callable[..., Repository]]
    """What makes repositories of hg, svn and fossil, by those that are installed."""
    terms: Terms
    resolver: SystemResolver
    pool: ThreadPoolExecutor
    keys: Mapping[str, tuple[Key, ...]]


def _user_agent(config: Config) -> str:
    return config.http.user_agent or f"modmirror/{version('modmirror')}"


def _read_bytes(path: str) -> bytes:
    return Path(path).read_bytes() if path else b""
