"""``go mod download`` of the whole corpus onto an empty machine: a warm mirror against nginx."""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING

from bench.machine import tool
from bench.result import Bar, Result, ratios
from tests.e2e.go import GoCommand

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.rig import Rig

BAR = Bar(1.1, "at most")
_TITLE = "warm go mod download"


def measure(rig: Rig) -> list[Result]:
    """Fill the mirror with the corpus, then download all of it again and again from both."""
    tool("go")
    corpus = rig.corpus
    _download(rig, rig.mirror.url)()
    times = rig.interleave(
        _TITLE,
        {"mirror": _download(rig, rig.mirror.url), "nginx": _download(rig, rig.nginx_peer.url)},
    )
    note = (
        f"{len(corpus.modules)} modules, {sum(module.zip_bytes for module in corpus.modules) / 1e6:.0f} MB"
    )
    details = {f"{name} s": values for name, values in times.items()}
    values = ratios(times["mirror"], times["nginx"])
    return [Result(f"{_TITLE}: mirror / nginx", "x", BAR, values, note, details)]


def _download(rig: Rig, url: str) -> Callable[[], float]:
    def run() -> float:
        root = rig.scratch / "machine"
        go = GoCommand(root, url)
        main = go.module("everything", rig.corpus.everything)
        start = time.perf_counter()
        go.run("mod", "download", cwd=main).must()
        taken = time.perf_counter() - start
        shutil.rmtree(root)
        return taken

    return run
