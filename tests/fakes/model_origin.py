"""Modules below ``a.test``, whose repositories are in memory: what ``direct`` is made of, without any tool.

::

    async with ModelOrigin.at(tmp_path) as origin:
        repository = origin.repository("a.test/m")
        repository.tag(repository.add({"go.mod": "module a.test/m\n"}), "v1.0.0")
        await origin.modules().latest(check_path("a.test/m"))
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from modmirror.origin.modules import Modules
from modmirror.origin.repositories import RouteRepositories
from modmirror.origin.zips import ZipMaker
from tests.fakes.goimport_server import GoImportServer, tag
from tests.fakes.model_repository import ModelRepository

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from concurrent.futures import Executor
    from pathlib import Path

    from modmirror.origin.discovery.discovery import Discovery
    from modmirror.origin.discovery.inquiry import Site


@dataclass(frozen=True, slots=True)
class ModelOrigin:
    """See the module's docstring."""

    server: GoImportServer
    directory: Path
    """Where zips are made."""
    pool: Executor
    by_url: dict[str, ModelRepository] = field(default_factory=dict)

    @classmethod
    @asynccontextmanager
    async def at(cls, directory: Path) -> AsyncIterator[ModelOrigin]:
        """Serve the pages that lead to the repositories."""
        with ThreadPoolExecutor(1) as pool:
            async with GoImportServer() as server:
                yield cls(server, directory, pool)

    def repository(self, root: str, subdir: str = "") -> ModelRepository:
        """Return an empty repository to which the page of ``root`` leads."""
        repository = ModelRepository(f"https://git.test/{len(self.by_url)}")
        self.by_url[repository.url] = repository
        self.server.page(root, tag(f"{root} git {repository.url} {subdir}".strip()))
        return repository

    def share(self, root: str, path: str) -> None:
        """Let the page of a path below ``root`` say the same as that of ``root``."""
        (url,) = self.by_url
        self.server.page(path, tag(f"{root} git {url}"))

    def parts(self) -> tuple[Discovery, RouteRepositories, ZipMaker]:
        """Return what modules are made with."""
        return (
            self.server.discovery(),
            RouteRepositories({"git": self._open}),
            ZipMaker(self.directory, self.pool),
        )

    def modules(self) -> Modules:
        """Return the modules."""
        return Modules(*self.parts())

    def _open(self, site: Site) -> ModelRepository:
        return self.by_url[site.url]
