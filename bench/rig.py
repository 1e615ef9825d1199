"""What rows share: the servers, started when first needed, and the files that they serve."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from itertools import cycle, permutations
from pathlib import Path
from typing import TYPE_CHECKING

from bench.client import fetch
from bench.material import HOT, LARGE, MIDDLE, VERSION, write_hot
from bench.repositories import Repositories
from bench.servers import Running, build_go_server, go_server, nginx
from tests.corpus.build import DEFAULT_DIRECTORY, ensure
from tests.corpus.progress import Progress
from tests.e2e.mirror import MirrorProcess
from tests.e2e.modules import h1_of_go_mod
from tests.fakes.gomodules import escape
from tests.fakes.sumdb import FakeSumdb
from tests.fakes.sumdb_server import ServedSumdb, serve
from tests.fakes.zips import slow_h1

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType
    from typing import Self

    from tests.corpus.manifest import Corpus
    from tests.e2e.mirror import Table, Tables

FILE_SERVER = Path(__file__).parent / "fileserver"
RULES: list[Table] = [
    {"match": ["denied.test", "*.denied.test"], "action": "deny", "reason": "not for this company"},
    {"match": ["golang.org/x/*"], "versions": ["v0.0.0-2019*"], "action": "deny", "reason": "too old"},
]
"""Every request is held against them; none of them matches."""


@dataclass
class Rig:
    """One run of the bench. ``repetitions`` of each measurement, ``seconds`` of load in each."""

    scratch: Path
    repetitions: int
    seconds: int
    stack: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stack.close()

    def interleave(
        self, label: str, contenders: Mapping[str, Callable[[], float]]
    ) -> dict[str, tuple[float, ...]]:
        """Measure all contenders in turn, again and again, in every order equally often.

        Nobody is always measured after the same other one, nor always while the machine slows down.
        """
        progress = Progress(label)
        taken: dict[str, list[float]] = {name: [] for name in contenders}
        orders = cycle(permutations(contenders))
        for repetition in range(self.repetitions):
            for name in next(orders):
                taken[name].append(contenders[name]())
            progress(repetition + 1, self.repetitions)
        return {name: tuple(values) for name, values in taken.items()}

    # --- files -----------------------------------------------------------------------------------

    @cached_property
    def source(self) -> Path:
        """A GOPROXY tree with what the upstreams have."""
        root = self.scratch / "source"
        write_hot(root)
        return root

    @cached_property
    def corpus(self) -> Corpus:
        """The real modules; raises CorpusUnavailable."""
        return ensure(DEFAULT_DIRECTORY)

    @cached_property
    def database(self) -> ServedSumdb:
        """A checksum database that has seen everything in the source, and the corpus."""
        return self.stack.enter_context(serve(FakeSumdb(resolve=self._vouch)))

    def _vouch(self, module: str, version: str) -> tuple[str, str] | None:
        for root in (self.source, DEFAULT_DIRECTORY / "proxy"):
            stem = root / escape(module) / "@v" / escape(version)
            archive, go_mod = Path(f"{stem}.zip"), Path(f"{stem}.mod")
            if archive.exists():
                return slow_h1(archive.read_bytes()), h1_of_go_mod(go_mod.read_bytes())
        return None

    @cached_property
    def repositories(self) -> Repositories:
        """Repositories, and who reads from them. They stay beside the scratch directory."""
        return Repositories(self.scratch.parent, self.scratch / "origin", self.stack)

    # --- servers ---------------------------------------------------------------------------------

    @cached_property
    def file_server(self) -> Path:
        """The compiled Go file server."""
        return build_go_server(FILE_SERVER, self.scratch)

    @cached_property
    def upstream(self) -> Running:
        """A public proxy that is as fast as this machine allows."""
        return self.start_upstream(0.0)

    def start_upstream(self, rate: float) -> Running:
        """A public proxy; ``rate`` is in bytes a second."""
        return self.stack.enter_context(go_server(self.source, self.file_server, rate))

    @cached_property
    def mirror(self) -> MirrorProcess:
        """A mirror that has the hot modules in its store and has answered for each once."""
        mirror = self.stack.enter_context(self.prepare_mirror("mirror", self.upstream.url))
        for module in (HOT, MIDDLE, LARGE):
            for extension in ("info", "mod", "zip"):
                fetch(f"{mirror.url}/{module}/@v/{VERSION}.{extension}")
        return mirror

    def prepare_mirror(self, name: str, upstream: str, **server: object) -> MirrorProcess:
        """A mirror with policy, access log, metrics and verification on. It is not started."""
        database = self.database
        config: Tables = {
            "server": dict(server),
            "route": [
                {"match": ["bench.test"], "from": [upstream], "sumdb": "verify", "sumdb_down": "closed"},
                {"match": ["*"], "from": [f"file://{DEFAULT_DIRECTORY / 'proxy'}"]},
            ],
            "sumdb": [{"name": database.db.name, "key": database.db.key, "from": [database.url]}],
            "rule": RULES,
        }
        return MirrorProcess(self.scratch / name, config)

    @cached_property
    def go_peer(self) -> Running:
        """Serve with Go's file server the very files of the mirror's store."""
        return self.stack.enter_context(go_server(self.mirror.store, self.file_server))

    @cached_property
    def nginx_peer(self) -> Running:
        """Serve with nginx the very files of the mirror's store."""
        return self.stack.enter_context(nginx(self.mirror.store, self.scratch / "nginx"))
