"""The programs among the modules, and which of them today's Go builds from the corpus alone."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

from tests.e2e.go import GoCommand

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tests.corpus.modules import Module

_ASIDE = re.compile(
    r"(^|/)(_?examples?|internal|contrib|fuzz|functional|integration|script|ci|t|tr|docs|awstesting)(/|$)"
)
"""Directories whose programs nobody installs."""
_MOST_PER_MODULE = 1
"""Each costs seconds on a clean machine, and a second program of a module brings few new modules."""
_REASON_LENGTH = 300


class Program(NamedTuple):
    """A main package. ``reason`` says why it does not build; it is empty when it does."""

    package: str
    module: str
    version: str
    reason: str = ""


def find_programs(modules: Sequence[Module]) -> list[Program]:
    """Return the programs worth building, sorted by import path; one of each module."""
    found: list[Program] = []
    for module in modules:
        source = module.source
        directories = [
            directory
            for directory, package in source.go_packages.items()
            if package.is_program and not _ASIDE.search(directory) and not source.is_link
        ]
        for directory in sorted(directories, key=_depth)[:_MOST_PER_MODULE]:
            package = source.go_packages[directory].path
            found.append(Program(package, source.path, source.version))
    return sorted(found)


def try_programs(
    programs: Sequence[Program], tree: Path, work: Path, progress: Callable[[int, int], None]
) -> list[Program]:
    """Build each program from the tree, offline, and note the first error of those that fail."""
    go = GoCommand(work, f"file://{tree}", build_cache=work / "gocache")

    def attempt(program: Program) -> Program:
        directory = go.module(program.package.replace("/", "_"), {program.module: program.version})
        result = go.run("build", "-o", str(directory / "program"), program.package, cwd=directory)
        (directory / "program").unlink(missing_ok=True)
        return program if result.code == 0 else program._replace(reason=_first_error(result.stderr))

    tried: list[Program] = []
    with ThreadPoolExecutor(2) as pool:
        for program in pool.map(attempt, programs):
            tried.append(program)
            progress(len(tried), len(programs))
    return tried


def _first_error(text: str) -> str:
    """Return the first line that is not a mere announcement."""
    lines = [line for line in text.splitlines() if line.strip()]
    telling = [
        line for line in lines if not re.match(r"go: (downloading|finding|found|upgraded|added)|#", line)
    ]
    return (telling or lines or ["no message"])[0][:_REASON_LENGTH]


def _depth(directory: str) -> tuple[int, str]:
    return directory.count("/"), directory
