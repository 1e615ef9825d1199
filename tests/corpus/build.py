"""Builds the corpus, or returns the one that is there."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from tests.corpus.manifest import Corpus, Listed, load
from tests.corpus.modules import link, write_tree
from tests.corpus.packages import CorpusUnavailable, check_tools, closure, fetch, unpack
from tests.corpus.programs import find_programs, try_programs
from tests.corpus.progress import Progress
from tests.corpus.sources import find_sources
from tests.e2e.go import find_go

if TYPE_CHECKING:
    from tests.corpus.modules import Module

DEFAULT_DIRECTORY = Path(__file__).resolve().parents[2] / ".work" / "corpus"
"""Where tests and the bench keep the corpus; git ignores it."""


def ensure(directory: Path = DEFAULT_DIRECTORY) -> Corpus:
    """Return the corpus in ``directory``, building it first when needed (two to four minutes).

    Processes that ask at the same time wait for one build.

    Raises:
        CorpusUnavailable: no apt, no package lists, no network to the Debian mirror, or no go command.
    """
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        fingerprint = _fingerprint()
        return load(directory, fingerprint) or _build(directory, fingerprint)


def _build(directory: Path, fingerprint: str) -> Corpus:
    if find_go() is None:
        raise CorpusUnavailable("no go command: the programs of the corpus cannot be tried")
    check_tools()
    packages = fetch(closure(), directory / "debs", Progress("fetching packages"))
    unpacked = unpack(packages, directory / "sources", Progress("unpacking"))
    modules = link(find_sources(unpacked))
    corpus = Corpus(directory, fingerprint, (), (), ())
    shutil.rmtree(corpus.tree, ignore_errors=True)
    write_tree(modules, corpus.tree, Progress("writing modules"))
    shutil.rmtree(directory / "sources")
    tried = try_programs(
        find_programs(modules), corpus.tree, directory / "work", Progress("building programs")
    )
    for scratch in ("modcache", "src", "tmp", "gopath"):
        shutil.rmtree(directory / "work" / scratch, ignore_errors=True)
    corpus = Corpus(
        directory,
        fingerprint,
        tuple(_listed(module, corpus.tree) for module in modules),
        tuple(program for program in tried if not program.reason),
        tuple(program for program in tried if program.reason),
    )
    corpus.save()
    return corpus


def _listed(module: Module, tree: Path) -> Listed:
    source = module.source
    return Listed(source.path, source.version, source.package, module.zip_file(tree).stat().st_size)


def _fingerprint() -> str:
    """A digest of the rules: another builder or another Go makes another corpus."""
    go = find_go()
    version = subprocess.run([str(go), "version"], capture_output=True, check=True).stdout if go else b""
    digest = hashlib.sha256(version)
    for file in sorted(Path(__file__).parent.glob("*.py")):
        if not file.name.startswith("test_"):
            digest.update(file.read_bytes())
    return digest.hexdigest()
